/** A page without variants keeps its lock until it was looked at after its last rename. */
import fs from 'node:fs';
import { expect, test } from 'vitest';
import { directIo } from '../../src/store/direct-io.ts';
import type { Io } from '../../src/store/io.ts';
import { bodyAt, html, leftovers, newCache, store } from '../support/tree.ts';

test('a page that was put a moment ago is not moved into a folder before it was looked at', async () => {
  const { cache: other, root } = newCache();
  const below: unknown[] = [];
  const peek: Io['peek'] = async (path) => {
    if (below.length === 0 && path.endsWith('/meta/a.pagetree') && fs.existsSync(`${root}/a`)) {
      below.push('begins');
      below.push(await store(other, '/a/b', 'below'));
    }
    return directIo.peek(path);
  };
  const { cache } = newCache({ cacheDir: root }, { io: { ...directIo, peek } });
  expect(await store(cache, '/a', 'above', html())).toMatchObject({ kind: 'stored' });
  expect(below[1]).toMatchObject({ kind: 'refused', reason: 'busy' });
  expect(await store(other, '/a/b', 'below')).toMatchObject({ kind: 'stored' });
  expect([await bodyAt(cache, '/a'), await bodyAt(cache, '/a/b')]).toEqual(['above', 'below']);
  expect(leftovers(root)).toEqual([]);
});

test('a page in the way that moves into its folder between two looks is no link', async () => {
  const { cache: other, root } = newCache();
  await store(other, '/a', 'above');
  let looks = 0;
  const peek: Io['peek'] = async (path) => {
    if (path === `${root}/a`) looks += 1;
    // One of these looks asks what it is that the one before has found.
    if (path === `${root}/a` && looks === 2) await store(other, '/a/c', 'beside');
    return directIo.peek(path);
  };
  const { cache } = newCache({ cacheDir: root }, { io: { ...directIo, peek } });
  for (const at of [0, 1, 2, 3, 4]) {
    looks = -at;
    expect(await store(cache, `/a/b${at}`, 'below')).toMatchObject({ kind: 'stored' });
    await other.purge({ path: '/a', recursive: true });
    await store(other, '/a', 'above');
  }
  expect(leftovers(root)).toEqual([]);
});
