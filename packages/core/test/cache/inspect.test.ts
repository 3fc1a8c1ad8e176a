import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { expect, test } from 'vitest';
import type { Ticket } from '../../src/contracts.ts';
import { directIo } from '../../src/store/direct-io.ts';
import type { Facts, Io } from '../../src/store/io.ts';
import { aged, all, get, html, leftovers, newCache, pagesIn, store } from '../support/tree.ts';

const text = '<p>text</p>'.repeat(300);
const css = { status: 200, headers: { 'content-type': 'text/css; charset=utf-8' } };

test('list and stats tell of pages, and not of what is beside them', async () => {
  const { cache, root } = newCache({ variants: ['gzip'] });
  await store(cache, '/a/b', text);
  await store(cache, '/a/', text);
  await store(cache, '/c.css', 'p {}', css);
  fs.writeFileSync(`${root}/empty`, '');
  fs.writeFileSync(`${root}/.hidden`, 'text');
  fs.symlinkSync('c.css', `${root}/link`);
  const pages = await all(cache.list());
  expect(pages.map(({ key, place, bytes }) => [key, place, bytes]).sort()).toEqual([
    ['/a/', 'a/__index.html', text.length],
    ['/a/b', 'a/b', text.length],
    ['/c.css', 'c.css', 4],
  ]);
  const stats = await cache.stats();
  expect(stats).toMatchObject({
    pages: 3,
    bytes: text.length * 2 + 4,
    variants: 2,
    folders: 1,
    others: 3,
    types: { 'text/html': { pages: 2, bytes: text.length * 2 }, 'text/css': { pages: 1, bytes: 4 } },
  });
  const times = pages.map(({ mtimeMs }) => mtimeMs);
  expect([stats.oldest, stats.newest]).toEqual([Math.min(...times), Math.max(...times)]);
  expect(await newCache().cache.stats()).toMatchObject({ pages: 0, oldest: undefined, newest: undefined });
});

test('why explains what is stored, what would be, and what never is', async () => {
  const { cache, root } = newCache({ variants: ['gzip'], excludePaths: ['/private'] });
  await store(
    cache,
    '/a',
    text,
    html({ 'cache-tag': 'news', 'content-language': 'en', 'cache-control': 'max-age=5' }),
  );
  expect(await cache.why('/a')).toMatchObject({
    key: '/a',
    place: 'a',
    contentType: 'text/html; charset=utf-8',
    cacheControl: 'max-age=5',
    bypass: undefined,
    stored: {
      bytes: text.length,
      by: 'middleware',
      tags: ['news'],
      headers: [['content-language', 'en']],
      variants: [{ coding: 'gzip' }],
    },
  });
  expect(await cache.why('/none')).toMatchObject({
    place: 'none',
    cacheControl: undefined,
    stored: undefined,
  });
  expect(await cache.why('/a?b')).toMatchObject({
    key: undefined,
    place: undefined,
    bypass: 'query',
    stored: undefined,
  });
  expect(await cache.why('/private/x')).toMatchObject({ bypass: 'excluded-path' });
  expect(await cache.why(get('/a', { authorization: 'x' }))).toMatchObject({
    bypass: 'authorization',
    stored: { bytes: text.length },
  });
  fs.writeFileSync(`${root}/hand`, 'text');
  expect(await cache.why('/hand')).toMatchObject({
    cacheControl: 'no-cache',
    stored: { at: undefined, by: undefined, headers: [], tags: [] },
  });
});

