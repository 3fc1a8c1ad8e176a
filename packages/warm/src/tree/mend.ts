import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Fault } from '@pagetree/core';
import { WarmError } from '../errors.ts';
import { printable } from '../report/printable.ts';

interface Mending {
  /** `--fix` can do it: it removes what is of no use, and no page that has a byte. */
  readonly byItself: boolean;
  readonly text: string;
}

const removes: Mending = { byItself: true, text: '--fix removes it.' };
const byHand = (text: string): Mending => ({ byItself: false, text });

/** What becomes of each fault. */
export const mending: Readonly<Record<Fault, Mending>> = {
  'empty-page': removes,
  'wrong-mode': { byItself: true, text: '--fix sets it right.' },
  'orphan-variant': removes,
  'stale-variant': removes,
  'orphan-meta': removes,
  'misfit-meta': removes,
  link: byHand('Remove it by hand, or put the file itself there.'),
  special: byHand('Remove it by hand.'),
  'unmapped-name': byHand('Remove it by hand, unless you put it there.'),
  conflict: byHand('Purge the path and what is below it (cache-purge -r), and it is filled again.'),
  shadowed: removes,
  'lost-type': removes,
  'lost-headers': byHand('Make the tree with fidelity strict, or let the front-end server add the headers.'),
  'lost-variant': byHand('cache-warm stores the page anew.'),
  'dead-fill': removes,
  trash: removes,
  leftover: removes,
};

/** Whether the system said that this user may not do that. */
function isOthers(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/**
 * Does what changes the tree.
 *
 * @throws {WarmError} in words of the command when this user may not change it.
 */
export async function mustWrite<T>(cacheDir: string, change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (!isOthers(error)) throw error;
    throw new WarmError(
      'ERR_PAGETREE_USAGE',
      `This user may not change the tree ${printable(cacheDir, 4096)}.`,
      {
        hint: 'Run it as the user that the site runs as.',
        cause: error,
      },
    );
  }
}

const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** The modes that what is in a tree should have. */
export interface Modes {
  readonly fileMode: number;
  readonly dirMode: number;
}

/** The right to write that everyone has. */
const ANYONE_WRITES = 0o002;

/**
 * Gives a file or a folder of the tree the rights that its web server needs, and takes the right to write from everyone, unless
 * that is wanted. It is opened first, so that a link which comes in between leads nowhere.
 */
export async function mendMode(cacheDir: string, path: string, modes: Modes): Promise<void> {
  const file = join(cacheDir, path);
  try {
    // The root has no link in it, and nothing below it may be one.
    if ((await realpath(dirname(file))) !== dirname(file)) return;
    const handle = await open(file, READ);
    try {
      const facts = await handle.stat();
      const wanted = facts.isFile() ? modes.fileMode : facts.isDirectory() ? modes.dirMode : undefined;
      if (wanted !== undefined)
        await handle.chmod(((facts.mode & 0o7777) | wanted) & ~(ANYONE_WRITES & ~wanted));
    } finally {
      await handle.close();
    }
  } catch {
    // It is found again, and told, when the tree is looked at once more.
  }
}
