/** Pages that only the middleware serves: of another type than their name says, or with headers of their own in a strict tree. */
import fs from 'node:fs';
import { expect, test, vi } from 'vitest';
import type { PageHead, ResponseHead } from '../../src/contracts.ts';
import { lookNow } from '../../src/memory/identity.ts';
import type { CacheOptions } from '../../src/options.ts';
import type { PageCache } from '../../src/page-cache.ts';
import { directIo } from '../../src/store/direct-io.ts';
import { all, bodyAt, get, html, leftovers, newCache, pagesIn, store, watched } from '../support/tree.ts';

const typed = (type: string, headers: Record<string, string> = {}): ResponseHead => ({
  status: 200,
  headers: { 'content-type': type, ...headers },
});
const json = typed('application/json', { 'cache-control': 'max-age=60' });
const feed = '<rss/>'.repeat(400);
const FEED = '.pagetree/private/pages/feed/.page';
/** On a machine that does much else there may be no time to store it. */
const MISS = /^miss (?:undefined|too-busy)$/;

async function headAt(cache: PageCache, target: string, accept?: string): Promise<PageHead | string> {
  const request = get(target, accept === undefined ? {} : { accept });
  const found = cache.glance(request) ?? (await cache.lookup(request));
  if (found.kind === 'miss') {
    found.ticket?.abandon('unfinished');
    await found.ticket?.outcome;
  }
  if (found.kind !== 'hit') return `${found.kind} ${found.reason}`;
  if ('close' in found.page) await (found.page as { close(): Promise<void> }).close();
  return found.page;
}

test('a page of another type than its name says is a hit, and no front-end server can find it', async () => {
  const { cache, root, events } = newCache({ variants: ['gzip'] });
  expect(await store(cache, '/feed', feed, typed('application/rss+xml; charset=utf-8'))).toMatchObject({
    kind: 'stored',
    place: FEED,
    isPrivate: true,
  });
  expect(pagesIn(root)).toEqual([]);
  expect(await headAt(cache, '/feed')).toMatchObject({
    place: FEED,
    contentType: 'application/rss+xml; charset=utf-8',
    cacheControl: 'no-cache',
    codings: ['gzip'],
  });
  expect(await bodyAt(cache, '/feed')).toBe(feed);
  expect(await all(cache.list())).toMatchObject([{ key: '/feed', place: FEED, isPrivate: true }]);
  expect(await cache.stats()).toMatchObject({
    pages: 1,
    privatePages: 1,
    variants: 1,
    others: 0,
    types: { 'application/rss+xml': { pages: 1 } },
  });
  expect(await cache.why('/feed')).toMatchObject({
    place: FEED,
    contentType: 'application/rss+xml; charset=utf-8',
    stored: { isPrivate: true, lost: [], variants: [{ coding: 'gzip' }] },
  });
  expect(await all(cache.verify({ losses: true }))).toEqual([]);
  expect(events.filter(({ type }) => type === 'hit')).toHaveLength(2);
  fs.unlinkSync(`${root}/${FEED}`);
  expect(await headAt(cache, '/feed')).toMatch(MISS);
});

test('what it says it is, it is: text in another charset, a type without a charset', async () => {
  const { cache } = newCache();
  const latin = Buffer.from('caf\xe9', 'latin1');
  await store(cache, '/old', latin, typed('text/html; charset=iso-8859-1'));
  expect(await headAt(cache, '/old')).toMatchObject({ contentType: 'text/html; charset=iso-8859-1' });
  await store(cache, '/a.css', 'text', typed('text/plain'));
  expect(await headAt(cache, '/a.css', 'text/css')).toBe('bypass accept');
  expect(await headAt(cache, '/a.css', 'text/css,*/*;q=0.1')).toBe('bypass accept');
  expect(await headAt(cache, '/a.css', '*/*')).toMatchObject({ contentType: 'text/plain' });
});

