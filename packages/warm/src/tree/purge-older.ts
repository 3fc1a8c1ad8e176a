import type { OneTree, PageCache, Purged, PurgeHow, PurgeScope } from '@pagetree/core';
import { factsOf, isBefore, keysOf } from './pages.ts';

/**
 * Purges what is in a scope and was stored longer ago than this many seconds, in each tree what is old there. What is told is
 * about the live one.
 */
export async function purgeOlder(
  cache: PageCache,
  scope: PurgeScope,
  olderThan: number,
  how: PurgeHow,
  now: number = Date.now(),
): Promise<Purged> {
  const before = now - olderThan * 1000;
  let told: Purged | undefined;
  await cache.purgeEach(async (tree) => {
    if (told === undefined) told = await purgeBefore(tree, scope, before, how);
    else if (how.dryRun !== true) await purgeBefore(tree, scope, before, {});
  });
  return told!;
}

/**
 * Purges what is in a scope of one tree and was stored before a time, in milliseconds since 1970. Page by page: what is being
 * stored at the moment is younger, so that no permission has to be taken but those of the pages that go.
 */
export async function purgeBefore(
  tree: OneTree,
  scope: PurgeScope,
  before: number,
  how: PurgeHow,
): Promise<Purged> {
  const sum: Purged = { pages: 0, bytes: 0, fills: 0 };
  for await (const key of keysOf(tree, scope)) {
    const page = await factsOf(tree, key);
    if (page === undefined || !isBefore(page, before)) continue;
    const { pages, bytes, fills } = await tree.purge({ path: key }, how);
    sum.pages += pages;
    sum.bytes += bytes;
    sum.fills += fills;
  }
  return sum;
}
