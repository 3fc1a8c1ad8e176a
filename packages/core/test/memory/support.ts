/** Pages in memory, and what tests do to their files behind it. */
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MemoryHit } from '../../src/contracts.ts';
import type { PageCache } from '../../src/page-cache.ts';
import { get } from '../support/tree.ts';

/** Reads a page as a server does: all of its best body, at once. */
export async function read(cache: PageCache, target: string, headers = {}): Promise<string | undefined> {
  const found = await cache.lookup(get(target, headers));
  if (found.kind === 'miss') {
    found.ticket?.abandon('unfinished');
    await found.ticket?.outcome;
  }
  if (found.kind !== 'hit') return undefined;
  const coding = 'accept-encoding' in headers ? ('gzip' as const) : undefined;
  const body = (await found.page.body(coding)) ?? (await found.page.body());
  const bytes = await body!.bytes();
  await found.page.close();
  return bytes.toString('latin1');
}

/** Asks until a page is answered from memory: a file is kept once it is old enough to tell its versions apart. */
export async function remember(cache: PageCache, target: string, headers = {}): Promise<MemoryHit> {
  for (;;) {
    const hit = cache.glance(get(target, headers));
    if (hit?.kind === 'hit') return hit;
    if ((await read(cache, target, headers)) === undefined) throw new Error(`${target} is not in the tree`);
    await sleep(5);
  }
}

/** The text of a page in memory; `undefined` when memory does not answer. */
export function fromMemory(cache: PageCache, target: string, headers = {}): string | undefined {
  const hit = cache.glance(get(target, headers));
  return hit?.kind === 'hit' ? hit.body.bytes.toString() : undefined;
}

/** Waits until the kernel would give a change of a file another time than its last one. */
export async function settle(path: string): Promise<void> {
  const { ctimeMs } = fs.lstatSync(path);
  while (Date.now() <= ctimeMs + 60) await sleep(5);
}
