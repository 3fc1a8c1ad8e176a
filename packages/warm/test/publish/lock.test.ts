import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { FolderLock, removeDrafts } from '../../src/publish/lock.ts';
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

const lockFile = new URL('../../dist/publish/lock.js', import.meta.url).href;
/** Takes the lock again and again; every third time it dies with it. Whoever has it is alone: `mkdir` says so. */
const contender = `
  import { mkdirSync, rmdirSync } from 'node:fs';
  import { FolderLock } from ${JSON.stringify(lockFile)};
  const [root, rounds] = process.argv.slice(-2);
  for (let round = 1; round <= Number(rounds); ) {
    const lock = FolderLock.take(root + '/build.lock');
    if (lock === undefined) continue;
    mkdirSync(root + '/inside');
    rmdirSync(root + '/inside');
    if (round % 3 === 0) process.exit(7);
    lock.release();
    round += 1;
  }`;

describe('the lock of many processes', () => {
  it('is held by one at a time, also when holders die', async () => {
    const script = join(root, 'contender.mjs');
    writeFileSync(script, contender);
    const contend = () =>
      new Promise<{ code: number | null; said: string }>((resolve) => {
        const child = spawn(process.execPath, [script, root, '9'], { timeout: 30_000 });
        let said = '';
        child.stderr.on('data', (text) => {
          said += text;
        });
        child.once('close', (code) => resolve({ code, said }));
      });
    const ended = await Promise.all(Array.from({ length: 5 }, contend));
    expect(ended).toEqual(ended.map(() => ({ code: 7, said: '' })));
    const next = FolderLock.take(folder)!;
    expect(next.held).toBe(true);
    next.release();
    removeDrafts(root);
    expect(readdirSync(root)).toEqual(['contender.mjs']);
  }, 40_000);

  it('leaves the draft of a process that asks for it, and removes that of a dead one', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '0']);
    const drafts = [process.ppid, pid].map((owner) => `build.lock.${thisHost}-${owner}-0123456789ab`);
    for (const draft of drafts) mkdirSync(join(root, draft));
    removeDrafts(root);
    expect(readdirSync(root)).toEqual([drafts[0]]);
  });
});

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
