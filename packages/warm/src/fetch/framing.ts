import type { HeaderMap } from '@pagetree/core';
import type { WarmReason } from '../reasons.ts';

/**
 * Whether the end of the body can be told from the end of the connection (RFC 9112, 6.3). undici passes
 * on a body that ends with the connection as complete, also when the origin died in the middle of it.
 */
export function framingProblem(headers: HeaderMap): { reason: WarmReason; detail: string } | undefined {
  const transfer = headers['transfer-encoding'];
  if (transfer !== undefined) {
    const codings = String(transfer).toLowerCase();
    if (codings === 'chunked') return undefined;
    // Another transfer coding comes through undecoded.
    return { reason: 'encoding', detail: `transfer-encoding: ${transfer}` };
  }
  if (headers['content-length'] !== undefined) return undefined;
  return { reason: 'no-length', detail: 'neither content-length nor chunks' };
}
