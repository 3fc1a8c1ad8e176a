import type { PageCache, Purged, PurgeHow, PurgeScope } from '@pagetree/core';
import { factsOf, isNarrowed, keysOf } from './pages.ts';

/**
 * Purges what is in a scope and was stored longer ago than this many seconds. Page by page: what is being stored at the moment
 * is younger, so that no permission has to be taken but those of the pages that go.
 */
export async function purgeOlder(
  cache: PageCache,
  scope: PurgeScope,
  olderThan: number,
  how: PurgeHow,
  now: number = Date.now(),
): Promise<Purged> {
  const sum: Purged = { pages: 0, bytes: 0, fills: 0 };
  const before = now - olderThan * 1000;
  for await (const key of keysOf(cache, scope)) {
    const page = await factsOf(cache, key);
    if (page === undefined || !isNarrowed(page, { before })) continue;
    const { pages, bytes, fills } = await cache.purge({ path: key }, how);
    sum.pages += pages;
    sum.bytes += bytes;
    sum.fills += fills;
  }
  return sum;
}
