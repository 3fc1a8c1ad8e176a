/**
 * Disks that are full, out of names, read-only, somebody else's, and a process out of descriptors. The visitor always gets an
 * outcome, hits go on, old pages stay whole, an event tells, and when the fault is gone pages are stored again.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Child, fillsIn, temporaryFolder } from './processes.ts';

function mounts(): boolean {
  const folder = fs.mkdtempSync('/tmp/pagetree-mount-');
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    fs.rmdirSync(folder);
  }
}

const isRoot = process.getuid?.() === 0;
// In CI nothing may be passed over: there the tests run, or fail.
const all = process.env.PAGETREE_NO_SKIPS === '1';
const canMount = all || (isRoot && mounts());
const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

async function onDisk(options: string, run: (folder: string) => Promise<void>): Promise<void> {
  const folder = temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  try {
    await run(folder);
  } finally {
    execFileSync('umount', ['--lazy', folder]);
  }
}

const SIZE = 3000;
const page = (target: string, version = 1): object => ({ target, version, size: SIZE });

/** Every kind of purge, with the one page that it should remove. */
const scopes = {
  '/one': { path: '/one' },
  '/below/it': { path: '/below', recursive: true },
  '/glob': { glob: '/gl*' },
};

/** A purge says that it could not, and why; or it did, and the page is gone. */
async function purgeAll(child: Child, code: string | undefined): Promise<void> {
  for (const [target, scope] of Object.entries({ ...scopes, '/old': { all: true } })) {
    const removed = await child.call('purge', { scope });
    expect(removed, target).toEqual(code === undefined ? 1 : `ERR_PAGETREE_PURGE_INCOMPLETE ${code}`);
    if (code === undefined) expect(await child.call('look', page(target)), target).not.toBe(1);
  }
}

/** What holds for every fault. `code`: what a purge and a sweep fail with; none where they need nothing new from the disk. */
async function suffer(
  child: Child,
  cacheDir: string,
  io: string,
  fault: { begin(): void; end(): void; code?: string },
): Promise<void> {
  await child.call('open', { cacheDir, options: { io } });
  expect(await child.call('store', page('/old'))).toBe('stored');
  for (const target of Object.keys(scopes)) expect(await child.call('store', page(target))).toBe('stored');
  fault.begin();
  const outcomes = [];
  for (let times = 0; times < 7; times += 1) outcomes.push(await child.call<string>('store', page('/new')));
  // Five failures, then a pause in which the disk is left alone.
  expect(new Set(outcomes.slice(0, 5))).toEqual(new Set(['disk-error']));
  expect(outcomes.slice(5)).toEqual(['paused', 'paused']);
  expect(await child.call('look', page('/old'))).toBe(1);
  expect((await child.call<string[]>('errors')).length).toBe(1);
  // An old page that cannot be replaced stays whole.
  await child.call('advance', { milliseconds: 11_000 });
  expect(await child.call('store', page('/old', 2))).toBe('disk-error');
  expect(await child.call('look', page('/old'))).toBe(1);
  const swept = await child.call('sweep');
  if (fault.code === undefined) expect(swept).toMatchObject({ fills: 0, metas: 0, variants: 0 });
  else expect(swept).toBe(fault.code);
  await purgeAll(child, fault.code);
  fault.end();
  // What could not be purged is still whole, and can be purged now.
  if (fault.code !== undefined) await purgeAll(child, undefined);
  expect(await child.call('store', page('/new'))).toBe('stored');
  expect(await child.call('store', page('/old', 3))).toBe('stored');
  expect(await child.call('look', page('/old'))).toBe(3);
  expect(await child.call('faults')).toEqual([]);
  await child.call('close');
  expect(fillsIn(cacheDir)).toEqual([]);
}

describe.each(['pool', 'direct'])('with %s calls', (io) => {
  it.runIf(canMount)('a full disk', async () => {
    await onDisk('size=256k', async (folder) => {
      const ballast = `${folder}/ballast`;
      await suffer(new Child('disk'), `${folder}/tree`, io, {
        begin: () => {
          const fd = fs.openSync(ballast, 'w');
          try {
            for (;;) fs.writeSync(fd, Buffer.alloc(4096));
          } catch (error) {
            expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
          } finally {
            fs.closeSync(fd);
          }
        },
        end: () => fs.rmSync(ballast),
      });
    });
  });

  it.runIf(canMount)('a disk without a free inode', async () => {
    await onDisk('nr_inodes=40', async (folder) => {
      const names: string[] = [];
      await suffer(new Child('disk'), `${folder}/tree`, io, {
        begin: () => {
          try {
            for (;;) {
              const name = `${folder}/ballast-${names.length}`;
              fs.writeFileSync(name, '');
              names.push(name);
            }
          } catch (error) {
            expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
          }
        },
        end: () => {
          for (const name of names) fs.rmSync(name);
        },
      });
    });
  });

  it.runIf(canMount)('a disk that becomes read-only', async () => {
    await onDisk('size=4m', async (folder) => {
      await suffer(new Child('disk'), `${folder}/tree`, io, {
        code: 'EROFS',
        begin: () => void execFileSync('mount', ['-o', 'remount,ro', folder]),
        end: () => void execFileSync('mount', ['-o', 'remount,rw', folder]),
      });
    });
  });

  it.runIf(all || isRoot)('a tree that is taken from its user', async () => {
    const folder = temporaryFolder();
    fs.chmodSync(folder, 0o755);
    const cacheDir = `${folder}/tree`;
    fs.mkdirSync(cacheDir);
    fs.chownSync(cacheDir, 65534, 65534);
    await suffer(new Child('disk', { prefix: asNobody }), cacheDir, io, {
      code: 'EACCES',
      begin: () => void execFileSync('chown', ['-R', '0:0', cacheDir]),
      end: () => void execFileSync('chown', ['-R', '65534:65534', cacheDir]),
    });
  });
});

