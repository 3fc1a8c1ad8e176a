import type { HeaderMap } from '@pagetree/core';
import type { Heard } from './gate.ts';
import { readRetryAfter } from './retry.ts';

/** What the head of a response says of how the origin does. */
export function hear({ status, headers }: { readonly status: number; readonly headers: HeaderMap }): Heard {
  if (status === 429 || status === 503) {
    return { kind: 'overloaded', retryAfter: readRetryAfter(headers['retry-after'], Date.now()) };
  }
  return status === 502 || status === 504 ? { kind: 'failed' } : { kind: 'answered' };
}