test('verify names variants that were made and are gone when it is asked for losses, and none of a page that is being stored', async () => {
  const { cache, root } = newCache({ variants: ['gzip', 'br'] });
  const words = 'words '.repeat(400);
  await store(cache, '/a', words);
  await store(cache, '/feed', words, html({ 'content-type': 'application/rss+xml' }));
  await store(cache, '/plain', 'x');
  const losses = { losses: true };
  expect(await all(cache.verify(losses))).toEqual([]);
  const hidden = '.pagetree/private/pages/feed/.page.br';
  for (const path of ['a.gz', hidden]) fs.rmSync(`${root}/${path}`);
  expect(await all(cache.verify())).toEqual([]);
  const ofA = { fault: 'lost-variant', path: 'a.gz', key: '/a' };
  const ofFeed = { fault: 'lost-variant', path: hidden, key: '/feed' };
  expect(await all(cache.verify(losses))).toEqual([ofA, ofFeed]);
  const { ticket } = (await cache.lookup(get('/a'), { refresh: true })) as { ticket: Ticket };
  expect(await all(cache.verify(losses))).toEqual([ofFeed]);
  ticket.abandon('unfinished');
  await ticket.outcome;
  expect(await all(cache.verify(losses))).toEqual([ofA, ofFeed]);
  await store(cache, '/a', words, html(), { refresh: true });
  expect(await all(cache.verify(losses))).toEqual([ofFeed]);
});

test('verify names no variant of a page that is purged while it looks: a purge may have overtaken its fill', async () => {
  const { cache, root } = newCache({ variants: ['gzip', 'br'] });
  const words = 'words '.repeat(400);
  for (const path of ['/a', '/b']) await store(cache, path, words);
  for (const name of ['a.gz', 'a.br', 'b.br']) fs.rmSync(`${root}/${name}`);
  // Meta is looked at when all pages have been.
  fs.writeFileSync(`${root}/.pagetree/meta/stray`, '');
  const findings = cache.verify({ losses: true });
  expect((await findings.next()).value).toMatchObject({ path: '.pagetree/meta/stray' });
  await cache.purge('/a');
  expect(await all(findings)).toEqual([{ fault: 'lost-variant', path: 'b.br', key: '/b' }]);
});

test('why names the variants that were made and are gone', async () => {
  const { cache, root } = newCache({ variants: ['gzip', 'br'] });
  await store(cache, '/a', text);
  expect((await cache.why('/a')).stored?.missing).toEqual([]);
  fs.unlinkSync(`${root}/a.gz`);
  expect((await cache.why('/a')).stored).toMatchObject({ missing: ['gzip'], variants: [{ coding: 'br' }] });
  await cache.close();
});

test('why names no variant of another version, which a lookup does not serve either', async () => {
  const { cache, root } = newCache({ variants: ['gzip', 'br'] });
  await store(cache, '/a', text);
  fs.utimesSync(`${root}/a.gz`, 1000, 1000);
  const found = await cache.lookup(get('/a'));
  if (found.kind !== 'hit') throw new Error('expected a hit');
  expect(await found.page.body('gzip')).toBeUndefined();
  expect((await found.page.body('br'))?.coding).toBe('br');
  await found.page.close();
  expect((await cache.why('/a')).stored?.variants.map(({ coding }) => coding)).toEqual(['br']);
  await cache.close();
});

