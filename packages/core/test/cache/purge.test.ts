import fs from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PagetreeError } from '../../src/errors.ts';
import type { CacheOptions } from '../../src/options.ts';
import type { PageCache } from '../../src/page-cache.ts';
import type { PurgeScope } from '../../src/purge-steps.ts';
import type { PurgedPage } from '../../src/store/purge-pages.ts';
import { all, bodyAt, filesIn, get, html, leftovers, newCache, pagesIn, store } from '../support/tree.ts';

const targets = ['/', '/a', '/a/', '/a/b', '/a/b/c', '/ab', '/b.css', '/c/d', '/c/%C3%A9'];
const css = { status: 200, headers: { 'content-type': 'text/css; charset=utf-8' } };

/** In a strict tree pages with a header of their own are private. */
async function fillAll(cache: PageCache, isPrivate: (index: number) => boolean = () => false): Promise<void> {
  for (const [index, target] of targets.entries()) {
    const head = target.endsWith('.css') ? css : html({ 'cache-tag': target.length > 3 ? 'long' : 'short' });
    const own = isPrivate(index) ? { 'content-language': 'en' } : {};
    const headers = { ...head.headers, ...own };
    const outcome = await store(cache, target, `${target} `.repeat(400), { ...head, headers });
    expect(outcome).toMatchObject({ kind: 'stored', ...(isPrivate(index) && { isPrivate: true }) });
  }
}

const keysOf = async (cache: PageCache): Promise<string[]> =>
  (await all(cache.list())).map(({ key }) => key).sort();

const scopes: [PurgeScope, readonly string[]][] = [
  [{ path: '/a' }, ['/a']],
  [{ path: '/a/' }, ['/a/']],
  [{ path: '/c/é' }, ['/c/%C3%A9']],
  [{ path: '/none' }, []],
  [{ path: '/a', recursive: true }, ['/a', '/a/', '/a/b', '/a/b/c']],
  [{ path: '/a/', recursive: true }, ['/a/', '/a/b', '/a/b/c']],
  [{ path: '/ab', recursive: true }, ['/ab']],
  [{ path: '/', recursive: true }, targets],
  [{ path: '/' }, ['/']],
  [{ glob: '/a' }, ['/a']],
  [{ glob: '/a*' }, ['/a', '/ab']],
  [{ glob: '/a/**' }, ['/a/', '/a/b', '/a/b/c']],
  [{ glob: '/*/b' }, ['/a/b']],
  [{ glob: '/**' }, targets],
  [{ tag: 'long' }, ['/a/b', '/a/b/c', '/c/d', '/c/%C3%A9']],
  [{ tag: 'none' }, []],
  [{ olderThan: 0 }, targets],
  [{ olderThan: 1000 }, []],
  [{ all: true }, targets],
];

const trees: [name: string, options: Partial<CacheOptions>, isPrivate?: (index: number) => boolean][] = [
  ['mirror', {}],
  ['html', { layout: 'html' }],
  ['mirror, all pages private', { fidelity: 'strict' }, () => true],
  ['html, all pages private', { layout: 'html', fidelity: 'strict' }, () => true],
  ['mirror, some pages private', { fidelity: 'strict' }, (index) => index % 2 === 0],
];

