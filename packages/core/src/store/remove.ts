/** Removes pages: one from its place, or whole folders by way of the trash. */
import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { isInside, removeEmptyFolders } from './folders.ts';
import { codeOf, foundEntries, type Io, ignoring, lookAt, quietly } from './io.ts';
import { removeOrphans, removeVariants } from './publish.ts';
import { fileOf, metaOf, suffixes, type TreePaths } from './tree.ts';
import { REMEMBERED } from './walk.ts';

/** What a removal counts: pages, and the bytes of their bodies. */
export interface Counts {
  pages: number;
  bytes: number;
}

/** Errors that say a file is not there to be removed; a folder (EISDIR, EPERM on some systems) is no page. */
const GONE = ['ENOENT', 'ENOTDIR', 'EISDIR'];

/** Pages that are removed before their folders are looked at. */
const PENDING = 4096;

/**
 * Removes pages: variants first, then the body, then its meta, since no body may stand without. The folders that became empty
 * go in the end, and those that stay are flushed then, once for all of their pages.
 */
export class PageRemover {
  readonly #io: Io;
  readonly #durable: boolean;
  /** Folders of pages, by path: no link leads there. */
  readonly #folders = new Map<string, { readonly root: string; changed: boolean }>();
  /** Folders of meta, and what they are in. */
  readonly #metas = new Map<string, string>();
  #pending = 0;

  constructor(io: Io, durable: boolean) {
    this.#io = io;
    this.#durable = durable;
  }

