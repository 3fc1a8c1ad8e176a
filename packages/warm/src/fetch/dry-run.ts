import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CacheOptions, createPageCache, openTree, type PageCache, PagetreeError } from '@pagetree/core';
import type { FetchStep } from '../plan/plan.ts';
import type { PageResult, UrlResult } from '../results.ts';
import { untilAborted } from '../until-aborted.ts';
import { type Freshness, isStale } from './stale.ts';

/** How a dry run is done, and who hears of it. */
export interface DryRunOptions {
  readonly freshness: Freshness;
  readonly signal: AbortSignal;
  readonly report: (result: UrlResult) => void;
  /** The Host header that would be sent. */
  readonly host: string;
  /** Looks at the tree when every page was. */
  readonly atEnd: (cache: PageCache) => Promise<void>;
}

/** Says of each page whether it is there, would be fetched, or may not be stored. Asks no origin, and changes no tree. */
export async function dryRun(
  steps: AsyncIterable<FetchStep>,
  tree: CacheOptions,
  { freshness, signal, report, host, atEnd }: DryRunOptions,
): Promise<void> {
  await withTree(tree, async (cache) => {
    for await (const step of untilAborted(steps, signal)) {
      const { target, url, source, line } = step;
      const found = await cache.why({ method: 'GET', target, headers: { host } });
      const stale = (at: number) => isStale({ at }, step, freshness, Date.now());
      report({ url, ...judge(found, stale), source, line });
    }
    await atEnd(cache);
  });
}

function judge(
  { bypass, stored, place }: Awaited<ReturnType<PageCache['why']>>,
  stale: (at: number) => boolean,
): PageResult {
  if (bypass !== undefined) return { outcome: 'refused', reason: bypass };
  const where = place === undefined ? {} : { place };
  if (stored === undefined || stored.missing.length > 0 || stale(stored.at ?? stored.mtimeMs))
    return { outcome: 'planned', ...where };
  return { outcome: 'present', ...where, bytes: stored.bytes, change: 'same' };
}

/** The tree, or where there is none an empty one that has the same rules and is gone afterwards. */
async function withTree(tree: CacheOptions, use: (cache: PageCache) => Promise<void>): Promise<void> {
  let empty: string | undefined;
  let cache: PageCache;
  try {
    cache = openTree(tree.cacheDir, tree);
  } catch (error) {
    if (!(error instanceof PagetreeError) || error.code !== 'ERR_PAGETREE_NO_TREE') throw error;
    empty = await mkdtemp(join(tmpdir(), 'pagetree-dry-run-'));
    cache = createPageCache({ ...tree, cacheDir: empty });
  }
  try {
    await use(cache);
    await cache.close();
  } finally {
    if (empty !== undefined) await rm(empty, { recursive: true, force: true });
  }
}
