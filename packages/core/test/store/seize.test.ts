/** The permissions of a purge of many pages. */
import fs from 'node:fs';
import { expect, test } from 'vitest';
import { directIo } from '../../src/store/direct-io.ts';
import { Fills, type Permission } from '../../src/store/fills.ts';
import type { Io } from '../../src/store/io.ts';
import { thisOwner } from '../../src/store/owner.ts';
import { treePaths } from '../../src/store/tree.ts';
import { get, html, leftovers, newCache, openFiles, store } from '../support/tree.ts';

function fillsOf(root: string, io: Io = directIo): Fills {
  const rest = { fileMode: 0o644, dirMode: 0o755, fillTimeout: 60 };
  return new Fills({ tree: treePaths(root), io, owner: thisOwner(), ...rest });
}

test('a purge that lost its permission to another one carries nobody off who stores the page by now', async () => {
  const { root } = newCache();
  const [purge, others] = [fillsOf(root), fillsOf(root)];
  const open = openFiles();
  const { permission: first } = await purge.seize('/a');
  expect(await others.take(first!.folder)).toBe(true);
  const newer = await others.acquire('/a');
  await purge.abandon(first!);
  const { permission: next } = await purge.seize('/b');
  expect([await others.isBusy('/a'), await others.isBusy('/b')]).toEqual([true, true]);
  expect(fs.existsSync((newer as Permission).body)).toBe(true);
  await purge.abandon(next!);
  expect([await others.isBusy('/a'), await others.isBusy('/b')]).toEqual([true, false]);
  await others.abandon(newer as Permission);
  expect([purge.held, leftovers(root), openFiles() - open]).toEqual([0, [], 0]);
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
