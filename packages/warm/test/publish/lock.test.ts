import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { FolderLock } from '../../src/publish/lock.ts';
import { newFolder } from '../support/folders.ts';

const thisHost = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
let root: string;
let folder: string;

beforeEach(() => {
  root = newFolder();
  folder = join(root, 'build.lock');
});

/** What a holder left that did not release it. */
function left(host: string, pid: number, secondsAgo = 0): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${host}-${pid}-0123456789ab`);
  writeFileSync(file, '');
  const then = Date.now() / 1000 - secondsAgo;
  utimesSync(file, then, then);
  return file;
}

describe('the lock', () => {
  it('is taken once, and again after its release', () => {
    const first = FolderLock.take(folder)!;
    expect(first.held).toBe(true);
    expect(FolderLock.take(folder)).toBeUndefined();
    first.release();
    expect(first.held).toBe(false);
    expect(readdirSync(root)).toEqual([]);
    const second = FolderLock.take(folder)!;
    // It takes nothing from the next holder.
    first.release();
    expect(second.held).toBe(true);
    second.release();
  });

  it('is that of a process that lives, here', () => {
    left(thisHost, process.ppid);
    expect(FolderLock.take(folder)).toBeUndefined();
    expect(readdirSync(root)).toEqual(['build.lock']);
  });

  it('is nobody’s when its process is dead', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '0']);
    left(thisHost, pid);
    const lock = FolderLock.take(folder)!;
    expect(lock.held).toBe(true);
    expect(readdirSync(folder)).toHaveLength(1);
    lock.release();
  });

  it('is that of another machine for as long as that says so', () => {
    left('0badcafe', 1);
    expect(FolderLock.take(folder)).toBeUndefined();
    left('0badcafe', 1, 400);
    const lock = FolderLock.take(folder)!;
    expect(lock.held).toBe(true);
    lock.release();
  });

  it('is not held any more by who was taken for dead', () => {
    const slow = FolderLock.take(folder)!;
    const [name] = readdirSync(folder);
    const then = Date.now() / 1000 - 400;
    utimesSync(join(folder, name!), then, then);
    const next = FolderLock.take(folder)!;
    expect([slow.held, next.held]).toEqual([false, true]);
    slow.release();
    expect(next.held).toBe(true);
    next.release();
  });
});
