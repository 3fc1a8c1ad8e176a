/** Folders of the tree: made when a rename needs them, removed when a purge emptied them. */
import { dirname } from 'node:path';
import { codeOf, type Io, lookAt } from './io.ts';

/** A file stands where a folder is needed. */
export interface InTheWay {
  readonly file: string;
}

/**
 * Makes a folder and those above it, up to `root`. Returns what is in the way, if something is: a file, or a link, which is
 * not followed. Not `mkdir -p`: that follows links, reports a read-only disk as ENOENT, and does not name the file in the way.
 *
 * @throws the error of the file system.
 */
export async function makeFolders(
  io: Io,
  root: string,
  folder: string,
  mode: number,
  masked: boolean,
): Promise<InTheWay | undefined> {
  const missing: string[] = [];
  for (let path = folder; !(await isFolder(io, root, path)); path = dirname(path)) {
    const way = await wayTo(io, root, path);
    if (typeof way === 'object') return way;
    missing.push(path);
  }
  for (const path of missing.reverse()) {
    try {
      await io.mkdir(path, mode);
      if (masked) await io.chmod(path, mode);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'EEXIST') {
        if ((await lookAt(io, path))?.kind === 'file') return { file: path };
      } else if (code === 'ENOENT' || code === 'ENOTDIR') {
        // A purge, or a page, took a folder that we had just made or seen: the rename will tell.
        return undefined;
      } else throw error;
    }
  }
  return undefined;
}

/** The folder is there, and no link leads to it. */
async function isFolder(io: Io, root: string, path: string): Promise<boolean> {
  try {
    return (await isInside(io, path)) && (path === root || (await io.lstat(path)).kind === 'folder');
  } catch (error) {
    const code = codeOf(error);
    if (path !== root && (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP')) return false;
    throw error;
  }
}

/** What is on the way from `root` down to a folder: all of it, not all of it, or the first name that is something else. */
export async function wayTo(io: Io, root: string, path: string): Promise<'there' | 'missing' | InTheWay> {
  let above = root;
  for (const segment of path.slice(root.length).split('/')) {
    if (segment === '') continue;
    above = `${above}/${segment}`;
    const facts = await io.peek(above);
    if (facts === undefined) return 'missing';
    if (facts.kind !== 'folder') return { file: above };
  }
  return 'there';
}

/** Removes a folder and those above it while they are empty, never `root` itself. */
export async function removeEmptyFolders(io: Io, root: string, folder: string): Promise<void> {
  for (let path = folder; path.length > root.length; path = dirname(path)) {
    try {
      await io.rmdir(path);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') continue;
      return;
    }
  }
}

/** A folder below `root` is reached without a symbolic link: what is written there stays in the tree. */
export async function isInside(io: Io, folder: string): Promise<boolean> {
  return (await io.realpath(folder)) === folder;
}
