/** Folders of the tree: made when a rename needs them, removed when a purge emptied them. */
import { dirname } from 'node:path';
import { codeOf, type Io } from './io.ts';

/** A file stands where a folder is needed. */
export interface InTheWay {
  readonly file: string;
}

/**
 * Makes a folder and those above it, up to `root`. Returns the file that is in the way, if one is.
 * Not `mkdir -p`: that reports a read-only disk as ENOENT and says nothing about a file in the way.
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
  let path = folder;
  for (;;) {
    try {
      await io.mkdir(path, mode);
      if (masked) await io.chmod(path, mode);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ENOENT' && path !== root) {
        missing.push(path);
        path = dirname(path);
        continue;
      }
      if (code === 'ENOTDIR' && path !== root) {
        path = dirname(path);
        missing.length = 0;
        const above = await fileAbove(io, root, path);
        if (above) return { file: above };
        continue;
      }
      if (code !== 'EEXIST') throw error;
      if ((await io.lstat(path)).kind !== 'folder') return { file: path };
    }
    const next = missing.pop();
    if (next === undefined) return undefined;
    path = next;
  }
}

/** The first name from `root` down to `path` that is not a folder. */
export async function fileAbove(io: Io, root: string, path: string): Promise<string | undefined> {
  let above = root;
  for (const segment of path.slice(root.length).split('/')) {
    if (segment === '') continue;
    above = `${above}/${segment}`;
    try {
      if ((await io.lstat(above)).kind !== 'folder') return above;
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
      throw error;
    }
  }
  return undefined;
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
