import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import { WarmError } from '../errors.ts';
import type { Origin } from '../plan/origin.ts';
import { printable } from '../report/printable.ts';
import type { ConnectOptions } from './client.ts';
import type { Times } from './clocks.ts';
import { explainFailure, type Failure, Stopped } from './failure.ts';

/** Where a connection goes, and how it is made. */
export interface ConnectTo {
  readonly origin: Origin;
  readonly host: string | undefined;
  readonly times: Times;
  readonly connect: ConnectOptions;
}

/**
 * Makes one connection to an origin and closes it.
 *
 * @throws {WarmError} `ERR_PAGETREE_ORIGIN`, one sentence that says why there is none.
 */
export function connectOnce({ origin, host, times, connect }: ConnectTo, signal: AbortSignal): Promise<void> {
  const { protocol, hostname, port } = new URL(origin.href);
  const connector = buildConnector({ ...connect, timeout: times.connect * 1000 });
  const name = host?.replace(/:\d+$/, '') ?? hostname;
  // TLS has no names for addresses (RFC 6066, 3).
  const servername = isIP(name.replace(/^\[|\]$/g, '')) === 0 ? name : '';
  const where = connect.socketPath ?? origin.href;
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Stopped()), { once: true });
    connector(
      { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port, servername },
      (error: Error | null, socket: { destroy(): unknown } | null) => {
        if (error === null) {
          socket?.destroy();
          resolve();
        } else {
          reject(doesNotAnswer(where, explainFailure(error), error));
        }
      },
    );
  });
}

function doesNotAnswer(where: string, failure: Failure, cause: Error): WarmError {
  const what: Partial<Record<Failure['reason'], string>> = {
    'connection-refused': 'nothing listens there',
    'name-lookup': 'its name cannot be looked up',
    timeout: 'no connection could be made in time',
    unreachable: 'the network has no way to it',
  };
  const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
  const said = missing ? 'there is no such socket' : (what[failure.reason] ?? printable(failure.detail));
  return new WarmError('ERR_PAGETREE_ORIGIN', `The origin ${printable(where)} does not answer: ${said}.`, {
    ...(failure.reason === 'tls' && {
      hint: 'Check its certificate; --ca names a file with the authority that signed it, --host the name that it is for.',
    }),
    cause,
  });
}
