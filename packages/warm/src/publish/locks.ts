/** The two locks of a folder of trees. */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { WarmError } from '../errors.ts';
import { printable } from '../report/printable.ts';
import { cannot } from './files.ts';
import { FolderLock } from './lock.ts';
import type { PublishPaths } from './trees.ts';

/** How long a switch waits for another one to end, in milliseconds, and how often it looks. */
const switchPatience = 10_000;
const switchLook = 20;

/** Takes the lock under which the link is switched and trees are removed. It is held for moments only. */
export async function takeSwitchLock(paths: PublishPaths): Promise<FolderLock> {
  const until = performance.now() + switchPatience;
  for (;;) {
    const lock = takeLock(paths, 'switch.lock');
    if (lock !== undefined) return lock;
    if (performance.now() > until) {
      throw new WarmError('ERR_PAGETREE_PUBLISH', `Somebody else is switching ${printable(paths.link)}.`, {
        hint: 'Wait for the end of the other command, and try again.',
      });
    }
    await wait(switchLook);
  }
}

function takeLock({ folder }: PublishPaths, name: string): FolderLock | undefined {
  try {
    return FolderLock.take(join(folder, name));
  } catch (error) {
    throw cannot(folder, error);
  }
}

/**
 * Takes the lock under which a tree is made. It is held for as long as that takes.
 *
 * @throws {WarmError} `ERR_PAGETREE_PUBLISH` when somebody else has it.
 */
export function takeBuildLock(paths: PublishPaths): FolderLock {
  const lock = takeLock(paths, 'build.lock');
  if (lock !== undefined) return lock;
  throw new WarmError(
    'ERR_PAGETREE_PUBLISH',
    `Another run is publishing ${printable(paths.link)} at the moment.`,
    { hint: 'Wait for its end. Nothing was begun.' },
  );
}
