/** A tree behind a symbolic link: `cache-warm --publish` lets it lead to another tree by one rename. */
import fs from 'node:fs';
import { expect, test } from 'vitest';
import { createPageCache } from '../../src/create.ts';
import type { CacheEvent } from '../../src/events.ts';
import { directIo } from '../../src/store/direct-io.ts';
import { all, bodyAt, get, html, newCache, scratchFolder, store, watched } from '../support/tree.ts';

/** A link to tree 1 of three, the last of which is being made; the clock of the cache that opened it. */
async function releases(names: readonly string[] = ['1', '2', '3.building']) {
  const folder = scratchFolder();
  for (const name of names) {
    const { cache } = newCache({ cacheDir: `${folder}/cache.releases/${name}` });
    await store(cache, '/page', `<p>of ${name}`, html({ 'cache-tag': 'all' }));
    await cache.close();
  }
  const clock = { now: 0 };
  const cacheDir = `${folder}/cache`;
  const events: CacheEvent[] = [];
  const lead = (to: string): void => {
    fs.symlinkSync(to, `${cacheDir}.new`);
    fs.renameSync(`${cacheDir}.new`, cacheDir);
  };
  lead('cache.releases/1');
  const { cache } = newCache(
    { cacheDir, onEvent: (event) => events.push(event) },
    { monotonic: () => clock.now },
  );
  const bodyIn = (name: string): boolean => fs.existsSync(`${folder}/cache.releases/${name}/page`);
  return { folder, cache, clock, lead, events, bodyIn };
}

test('the tree that the link leads to is served a moment after it was switched, from memory too', async () => {
  const { cache, clock, lead, folder } = await releases();
  expect(await bodyAt(cache, '/page')).toBe('<p>of 1');
  lead('cache.releases/2');
  expect(await bodyAt(cache, '/page')).toBe('<p>of 1');
  clock.now += 250;
  expect(await bodyAt(cache, '/page')).toBe('<p>of 2');
  expect(cache.cacheDir).toBe(`${fs.realpathSync(folder)}/cache.releases/2`);
  lead('cache.releases/1');
  clock.now += 250;
  expect(cache.glance(get('/page?x'))).toMatchObject({ kind: 'bypass' });
  expect(await bodyAt(cache, '/page')).toBe('<p>of 1');
  await cache.close();
});

test('what was being stored for the tree before is stored nowhere', async () => {
  const { cache, clock, lead, folder } = await releases();
  const found = await cache.lookup(get('/new'));
  if (found.kind !== 'miss') throw new Error(found.kind);
  lead('cache.releases/2');
  clock.now += 250;
  expect(await bodyAt(cache, '/page')).toBe('<p>of 2');
  expect(found.ticket!.begin(html())).toBeUndefined();
  expect(await found.ticket!.outcome).toMatchObject({ reason: 'closed' });
  await cache.close();
  expect(fs.existsSync(`${folder}/cache.releases/1/new`)).toBe(false);
  expect(fs.existsSync(`${folder}/cache.releases/2/new`)).toBe(false);
});

test('a link that leads nowhere, or to what is no tree, leaves the tree before in place, and that is told', async () => {
  const { cache, clock, lead, folder, events } = await releases();
  for (const to of ['cache.releases/none', 'empty']) {
    fs.mkdirSync(`${folder}/empty`, { recursive: true });
    lead(to);
    clock.now += 250;
    expect(await bodyAt(cache, '/page')).toBe('<p>of 1');
  }
  expect(events.filter(({ type }) => type === 'error')).toMatchObject([{ during: 'open' }]);
  lead('cache.releases/2');
  clock.now += 250;
  expect(await bodyAt(cache, '/page')).toBe('<p>of 2');
  await cache.close();
});

test.each([
  ['a page', { path: '/page' }],
  ['a tag', { tag: 'all' }],
  ['everything', { all: true as const }],
])('a purge of %s reaches every tree that the link may lead to', async (_, scope) => {
  const { cache, lead, bodyIn } = await releases();
  lead('cache.releases/2');
  expect(await cache.purge(scope, { dryRun: true })).toMatchObject({ pages: 1 });
  expect(['1', '2', '3.building'].map(bodyIn)).toEqual([true, true, true]);
  // The link is read in any case, however lately it was.
  expect(await cache.purge(scope)).toMatchObject({ pages: 1 });
  expect(cache.cacheDir).toMatch(/releases\/2$/);
  expect(['1', '2', '3.building'].map(bodyIn)).toEqual([false, false, false]);
  await cache.close();
});

