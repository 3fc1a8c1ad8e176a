/** TLS without certificates: both sides know a key (RFC 4279). What is asked of the cache is the same. */
import type { ConnectionOptions, TlsOptions } from 'node:tls';

const psk = Buffer.from('a key that client and server know');
const common = { ciphers: 'PSK-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' } as const;

export const keyed: { readonly server: TlsOptions; readonly client: ConnectionOptions } = {
  server: { ...common, pskCallback: () => psk },
  client: {
    ...common,
    pskCallback: () => ({ psk, identity: 'test' }),
    checkServerIdentity: () => undefined,
  },
};