for (const [name, options, isPrivate] of trees) {
  test.each(scopes)(
    `${name}: purge %j removes what it names and nothing else, and a dry run says the same before`,
    async (scope, gone) => {
      const { cache, root, events } = newCache({ ...options, variants: ['gzip'] });
      await fillAll(cache, isPrivate);
      const before = await keysOf(cache);
      expect(before).toEqual([...targets].sort());
      const [seen, told]: [PurgedPage[], PurgedPage[]] = [[], []];
      const dry = await cache.purge(scope, { dryRun: true, onPage: (page) => seen.push(page) });
      expect(await keysOf(cache)).toEqual(before);
      const real = await cache.purge(scope, { onPage: (page) => told.push(page) });
      const byPlace = (a: PurgedPage, b: PurgedPage): number => (a.place < b.place ? -1 : 1);
      expect(told.sort(byPlace)).toEqual(seen.sort(byPlace));
      expect(told.map(({ key }) => key).sort()).toEqual([...gone].sort());
      expect([dry.pages, dry.bytes]).toEqual([real.pages, real.bytes]);
      expect(await keysOf(cache)).toEqual(before.filter((key) => !gone.includes(key)));
      for (const key of gone) expect(await bodyAt(cache, key), key).toBeUndefined();
      expect(leftovers(root)).toEqual([]);
      expect(await all(cache.verify())).toEqual([]);
      expect(events.filter(({ type }) => type === 'purged')).toHaveLength(1);
      for (const folder of pagesIn(root).filter((path) => path.endsWith('/')))
        expect(fs.readdirSync(`${root}/${folder}`), folder).not.toEqual([]);
    },
  );
}

/** What is not below `/a/` is the page of `/a`, which some layouts keep in the folder; other layouts have other pages of such names. */
const kept: [
  name: string,
  options: Partial<CacheOptions>,
  fill: readonly string[],
  stay: readonly string[],
][] = [
  ['html', { layout: 'html' }, ['/a', '/a/', '/a/__page', '/a/.page.html'], ['/a']],
  ['index, never', { layout: 'index', trailingSlash: 'never' }, ['/a', '/a/b', '/a/index'], ['/a']],
  ['index, always', { layout: 'index' }, ['/a/', '/a/b/'], []],
  ['mirror', {}, ['/a', '/a/', '/a/b', '/a/index.html'], ['/a']],
];
for (const [name, options, fill, stay] of kept) {
  test.each([false, true])(
    `${name}: a recursive purge of /a/ leaves the page of /a, wherever it is (private: %s)`,
    async (isPrivate) => {
      const { cache, root } = newCache({ ...options, variants: ['gzip'], fidelity: 'strict' });
      const head = html(isPrivate ? { 'content-language': 'en' } : {});
      for (const target of fill) await store(cache, target, `${target} `.repeat(400), head);
      const before = await keysOf(cache);
      const dry = await cache.purge({ path: '/a/', recursive: true }, { dryRun: true });
      const real = await cache.purge({ path: '/a/', recursive: true });
      expect(await keysOf(cache)).toEqual([...stay]);
      expect([dry.pages, real.pages]).toEqual([before.length - stay.length, before.length - stay.length]);
      for (const target of stay) expect(await bodyAt(cache, target)).toBe(`${target} `.repeat(400));
      expect(leftovers(root)).toEqual([]);
      expect(await all(cache.verify())).toEqual([]);
    },
  );
}

test('a purge of a random scope does what its dry run says', async () => {
  const scope: fc.Arbitrary<PurgeScope> = fc.oneof(
    fc.record({ path: fc.constantFrom(...targets), recursive: fc.boolean() }),
    fc.record({ glob: fc.constantFrom('/*', '/?', '/a/*', '/**/b', '/{a,c}/**', '/[a-b]*', '/c/d') }),
    fc.record({ tag: fc.constantFrom('long', 'short') }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(scope, { minLength: 1, maxLength: 3 }), async (list) => {
      const { cache, root } = newCache();
      await fillAll(cache);
      for (const one of list) {
        const dry = await cache.purge(one, { dryRun: true });
        const { fills: _, ...real } = await cache.purge(one);
        expect({ pages: dry.pages, bytes: dry.bytes }, JSON.stringify(one)).toEqual(real);
      }
      expect(leftovers(root)).toEqual([]);
      fs.rmSync(root, { recursive: true });
    }),
    { numRuns: 40 },
  );
});

test('a scope that names no page is an error before anything is removed', async () => {
  const { cache } = newCache();
  for (const path of ['about', '/a?b', '/../x', '', '/x.gz'])
    await expect(cache.purge({ path }), path).rejects.toMatchObject({ code: 'ERR_PAGETREE_PATH' });
  await expect(cache.purge({ path: '/.hidden/x', recursive: true })).rejects.toBeInstanceOf(PagetreeError);
});

