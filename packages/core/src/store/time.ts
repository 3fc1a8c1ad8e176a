/** The clock of the file system. */
import { randomBytes } from 'node:crypto';
import { codeOf, type Io, ignoring, isForbidden, isFull, quietly } from './io.ts';
import type { TreePaths } from './tree.ts';

/**
 * The time of the file system, in milliseconds since 1970: the only one that the ages of files can be compared with, since
 * another machine may have made them. Who may only read has no better clock than the machine's, and can take nothing away by it.
 *
 * @throws the error of the file system.
 */
export async function fileTime(io: Io, tree: TreePaths): Promise<number> {
  try {
    return await writeTime(io, tree);
  } catch (error) {
    if (isForbidden(error)) return Date.now();
    throw error;
  }
}

/**
 * The same for who must be able to write.
 *
 * @throws the error of the file system.
 */
export async function writeTime(io: Io, tree: TreePaths): Promise<number> {
  const probe = `${tree.trash}/${randomBytes(8).toString('hex')}`;
  try {
    await io.mkdir(probe, 0o700);
  } catch (error) {
    if (isFull(error)) return touched(io, tree.trash);
    if (codeOf(error) !== 'ENOENT') throw error;
    await ignoring(['EEXIST'], () => io.mkdir(tree.trash, 0o755));
    await io.mkdir(probe, 0o700);
  }
  try {
    return (await io.lstat(probe)).mtimeMs;
  } finally {
    await quietly(() => io.rmdir(probe));
  }
}

/** A disk that is full still notes the time of a change that changes nothing. */
async function touched(io: Io, path: string): Promise<number> {
  await io.chmod(path, (await io.lstat(path)).mode & 0o7777);
  return (await io.lstat(path)).ctimeMs;
}
