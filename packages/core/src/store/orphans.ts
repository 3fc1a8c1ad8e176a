/**
 * Orphans: meta that was put for a page which did not come. Meta says nothing by itself, but it would stay. It is removed
 * under the key's lock, since a newer page may have put its own under the same name.
 */
import { dirname } from 'node:path';
import type { Place } from '../contracts.ts';
import { type Area, fileIn, pathsIn } from './area.ts';
import type { Fills } from './fills.ts';
import { removeEmptyFolders } from './folders.ts';
import { type Io, ignoring } from './io.ts';
import { removeOrphans } from './publish.ts';
import { removePage } from './remove.ts';
import { fileOf, metaOf, type TreePaths } from './tree.ts';

/** Where orphans are looked for. */
export interface OrphansContext {
  readonly io: Io;
  readonly fills: Fills;
  readonly areas: readonly Area[];
}

/**
 * Removes the meta of a place that has no page. Whoever stores the page at the moment puts its own, or comes here in turn.
 *
 * @throws the error of the file system.
 */
export async function removeOrphanMeta({ io, fills, areas }: OrphansContext, place: Place): Promise<void> {
  for (const area of areas) {
    for (const path of pathsIn(area, place)) {
      const isOrphan = async (): Promise<boolean> =>
        (await io.peek(metaOf(area.tree, path))) !== undefined &&
        (await io.peek(fileIn(area, path)))?.kind !== 'file';
      if (!(await isOrphan())) continue;
      await fills.whileIdle(place.key, async (isOurs) => {
        if (!(await isOrphan())) return;
        await unlinkMeta(io, area.tree, path, isOurs);
        await removeEmptyFolders(io, area.tree.meta, dirname(metaOf(area.tree, path)));
      });
    }
  }
}

/**
 * Removes the meta at a path, under the lock of its key. When the lock was taken meanwhile it may have been a newer page's,
 * which must not be served without it: then that page goes as well.
 *
 * @throws the error of the file system.
 */
export async function unlinkMeta(
  io: Io,
  tree: TreePaths,
  path: string,
  isOurs: () => Promise<boolean>,
): Promise<boolean> {
  const gone = await ignoring(['ENOENT', 'ENOTDIR'], () => io.unlink(metaOf(tree, path)));
  if (gone && !(await isOurs())) {
    await removePage(io, tree, path, false);
    await removeOrphans(io, fileOf(tree, path));
  }
  return gone;
}
