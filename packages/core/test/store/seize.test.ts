/** The permission of a purge of many pages goes from page to page. */
import fs from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { directIo } from '../../src/store/direct-io.ts';
import { Fills, type Permission } from '../../src/store/fills.ts';
import type { Io } from '../../src/store/io.ts';
import { thisOwner } from '../../src/store/owner.ts';
import { fillFolderOf, treePaths } from '../../src/store/tree.ts';
import { get, html, leftovers, newCache, openFiles, store } from '../support/tree.ts';

function fillsOf(root: string, io: Io = directIo): Fills {
  const rest = { fileMode: 0o644, dirMode: 0o755, fillTimeout: 60 };
  return new Fills({ tree: treePaths(root), io, owner: thisOwner(), ...rest });
}

async function seized(fills: Fills, key: string, from?: Permission): Promise<Permission> {
  const { permission } = await fills.seize(key, from);
  return permission!;
}

test('one permission is moved from key to key, and takes away what stands there', async () => {
  const { root } = newCache();
  const [purge, others] = [fillsOf(root), fillsOf(root)];
  const open = openFiles();
  const first = await seized(purge, '/a');
  const fill = await others.acquire('/b');
  expect(await others.acquire('/a')).toBe('busy');
  const moved = await purge.seize('/b', first);
  expect(moved.taken).toBe(1);
  expect(basename(moved.permission!.body)).toBe(basename(first.body));
  expect(fs.existsSync(moved.permission!.body)).toBe(true);
  expect([purge.held, await others.isBusy('/a'), await others.isBusy('/b')]).toEqual([1, false, true]);
  const again = await others.acquire('/a');
  for (const one of [fill, again]) if (one !== 'busy') await others.abandon(one);
  await purge.abandon(moved.permission!);
  expect([purge.held, leftovers(root), openFiles() - open]).toEqual([0, [], 0]);
});

test('a permission that somebody took away is made anew', async () => {
  const { root } = newCache();
  const [purge, others] = [fillsOf(root), fillsOf(root)];
  const open = openFiles();
  for (const leaveFolder of [true, false]) {
    const first = await seized(purge, '/a');
    expect(await others.take(first.folder)).toBe(true);
    if (!leaveFolder) fs.rmdirSync(first.folder);
    const next = await seized(purge, '/b', first);
    expect(basename(next.body)).not.toBe(basename(first.body));
    expect(fs.readdirSync(fillFolderOf(treePaths(root), '/b'))).toEqual([basename(next.body)]);
    await purge.abandon(next);
  }
  expect([purge.held, leftovers(root), openFiles() - open]).toEqual([0, [], 0]);
});

test('what a fill without a permission put into the folder before it moved does not lock another page', async () => {
  const { root } = newCache();
  const purge = fillsOf(root);
  const first = await seized(purge, '/a');
  fs.writeFileSync(`${first.folder}/stray.meta`, 'of a fill of /a');
  const next = await seized(purge, '/b', first);
  await purge.abandon(next);
  expect(leftovers(root)).toEqual([]);
});

test('a move that fails gives the permission back, and the error says why', async () => {
  const { root } = newCache();
  let broken = false;
  const rename = (from: string, to: string): void => {
    if (broken) throw Object.assign(new Error('EIO'), { code: 'EIO' });
    fs.renameSync(from, to);
  };
  const open = openFiles();
  const purge = fillsOf(root, { ...directIo, rename });
  const first = await seized(purge, '/a');
  broken = true;
  await expect(purge.seize('/b', first)).rejects.toThrow('EIO');
  expect([purge.held, leftovers(root), openFiles() - open]).toEqual([0, [], 0]);
});

test('a purge of more pages than one permission is for removes all of them, and their folders', async () => {
  const { cache, root } = newCache();
  for (let at = 0; at < 150; at += 1)
    await store(cache, `/s/${at % 7}/${at}`, 'text', html({ 'cache-tag': 't' }));
  const found = await cache.lookup(get('/s/0/new'));
  expect(await cache.purge({ tag: 't' })).toMatchObject({ pages: 150, fills: 1 });
  expect(fs.existsSync(`${root}/s`)).toBe(false);
  if (found.kind === 'miss') found.ticket?.abandon('unfinished');
  expect(leftovers(root)).toEqual([]);
});
