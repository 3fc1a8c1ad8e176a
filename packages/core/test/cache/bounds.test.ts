import fs from 'node:fs';
import { expect, test, vi } from 'vitest';
import type { ResponseHead } from '../../src/contracts.ts';
import type { PageCache } from '../../src/page-cache.ts';
import { directIo } from '../../src/store/direct-io.ts';
import { all, bodyAt, get, html, leftovers, newCache, store, watched } from '../support/tree.ts';

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

/** Waits until the clock of the file system has moved, so that what is stored next is stored later. */
function nextTick(root: string): void {
  const probe = `${root}/.pagetree/probe`;
  const touch = (): number => {
    fs.writeFileSync(probe, '');
    return fs.statSync(probe).ctimeMs;
  };
  const began = touch();
  while (touch() <= began);
  fs.rmSync(probe);
}

const keysOf = async (cache: PageCache): Promise<string[]> => (await all(cache.list())).map(({ key }) => key);

test('a full tree evicts what was stored longest ago, by pages or by bytes', async () => {
  for (const bound of [{ maxEntries: 10 }, { maxBytes: 1000 }]) {
    const { cache, root } = newCache({ ...bound, whenFull: 'evict' });
    for (let at = 0; at < 15; at += 1) {
      await store(cache, `/${at}`, 'x'.repeat(100));
      nextTick(root);
    }
    await cache.close();
    const keys = await keysOf(cache);
    expect(keys.length).toBeLessThanOrEqual(10);
    expect(keys.length).toBeGreaterThanOrEqual(9);
    expect(keys).toContain('/14');
    expect(keys).not.toContain('/0');
  }
});

test('a newcomer with an old Last-Modified is not taken for the oldest page', async () => {
  const { cache, root } = newCache({ maxEntries: 10, whenFull: 'evict' });
  const dated = (year: number): ResponseHead =>
    html({ 'last-modified': new Date(Date.UTC(year, 0, 1)).toUTCString() });
  for (let at = 0; at < 10; at += 1) await store(cache, `/${at}`, 'text', dated(2023));
  nextTick(root);
  await store(cache, '/new', 'text', dated(2001));
  await cache.close();
  expect(await keysOf(cache)).toContain('/new');
});

test('pages that were removed by hand leave room for as many, where the oldest go too', async () => {
  const { cache, root } = newCache({ maxEntries: 100, whenFull: 'evict' });
  for (let at = 0; at < 100; at += 1) await store(cache, `/a/${at}`, 'text');
  for (let at = 0; at < 95; at += 1) fs.rmSync(`${root}/a/${at}`);
  for (let at = 0; at < 60; at += 1) await store(cache, `/b/${at}`, 'text');
  await cache.close();
  expect(await keysOf(cache)).toHaveLength(65);
});

