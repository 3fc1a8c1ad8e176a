/** Which pages a command is about, streamed. */
import type { Coding, OneTree, PageCache, PurgeScope, Writer } from '@pagetree/core';
import type { PlannedPurge } from '../plan/scopes.ts';
import type { Seen } from '../plan/seen.ts';
import { SpillList } from '../sources/spill.ts';

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
 * The same for several scopes, in their order.
 *
 * @param seen Keys that came before, which do not come again. Without it each may come as often as it is named.
 */
export async function* keysOfAll(
  cache: PageCache,
  planned: readonly PlannedPurge[],
  seen: Seen | undefined,
): AsyncGenerator<string> {
  for (const { scope } of planned) {
    // A list of everything is there at once: nothing has to be noted.
    const keys = 'all' in scope ? everyKey(cache) : keysOf(cache, scope);
    for await (const key of keys) if (seen === undefined || seen.add(key)) yield key;
  }
}

async function* everyKey(cache: PageCache): AsyncGenerator<string> {
  for await (const { key } of cache.list()) yield key;
}

/**
 * Hears what the tree has to say against each of several scopes, before anything is done with the first one.
 *
 * @throws {PagetreeError} when one of them names no page.
 */
export async function checkScopes(cache: PageCache, planned: readonly PlannedPurge[]): Promise<void> {
  for (const { scope } of planned) {
    if ('glob' in scope || ('path' in scope && scope.recursive !== true)) {
      await cache.purge(scope, { dryRun: true });
    }
  }
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

/** Whether a page was stored before a time, in milliseconds since 1970. */
export function isBefore(page: Pick<PageFacts, 'storedAt' | 'modifiedAt'>, before: number): boolean {
  return bornAt(page) < before;
}
