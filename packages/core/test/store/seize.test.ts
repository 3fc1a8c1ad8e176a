/** The permissions of a purge of many pages. */
import fs from 'node:fs';
import { expect, test } from 'vitest';
import type { Permission } from '../../src/store/announce.ts';
import { directIo } from '../../src/store/direct-io.ts';
import { Fills } from '../../src/store/fills.ts';
import type { Io } from '../../src/store/io.ts';
import { thisOwner } from '../../src/store/owner.ts';
import { treePaths } from '../../src/store/tree.ts';
import { get, html, leftovers, newCache, openFiles, store } from '../support/tree.ts';

function fillsOf(root: string, io: Io = directIo): Fills {
  const rest = { fileMode: 0o644, dirMode: 0o755, fillTimeout: 60, folds: false };
  return new Fills({ tree: treePaths(root), io, owner: thisOwner(), ...rest });
}

test('of two purges of one page neither takes the lock of the other, and nobody stores the page before both are over', async () => {
  const { root } = newCache();
  const [purge, others] = [fillsOf(root), fillsOf(root)];
  const open = openFiles();
  const { permission: first } = await purge.seize('/a');
  const { permission: second, taken } = await others.seize('/a');
  expect(taken).toBe(0);
  expect([await purge.acquire('/a'), await others.acquire('/a')]).toEqual(['busy', 'busy']);
  await others.abandon(second!);
  expect([await purge.acquire('/a'), await others.acquire('/a')]).toEqual(['busy', 'busy']);
  await purge.abandon(first!);
  const newer = await others.acquire('/a');
  expect([await others.isBusy('/a'), await others.isBusy('/b')]).toEqual([true, false]);
  await others.abandon(newer as Permission);
  expect([purge.held, others.held, leftovers(root), openFiles() - open]).toEqual([0, 0, [], 0]);
});

test('a purge takes the fill of its page, and of no other', async () => {
  const { root } = newCache();
  const [purge, others] = [fillsOf(root), fillsOf(root)];
  const [mine, other] = [await others.acquire('/a'), await others.acquire('/b')] as Permission[];
  const { permission, taken } = await purge.seize('/a');
  expect([taken, fs.existsSync(mine!.body), fs.existsSync(other!.body)]).toEqual([1, false, true]);
  await purge.abandon(permission!);
  await others.abandon(mine!);
  await others.abandon(other!);
  expect(leftovers(root)).toEqual([]);
});

test('a purge of many pages removes all of them, and their folders', async () => {
  const { cache, root } = newCache();
  for (let at = 0; at < 150; at += 1)
    await store(cache, `/s/${at % 7}/${at}`, 'text', html({ 'cache-tag': 't' }));
  const found = await cache.lookup(get('/s/0/new'));
  expect(await cache.purge({ tag: 't' })).toMatchObject({ pages: 150, fills: 1 });
  expect(fs.existsSync(`${root}/s`)).toBe(false);
  if (found.kind === 'miss') found.ticket?.abandon('unfinished');
  expect(leftovers(root)).toEqual([]);
});

test('the lock of one page becomes that of the next, and the one before can be stored at once', async () => {
  const { root } = newCache();
  const [purge, others] = [fillsOf(root), fillsOf(root)];
  const open = openFiles();
  const { permission: first } = await purge.seize('/a');
  const filling = (await others.acquire('/b')) as Permission;
  const { permission: second, taken } = await purge.seize('/b', first);
  expect([taken, fs.existsSync(filling.body)]).toEqual([1, false]);
  await others.abandon(filling);
  expect([fs.existsSync(first!.body), await others.acquire('/b')]).toEqual([false, 'busy']);
  await others.abandon((await others.acquire('/a')) as Permission);
  await purge.abandon(second!);
  await others.abandon((await others.acquire('/b')) as Permission);
  expect([leftovers(root), openFiles() - open]).toEqual([[], 0]);
});

test('a lock that was taken for abandoned becomes none, and the next page has one of its own', async () => {
  const { root } = newCache();
  const [purge, others] = [fillsOf(root), fillsOf(root)];
  const open = openFiles();
  const { permission: first } = await purge.seize('/a');
  fs.unlinkSync(first!.body);
  const newer = (await others.acquire('/a')) as Permission;
  const { permission: second } = await purge.seize('/b', first);
  expect([fs.existsSync(newer.body), await others.acquire('/b')]).toEqual([true, 'busy']);
  await purge.abandon(second!);
  await others.abandon(newer);
  expect([leftovers(root), openFiles() - open]).toEqual([[], 0]);
});

test('a purge holds one lock for many pages, and none while it looks for more', async () => {
  const { cache: filler, root } = newCache();
  for (let at = 0; at < 150; at += 1) await store(filler, `/s/${at % 7}/${at}`, 'text', html());
  const locks = (): string[] => leftovers(root).filter((name) => name.endsWith('.lock'));
  const created: string[] = [];
  const seen: number[] = [];
  const io: Io = {
    ...directIo,
    create: (path, mode) => {
      if (path.endsWith('.lock')) created.push(path);
      return directIo.create(path, mode);
    },
    entries: (path) => {
      if (path.startsWith(`${root}/s`)) seen.push(locks().length);
      return directIo.entries(path);
    },
    unlink: (path) => {
      if (/\/s\/\d\/\d+$/.test(path)) expect(locks()).toHaveLength(1);
      return directIo.unlink(path);
    },
  };
  const { cache } = newCache({ cacheDir: root }, { io });
  expect(await cache.purge({ glob: '/s/**' })).toMatchObject({ pages: 150 });
  expect(created).toHaveLength(3);
  expect(seen.filter((count) => count > 0)).toEqual([]);
  expect(seen.length).toBeGreaterThan(7);
  expect(leftovers(root)).toEqual([]);
});
