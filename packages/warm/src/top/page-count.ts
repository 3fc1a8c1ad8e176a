/** How many pages a tree has. That takes a walk, so it is done beside everything else, and not all the time. */
import { setImmediate as turn } from 'node:timers/promises';
import type { PageCache } from '@pagetree/core';

/** What a walk found. */
export interface PageCount {
  readonly pages: number;
  readonly bytes: number;
  /** When the walk began, in milliseconds since 1970. */
  readonly at: number;
}

/** Pages between two breaths of the event loop. */
const BREATH = 200;
/** Between two walks is at least this time, in milliseconds, and this many times what the last one took. */
const REST = 5000;
const TIMES = 20;

/** Walks through the whole tree. @returns `undefined` when it was told to stop. */
export async function countPages(cache: PageCache, signal?: AbortSignal): Promise<PageCount | undefined> {
  const at = Date.now();
  let pages = 0;
  let bytes = 0;
  for await (const page of cache.list()) {
    pages += 1;
    bytes += page.bytes;
    if (pages % BREATH === 0) await turn();
    if (signal?.aborted === true) return undefined;
  }
  return { pages, bytes, at };
}

/** Counts again and again until it is told to stop. A walk that fails is tried again later. */
export async function keepCounting(
  cache: PageCache,
  signal: AbortSignal,
  onCount: (count: PageCount) => void,
): Promise<void> {
  while (!signal.aborted) {
    const began = performance.now();
    const count = await countPages(cache, signal).catch(() => undefined);
    if (count !== undefined) onCount(count);
    const took = performance.now() - began;
    await rest(Math.max(REST, took * TIMES), signal);
  }
}

function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end, { once: true });
    function end(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    }
  });
}