test.each([
  [{ path: '/about', all: false }, 'all: expected true'],
  [{ glob: '/a/*', all: true }, 'expected exactly one of path, glob, tag, olderThan, all'],
  [{ olderThan: undefined }, 'expected exactly one of path, glob, tag, olderThan, all'],
  [{ olderThan: '1h' }, 'olderThan: expected seconds from 0'],
  [{ olderThan: Number.NaN }, 'olderThan: expected seconds from 0'],
  [{ path: '/about', recursiv: true }, '"recursiv": unknown name'],
  [undefined, 'expected an object'],
  [null, 'expected an object'],
])('what no compiler has checked removes nothing: %j', async (scope, fault) => {
  const { cache } = newCache();
  await store(cache, '/about', 'text');
  await expect(cache.purge(scope as unknown as PurgeScope)).rejects.toMatchObject({
    code: 'ERR_PAGETREE_OPTION',
    message: `purge: ${fault}.`,
  });
  expect(await keysOf(cache)).toEqual(['/about']);
});

test('a word of a scope that is undefined says nothing', async () => {
  const { cache } = newCache();
  for (const target of ['/a', '/b']) await store(cache, target, 'text');
  await cache.purge({ path: '/a', recursive: undefined, all: undefined } as unknown as PurgeScope);
  expect(await keysOf(cache)).toEqual(['/b']);
  await cache.purge({ path: undefined, all: true } as unknown as PurgeScope);
  expect(await keysOf(cache)).toEqual([]);
});

test('older than: by when a page was stored, and by its time where nobody knows', async () => {
  let now = Date.now();
  const { cache, root } = newCache({}, { wall: () => now });
  await store(cache, '/old', 'text');
  now += 100_000;
  await store(cache, '/new', 'text', html({ 'last-modified': new Date(0).toUTCString() }));
  fs.writeFileSync(`${root}/hand`, 'text');
  fs.utimesSync(`${root}/hand`, 1000, 1000);
  await cache.purge({ olderThan: 50 });
  expect(await keysOf(cache)).toEqual(['/new']);
});

test('a tag that no page can have is a mistake, and nothing is purged by it', async () => {
  const { cache } = newCache();
  await store(cache, '/a', 'text', html({ 'cache-tag': 'post 42' }));
  await expect(cache.purgeTag('post 42')).rejects.toMatchObject({
    code: 'ERR_PAGETREE_PATH',
    message: 'tag: "post 42" is not one tag: it has a blank or a comma in it.',
    hint: expect.stringContaining('Name one tag at a time'),
  });
  await expect(cache.purge({ tag: '' }, { dryRun: true })).rejects.toMatchObject({
    code: 'ERR_PAGETREE_OPTION',
    message: 'purge: tag: expected a tag.',
  });
  expect(await cache.purgeTag('42')).toMatchObject({ pages: 1 });
});

test('older than: by when the application was asked, however long it took', async () => {
  const began = Date.now();
  let now = began;
  const { cache } = newCache({}, { wall: () => now });
  const found = await cache.lookup(get('/slow'));
  if (found.kind !== 'miss') throw new Error(found.kind);
  now += 100_000;
  const fill = found.ticket!.begin(html())!;
  fill.write(Buffer.from('text'));
  expect(await fill.commit()).toMatchObject({ kind: 'stored' });
  expect((await cache.why('/slow')).stored?.at).toBe(began);
  expect(await cache.purge({ olderThan: 50 })).toMatchObject({ pages: 1 });
});

test('a page that lost the tag stays, one that is stored again has it, and a list names no page twice', async () => {
  const { cache, root } = newCache();
  for (const target of ['/a', '/b', '/c'])
    await store(cache, target, 'text', html({ 'surrogate-key': 'news sport' }));
  await store(cache, '/a', 'text', html(), { refresh: true });
  await store(cache, '/b', 'text', html({ 'cache-tag': 'news' }), { refresh: true });
  fs.rmSync(`${root}/.pagetree/meta/c.pagetree`);
  expect(await cache.purge({ tag: 'sport' })).toMatchObject({ pages: 1 });
  expect(await keysOf(cache)).toEqual(['/a', '/b']);
  expect(await cache.purge({ tag: 'news' })).toMatchObject({ pages: 1 });
  expect(await keysOf(cache)).toEqual(['/a']);
});