/** Each kind of damage: how it comes about, and what verify says of it. */
const damage: [fault: string, path: string, spoil: (root: string) => void, swept: Record<string, number>][] =
  [
    ['empty-page', 'zero', (root) => fs.writeFileSync(`${root}/zero`, ''), { empty: 1 }],
    ['wrong-mode', 'a', (root) => fs.chmodSync(`${root}/a`, 0o600), {}],
    ['wrong-mode', 'a', (root) => fs.chmodSync(`${root}/a`, 0o666), {}],
    ['wrong-mode', 'a.gz', (root) => fs.chmodSync(`${root}/a.gz`, 0o646), {}],
    ['wrong-mode', 'd', (root) => fs.chmodSync(`${root}/d`, 0o700), {}],
    ['wrong-mode', 'd', (root) => fs.chmodSync(`${root}/d`, 0o777), {}],
    [
      'wrong-mode',
      '.pagetree/meta/a.pagetree',
      (root) => fs.chmodSync(`${root}/.pagetree/meta/a.pagetree`, 0o666),
      {},
    ],
    ['unmapped-name', '.pagetree/odd', (root) => fs.writeFileSync(`${root}/.pagetree/odd`, 'x'), {}],
    ['unmapped-name', '.pagetree/private/odd', (root) => fs.mkdirSync(`${root}/.pagetree/private/odd`), {}],
    ['orphan-variant', 'b.gz', (root) => fs.writeFileSync(`${root}/b.gz`, 'x'), { variants: 1 }],
    ['stale-variant', 'a.gz', (root) => fs.utimesSync(`${root}/a.gz`, 1000, 1000), { variants: 1 }],
    [
      'orphan-meta',
      '.pagetree/meta/d/b.pagetree',
      (root) => {
        fs.mkdirSync(`${root}/.pagetree/meta/d`, { recursive: true });
        fs.copyFileSync(`${root}/.pagetree/meta/a.pagetree`, `${root}/.pagetree/meta/d/b.pagetree`);
      },
      { metas: 1 },
    ],
    [
      'misfit-meta',
      '.pagetree/meta/a.pagetree',
      (root) => fs.writeFileSync(`${root}/.pagetree/meta/a.pagetree`, 'x'),
      { metas: 1 },
    ],
    ['link', 'link', (root) => fs.symlinkSync('a', `${root}/link`), {}],
    ['special', 'pipe', (root) => void execFileSync('mkfifo', [`${root}/pipe`]), {}],
    ['unmapped-name', 'site.tar.gz', (root) => fs.writeFileSync(`${root}/site.tar.gz`, 'x'), {}],
    ['unmapped-name', '.env', (root) => fs.writeFileSync(`${root}/.env`, 'x'), {}],
    [
      'unmapped-name',
      '.pagetree/meta/odd',
      (root) => fs.writeFileSync(`${root}/.pagetree/meta/odd`, 'x'),
      {},
    ],
    [
      'unmapped-name',
      '.pagetree/meta/.x.pagetree',
      (root) => fs.writeFileSync(`${root}/.pagetree/meta/.x.pagetree`, 'x'),
      {},
    ],
    [
      'conflict',
      's.css/__page.html',
      (root) => {
        fs.mkdirSync(`${root}/s.css`);
        fs.writeFileSync(`${root}/s.css/__page.html`, 'p {}');
      },
      {},
    ],
    [
      'dead-fill',
      '.pagetree/fills/f/0123.00000000-1-1-00000000-1@%2Fk.body',
      (root) => {
        fs.mkdirSync(`${root}/.pagetree/fills/f`, { recursive: true });
        fs.writeFileSync(`${root}/.pagetree/fills/f/0123.00000000-1-1-00000000-1@%2Fk.body`, 'x');
      },
      { fills: 1 },
    ],
    [
      'trash',
      '.pagetree/trash/0123',
      (root) => fs.mkdirSync(`${root}/.pagetree/trash/0123/deep`, { recursive: true }),
      { trash: 1 },
    ],
    [
      'leftover',
      '.pagetree/usage/new-0123456789ab',
      (root) => fs.writeFileSync(`${root}/.pagetree/usage/new-0123456789ab`, '{'),
      { notes: 1 },
    ],
  ];

test.each(damage)(
  'verify names %s at %s, and sweep mends what is safe to mend',
  async (fault, path, spoil, swept) => {
    let isLater = false;
    const { cache, root } = newCache({ variants: ['gzip'] }, { io: aged(directIo, () => isLater) });
    await store(cache, '/a', text);
    await store(cache, '/d/a', text);
    expect(await all(cache.verify())).toEqual([]);
    spoil(root);
    isLater = true;
    expect((await all(cache.verify())).map((finding) => [finding.fault, finding.path])).toEqual([
      [fault, path],
    ]);
    expect(await cache.sweep()).toMatchObject({
      metas: 0,
      variants: 0,
      empty: 0,
      hidden: 0,
      fills: 0,
      trash: 0,
      movedBack: 0,
      notes: 0,
      ...swept,
    });
    const left = await all(cache.verify());
    expect(left.map((finding) => finding.fault)).toEqual(Object.keys(swept).length > 0 ? [] : [fault]);
    expect(pagesIn(root)).toEqual(expect.arrayContaining(['a', 'd/', 'd/a', 'd/a.gz']));
  },
);

