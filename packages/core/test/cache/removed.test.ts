/** A tree that is removed by hand under a running site, or replaced: a purge by other means, after which the site fills it again. */
import fs from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import type { CacheEvent } from '../../src/events.ts';
import type { CacheOptions } from '../../src/options.ts';
import { bodyAt, newCache, scratchFolder, store } from '../support/tree.ts';

/** A cache with a page, and its clock. */
async function filled(options: Partial<CacheOptions> = {}) {
  const clock = { now: 0 };
  const events: CacheEvent[] = [];
  const cacheDir = `${scratchFolder()}/site/cache`;
  fs.mkdirSync(dirname(cacheDir));
  const { cache } = newCache(
    { cacheDir, onEvent: (event) => events.push(event), ...options },
    { monotonic: () => clock.now },
  );
  await store(cache, '/a', 'old');
  const errors = (): CacheEvent[] => events.filter(({ type }) => type === 'error');
  return { cache, cacheDir, clock, errors };
}

const removals: Record<string, (cacheDir: string) => void> = {
  'rm -rf cache': (cacheDir) => fs.rmSync(cacheDir, { recursive: true }),
  'rm -rf cache && mkdir cache': (cacheDir) => {
    fs.rmSync(cacheDir, { recursive: true });
    fs.mkdirSync(cacheDir);
  },
};

for (const [name, remove] of Object.entries(removals)) {
  test(`after ${name} a site stores pages again`, async () => {
    const { cache, cacheDir, clock, errors } = await filled();
    remove(cacheDir);
    clock.now += 10_000;
    expect(await bodyAt(cache, '/a')).toBeUndefined();
    await store(cache, '/a', 'new');
    expect(await bodyAt(cache, '/a')).toBe('new');
    expect(fs.readFileSync(`${cacheDir}/a`, 'utf8')).toBe('new');
    expect(errors()).toEqual([]);
    await cache.close();
  });

  test.each([
    { path: '/a' },
    { path: '/a', recursive: true },
    { glob: '/**' },
    { tag: 'x' },
    { olderThan: 0 },
    { all: true as const },
  ])(`after ${name} a purge of %j has nothing to do, and the site stores pages at once`, async (scope) => {
    const { cache, cacheDir } = await filled();
    remove(cacheDir);
    expect(await cache.purge(scope)).toMatchObject({ pages: 0 });
    await store(cache, '/a', 'new');
    expect(await bodyAt(cache, '/a')).toBe('new');
    await cache.close();
  });
}

test('a tree that somebody else has put in its place is taken for what it is, with its names and its token', async () => {
  const { cache, cacheDir, clock } = await filled();
  const { token } = cache;
  fs.rmSync(cacheDir, { recursive: true });
  const { cache: other } = newCache({ cacheDir, layout: 'html' });
  await store(other, '/a', 'new');
  clock.now += 250;
  expect(await bodyAt(cache, '/a')).toBe('new');
  expect([cache.manifest.layout, cache.token]).toEqual(['html', other.token]);
  expect(cache.token).not.toBe(token);
  await cache.purge('/a');
  expect(fs.existsSync(`${cacheDir}/a.html`)).toBe(false);
  await cache.close();
  await other.close();
});

test('of a tree that was stored in while it was removed nothing is served without its headers, and a purge says so', async () => {
  const { cache, cacheDir, clock, errors } = await filled();
  await store(cache, '/b/c', 'left');
  fs.rmSync(`${cacheDir}/.pagetree`, { recursive: true });
  fs.rmSync(`${cacheDir}/a`);
  clock.now += 250;
  expect(await bodyAt(cache, '/b/c')).toBeUndefined();
  clock.now += 10_000;
  expect(await bodyAt(cache, '/b/c')).toBeUndefined();
  expect(errors()).toMatchObject([{ error: { code: 'ERR_PAGETREE_NOT_A_TREE' } }]);
  await expect(cache.purge('/b/c')).rejects.toMatchObject({ code: 'ERR_PAGETREE_PURGE_INCOMPLETE' });
  await expect(cache.stats()).rejects.toMatchObject({ code: 'ERR_PAGETREE_NOT_A_TREE' });
  expect(fs.readFileSync(`${cacheDir}/b/c`, 'utf8')).toBe('left');
  fs.rmSync(cacheDir, { recursive: true });
  expect(await cache.purge('/b/c')).toMatchObject({ pages: 0 });
  await store(cache, '/a', 'new');
  expect(await bodyAt(cache, '/a')).toBe('new');
  await cache.close();
});

