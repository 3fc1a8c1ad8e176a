import fs from 'node:fs';
import { expect, test } from 'vitest';
import { all, get, html, newCache, store } from '../support/tree.ts';

test('a full tree refuses newcomers, and still refreshes what it has', async () => {
  const { cache, root } = newCache({ maxEntries: 3, whenFull: 'refuse' });
  await store(cache, '/0', 'text');
  for (let at = 1; at < 3; at += 1)
    expect(await store(cache, `/${at}`, 'text')).toMatchObject({ kind: 'stored' });
  expect(await cache.lookup(get('/3'))).toMatchObject({
    kind: 'miss',
    ticket: undefined,
    reason: 'tree-full',
  });
  expect(await store(cache, '/1', 'newer', html(), { refresh: true })).toMatchObject({ kind: 'stored' });
  expect(await cache.lookup(get('/3'), { refresh: true })).toMatchObject({ reason: 'tree-full' });
  await cache.purge({ path: '/2' });
  expect(await store(cache, '/3', 'text')).toMatchObject({ kind: 'stored' });
  await cache.close();
  expect(fs.readdirSync(`${root}/.pagetree/usage`).filter((name) => name.startsWith('new-'))).toEqual([]);
});

test('a full tree evicts the oldest, by pages or by bytes', async () => {
  for (const bound of [{ maxEntries: 10 }, { maxBytes: 1000 }]) {
    let now = 1_700_000_000_000;
    const { cache } = newCache({ ...bound, whenFull: 'evict' }, { wall: () => (now += 2000) });
    for (let at = 0; at < 15; at += 1) await store(cache, `/${at}`, 'x'.repeat(100));
    await cache.close();
    const keys = (await all(cache.list())).map(({ key }) => key);
    expect(keys.length).toBeLessThanOrEqual(10);
    expect(keys).toContain('/14');
    expect(keys).not.toContain('/0');
  }
});

test('what other processes stored counts, and a full tree is counted anew when files were removed by hand', async () => {
  let monotonic = 0;
  const first = newCache({ maxEntries: 4 }, { monotonic: () => monotonic });
  const second = newCache({ maxEntries: 4, cacheDir: first.root }, { monotonic: () => monotonic });
  for (let at = 0; at < 4; at += 1) {
    monotonic += 2000;
    await store(at % 2 ? first.cache : second.cache, `/${at}`, 'text');
  }
  monotonic += 2000;
  await first.cache.purge({ path: '/none' });
  await new Promise((resolve) => setImmediate(resolve));
  for (let at = 0; at < 4; at += 1) fs.rmSync(`${first.root}/${at}`, { force: true });
  monotonic += 61_000;
  await first.cache.lookup(get('/new'));
  await first.cache.close();
  await second.cache.close();
  expect(await all(first.cache.list())).toEqual([]);
});