test('verify names what a process left that died while it opened the tree, when it is old, and sweep removes it', async () => {
  let isLater = false;
  const io: Io = {
    ...directIo,
    async lstat(path) {
      const facts = await directIo.lstat(path);
      return isLater && path.includes('/new.') ? { ...facts, ctimeMs: facts.ctimeMs - 3_600_000 } : facts;
    },
  };
  const { cache, root } = newCache({}, { io });
  fs.writeFileSync(`${root}/.pagetree/new.0123`, 'half of a mani');
  expect(await all(cache.verify())).toEqual([]);
  isLater = true;
  expect(await all(cache.verify())).toEqual([
    { fault: 'leftover', path: '.pagetree/new.0123', key: undefined },
  ]);
  await cache.sweep();
  expect(fs.existsSync(`${root}/.pagetree/new.0123`)).toBe(false);
  expect(await all(cache.verify())).toEqual([]);
});

test.each([
  ['the usual mask', 0o022, {}],
  ['no mask', 0o000, {}],
  ['a mask that takes all from others', 0o077, {}],
  ['modes of its own', 0o077, { fileMode: 0o640, dirMode: 0o750 }],
  ['modes that let everyone write', 0o022, { fileMode: 0o666, dirMode: 0o777 }],
  ['modes that say nothing to others', 0o002, { fileMode: 0o600, dirMode: 0o700 }],
])('verify has nothing against the modes of a tree that is made with %s', async (_, mask, options) => {
  const before = process.umask(mask);
  try {
    const { cache } = newCache({ variants: ['gzip'], io: 'direct', ...options });
    for (const path of ['/a', '/d/e', '/d', '/d/e/f/', '/x/y/z']) await store(cache, path, text);
    const feed = { status: 200, headers: { 'content-type': 'application/rss+xml; charset=utf-8' } };
    expect(await store(cache, '/feed/x', text, feed)).toMatchObject({ isPrivate: true });
    expect(await all(cache.verify())).toEqual([]);
    await cache.purge({ all: true });
    await store(cache, '/d/e', text);
    await store(cache, '/feed/x', text, feed);
    expect(await all(cache.verify())).toEqual([]);
    await cache.close();
  } finally {
    process.umask(before);
  }
});

test('verify takes the modes of a file system that keeps none as they are', async () => {
  const open = (facts: Facts): Facts => ({ ...facts, mode: facts.mode | 0o777 });
  const io: Io = { ...directIo, lstat: async (path) => open(await directIo.lstat(path)) };
  const { cache } = newCache({}, { io });
  await store(cache, '/d/a', text);
  expect(await all(cache.verify())).toEqual([]);
  await cache.close();
});

test('verify is silent and sweep touches nothing while fills run', async () => {
  const { cache, root } = newCache({ variants: ['gzip'] });
  await store(cache, '/old', text);
  const found = await cache.lookup(get('/k'));
  if (found.kind !== 'miss') throw new Error(found.kind);
  const fill = found.ticket!.begin(html())!;
  fill.write(Buffer.from(text));
  expect(await all(cache.verify())).toEqual([]);
  expect(await cache.sweep()).toEqual({
    fills: 0,
    trash: 0,
    metas: 0,
    variants: 0,
    empty: 0,
    hidden: 0,
    folders: 0,
    movedBack: 0,
    notes: 0,
    tagLines: 0,
  });
  expect(await fill.commit()).toMatchObject({ kind: 'stored' });
  expect(leftovers(root)).toEqual([]);
});