test.each([
  ['none', []],
  ['two', ['text/plain', 'text/html']],
  ['one that breaks the grammar', 'text'],
  ['a long one', `text/plain; a=${'x'.repeat(300)}`],
])('a response with %s for a type is not stored', async (_, type) => {
  const { cache } = newCache();
  const outcome = await store(cache, '/a', 'text', { status: 200, headers: { 'content-type': type } });
  expect(outcome).toMatchObject({ kind: 'refused', reason: 'type-mismatch' });
});

test('an application that chooses by Accept, and does not say so, gives nobody the answer of another', async () => {
  const { cache } = newCache();
  // These clients wanted XML more, so it is not what everybody would get.
  for (const accept of ['application/xml, text/html;q=0.5', 'application/xml, text/plain, */*']) {
    const asked = await cache.lookup(get('/api', { accept }));
    if (asked.kind !== 'miss') throw new Error(asked.kind);
    expect(asked.ticket!.begin(typed('application/xml'))).toBeUndefined();
    expect(await asked.ticket!.outcome).toMatchObject({ reason: 'type-mismatch' });
  }
  // Who wants JSON more is not even asked for a page.
  expect(await headAt(cache, '/api', 'application/json, text/html;q=0.5')).toBe('bypass accept');
  expect(await headAt(cache, '/api', 'application/json, text/plain, */*')).toBe('bypass accept');
  // This one took anything.
  expect(await store(cache, '/api', '{}', json)).toMatchObject({ kind: 'stored' });
  const isJson = { contentType: 'application/json', cacheControl: 'max-age=60' };
  const answers: [accept: string | undefined, answer: object | string][] = [
    [undefined, isJson],
    ['*/*', isJson],
    ['application/json', isJson],
    ['application/json, text/plain, */*', isJson],
    ['application/*, text/html;q=0.9', isJson],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'bypass accept'],
    ['text/html', 'bypass accept'],
    ['application/json;q=0', 'bypass accept'],
    ['application/json;v=2, */*', 'bypass accept'],
    ['nonsense', 'bypass accept'],
  ];
  for (const [accept, answer] of answers) {
    const head = await headAt(cache, '/api', accept);
    if (typeof answer === 'string') expect(head, accept).toBe(answer);
    else expect(head, accept).toMatchObject(answer);
  }
  const withCookie = get('/api', { accept: 'application/json', cookie: 'sid=1' });
  expect(await cache.lookup(withCookie)).toEqual({ kind: 'bypass', reason: 'cookie' });
  expect(await headAt(cache, '/none', 'application/json')).toBe('bypass accept');
});

test('without private pages they are refused, as is a page whose headers a strict tree would lose', async () => {
  const { cache } = newCache({ privatePages: false, fidelity: 'strict' });
  expect(await store(cache, '/feed', feed, typed('application/rss+xml'))).toMatchObject({
    reason: 'type-mismatch',
  });
  expect(await store(cache, '/a', 'text', html({ link: '</a.css>; rel=preload' }))).toMatchObject({
    reason: 'lost-headers',
    detail: 'link',
  });
  expect(await store(cache, '/b', 'text', html())).toMatchObject({ kind: 'stored', place: 'b' });
});

test('a warmer refuses them, unless the tree is strict or it is told to keep them', async () => {
  const stored = async (options: Partial<CacheOptions>): Promise<string | undefined> =>
    (await store(newCache({ by: 'warm', ...options }).cache, '/feed', feed, json))?.kind;
  expect(await stored({})).toBe('refused');
  expect(await stored({ privatePages: true })).toBe('stored');
  expect(await stored({ fidelity: 'strict' })).toBe('stored');
  expect(await stored({ fidelity: 'strict', privatePages: false })).toBe('refused');
});