test('empty folders that are left of a tree are no obstacle', async () => {
  const { cache, cacheDir, clock, errors } = await filled();
  fs.rmSync(cacheDir, { recursive: true });
  fs.mkdirSync(`${cacheDir}/b/c`, { recursive: true });
  fs.mkdirSync(`${cacheDir}/lost+found`);
  clock.now += 10_000;
  await store(cache, '/a', 'new');
  expect(await bodyAt(cache, '/a')).toBe('new');
  expect([errors(), fs.existsSync(`${cacheDir}/b`)]).toEqual([[], false]);
  expect(fs.existsSync(`${cacheDir}/lost+found`)).toBe(true);
  await cache.close();
});

test('in a tree that somebody put in its place and that contradicts the options nothing is read, stored or purged', async () => {
  const { cache, cacheDir, clock, errors } = await filled({ pageFile: '__own.html' });
  const own = `${dirname(cacheDir)}/own`;
  fs.renameSync(cacheDir, own);
  const { cache: other } = newCache({ cacheDir, pageFile: '__other.html' });
  await store(other, '/a', 'foreign');
  clock.now += 250;
  expect(await bodyAt(cache, '/a')).toBeUndefined();
  const found = await cache.lookup({ method: 'GET', target: '/b', headers: {} });
  expect(found).toEqual({ kind: 'miss', key: '/b', ticket: undefined, reason: 'disk-error' });
  expect(await cache.lookup({ method: 'POST', target: '/b', headers: {} })).toMatchObject({ kind: 'bypass' });
  await expect(cache.purge('/a')).rejects.toMatchObject({ code: 'ERR_PAGETREE_PURGE_INCOMPLETE' });
  expect(errors()[0]).toMatchObject({ error: { code: 'ERR_PAGETREE_MANIFEST_MISMATCH' } });
  expect(await bodyAt(other, '/a')).toBe('foreign');
  fs.renameSync(cacheDir, `${cacheDir}-other`);
  fs.renameSync(own, cacheDir);
  clock.now += 250;
  expect(await bodyAt(cache, '/a')).toBe('old');
  await cache.close();
  await other.close();
});

test('a folder above that has become a file is a miss, and a purge that fails', async () => {
  const { cache, cacheDir, clock } = await filled();
  fs.renameSync(dirname(cacheDir), `${dirname(cacheDir)}-old`);
  fs.writeFileSync(dirname(cacheDir), '');
  clock.now += 250;
  expect(await bodyAt(cache, '/a')).toBeUndefined();
  await expect(cache.purge('/a')).rejects.toMatchObject({ code: 'ERR_PAGETREE_PURGE_INCOMPLETE' });
  await cache.close();
});

test('where the folder above is gone too nothing is made, until it is there again', async () => {
  const { cache, cacheDir, clock } = await filled();
  fs.rmSync(dirname(cacheDir), { recursive: true });
  clock.now += 10_000;
  expect(await bodyAt(cache, '/a')).toBeUndefined();
  await expect(cache.purge('/a')).rejects.toMatchObject({ code: 'ERR_PAGETREE_PURGE_INCOMPLETE' });
  expect(fs.existsSync(dirname(cacheDir))).toBe(false);
  fs.mkdirSync(dirname(cacheDir));
  clock.now += 10_000;
  expect(await bodyAt(cache, '/a')).toBeUndefined();
  await store(cache, '/a', 'new');
  expect(await bodyAt(cache, '/a')).toBe('new');
  await cache.close();
});

test('where pages stand and only what is inside .pagetree is gone, nothing is taken for a tree, and that is told', async () => {
  const { cache, cacheDir, clock, errors } = await filled();
  fs.rmSync(`${cacheDir}/.pagetree`, { recursive: true });
  for (const _ of [1, 2]) {
    clock.now += 5_000;
    await bodyAt(cache, '/a');
  }
  expect(errors()).toMatchObject([{ during: 'open', error: { code: 'ERR_PAGETREE_NOT_A_TREE' } }]);
  expect(fs.existsSync(`${cacheDir}/.pagetree`)).toBe(false);
  await cache.close();
});

test('a warmer goes on with no tree that was removed under it: what it stored before would be missing', async () => {
  const { cache, cacheDir, clock } = await filled({ by: 'warm' });
  fs.rmSync(cacheDir, { recursive: true });
  clock.now += 10_000;
  expect(await bodyAt(cache, '/a')).toBeUndefined();
  expect(fs.existsSync(cacheDir)).toBe(false);
  await cache.close();
});
