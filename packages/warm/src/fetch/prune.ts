import { type ListedPage, type PageCache, spell } from '@pagetree/core';
import type { Seen } from '../plan/seen.ts';
import { count, plural } from '../report/numbers.ts';
import { SpillList } from '../sources/spill.ts';

/** How pages that no source names are removed. */
export interface PruneOptions {
  /** The targets that the sources named. What is pruned is added. */
  readonly named: Seen;
  /** Whether the sources lead to a page that they do not name: what that one leads to is not known. */
  readonly leftOut: (target: string) => boolean;
  /** The largest share of the tree that may go, from 0 to 1. */
  readonly maxShrink: number;
  readonly signal: AbortSignal;
  /** Only tell what would go. */
  readonly dryRun: boolean;
  /** Told of each page that went. */
  readonly onGone: (key: string, place: string) => void;
}

/** What became of it: how many pages went, and whether others should have (`left`); or why none did. */
export type Pruned =
  | { readonly gone: number; readonly left?: true; readonly refused?: undefined }
  | { readonly gone?: undefined; readonly left?: undefined; readonly refused: string };

/** Notes that a source names a page. In another spelling it is not fetched, but the page is meant all the same. */
export function nameIn(named: Seen, target: string): void {
  named.add(spell(target) ?? target);
}

/** Pages that would go, and of how many. */
export interface Shrink {
  readonly pages: number;
  readonly going: number;
  /** The largest share that may go, from 0 to 1. */
  readonly maxShrink: number;
}

/** Why so many pages must not go; `undefined` when they may. Pure. */
export function tooMuch({ pages, going, maxShrink }: Shrink): string | undefined {
  if (going <= pages * maxShrink) return undefined;
  const share = `${plural(going, 'page')} of ${count(pages)} ${going === 1 ? 'is' : 'are'} in no source`;
  return `${share}, and no more than ${percent(maxShrink)} may go`;
}

/** Why pages must not go that links lead to, by ways that were not followed; `undefined` when there are none. Pure. */
export function notFollowed(pages: number): string | undefined {
  if (pages === 0) return undefined;
  const links = `${plural(pages, 'page')} of the tree ${pages === 1 ? 'has' : 'have'} links that were not followed`;
  return `${links}: --depth, --include, --exclude, --no-assets, robots.txt or nofollow left them out`;
}

/**
 * Removes every page that no source names any more. Looks at the whole tree first: a list that lost its half must not
 * take half of the tree with it.
 */
export async function prune(
  cache: Pick<PageCache, 'list' | 'purge'>,
  { named, leftOut, maxShrink, signal, dryRun, onGone }: PruneOptions,
): Promise<Pruned> {
  const extra = new SpillList();
  let pages = 0;
  let behind = 0;
  try {
    for await (const page of cache.list()) {
      if (signal.aborted) return { refused: 'the run was stopped' };
      pages += 1;
      if (!named.add(page.key)) continue;
      if (leftOut(page.key)) behind += 1;
      extra.add(asLine(page));
    }
    const refused = notFollowed(behind) ?? tooMuch({ pages, going: extra.length, maxShrink });
    if (refused !== undefined) return { refused };
    let gone = 0;
    for (const line of extra.drain()) {
      if (signal.aborted) return { gone, left: true };
      const { key, place } = JSON.parse(line) as Pick<ListedPage, 'key' | 'place'>;
      if (!dryRun && (await cache.purge({ path: key })).pages === 0) continue;
      gone += 1;
      onGone(key, place);
    }
    return { gone };
  } finally {
    extra.close();
  }
}

/** A page as a line of a list. */
export function asLine({ key, place }: ListedPage): string {
  return JSON.stringify({ key, place });
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))}%`;
}