test('an eviction that cannot remove anything does not walk through the tree for each page that is stored', async () => {
  let [monotonic, walks, fails] = [0, 0, false];
  const io = watched(directIo, (call, [path]) => {
    if (call === 'entries' && path === root) walks += 1;
    if (fails && call === 'unlink' && /\/\d+$/.test(String(path)))
      throw Object.assign(new Error('EIO'), { code: 'EIO' });
  });
  const { cache, root } = newCache({ maxEntries: 10, whenFull: 'evict' }, { io, monotonic: () => monotonic });
  for (let at = 0; at < 10; at += 1) await store(cache, `/${at}`, 'text');
  fails = true;
  walks = 0;
  for (let second = 0; second < 50; second += 1) {
    monotonic += 1000;
    await store(cache, `/more-${second}`, 'text');
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(walks).toBeGreaterThan(0);
  expect(walks).toBeLessThanOrEqual(2);
  fails = false;
  await cache.close();
  expect((await keysOf(cache)).length).toBeLessThanOrEqual(10);
});

test('a hundred misses at a time fill a tree to its bound and no further, and each is told', async () => {
  for (const bound of [{ maxEntries: 10 }, { maxBytes: 1000 }]) {
    const { cache } = newCache(bound);
    const tickets = await Promise.all(
      Array.from({ length: 100 }, async (_, at) => {
        const found = await cache.lookup(get(`/${at}`));
        return found.kind === 'miss' ? found.ticket : undefined;
      }),
    );
    const fills = tickets.map((ticket) => ticket!.begin(html())!);
    for (const fill of fills) fill.write(Buffer.from('x'.repeat(100)));
    const outcomes = await Promise.all(fills.map((fill) => fill.commit()));
    const stored = outcomes.filter(({ kind }) => kind === 'stored');
    expect(stored).toHaveLength(10);
    for (const outcome of outcomes) if (outcome.kind === 'refused') expect(outcome.reason).toBe('tree-full');
    await cache.close();
    expect(await keysOf(cache)).toHaveLength(10);
  }
});

test('a page that is larger than all pages may be together is never stored, and a refresh not when it grows too much', async () => {
  for (const whenFull of ['refuse', 'evict'] as const) {
    const { cache, root } = newCache({ maxBytes: 1000, whenFull });
    await store(cache, '/small', 'x'.repeat(600));
    expect(await store(cache, '/big', 'x'.repeat(1_000_000))).toMatchObject({ reason: 'tree-full' });
    expect(await keysOf(cache)).toEqual(['/small']);
    if (whenFull === 'refuse') {
      await store(cache, '/other', 'x'.repeat(300));
      const refresh = (size: number): Promise<unknown> =>
        store(cache, '/small', 'y'.repeat(size), html(), { refresh: true });
      expect(await refresh(701)).toMatchObject({ reason: 'tree-full' });
      expect(await bodyAt(cache, '/small')).toBe('x'.repeat(600));
      expect(await refresh(700)).toMatchObject({ kind: 'stored' });
      expect(await refresh(10)).toMatchObject({ kind: 'stored' });
      expect(await store(cache, '/newcomer', 'x'.repeat(600))).toMatchObject({ kind: 'stored' });
    }
    expect(leftovers(root)).toEqual([]);
    await cache.close();
  }
});

test('a page that came to nothing gives its room back', async () => {
  const { cache } = newCache({ maxEntries: 1, hosts: ['example.org'] });
  const found = await cache.lookup({ ...get('/k'), headers: { host: 'example.org' } });
  const fill = found.kind === 'miss' ? found.ticket!.begin(html())! : undefined;
  fill!.write(Buffer.from('text'));
  const purge = cache.purge({ path: '/k' });
  await Promise.all([fill!.commit(), purge]);
  const again = await cache.lookup({ ...get('/other'), headers: { host: 'example.org' } });
  expect(again).toMatchObject({ kind: 'miss', reason: undefined });
  await cache.close();
});

test('what other processes stored counts, and a full tree is counted anew when files were removed by hand', async () => {
  let [monotonic, wall] = [0, 1_700_000_000_000];
  const pass = (ms: number): void => {
    monotonic += ms;
    wall += ms;
  };
  const clocks = { monotonic: () => monotonic, wall: () => wall };
  const first = newCache({ maxEntries: 4 }, clocks);
  const second = newCache({ maxEntries: 4, cacheDir: first.root }, clocks);
  for (let at = 0; at < 4; at += 1) {
    pass(2000);
    await store(at % 2 ? first.cache : second.cache, `/${at}`, 'text');
  }
  const full = { kind: 'miss', reason: 'tree-full' };
  expect(await first.cache.lookup(get('/new'))).toMatchObject(full);
  for (let at = 0; at < 4; at += 1) fs.rmSync(`${first.root}/${at}`);
  pass(30_000);
  expect(await first.cache.lookup(get('/new'))).toMatchObject(full);
  pass(31_000);
  expect(await first.cache.lookup(get('/new'))).toMatchObject(full);
  await vi.waitFor(async () =>
    expect(await store(first.cache, '/new', 'text')).toMatchObject({ kind: 'stored' }),
  );
  await first.cache.close();
  await second.cache.close();
});

test('what somebody else purged makes room a second later, also when that was a command without bounds', async () => {
  let monotonic = 0;
  const { cache, root } = newCache({ maxEntries: 2 }, { monotonic: () => monotonic });
  for (const key of ['/1', '/2']) await store(cache, key, 'text');
  const command = newCache({ cacheDir: root });
  await command.cache.purge({ path: '/1' });
  await command.cache.close();
  monotonic += 1000;
  await vi.waitFor(async () => expect(await store(cache, '/3', 'text')).toMatchObject({ kind: 'stored' }));
  await cache.close();
  expect(await keysOf(cache)).toHaveLength(2);
});

test('caches one after another keep to the bounds though none lives for a second', async () => {
  const { root } = newCache();
  for (const whenFull of ['refuse', 'evict'] as const) {
    for (let run = 0; run < 5; run += 1) {
      const { cache } = newCache({ cacheDir: root, maxEntries: 30, whenFull });
      for (let at = 0; at < 20; at += 1) await store(cache, `/${whenFull}-${run}-${at}`, 'text');
      await cache.close();
      const { length } = await keysOf(cache);
      expect(length).toBe(whenFull === 'refuse' ? Math.min(30, 20 * (run + 1)) : length);
      expect(length).toBeLessThanOrEqual(30);
    }
  }
});

test('a sweep forgets what processes noted that are gone, and counts the tree anew', async () => {
  const { cache, root } = newCache({ maxEntries: 2 });
  await store(cache, '/1', 'text');
  await cache.close();
  fs.rmSync(`${root}/1`);
  const sweeper = newCache({ cacheDir: root });
  await sweeper.cache.sweep();
  await sweeper.cache.close();
  expect(fs.readdirSync(`${root}/.pagetree/usage`)).toEqual(['counted']);
  expect(JSON.parse(fs.readFileSync(`${root}/.pagetree/usage/counted`, 'utf8'))).toMatchObject({ pages: 0 });
});

test('a tree without bounds is not counted, and has no notes', async () => {
  const { cache, root } = newCache();
  await store(cache, '/1', 'text');
  await cache.sweep();
  await cache.close();
  expect(fs.readdirSync(`${root}/.pagetree/usage`)).toEqual([]);
});
