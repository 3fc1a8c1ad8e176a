/**
 * The file in which a process shares what its cache did, for `pagetree top`. It is `.pagetree/counters/<host>.<pid>.<chance>.json`:
 * one a cache and process, so nobody waits for anybody, and whoever reads adds them up. It is written anew, whole or not at
 * all, when something happened, and now and then when nothing did: a file that is not written any more is of a process that
 * is gone. Nothing depends on it, so what goes wrong with it is not told.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, rename, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { CacheEvent } from '@pagetree/core';
import { countEvent, noCounts } from './counts.ts';

/** The least time between two writes, in milliseconds. */
const OFTEN = 1000;
/** After so many of these times without an event the file is written all the same. */
const QUIET = 5;

/** Counts the events of one cache. */
export interface CounterFile {
  readonly count: (event: CacheEvent) => void;
  /** Begins to write into the tree that is asked for each time: a link may lead to another one by then. */
  open(cacheDir: () => string): void;
  /** Ends that, and removes the file. */
  close(): Promise<void>;
}

/** @param often milliseconds between two writes. */
export function counterFile(often: number = OFTEN): CounterFile {
  const counts = noCounts();
  const since = new Date().toISOString();
  let changed = true;
  let quiet = 0;
  let timer: NodeJS.Timeout | undefined;
  let tree = (): string => '';
  let name = '';
  /** What was written last. */
  let file = '';
  let writing: Promise<void> = Promise.resolve();
  let isWriting = false;

  async function write(): Promise<void> {
    const before = file;
    file = join(tree(), '.pagetree', 'counters', name);
    if (before !== '' && before !== file) await unlink(before).catch(() => {});
    const document = { format: 1, pid: process.pid, since, at: new Date().toISOString(), ...counts };
    const whole = `${file}.new`;
    await mkdir(join(file, '..')).catch(() => {});
    await writeFile(whole, `${JSON.stringify(document)}\n`, { mode: 0o644 });
    await rename(whole, file);
  }

  function tick(): void {
    quiet += 1;
    if (isWriting || (!changed && quiet < QUIET)) return;
    changed = false;
    quiet = 0;
    isWriting = true;
    writing = write()
      .catch(() => unlink(`${file}.new`).catch(() => {}))
      .finally(() => {
        isWriting = false;
      });
  }

  return {
    count(event) {
      countEvent(counts, event);
      changed = true;
    },
    open(cacheDir) {
      const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
      name = `${host}.${process.pid}.${randomBytes(4).toString('hex')}.json`;
      tree = cacheDir;
      tick();
      timer = setInterval(tick, often).unref();
    },
    async close() {
      clearInterval(timer);
      await writing;
      if (file !== '') await unlink(file).catch(() => {});
    },
  };
}
