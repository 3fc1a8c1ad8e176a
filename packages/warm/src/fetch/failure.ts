import type { WarmReason } from '../reasons.ts';

/** Why a request came to nothing. */
export interface Failure {
  readonly reason: WarmReason;
  readonly detail: string;
}

/** The response was not there in time. The message says what was waited for, and how long. */
export class Overdue extends Error {}

/** The run is being stopped. */
export class Stopped extends Error {
  constructor() {
    super('the run was stopped');
  }
}

const byCode: Readonly<Record<string, WarmReason>> = {
  ECONNREFUSED: 'connection-refused',
  ECONNRESET: 'connection-reset',
  EPIPE: 'connection-reset',
  UND_ERR_SOCKET: 'connection-reset',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ENOTFOUND: 'name-lookup',
  EAI_AGAIN: 'name-lookup',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_OVERFLOW: 'bad-response',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'bad-response',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'bad-response',
  EPROTO: 'tls',
};

// The names that OpenSSL and Node give to what they dislike about a certificate.
const tlsCode = /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA)/;

/** Names the cause of an error of the HTTP client. */
export function explainFailure(error: unknown): Failure {
  if (error instanceof Overdue) return { reason: 'timeout', detail: error.message };
  if (error instanceof Stopped) return { reason: 'stopped', detail: error.message };
  const { code, message, name } = error as { code?: unknown; message?: string; name?: string };
  const detail = message || String(code ?? error);
  if (name === 'HTTPParserError') return { reason: 'bad-response', detail };
  if (typeof code !== 'string') return { reason: 'fetch-error', detail };
  const known = byCode[code];
  if (known !== undefined) return { reason: known, detail: withCode(detail, code) };
  if (tlsCode.test(code)) return { reason: 'tls', detail: withCode(detail, code) };
  return { reason: 'fetch-error', detail: withCode(detail, code) };
}

function withCode(detail: string, code: string): string {
  return detail.includes(code) || code.startsWith('UND_') ? detail : `${detail} (${code})`;
}