test('the list that a killed purge of a tag had taken is purged by the next one', async () => {
  const { cache, root } = newCache();
  await store(cache, '/a', 'text', html({ 'cache-tag': 'news' }));
  const [list] = fs.readdirSync(`${root}/.pagetree/tags`);
  fs.renameSync(
    `${root}/.pagetree/tags/${list}`,
    `${root}/.pagetree/tags/${list!.replace('.list', '.abcdef')}`,
  );
  expect(await cache.purge({ tag: 'news' })).toMatchObject({ pages: 1 });
  expect(fs.readdirSync(`${root}/.pagetree/tags`)).toEqual([]);
});

test('a list of a hundred thousand keys is read in pieces, and the folder of lists may be gone', async () => {
  const { cache, root } = newCache();
  await store(cache, '/a', 'text', html({ 'cache-tag': 'news' }));
  const [list] = fs.readdirSync(`${root}/.pagetree/tags`);
  fs.appendFileSync(
    `${root}/.pagetree/tags/${list}`,
    Array.from({ length: 20_000 }, (_, at) => `/none/${at}\n`).join(''),
  );
  await store(cache, '/z', 'text', html({ 'cache-tag': 'news' }));
  expect(await cache.purge({ tag: 'news' })).toMatchObject({ pages: 2 });
  fs.rmSync(`${root}/.pagetree/tags`, { recursive: true });
  expect(await cache.purge({ tag: 'news' })).toMatchObject({ pages: 0 });
  expect(await store(cache, '/a', 'text', html({ 'cache-tag': 'news' }))).toMatchObject({ kind: 'stored' });
});

for (const scope of [
  { path: '/k' },
  { path: '/k', recursive: true },
  { glob: '/k' },
  { tag: 't' },
  { all: true },
  { olderThan: 0 },
] as PurgeScope[]) {
  test(`a response whose render began before is not stored after purge ${JSON.stringify(scope)}, by no process`, async () => {
    const { cache, root } = newCache();
    const found = await cache.lookup(get('/k'));
    if (found.kind !== 'miss') throw new Error(found.kind);
    const fill = found.ticket!.begin(html({ 'cache-tag': 't' }))!;
    fill.write(Buffer.from('from before'));
    const other = newCache({ cacheDir: root }).cache;
    expect((await other.purge(scope)).fills).toBe(1);
    expect(await fill.commit()).toMatchObject({ kind: 'refused', reason: 'fenced' });
    expect(await bodyAt(cache, '/k')).toBeUndefined();
    expect(leftovers(root)).toEqual([]);
  });
}

test('a purge of a key whose name is too long for a fill to show takes that fill too', async () => {
  const { cache } = newCache();
  const key = `/${'long/'.repeat(50)}end`;
  const found = await cache.lookup(get(key));
  if (found.kind !== 'miss') throw new Error(found.kind);
  const fill = found.ticket!.begin(html())!;
  fill.write(Buffer.from('from before'));
  expect((await cache.purge({ glob: '/long/**' })).fills).toBe(1);
  expect(await fill.commit()).toMatchObject({ reason: 'fenced' });
});

test('what is beside the pages of a purged folder stays: the page of the folder itself, the tree’s own files', async () => {
  const { cache, root } = newCache({ variants: ['gzip'] });
  await fillAll(cache);
  await cache.purge({ path: '/a/', recursive: true });
  expect(pagesIn(root).filter((path) => path.startsWith('a/'))).toEqual([
    'a/',
    'a/__page.html',
    'a/__page.html.gz',
  ]);
  await cache.purge({ all: true });
  expect(filesIn(root).filter((path) => !path.startsWith('.pagetree/'))).toEqual(['CACHEDIR.TAG']);
});
