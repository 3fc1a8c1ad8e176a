import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where trees are measured: on the disk, and in memory where the system has a place for it. */
export const disks = {
  disk: process.env.DISK ?? tmpdir(),
  ...(existsSync('/dev/shm') && { memory: '/dev/shm' }),
};

/** Runs something in a folder that is gone afterwards. */
export async function inFolder(under, run) {
  const folder = await mkdtemp(join(under, 'pagetree-bench-'));
  try {
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
