/** Where a path leads, and which tree is there. */
import fs from 'node:fs';
import { dirname } from 'node:path';
import { INTERNAL } from './tree.ts';

/** The real path of a folder, without links; `undefined` when nobody can tell. It takes some microseconds. */
export function leadsTo(path: string): string | undefined {
  try {
    return fs.realpathSync.native(path);
  } catch {
    return undefined;
  }
}

/** Nobody can tell which tree is in a folder. */
export const UNKNOWN_TREE = '';

/**
 * What tells the tree in a folder from one that somebody puts there later: when its manifest was written, which is once. Not the
 * number of the file: some file systems of networks make one up at each look. `undefined`: there is none.
 */
export function treeIn(root: string): string | undefined {
  try {
    const facts = fs.statSync(`${root}/${INTERNAL}/tree.json`, { throwIfNoEntry: false, bigint: true });
    return facts && `${facts.mtimeNs} ${facts.size}`;
  } catch {
    return UNKNOWN_TREE;
  }
}

/**
 * Whether a folder that leads nowhere can be made again. Where the one above is gone too, somebody took away more than a cache; a
 * link that leads nowhere is who publishes'.
 */
export function canBeMade(path: string): boolean {
  return fs.lstatSync(path, { throwIfNoEntry: false }) === undefined && fs.existsSync(dirname(path));
}
