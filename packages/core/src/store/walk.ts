/** Walks a tree: every page in it, in constant memory however many there are in a folder. */
import { foundEntries, type Io } from './io.ts';
import { CACHEDIR_TAG, INTERNAL, suffixes, type TreePaths } from './tree.ts';

/** A name in the tree that may be a page, relative to the tree. */
export interface Found {
  readonly path: string;
  readonly kind: 'file' | 'other';
}

/** Subfolders that are remembered before they are entered: what bounds the memory of a folder with a million of them. */
export const REMEMBERED = 1000;

/** Every file below a folder of the tree (`''` is all of it) that is neither a variant nor internal. Follows no link. */
export async function* walk(io: Io, tree: TreePaths, folder = ''): AsyncGenerator<Found> {
  const folders: string[] = [];
  for await (const { name, kind } of foundEntries(io, folder === '' ? tree.root : `${tree.root}/${folder}`)) {
    if (folder === '' && (name === INTERNAL || name === CACHEDIR_TAG)) continue;
    const path = folder === '' ? name : `${folder}/${name}`;
    if (kind !== 'folder') {
      if (!suffixes.some((suffix) => name.endsWith(suffix))) yield { path, kind };
    } else if (folders.push(path) >= REMEMBERED) {
      for (const below of folders.splice(0)) yield* walk(io, tree, below);
    }
  }
  for (const below of folders) yield* walk(io, tree, below);
}
