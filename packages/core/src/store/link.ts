/** Where a path leads, and which tree is there. */
import fs from 'node:fs';
import { dirname } from 'node:path';
import { treePaths } from './tree.ts';

/** The real path of a folder, without links; `undefined` when nobody can tell. It takes some microseconds. */
export function leadsTo(path: string): string | undefined {
  try {
    return fs.realpathSync.native(path);
  } catch {
    return undefined;
  }
}

/** Nobody can tell which tree is in a folder. */
const UNKNOWN = '';

/**
 * What tells the tree in a folder from one that somebody puts there later: when its manifest was written, which is once. Not the
 * number of the file: some file systems of networks make one up at each look. `undefined`: there is none.
 */
export function treeIn(root: string): string | undefined {
  try {
    const { manifestFile } = treePaths(root);
    const facts = fs.statSync(manifestFile, { throwIfNoEntry: false, bigint: true });
    return facts && `${facts.mtimeNs} ${facts.size}`;
  } catch {
    return UNKNOWN;
  }
}

/**
 * What a path leads to, beside the tree that was found there. `replaced`: another tree is in its folder. `gone`: none is, and one
 * can be made. `away`: nothing can be made, since the folder above is gone too, so that somebody took away more than a cache, or
 * a link leads nowhere, which is the business of who publishes.
 */
export function compareTree(
  path: string,
  before: { readonly root: string; readonly tree: string | undefined },
): 'same' | 'replaced' | 'elsewhere' | 'gone' | 'away' {
  const root = leadsTo(path);
  if (root === undefined) return canBeMade(path) ? 'gone' : 'away';
  if (root !== before.root) return 'elsewhere';
  const tree = treeIn(root);
  if (tree === undefined) return 'gone';
  return tree === before.tree || tree === UNKNOWN ? 'same' : 'replaced';
}

function canBeMade(path: string): boolean {
  try {
    return fs.lstatSync(path, { throwIfNoEntry: false }) === undefined && fs.existsSync(dirname(path));
  } catch {
    return false;
  }
}

/**
 * Removes the folders below one that have nothing in them but folders: what `rm -rf` leaves of a tree that was stored in meanwhile.
 * Stops at the first thing that is none, and passes by what a file system keeps in a new folder.
 */
export function removeBareFolders(path: string): void {
  try {
    removeBelow(path);
  } catch {
    // Whoever opens the folder finds what is wrong with it.
  }
}

function removeBelow(path: string): boolean {
  for (const entry of fs.readdirSync(path, { withFileTypes: true })) {
    if (entry.name === 'lost+found') continue;
    const below = `${path}/${entry.name}`;
    if (!entry.isDirectory() || !removeBelow(below)) return false;
    fs.rmdirSync(below);
  }
  return true;
}