test('what is no tree beside it is left alone, and a purge goes on without it', async () => {
  const { cache, folder } = await releases(['1']);
  fs.mkdirSync(`${folder}/cache.releases/2.building`);
  fs.mkdirSync(`${folder}/cache.releases/4.removing/.pagetree`, { recursive: true });
  fs.writeFileSync(`${folder}/cache.releases/4.removing/page`, 'text');
  expect(await cache.purge('/page')).toMatchObject({ pages: 1 });
  expect(fs.existsSync(`${folder}/cache.releases/4.removing/page`)).toBe(true);
  expect(fs.readdirSync(`${folder}/cache.releases/2.building`)).toEqual([]);
  await cache.close();
});

test('a tree that becomes whole while it is purged, under another name, is purged under that', async () => {
  const { cache, folder, bodyIn } = await releases(['1', '2.building']);
  const from = `${folder}/cache.releases/2.building`;
  await cache.purge('/none');
  // The engine of this tree is open under the name that goes.
  fs.renameSync(from, `${folder}/cache.releases/2`);
  await cache.purge('/page');
  expect(['1', '2'].map(bodyIn)).toEqual([false, false]);
  expect(fs.existsSync(from)).toBe(false);
  await cache.close();
});

test('a tree beside it that cannot be purged makes the purge fail, after the live one lost the page', async () => {
  const { cache, folder, bodyIn } = await releases(['1', '2']);
  fs.writeFileSync(`${folder}/cache.releases/2/.pagetree/tree.json`, 'no manifest');
  await expect(cache.purge('/page')).rejects.toMatchObject({
    code: 'ERR_PAGETREE_PURGE_INCOMPLETE',
    message: expect.stringContaining('cache.releases/2'),
  });
  expect(['1', '2'].map(bodyIn)).toEqual([false, true]);
  await cache.close();
});

test.each([
  ['a page', { path: '/page' }],
  ['a glob', { glob: '/p*' }],
  ['everything', { all: true as const }],
])(
  'a purge of %s whose tree is replaced and removed at that moment purges the one in its place',
  async (_, scope) => {
    const { folder, lead, bodyIn } = await releases(['1', '2']);
    let isPublished = false;
    const io = watched(directIo, (call, [path]) => {
      const comesIn = call === 'mkdir' || call === 'create';
      if (isPublished || !comesIn || !String(path).includes('cache.releases/1/.pagetree/fills/')) return;
      isPublished = true;
      lead('cache.releases/2');
      fs.renameSync(`${folder}/cache.releases/1`, `${folder}/cache.releases/1.removing`);
    });
    const { cache } = newCache({ cacheDir: `${folder}/cache` }, { io });
    expect(await cache.purge(scope)).toMatchObject({ pages: 1 });
    expect([isPublished, bodyIn('2')]).toEqual([true, false]);
    await cache.close();
  },
);

test('who makes a tree purges in that tree alone', async () => {
  const { cache, folder, bodyIn } = await releases(['1', '2.building']);
  const { cache: making } = newCache({ cacheDir: `${folder}/cache.releases/2.building` });
  expect(await making.purge({ all: true })).toMatchObject({ pages: 1 });
  expect(['1', '2.building'].map(bodyIn)).toEqual([true, false]);
  await Promise.all([making.close(), cache.close()]);
});

test('a tree without a link is opened once, whatever its folder is called', async () => {
  const folder = scratchFolder();
  const cache = createPageCache({ cacheDir: `${folder}/a.releases/x`, variants: false, durability: 'none' });
  const other = newCache({ cacheDir: `${folder}/a.releases/y` }).cache;
  await store(other, '/page', 'text');
  await cache.purge({ all: true });
  expect(await all(other.list())).toHaveLength(1);
  await cache.close();
});
