/** Pages that a run brought into its tree, and that made room for others again before it ended. */
import type { CacheOptions, PageCache } from '@pagetree/core';
import type { Tally } from '../report/tally.ts';
import type { Crew } from './crew.ts';

/** Whether pages of a run may go again while it goes on. */
export function mayEvict({ whenFull, maxEntries, maxBytes }: CacheOptions): boolean {
  return whenFull === 'evict' && (maxEntries !== undefined || maxBytes !== undefined);
}

/**
 * Counts what is left of the pages of a run whose tree may evict some. Evictions end when the caches of all threads are closed,
 * so that is what it waits for first.
 */
export async function countEvicted(
  tree: CacheOptions,
  tally: Tally,
  cache: PageCache | undefined,
  crew: Pick<Crew, 'close'> | undefined,
): Promise<void> {
  if (cache === undefined || !mayEvict(tree)) return;
  await crew?.close();
  await cache.close();
  await tally.compare(cache.list());
}