it.runIf(all || isRoot)('a user without rights serves the tree and stores nothing', async () => {
  const folder = temporaryFolder();
  fs.chmodSync(folder, 0o755);
  const cacheDir = `${folder}/tree`;
  const [root, nobody] = [new Child('disk'), new Child('disk', { prefix: asNobody })];
  await root.call('open', { cacheDir });
  expect(await root.call('store', page('/old'))).toBe('stored');
  await nobody.call('open', { cacheDir });
  expect(await nobody.call('look', page('/old'))).toBe(1);
  expect(await nobody.call('store', page('/new'))).toBe('read-only');
  expect(await nobody.call('look', page('/new'))).toBe('read-only');
  expect(await nobody.call('purge', { scope: { path: '/old' } })).toBe(
    'ERR_PAGETREE_PURGE_INCOMPLETE EACCES',
  );
  expect(await nobody.call('sweep')).toBe('EACCES');
  expect(await nobody.call('faults', { swept: false })).toEqual([]);
  expect(await root.call('look', page('/old'))).toBe(1);
});

it.runIf(all || isRoot)(
  'a user who may not even look into a tree is told that it is a matter of rights',
  async () => {
    const folder = temporaryFolder();
    fs.chmodSync(folder, 0o755);
    const cacheDir = `${folder}/tree`;
    const [root, nobody] = [new Child('disk'), new Child('disk', { prefix: asNobody })];
    await root.call('open', { cacheDir });
    fs.chmodSync(cacheDir, 0o700);
    await expect(nobody.call('open', { cacheDir })).rejects.toThrow(
      '.pagetree/tree.json cannot be read (EACCES)',
    );
  },
);

it('a process with 64 descriptors gives each of 200 visitors an outcome', async () => {
  const cacheDir = `${temporaryFolder()}/tree`;
  const child = new Child('disk', { prefix: ['bash', '-c', 'ulimit -n 64; exec "$0" "$@"'] });
  await child.call('open', { cacheDir });
  expect(await child.call('store', page('/old'))).toBe('stored');
  const outcomes = await child.call<string[]>('storeMany', { count: 200, size: SIZE });
  expect(outcomes).toHaveLength(200);
  const kinds = new Set(outcomes);
  expect(kinds).toContain('disk-error');
  expect(kinds).toContain('stored');
  for (const kind of kinds) expect(['stored', 'disk-error', 'paused']).toContain(kind);
  expect((await child.call<string[]>('errors')).join()).toContain('EMFILE');
  // All of them are given back: the page is there, and the next is stored.
  await child.call('advance', { milliseconds: 11_000 });
  expect(await child.call('look', page('/old'))).toBe(1);
  expect(await child.call('store', page('/next'))).toBe('stored');
  expect(await child.call('faults')).toEqual([]);
  await child.call('close');
  expect(fillsIn(cacheDir)).toEqual([]);
});

it('a process without a free descriptor says that it cannot purge or sweep, and can when it has some again', async () => {
  const cacheDir = `${temporaryFolder()}/tree`;
  const child = new Child('disk', { prefix: ['bash', '-c', 'ulimit -n 64; exec "$0" "$@"'] });
  await child.call('open', { cacheDir });
  expect(await child.call('store', page('/old'))).toBe('stored');
  expect(await child.call('hold', { count: 100 })).toBeGreaterThan(10);
  expect(await child.call('purge', { scope: { path: '/old' } })).toBe('ERR_PAGETREE_PURGE_INCOMPLETE EMFILE');
  expect(await child.call('purge', { scope: { glob: '/o*' } })).toBe('ERR_PAGETREE_PURGE_INCOMPLETE EMFILE');
  expect(await child.call('sweep')).toBe('EMFILE');
  await child.call('letGo');
  expect(await child.call('look', page('/old'))).toBe(1);
  expect(await child.call('purge', { scope: { path: '/old' } })).toBe(1);
  expect(await child.call('faults')).toEqual([]);
  await child.call('close');
  expect(fillsIn(cacheDir)).toEqual([]);
});
