/** Keeps a cache from being asked twice about one request. */
import type { PageCache } from '@pagetree/core';

/** The mark that the Node shell uses, too. */
const asked = Symbol.for('pagetree.asked');

/**
 * Notes that a cache is asked, and says whether it was before: the second one would find the permission taken by the
 * first. An application that calls itself with the same Node response is the same request.
 *
 * @param message the Node response where there is one, else the request.
 */
export function ask(message: object, cache: PageCache): boolean {
  const marked = message as { [asked]?: readonly PageCache[] };
  const before = marked[asked] ?? [];
  if (before.includes(cache)) return false;
  // Not all requests can be marked; those are asked about again.
  Reflect.set(marked, asked, [...before, cache]);
  return true;
}
