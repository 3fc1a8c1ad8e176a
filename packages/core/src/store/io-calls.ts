/** What both speeds of file calls share: how files are opened, and what is told of them. */
import fs from 'node:fs';
import { codeOf, type EntryKind, type Facts } from './io.ts';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_APPEND, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;
export const READ = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
export const CREATE = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
export const APPEND = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW;

export function kindOf(entry: fs.Dirent | fs.Stats): EntryKind {
  return entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other';
}

export function factsOf(stats: fs.Stats): Facts {
  const { size, mtimeMs, ctimeMs, ino, mode } = stats;
  return { kind: kindOf(stats), size, mtimeMs, ctimeMs, ino, mode, isLink: stats.isSymbolicLink() };
}

/** What is at a path, asked at once. An error that is thrown costs more than the call, so the usual one is not. */
export function peek(path: string): Facts | undefined {
  try {
    const stats = fs.lstatSync(path, { throwIfNoEntry: false });
    return stats && factsOf(stats);
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Windows cannot open folders, and some network file systems refuse to flush them; nothing is lost then but the guarantee. */
export const UNSYNCABLE = new Set(['EPERM', 'EISDIR', 'EACCES', 'EINVAL', 'ENOTSUP']);

export type Done<T> = (error: NodeJS.ErrnoException | null, value?: T) => void;

export function promised<T>(start: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => (error ? reject(error) : resolve(value as T)));
  });
}