test('in a strict tree headers and Cache-Control of its own make a page private; a rule of the tree does not', async () => {
  const { cache, root } = newCache({
    fidelity: 'strict',
    cacheControl: { '/assets': 'max-age=9' },
    contentType: 'text/html',
  });
  const own = { 'content-security-policy': "default-src 'self'", 'x-powered-by': 'x' };
  await store(cache, '/policy', 'text', html(own));
  await store(cache, '/said', 'text', html({ 'cache-control': 'max-age=60' }));
  await store(cache, '/assets/a', 'text', html({ 'cache-control': 'max-age=60' }));
  await store(cache, '/plain', 'text', html({ 'x-powered-by': 'x' }));
  expect(pagesIn(root)).toEqual(['assets/', 'assets/a', 'plain']);
  expect(await headAt(cache, '/policy', 'text/html')).toMatchObject({
    contentType: 'text/html; charset=utf-8',
    headers: [['content-security-policy', "default-src 'self'"]],
  });
  expect(await headAt(cache, '/said')).toMatchObject({ cacheControl: 'max-age=60' });
  expect(await all(cache.verify({ losses: true }))).toEqual([]);
});

test('in a loose tree they are public, and verify and why tell what is lost', async () => {
  const { cache, root } = newCache();
  await store(cache, '/policy', 'text', html({ link: '</a>; rel=next', 'cache-control': 'max-age=60' }));
  await store(cache, '/plain', 'text', html());
  expect(pagesIn(root)).toEqual(['plain', 'policy']);
  expect(await all(cache.verify())).toEqual([]);
  expect(await all(cache.verify({ losses: true }))).toEqual([
    { fault: 'lost-headers', path: 'policy', key: '/policy', detail: 'link, cache-control' },
  ]);
  expect((await cache.why('/policy')).stored?.lost).toEqual(['link', 'cache-control']);
  expect((await cache.why('/plain')).stored?.lost).toEqual([]);
});

test('a key has one page: whichever way it changes, nothing comes back when the new one is deleted', async () => {
  const { cache, root } = newCache({ variants: ['gzip'], maxEntries: 5 });
  const again = { refresh: true };
  await store(cache, '/feed', feed, html());
  await store(cache, '/feed', feed, json, again);
  expect(pagesIn(root)).toEqual([]);
  expect(await headAt(cache, '/feed')).toMatchObject({ contentType: 'application/json' });
  await store(cache, '/feed', feed, html(), again);
  expect(pagesIn(root)).toEqual(['feed', 'feed.gz']);
  expect(fs.existsSync(`${root}/.pagetree/private/pages/feed`)).toBe(false);
  for (const name of ['feed', 'feed.gz']) fs.unlinkSync(`${root}/${name}`);
  expect(await headAt(cache, '/feed')).toMatch(MISS);
  // The page of a path whose folder stands is no other case.
  await store(cache, '/feed/a', feed, html());
  await store(cache, '/feed', feed, html());
  expect(pagesIn(root)).toContain('feed/__page.html');
  await store(cache, '/feed', feed, json, again);
  expect(pagesIn(root)).toEqual(['feed/', 'feed/a', 'feed/a.gz']);
  expect((await all(cache.list())).map(({ key }) => key).sort()).toEqual(['/feed', '/feed/a']);
  expect(leftovers(root)).toEqual([]);
});

test('from memory it is answered as from the tree, and the tree is asked each time', async () => {
  const { cache, root } = newCache({ io: 'pool' });
  await store(cache, '/feed', feed, json);
  const glance = (accept?: string): unknown =>
    cache.glance(get('/feed', accept === undefined ? {} : { accept }));
  await vi.waitFor(
    async () => {
      expect(await bodyAt(cache, '/feed')).toBe(feed);
      expect(glance()).toMatchObject({ kind: 'hit', page: { contentType: 'application/json', place: FEED } });
    },
    { timeout: 10_000 },
  );
  expect(glance('application/json')).toMatchObject({ kind: 'hit' });
  expect(glance('text/html,*/*;q=0.8')).toBeUndefined();
  fs.writeFileSync(`${root}/feed`, 'by hand');
  expect(glance()).toBeUndefined();
  expect(await bodyAt(cache, '/feed')).toBe('by hand');
  fs.unlinkSync(`${root}/feed`);
  fs.unlinkSync(`${root}/${FEED}`);
  expect(glance()).toBeUndefined();
  expect(await headAt(cache, '/feed')).toMatch(MISS);
});

