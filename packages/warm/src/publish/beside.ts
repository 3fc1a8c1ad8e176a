/**
 * The trees that may become live while the live one is purged. A page that was fetched before the purge must not come
 * back with them, so they are purged as well.
 */
import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { openTree, type PageCache, PagetreeError } from '@pagetree/core';
import { findTrees, publishPaths } from './trees.ts';

/** Does to another tree what is done to the live one. */
export type Purge = (cache: PageCache) => Promise<unknown>;

/**
 * The trees beside one that was opened through a link of `--publish`; `undefined` when it was not.
 *
 * @param root The real folder of the tree that was opened.
 */
export function treesBeside(cacheDir: string, root: string): ((purge: Purge) => Promise<void>) | undefined {
  const { folder } = publishPaths(cacheDir);
  const opened = Number(basename(root));
  if (!Number.isSafeInteger(opened) || dirname(root) !== realFolder(folder)) return undefined;
  return (purge) => purgeBeside(folder, opened, purge);
}

function realFolder(folder: string): string | undefined {
  try {
    return fs.realpathSync.native(folder);
  } catch {
    return undefined;
  }
}

/**
 * Purges every tree that is being made, and those that have become whole since the live one was opened. A tree has
 * another name when it is whole: it is looked for until no name is new. One that begins later has later pages.
 */
async function purgeBeside(folder: string, opened: number, purge: Purge): Promise<void> {
  const done = new Set<string>();
  for (;;) {
    const { building, whole } = findTrees({ link: '', folder });
    const newer = whole.filter((number) => number > opened).map(String);
    const left = [...building, ...newer].filter((name) => !done.has(name));
    if (left.length === 0) return;
    for (const name of left) {
      done.add(name);
      await purgeOne(join(folder, name), purge);
    }
  }
}

async function purgeOne(tree: string, purge: Purge): Promise<void> {
  let cache: PageCache | undefined;
  try {
    cache = openTree(tree, { io: 'direct' });
    await purge(cache);
  } catch (error) {
    const isNone = error instanceof PagetreeError && error.code === 'ERR_PAGETREE_NO_TREE';
    // It has no page yet; or it has another name now, and is found under that.
    if (!isNone && fs.existsSync(tree)) throw error;
  } finally {
    await cache?.close();
  }
}
