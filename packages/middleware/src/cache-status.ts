/** `Cache-Status` (RFC 9211): says on every response what the cache did and why, for people and for tests. */
import type { Reason } from '@pagetree/core';

/** What the cache did with one request. */
export type Handling =
  | { readonly kind: 'hit' }
  /** The request did not touch the cache. */
  | { readonly kind: 'bypass'; readonly reason: Reason }
  /** The application answers and the response is being stored. */
  | { readonly kind: 'stored' }
  /** The application answers and the response is not stored; `reason` is known in all but odd cases. */
  | { readonly kind: 'miss'; readonly reason: Reason | undefined };

/**
 * The list member of this cache. `stored` says what was decided when the head of the response was known: a
 * fill that fails later can't take it back.
 *
 * @example
 * cacheStatus({ kind: 'miss', reason: 'set-cookie' }) // 'pagetree; fwd=uri-miss; detail=set-cookie'
 */
export function cacheStatus(handling: Handling): string {
  switch (handling.kind) {
    case 'hit':
      return 'pagetree; hit';
    case 'stored':
      return 'pagetree; fwd=uri-miss; stored';
    case 'miss':
      return handling.reason === undefined
        ? 'pagetree; fwd=uri-miss'
        : `pagetree; fwd=uri-miss; detail=${handling.reason}`;
    case 'bypass':
      // RFC 9211, 2.2 has a name of its own for a method; every other refusal to look is a bypass.
      return handling.reason === 'method'
        ? 'pagetree; fwd=method'
        : `pagetree; fwd=bypass; detail=${handling.reason}`;
  }
}

/** Appends our member to what caches nearer to the origin said (RFC 9211, 2: in the order of the response's way). */
export function appendMember(existing: string | undefined, member: string): string {
  return existing ? `${existing}, ${member}` : member;
}
