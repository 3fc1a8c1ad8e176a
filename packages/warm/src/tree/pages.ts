/** Which pages a command is about, streamed. */
import type { Coding, OneTree, PageCache, PurgeScope, Writer } from '@pagetree/core';
import { Seen } from '../plan/seen.ts';
import { SpillList } from '../sources/spill.ts';

/** Where to look: everywhere, or at pages, below paths and where globs lead. */
export type Where = 'everywhere' | readonly PurgeScope[];

/** What is known of one page. Sizes are bytes, times milliseconds since 1970. */
export interface PageFacts {
  readonly key: string;
  /** The file, relative to the tree. */
  readonly place: string;
  readonly bytes: number;
  readonly modifiedAt: number;
  /** `undefined` when it was put there by hand or its meta is lost. */
  readonly storedAt: number | undefined;
  readonly by: Writer | undefined;
  /** The media type, without its charset. */
  readonly type: string;
  readonly variants: readonly { readonly coding: Coding; readonly bytes: number }[];
  readonly tags: readonly string[];
}

/** What narrows a selection. */
export interface Narrow {
  /** Only pages that have one of these. */
  readonly tags?: readonly string[] | undefined;
  /** Only pages that were stored before this time, in milliseconds since 1970. */
  readonly before?: number | undefined;
}

/**
 * The keys of a purge scope, as a purge would find them. They are noted first: a purge does not wait for who listens.
 * Over some hundred kilobytes they go to a temporary file.
 */
export async function* keysOf(cache: Pick<OneTree, 'purge'>, scope: PurgeScope): AsyncGenerator<string> {
  const noted = new SpillList();
  try {
    await cache.purge(scope, { dryRun: true, onPage: ({ key }) => noted.add(key) });
    yield* noted.drain();
  } finally {
    noted.close();
  }
}

/**
 * The keys of what is stored somewhere, in the order of the walks. Each comes once. A path that is named is not looked for:
 * its page may not be stored.
 */
export async function* keysIn(cache: PageCache, where: Where): AsyncGenerator<string> {
  if (where === 'everywhere') {
    for await (const { key } of cache.list()) yield key;
    return;
  }
  // Only where several are named a page can come twice.
  const seen = where.length > 1 ? new Seen() : undefined;
  for (const scope of where) {
    const keys = isOnePage(scope) ? [scope.path] : keysOf(cache, scope);
    for await (const key of keys) if (seen === undefined || seen.add(key)) yield key;
  }
}

/** Whether all that it names was found in the tree. */
export function isWalked(where: Where): boolean {
  return where === 'everywhere' || !where.some(isOnePage);
}

function isOnePage(scope: PurgeScope): scope is { readonly path: string } {
  return 'path' in scope && scope.recursive !== true;
}

/** What is known of the page of a key; `undefined` when it is not stored. */
export async function factsOf(cache: Pick<OneTree, 'why'>, key: string): Promise<PageFacts | undefined> {
  const { stored, place, contentType } = await cache.why(key);
  if (stored === undefined || place === undefined) return undefined;
  return {
    key,
    place,
    bytes: stored.bytes,
    modifiedAt: stored.mtimeMs,
    storedAt: stored.at,
    by: stored.by,
    type: (contentType ?? '').split(';', 1)[0]!,
    variants: stored.variants,
    tags: stored.tags,
  };
}

/** When a page came into the tree, as far as anything says it. In milliseconds since 1970. */
export function bornAt({ storedAt, modifiedAt }: Pick<PageFacts, 'storedAt' | 'modifiedAt'>): number {
  return storedAt ?? modifiedAt;
}

/** Whether a page is what is looked for. */
export function isNarrowed(page: PageFacts, { tags, before }: Narrow): boolean {
  if (before !== undefined && bornAt(page) >= before) return false;
  return tags === undefined || tags.some((tag) => page.tags.includes(tag));
}
