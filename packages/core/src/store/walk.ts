/** Walks a tree: every page in it, in constant memory however many there are in a folder. */
import { type EntryKind, foundEntries, type Io } from './io.ts';
import { INTERNAL, isCachedirTag, suffixes, type TreePaths } from './tree.ts';

/** A name in the tree that may be a page, relative to the tree. */
export interface Found {
  readonly path: string;
  readonly kind: 'file' | 'other';
}

/** Subfolders that are remembered before they are entered: what bounds the memory of a folder with a million of them. */
export const REMEMBERED = 1000;

/** Every file below a folder of the tree (`''` is all of it) that is neither a variant nor internal. Follows no link. */
export async function* walk(io: Io, tree: TreePaths, folder = ''): AsyncGenerator<Found> {
  for await (const { path, kind } of entriesBelow(io, tree, folder)) {
    if (kind !== 'folder' && !suffixes.some((suffix) => path.endsWith(suffix))) yield { path, kind };
  }
}

/** One entry, its path relative to where the walk began. */
export interface EntryBelow {
  readonly path: string;
  readonly kind: EntryKind;
}

/**
 * Every entry below a folder that is not internal, folders after what is in them. `base` is the folder that paths are
 * relative to. Follows no link.
 */
export async function* entriesBelow(
  io: Io,
  tree: TreePaths,
  folder = '',
  base: string = tree.root,
): AsyncGenerator<EntryBelow> {
  const folders: string[] = [];
  for await (const { name, kind } of foundEntries(io, folder === '' ? base : `${base}/${folder}`)) {
    if (folder === '' && base === tree.root && (name === INTERNAL || isCachedirTag(name))) continue;
    const path = folder === '' ? name : `${folder}/${name}`;
    if (kind !== 'folder') yield { path, kind };
    else if (folders.push(path) >= REMEMBERED) yield* below(io, tree, folders.splice(0), base);
  }
  yield* below(io, tree, folders, base);
}

async function* below(
  io: Io,
  tree: TreePaths,
  folders: readonly string[],
  base: string,
): AsyncGenerator<EntryBelow> {
  for (const path of folders) {
    yield* entriesBelow(io, tree, path, base);
    yield { path, kind: 'folder' };
  }
}
