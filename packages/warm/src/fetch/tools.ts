/** What pages are made with, here and in the threads beside: the tree, the client, the rules of the run. */
import { type CacheOptions, createPageCache, type PageCache } from '@pagetree/core';
import type { PageChecks } from './checks.ts';
import type { OriginClient } from './client.ts';
import type { Resumed } from './journal.ts';
import type { PageTools } from './page.ts';
import { type Freshness, isStale } from './stale.ts';

/** What the settings of a run say about its pages. */
export interface PageRules {
  readonly freshness: Freshness;
  readonly checks: PageChecks;
  readonly follow: boolean;
  readonly anew: boolean;
  /** The interrupted run that this one goes on with. */
  readonly resumed?: Resumed | undefined;
}

/** Opens the tree for a run whose responses may take so many seconds. */
export function openCache(tree: CacheOptions, seconds: number): PageCache {
  return createPageCache({
    // Nobody may take a fill over from us while the origin still has time to answer.
    ...(seconds >= 50 ? { fillTimeout: Math.ceil(seconds) + 10 } : {}),
    ...tree,
    // A page that another process stores is looked at again later instead of being waited for.
    coalesce: false,
    // Those are for servers: the gate bounds what is under way here, and no page is read twice.
    maxFills: 2000,
    maxMemory: 0,
    by: 'warm',
    io: 'direct',
  });
}

/** @param onKey Told of each page beside the listed one that is in a source by way of a redirect. */
export function toolsOf(
  { freshness, ...rules }: PageRules,
  cache: PageCache,
  client: OriginClient,
  onKey?: (target: string) => void,
): PageTools {
  return {
    ...rules,
    cache,
    client,
    isStale: (stored, step) => isStale(stored, step, freshness, Date.now()),
    ...(onKey === undefined ? {} : { onKey }),
  };
}