  /**
   * Removes the page at a path. Returns the bytes of the body, `undefined` when there was none.
   *
   * @throws the error of the file system; what could be removed is gone then.
   */
  async remove(tree: TreePaths, path: string): Promise<number | undefined> {
    const io = this.#io;
    this.#pending += 1;
    if (this.#pending > PENDING) await this.finish();
    const file = fileOf(tree, path);
    const meta = metaOf(tree, path);
    this.#metas.set(dirname(meta), tree.meta);
    const folder = await this.#folderOf(tree, file);
    if (folder === undefined) {
      await ignoring(GONE, () => io.unlink(meta));
      return undefined;
    }
    let size: number | undefined;
    await ignoring(GONE, async () => {
      const { kind, size: bytes } = await io.lstat(file);
      if (kind !== 'folder') size = bytes;
    });
    await removeVariants(io, file);
    if (size !== undefined) {
      folder.changed = true;
      await ignoring(GONE, () => io.unlink(file));
    }
    await ignoring(GONE, () => io.unlink(meta));
    // A page that came in between may have lost its meta.
    const newer = await io.peek(file);
    if (newer && newer.kind !== 'folder') {
      folder.changed = true;
      await removeVariants(io, file);
      await ignoring(GONE, () => io.unlink(file));
      await removeOrphans(io, file);
    }
    return size;
  }

  /** Removes folders that are empty now, and flushes those that are not. Every page that was removed stays removed. */
  async finish(): Promise<void> {
    const io = this.#io;
    this.#pending = 0;
    const [folders, metas] = [[...this.#folders], [...this.#metas]];
    this.#folders.clear();
    this.#metas.clear();
    for (const [folder, { root, changed }] of folders) {
      await removeEmptyFolders(io, root, folder);
      if (this.#durable && changed) await syncNearest(io, root, folder);
    }
    for (const [folder, base] of metas) await removeEmptyFolders(io, base, folder);
  }

  async #folderOf(tree: TreePaths, file: string): Promise<{ changed: boolean } | undefined> {
    const path = dirname(file);
    let folder = this.#folders.get(path);
    if (folder === undefined && (await insideOrGone(this.#io, path))) {
      folder = { root: tree.root, changed: false };
      this.#folders.set(path, folder);
    }
    return folder;
  }
}

/**
 * Removes one page, as `PageRemover` does.
 *
 * @throws the error of the file system; what could be removed is gone then.
 */
export async function removePage(
  io: Io,
  tree: TreePaths,
  path: string,
  durable: boolean,
): Promise<number | undefined> {
  const remover = new PageRemover(io, durable);
  const size = await remover.remove(tree, path);
  await remover.finish();
  return size;
}

/**
 * Whether a folder of the tree is there to remove something from.
 *
 * @throws when a link leads there: what is behind it is not ours to remove, and to pass it by would call a page purged that
 * is still served.
 */
export async function insideOrGone(io: Io, folder: string): Promise<boolean> {
  try {
    if (await isInside(io, folder)) return true;
    throw new Error(`a symbolic link stands on the way to ${folder}`);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}

/** Flushes a folder, or the nearest one above it that still stands. */
export async function syncNearest(io: Io, root: string, folder: string): Promise<void> {
  for (let path = folder; path.length >= root.length; path = dirname(path)) {
    if (await ignoring(['ENOENT', 'ENOTDIR'], () => io.syncFolder(path))) return;
  }
}

const BURY_TRIES = 8;

/** Moves a file or folder of the tree into the trash: from here on no reader finds it. Returns where it is now. */
export async function bury(io: Io, tree: TreePaths, path: string): Promise<string | undefined> {
  for (let tries = 0; tries < BURY_TRIES; tries += 1) {
    const grave = `${tree.trash}/${randomBytes(8).toString('hex')}`;
    if (await ignoring(['ENOENT', 'ENOTDIR'], () => io.rename(path, grave))) return grave;
    if (!(await lookAt(io, path))) return undefined;
    // It is there, so what is missing is the trash: somebody tidied up.
    await ignoring(['EEXIST'], () => io.mkdir(tree.trash, 0o755));
  }
  throw new Error(`${path} cannot be moved into ${tree.trash}`);
}

/** A new folder in the trash. */
export async function makeGrave(io: Io, tree: TreePaths): Promise<string> {
  const grave = `${tree.trash}/${randomBytes(8).toString('hex')}`;
  if (!(await ignoring(['ENOENT'], () => io.mkdir(grave, 0o700)))) {
    // Somebody tidied up.
    await ignoring(['EEXIST'], () => io.mkdir(tree.trash, 0o755));
    await io.mkdir(grave, 0o700);
  }
  return grave;
}

/** Deletes what was buried, whatever it is, and counts the pages in it, if asked to. Follows no link. Never throws. */
export async function destroy(
  io: Io,
  grave: string,
  counts: Counts | undefined,
  width: number,
): Promise<void> {
  let folder = false;
  await quietly(async () => {
    const facts = await io.lstat(grave);
    folder = facts.kind === 'folder';
    if (!folder) {
      count(counts, grave, facts.size);
      await io.unlink(grave);
    }
  });
  if (folder) await destroyFolder(io, grave, counts, width);
}

/** A rename that was under way when a folder was buried may end in it after it was read. */
const DESTROY_TRIES = 3;

async function destroyFolder(io: Io, path: string, counts: Counts | undefined, width: number): Promise<void> {
  await quietly(async () => {
    for (let tries = 0; tries < DESTROY_TRIES; tries += 1) {
      await emptyFolder(io, path, counts, width);
      if (await ignoring(['ENOTEMPTY', 'EEXIST'], () => io.rmdir(path))) return;
    }
  });
}

async function emptyFolder(io: Io, path: string, counts: Counts | undefined, width: number): Promise<void> {
  const folders: string[] = [];
  const files: string[] = [];
  const removeFiles = async (): Promise<void> => {
    const batch = files.splice(0);
    await Promise.all(batch.map((file) => removeFile(io, file, counts)));
  };
  const removeFolders = async (): Promise<void> => {
    for (const folder of folders.splice(0)) await destroyFolder(io, folder, counts, width);
  };
  await quietly(async () => {
    for await (const { name, kind } of foundEntries(io, path)) {
      if (kind === 'folder') folders.push(`${path}/${name}`);
      else files.push(`${path}/${name}`);
      if (files.length >= width) await removeFiles();
      if (folders.length >= REMEMBERED) await removeFolders();
    }
  });
  await removeFiles();
  await removeFolders();
}

async function removeFile(io: Io, file: string, counts: Counts | undefined): Promise<void> {
  await quietly(async () => {
    const size = counts ? (await io.lstat(file)).size : 0;
    await io.unlink(file);
    count(counts, file, size);
  });
}

function count(counts: Counts | undefined, file: string, size: number): void {
  if (!counts || size === 0 || suffixes.some((suffix) => file.endsWith(suffix))) return;
  counts.pages += 1;
  counts.bytes += size;
}
