/** What lies in a tree and is no page: names under which nothing may come. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PageCache } from '@pagetree/core';
import type { Case, InternalFile } from './cases.ts';
import type { Probe } from './probe.ts';

/** The tree's own files, and those of the pages of this run under the names that the disk knows. */
export async function internalFiles(cache: PageCache, probe: Probe): Promise<InternalFile[]> {
  const found: InternalFile[] = [];
  const add = async (path: string) => {
    const content = await readFile(join(cache.cacheDir, path)).catch(() => undefined);
    // Of a file that this user may not read, or that is not there, nobody could tell that it came.
    if (content !== undefined && content.length > 0)
      found.push({ target: targetOf(path), content: [partOf(content)] });
  };
  for (const path of ['.pagetree/tree.json', '.pagetree/token', 'CACHEDIR.TAG']) await add(path);
  for (const { target } of probe.pages.values()) {
    const { place } = await cache.why(target);
    if (place === undefined) continue;
    if (targetOf(place) !== target) await add(place);
    await add(`${place}.gz`);
    await add(`${place}.br`);
    await add(`.pagetree/meta/${place}.pagetree`);
  }
  return found;
}

/** What was put beside the pages by hand. */
export async function otherCases(probe: Probe, secret: string): Promise<Case[]> {
  const { folder } = probe;
  const get = (name: string) => ({ method: 'GET', target: `${folder}/${name}`, headers: {} });
  return [
    { name: 'a hidden file', topic: 'internal', asking: get('.hidden'), secrets: [secret] },
    { name: 'a link', topic: 'link', asking: get('link'), secrets: [secret] },
    { name: 'an empty file', topic: 'empty', asking: get('empty'), secrets: [] },
  ];
}

function targetOf(path: string): string {
  return `/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** Enough of a file to know it by. Its middle: files of one kind begin alike. */
function partOf(content: Buffer): Buffer {
  const middle = content.length >> 1;
  return content.subarray(Math.max(0, middle - 24), middle + 24);
}