test('a page whose type is not its place makes no conflict: a JSON page and what is below it', async () => {
  const { cache } = newCache();
  await store(cache, '/posts.json', '[]', typed('application/vnd.api+json'));
  expect(await store(cache, '/posts.json/1', 'text', html())).toMatchObject({ kind: 'stored' });
  expect(await headAt(cache, '/posts.json', 'application/vnd.api+json')).toMatchObject({
    contentType: 'application/vnd.api+json',
  });
});

test('faults of private pages are named, and a sweep removes them', async () => {
  const { cache, root } = newCache({ variants: ['gzip'] });
  const pages = `${root}/.pagetree/private/pages`;
  const metas = `${root}/.pagetree/private/meta`;
  for (const target of ['/shadowed', '/untyped', '/orphan', '/gone', '/empty', '/good'])
    await store(cache, target, feed, json);
  fs.writeFileSync(`${root}/shadowed`, 'by hand');
  fs.unlinkSync(`${metas}/untyped/.page.pagetree`);
  fs.unlinkSync(`${pages}/orphan/.page`);
  fs.unlinkSync(`${pages}/gone/.page`);
  fs.unlinkSync(`${pages}/gone/.page.gz`);
  fs.writeFileSync(`${pages}/empty/.page`, '');
  fs.writeFileSync(`${pages}/loose`, 'text');
  expect(await bodyAt(cache, '/shadowed')).toBe('by hand');
  expect(await headAt(cache, '/untyped')).toMatch(MISS);
  const found = (await all(cache.verify())).map(({ fault, path, key }) => `${fault} ${path} ${key}`).sort();
  const at = '.pagetree/private';
  expect(found).toEqual(
    [
      `shadowed ${at}/pages/shadowed/.page /shadowed`,
      `lost-type ${at}/pages/untyped/.page /untyped`,
      `orphan-variant ${at}/pages/orphan/.page.gz /orphan`,
      `orphan-meta ${at}/meta/orphan/.page.pagetree /orphan`,
      `orphan-meta ${at}/meta/gone/.page.pagetree /gone`,
      `empty-page ${at}/pages/empty/.page /empty`,
      `stale-variant ${at}/pages/empty/.page.gz /empty`,
      `misfit-meta ${at}/meta/empty/.page.pagetree /empty`,
      `unmapped-name ${at}/pages/loose undefined`,
    ].sort(),
  );
  expect(await cache.sweep()).toMatchObject({ hidden: 2, empty: 1 });
  await cache.sweep();
  expect((await all(cache.verify())).map(({ fault }) => fault)).toEqual(['unmapped-name']);
  expect((await all(cache.list())).map(({ key }) => key).sort()).toEqual(['/good', '/shadowed']);
});

test('a refresh that stays private replaces the page, and growth is told once', async () => {
  const { cache } = newCache({ maxEntries: 1 });
  const again = { refresh: true };
  await store(cache, '/feed', feed, json);
  expect(await store(cache, '/feed', `${feed}2`, json, again)).toMatchObject({ kind: 'stored' });
  expect(await bodyAt(cache, '/feed')).toBe(`${feed}2`);
  expect(await store(cache, '/other', feed, html())).toBeUndefined();
  expect(await store(cache, '/feed', feed, html(), again)).toMatchObject({ kind: 'stored', place: 'feed' });
});

test('a purge in the middle of a private publish is final, and what it took out does not come back', async () => {
  let purge: (() => Promise<unknown>) | undefined;
  const io = watched(directIo, async (call, [, to]) => {
    const run = purge;
    if (call !== 'rename' || run === undefined || !String(to).endsWith('/private/pages/feed/.page')) return;
    purge = undefined;
    await run();
  });
  const { cache, root } = newCache({ variants: ['gzip'] }, { io, look: lookNow });
  const other = newCache({ cacheDir: root }).cache;
  await store(cache, '/feed', feed, html());
  purge = () => other.purge('/feed');
  expect(await store(cache, '/feed', feed, json, { refresh: true })).toMatchObject({ reason: 'fenced' });
  expect(await headAt(cache, '/feed')).toMatch(MISS);
  expect(leftovers(root)).toEqual([]);
  expect(await all(cache.verify())).toEqual([]);
});
