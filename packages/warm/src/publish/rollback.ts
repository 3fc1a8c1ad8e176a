/** Makes an earlier tree the live one again. */
import fs from 'node:fs';
import { join } from 'node:path';
import { WarmError } from '../errors.ts';
import { printable } from '../report/printable.ts';
import { treeBefore } from './decide.ts';
import { takeSwitchLock } from './locks.ts';
import { findTrees, liveTree, type PublishPaths, publishPaths, switchTo, treeAt } from './trees.ts';

/** One tree that the link may lead to. */
export interface ListedTree {
  readonly tree: number;
  readonly live: boolean;
  /** When it was begun, in milliseconds since 1970; `undefined` when its manifest is lost. */
  readonly at: number | undefined;
}

/** Which tree is live now, and which was. */
export interface RolledBack {
  readonly tree: number;
  readonly previous: number;
}

/**
 * The trees of a link, the newest first.
 *
 * @throws {WarmError} `ERR_PAGETREE_PUBLISH` when nothing was published there.
 */
export function listTrees(cacheDir: string): ListedTree[] {
  const paths = publishPaths(cacheDir);
  const live = mustBeLive(paths);
  const trees = findTrees(paths).whole.map((tree) => ({
    tree,
    live: tree === live,
    at: bornAt(paths, tree),
  }));
  return trees.reverse();
}

/**
 * Switches the link to the tree before the live one, or to the one that is named.
 *
 * @throws {WarmError} `ERR_PAGETREE_PUBLISH` when nothing was published there, or there is no such tree.
 */
export async function rollBack(cacheDir: string, to?: number): Promise<RolledBack> {
  const paths = publishPaths(cacheDir);
  mustBeLive(paths);
  const lock = await takeSwitchLock(paths);
  try {
    const previous = mustBeLive(paths);
    const { whole } = findTrees(paths);
    const tree = to ?? treeBefore(whole, previous);
    if (tree === undefined) throw noneBefore(paths, previous, whole);
    if (bornAt(paths, tree) === undefined) throw noSuchTree(paths, tree, whole);
    if (tree !== previous) switchTo(paths, tree);
    return { tree, previous };
  } finally {
    lock.release();
  }
}

function mustBeLive(paths: PublishPaths): number {
  const live = liveTree(paths);
  if (live !== undefined) return live;
  throw new WarmError('ERR_PAGETREE_PUBLISH', `Nothing was published at ${printable(paths.link)}.`, {
    hint: 'cache-warm --publish makes such a link; name it with --cache-dir.',
  });
}

function bornAt(paths: PublishPaths, tree: number): number | undefined {
  const manifest = join(treeAt(paths, tree), '.pagetree', 'tree.json');
  return fs.statSync(manifest, { throwIfNoEntry: false })?.mtimeMs;
}

function noneBefore(paths: PublishPaths, live: number, whole: readonly number[]): WarmError {
  const newer = whole.filter((number) => number > live).at(-1);
  return new WarmError(
    'ERR_PAGETREE_PUBLISH',
    `No tree before ${live} is kept in ${printable(paths.folder)}.`,
    {
      hint:
        newer === undefined
          ? 'cache-warm --publish --keep N keeps more of them.'
          : `To go forward, name the tree: --to ${newer}`,
    },
  );
}

function noSuchTree(paths: PublishPaths, tree: number, whole: readonly number[]): WarmError {
  return new WarmError('ERR_PAGETREE_PUBLISH', `There is no tree ${tree} in ${printable(paths.folder)}.`, {
    hint: `There are: ${[...whole].reverse().join(', ')}.`,
  });
}
