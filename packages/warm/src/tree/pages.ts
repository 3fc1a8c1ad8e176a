/** Which pages a command is about, streamed. */
import type { Coding, PageCache, PurgeScope, Writer } from '@pagetree/core';
import { SpillList } from '../sources/spill.ts';

/** Where to look: everywhere, at or below some paths, or where a glob leads. */
export type Where =
  | { readonly kind: 'everywhere' }
  | { readonly kind: 'paths'; readonly keys: readonly string[]; readonly recursive: boolean }
  | { readonly kind: 'glob'; readonly glob: string };

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
export async function* keysOf(cache: PageCache, scope: PurgeScope): AsyncGenerator<string> {
  const noted = new SpillList();
  try {
    await cache.purge(scope, { dryRun: true, onPage: ({ key }) => noted.add(key) });
    yield* noted.drain();
  } finally {
    noted.close();
  }
}

/** The keys of what is stored somewhere, in the order of the walk. Each comes once. */
export async function* keysIn(cache: PageCache, where: Where): AsyncGenerator<string> {
  if (where.kind === 'everywhere') {
    for await (const { key } of cache.list()) yield key;
  } else if (where.kind === 'glob') {
    yield* keysOf(cache, { glob: where.glob });
  } else if (where.recursive) {
    for (const path of outermost(where.keys)) yield* keysOf(cache, { path, recursive: true });
  } else {
    yield* new Set(where.keys);
  }
}

/** What is known of the page of a key; `undefined` when it is not stored. */
export async function factsOf(cache: PageCache, key: string): Promise<PageFacts | undefined> {
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

/** Paths that are not below another one of them, so that no page comes twice. `/blog` covers `/blog/`. */
function outermost(keys: readonly string[]): string[] {
  const covers = (outer: string, inner: string) =>
    inner.startsWith(outer.endsWith('/') ? outer : `${outer}/`) && inner !== outer;
  return [...new Set(keys)].filter((key) => !keys.some((other) => covers(other, key)));
}
