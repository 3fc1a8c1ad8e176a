/** Modes: who may read what is in the tree, and who may change it. */
import { randomBytes } from 'node:crypto';
import { type Io, lookAt, quietly } from './io.ts';
import type { TreePaths } from './tree.ts';

/** The right that nobody else should have, unless the mode that is wanted says so. */
const ANYONE_WRITES = 0o002;

/** Judges the mode of an entry. */
export type JudgeMode = (mode: number, wanted: number) => boolean;

/**
 * How modes are judged in a tree: whoever is meant to may do what is meant, and not everyone may write. More rights for the group
 * are no fault: files that are put by hand often have them. Where the file system keeps no modes it says what it likes.
 */
export async function modesOf(io: Io, tree: TreePaths): Promise<JudgeMode> {
  const extra = (await keepsModes(io, tree)) ? ANYONE_WRITES : 0;
  return (mode, wanted) => (mode & wanted) === wanted && (mode & extra & ~wanted) === 0;
}

/** Tries it out; who may not write looks at the token, which was made for its owner alone. */
async function keepsModes(io: Io, tree: TreePaths): Promise<boolean> {
  const probe = `${tree.trash}/${randomBytes(8).toString('hex')}`;
  try {
    await io.mkdir(probe, 0o700);
  } catch {
    return isForOneAlone(io, tree.tokenFile);
  }
  try {
    return await isForOneAlone(io, probe);
  } finally {
    await quietly(() => io.rmdir(probe));
  }
}

async function isForOneAlone(io: Io, path: string): Promise<boolean> {
  const facts = await lookAt(io, path);
  return facts !== undefined && (facts.mode & 0o077) === 0;
}
