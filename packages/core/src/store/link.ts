/** Where a path leads, and whether a tree is still there. */
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

/**
 * Whether a tree was removed by hand and can be made again. `root` is what `leadsTo` says of its path. Where the folder above is
 * gone too, somebody took away more than a cache; a link that leads nowhere is who publishes'.
 */
export function wasRemoved(path: string, root: string | undefined): boolean {
  if (root !== undefined) return !fs.existsSync(`${root}/${INTERNAL}`);
  return fs.lstatSync(path, { throwIfNoEntry: false }) === undefined && fs.existsSync(dirname(path));
}