test('verify holds nothing against a page that is between two states, and finds nothing on a tree that is refilled and purged', async () => {
  const { cache, root } = newCache({ variants: ['gzip'] });
  let stop = false;
  const work = (async () => {
    for (let round = 0; !stop; round += 1) {
      await store(cache, `/d/${round % 5}`, `${text}${round}`, html(), { refresh: true });
      if (round % 7 === 0) await cache.purge({ path: `/d/${round % 3}` });
      if (round % 31 === 0) await cache.purge({ path: '/d', recursive: true });
    }
  })();
  const other = newCache({ cacheDir: root }).cache;
  const findings: unknown[] = [];
  for (let round = 0; round < 150; round += 1) findings.push(...(await all(other.verify())));
  stop = true;
  await work;
  expect(findings).toEqual([]);
});

test('sweep removes folders that nothing is in, and files of a manifest that was never finished', async () => {
  let isLater = false;
  const later = aged(directIo, () => isLater);
  const io = {
    ...later,
    async lstat(path: string) {
      const facts = await later.lstat(path);
      return path.includes('/new.') ? { ...facts, ctimeMs: facts.ctimeMs - 3_600_000 } : facts;
    },
  };
  const { cache, root } = newCache({}, { io });
  fs.mkdirSync(`${root}/a/b/c`, { recursive: true });
  fs.mkdirSync(`${root}/.pagetree/meta/a/b`, { recursive: true });
  fs.writeFileSync(`${root}/.pagetree/new.abc`, 'half');
  isLater = true;
  expect(await cache.sweep()).toMatchObject({ folders: 5 });
  expect(pagesIn(root)).toEqual([]);
  expect(fs.existsSync(`${root}/.pagetree/new.abc`)).toBe(false);
});

test('a list of a tag that pages were stored with again and again is written anew, and a purge of the tag misses nothing before, between and after', async () => {
  let isLater = false;
  const io: Io = {
    ...directIo,
    async lstat(path) {
      const facts = await directIo.lstat(path);
      return isLater && path.includes('/tags/') ? { ...facts, ctimeMs: facts.ctimeMs - 3_600_000 } : facts;
    },
  };
  const { cache, root } = newCache({}, { io });
  const lists = (): string[] => fs.readdirSync(`${root}/.pagetree/tags`);
  const linesIn = (list: string): string[] =>
    fs.readFileSync(`${root}/.pagetree/tags/${list}`, 'latin1').split('\n').slice(0, -1);
  const long = 'a-name-that-fills-the-list-'.repeat(4);
  const news = html({ 'cache-tag': 'news' });
  for (let round = 0; round < 30; round += 1) {
    await store(cache, `/${long}`, `${text}${round}`, news, { refresh: true });
  }
  await store(cache, '/lost', text, news);
  await store(cache, '/lost', text, html(), { refresh: true });
  await store(cache, '/gone', text, news);
  await cache.purge('/gone');
  for (let at = 0; at < 10; at += 1) await store(cache, `/${at}-${long}`, text, news);

  const [list] = lists();
  expect(linesIn(list!)).toHaveLength(42);
  expect(await cache.sweep()).toMatchObject({ tagLines: 0 });
  // Taken, but not read yet: somebody may be writing to it.
  expect(lists()).not.toContain(list);
  await store(cache, '/new', text, news);
  const dry = { dryRun: true } as const;
  expect(await cache.purgeTag('news', dry)).toMatchObject({ pages: 12 });
  isLater = true;
  expect(await cache.sweep()).toMatchObject({ tagLines: 31 });
  isLater = false;
  expect(lists()).toEqual([list]);
  expect(linesIn(list!)).toHaveLength(12);
  expect(await cache.purgeTag('news')).toMatchObject({ pages: 12 });
  expect(pagesIn(root)).toEqual(['lost']);
});
