import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createPageCache } from '@pagetree/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isStale } from '../src/fetch/stale.ts';
import { type UrlResult, type WarmOptions, warm } from '../src/index.ts';
import { run } from './support/bins.ts';
import { leftovers, newFolder } from './support/folders.ts';
import { bodyOf, type Origin, startOrigin } from './support/origin.ts';

let origin: Origin;
let cwd: string;
let cacheDir: string;
let results: UrlResult[];

beforeAll(async () => {
  origin = await startOrigin();
});
afterAll(() => origin.close());
beforeEach(() => {
  cwd = newFolder();
  cacheDir = join(cwd, 'cache');
  results = [];
  origin.asked.clear();
  for (const path of Object.keys(origin.routes)) delete origin.routes[path];
});

const warmUrls = (urls: string[], more: Partial<WarmOptions> = {}) => {
  results = [];
  return warm({
    ...{ cacheDir, origin: origin.url, urls, durability: 'none' as const, retries: 0 },
    onResult: (result) => results.push(result),
    ...more,
  });
};

const file = (place: string) => join(cacheDir, place);
const read = (place: string) => readFileSync(file(place), 'utf8');
/** What tells one version of a file from the next. */
const version = (place: string) => {
  const { ino, mtimeMs, ctimeMs, size } = statSync(file(place));
  return [ino, mtimeMs, ctimeMs, size];
};

/** Answers 304 to the validators that it gave (RFC 9110, 13.2.2), as a good application does. */
function conditional(
  path: string,
  page: { body: string; etag?: string; lastModified?: string; more?: object; with304?: object },
) {
  let full = 0;
  origin.routes[path] = (response, request) => {
    const { body, etag, lastModified, more, with304 = {} } = page;
    if (etag !== undefined) response.setHeader('etag', etag);
    if (lastModified !== undefined) response.setHeader('last-modified', lastModified);
    const match = request.headers['if-none-match'];
    const since = request.headers['if-modified-since'];
    const same = match === undefined ? since !== undefined && since === lastModified : match === etag;
    if (same) {
      response.writeHead(304, { ...with304 }).end();
      return;
    }
    full += 1;
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...more }).end(body);
  };
  return {
    page,
    get full() {
      return full;
    },
  };
}

/** Every file of the pages and their meta, with what changes when it is written, renamed or told another time. */
function files(folder: string) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => {
      const { ino, ctimeMs, mtimeMs } = statSync(join(parentPath, name));
      return [relative(folder, join(parentPath, name)), ino, ctimeMs, mtimeMs] as const;
    })
    .filter(([name]) => !/^\.pagetree\/(?!meta)/.test(name));
}

describe('a page that lacks a variant that was made of it', () => {
  const gzip = { variants: ['gzip'], compression: 'fast' } as const;
  const body = '<p>The same words again and again.</p>'.repeat(100);

  it('is stored anew, though it is not stale and the origin would say that it did not change', async () => {
    const site = conditional('/a', { body, etag: '"v1"' });
    await warmUrls(['/a', '/b'], gzip);
    // As a process leaves it that is killed between the body and its variants.
    rmSync(file('a.gz'));
    await warmUrls(['/a'], { ...gzip, dryRun: true });
    expect(results).toMatchObject([{ outcome: 'planned' }]);
    const summary = await warmUrls(['/a', '/b'], gzip);
    expect(summary).toMatchObject({ stored: 1, present: 1 });
    expect(gunzipSync(readFileSync(file('a.gz'))).toString()).toBe(body);
    expect(site.full).toBe(2);
    await warmUrls(['/a'], { ...gzip, dryRun: true });
    expect(results).toMatchObject([{ outcome: 'present' }]);
  });

  it('is asked for without a condition when it is refreshed', async () => {
    const site = conditional('/a', { body, etag: '"v1"' });
    await warmUrls(['/a'], gzip);
    rmSync(file('a.gz'));
    expect(await warmUrls(['/a'], { ...gzip, refresh: true })).toMatchObject({ stored: 1 });
    expect(site.full).toBe(2);
    expect(existsSync(file('a.gz'))).toBe(true);
  });

  it('is left as it is while somebody stores it', async () => {
    conditional('/a', { body });
    await warmUrls(['/a'], gzip);
    rmSync(file('a.gz'));
    const cache = createPageCache({ cacheDir });
    const found = await cache.lookup({ method: 'GET', target: '/a', headers: {} }, { refresh: true });
    if (found.kind !== 'miss' || found.ticket === undefined) throw new Error('the page is being stored');
    const fill = found.ticket.begin({ status: 200, headers: { 'content-type': 'text/html' } })!;
    expect(await warmUrls(['/a'], gzip)).toMatchObject({ present: 1, failed: 0 });
    await fill.abort('unfinished');
    await cache.close();
    expect(await warmUrls(['/a'], gzip)).toMatchObject({ stored: 1 });
  });
});

describe('--refresh', () => {
  it('asks with the ETag of the application, and touches nothing after a 304', async () => {
    const site = conditional('/a', { body: '<p>one</p>', etag: 'W/"v1"' });
    await warmUrls(['/a']);
    expect(results).toMatchObject([{ outcome: 'stored', change: 'new', status: 200 }]);
    const before = version('a');
    const summary = await warmUrls(['/a'], { refresh: true });
    expect(origin.lastHeaders['if-none-match']).toBe('W/"v1"');
    expect(site.full).toBe(1);
    expect(version('a')).toEqual(before);
    expect(results).toMatchObject([{ outcome: 'present', change: 'same', status: 304 }]);
    expect(summary).toMatchObject({
      present: 1,
      unchanged: 1,
      changes: { new: 0, changed: 0, same: 1, gone: 0 },
    });
    expect(leftovers(cacheDir)).toEqual([]);
  });

  it('asks with its Last-Modified when it gave no ETag', async () => {
    const site = conditional('/a', { body: '<p>one</p>', lastModified: 'Sat, 21 Nov 2026 10:00:00 GMT' });
    await warmUrls(['/a']);
    const before = version('a');
    await warmUrls(['/a'], { refresh: true });
    expect(origin.lastHeaders['if-modified-since']).toBe('Sat, 21 Nov 2026 10:00:00 GMT');
    expect(site.full).toBe(1);
    expect(version('a')).toEqual(before);
  });

  it('stores what changed', async () => {
    const site = conditional('/a', { body: '<p>one</p>', etag: '"v1"' });
    await warmUrls(['/a', '/b']);
    Object.assign(site.page, { body: '<p>two</p>', etag: '"v2"' });
    const summary = await warmUrls(['/a', '/b'], { refresh: true });
    expect(read('a')).toBe('<p>two</p>');
    expect(summary.changes).toEqual({ new: 0, changed: 1, same: 1, gone: 0 });
    expect(summary).toMatchObject({ stored: 1, present: 1, unchanged: 1 });
  });

  it.each([
    ['a page for the middleware alone gets another type', 'application/json', 'application/ld+json'],
    [
      'a page for the middleware alone gets another charset',
      'text/html; charset=iso-8859-1',
      'text/html; charset=koi8-r',
    ],
    ['a public page becomes one for the middleware alone', 'text/html', 'application/json'],
    ['a page for the middleware alone becomes a public one', 'application/json', 'text/html'],
  ])('stores a page anew whose bytes are the same: %s', async (_, before, after) => {
    let type = before;
    origin.routes['/data'] = (response) => response.writeHead(200, { 'content-type': type }).end('{"a":1}');
    await warmUrls(['/data'], { privatePages: true });
    await warmUrls(['/data'], { privatePages: true, refresh: true });
    expect(results).toMatchObject([{ outcome: 'present', change: 'same' }]);
    type = after;
    await warmUrls(['/data'], { privatePages: true, refresh: true });
    expect(results).toMatchObject([{ outcome: 'stored', change: 'changed' }]);
    const cache = createPageCache({ cacheDir });
    const found = await cache.lookup({ method: 'GET', target: '/data', headers: {} });
    if (found.kind !== 'hit') throw new Error(found.kind);
    expect(found.page.contentType.split(';')[0]).toBe(after.split(';')[0]);
    if (after.includes('charset')) expect(found.page.contentType).toBe(after);
    await found.page.close();
    await cache.close();
  });

  it.each([
    'reporting-endpoints',
    'speculation-rules',
    'x-permitted-cross-domain-policies',
    'content-language',
  ])('stores a page anew whose bytes are the same: it has %s now', async (name) => {
    let more: object = {};
    const type = 'text/html; charset=utf-8';
    origin.routes['/a'] = (response) =>
      response.writeHead(200, { 'content-type': type, ...more }).end('<p>a');
    await warmUrls(['/a']);
    more = { [name]: 'value' };
    await warmUrls(['/a'], { refresh: true });
    expect(results).toMatchObject([{ outcome: 'stored', change: 'changed' }]);
    // A single origin is kept with no page.
    more = { [name]: 'value', 'access-control-allow-origin': 'https://example.org', date: 'x' };
    await warmUrls(['/a'], { refresh: true });
    expect(results).toMatchObject([{ outcome: 'present', change: 'same' }]);
  });

  it('takes another spelling of the same type for no change', async () => {
    let type = 'text/html';
    origin.routes['/a'] = (response) => response.writeHead(200, { 'content-type': type }).end('<p>a');
    await warmUrls(['/a']);
    for (type of ['text/html; charset=UTF-8', 'Text/HTML;charset="utf-8"']) {
      await warmUrls(['/a'], { refresh: true });
      expect(results).toMatchObject([{ outcome: 'present', change: 'same' }]);
    }
  });

  it('keeps the time of a page whose bytes are the same, with its variants', async () => {
    const body = `<p>${'the same '.repeat(500)}</p>`;
    conditional('/a', { body });
    await warmUrls(['/a']);
    const before = [version('a'), version('a.gz'), version('a.br')];
    await warmUrls(['/a'], { refresh: true });
    expect([version('a'), version('a.gz'), version('a.br')]).toEqual(before);
    expect(results).toMatchObject([{ outcome: 'present', change: 'same', status: 200 }]);
    expect(leftovers(cacheDir)).toEqual([]);
  });

  it('keeps the first ETag of a page whose bytes are the same, and its time', async () => {
    const application = conditional('/a', { body: '<p>a</p>', etag: '"1"' });
    await warmUrls(['/a']);
    const before = version('a');
    application.page.etag = '"2"';
    for (const full of [2, 3]) {
      await warmUrls(['/a'], { refresh: true });
      expect(results).toMatchObject([{ outcome: 'present', change: 'same', status: 200 }]);
      expect([version('a'), application.full]).toEqual([before, full]);
    }
  });

  it.each([
    ['small', 500],
    // The disk is asked before the last byte of such a page is here.
    ['large', 50_000],
  ])('changes no file of the tree for a %s page of the same bytes', async (_, words) => {
    conditional('/a', { body: `<p>${'the same '.repeat(words)}</p>` });
    await warmUrls(['/a']);
    const before = files(cacheDir);
    expect(before.map(([name]) => name)).toEqual(expect.arrayContaining(['a', 'a.gz', 'a.br']));
    await warmUrls(['/a'], { refresh: true });
    expect(results).toMatchObject([{ outcome: 'present', change: 'same', status: 200 }]);
    expect(files(cacheDir)).toEqual(before);
  });

  it.each([
    ['a header that was kept', { 'x-frame-options': 'DENY' }, { 'x-frame-options': 'SAMEORIGIN' }],
    ['a header that is new', {}, { 'content-security-policy': "default-src 'self'" }],
    ['a header that is gone', { link: '</a.css>; rel=preload' }, {}],
    ['Cache-Control', { 'cache-control': 'max-age=60' }, { 'cache-control': 'max-age=90' }],
    ['a tag', { 'cache-tag': 'a, b' }, { 'cache-tag': 'a, c' }],
  ])('stores the same bytes again when %s differs', async (_, first, second) => {
    const site = conditional('/a', { body: '<p>one</p>', more: first });
    await warmUrls(['/a']);
    const before = version('a');
    await warmUrls(['/a'], { refresh: true });
    expect(version('a')).toEqual(before);
    Object.assign(site.page, { more: second });
    await warmUrls(['/a'], { refresh: true });
    expect(results).toMatchObject([{ outcome: 'stored', change: 'changed' }]);
    expect(version('a')).not.toEqual(before);
  });

  it('asks without a condition about a file that was put there by hand', async () => {
    conditional('/a', { body: '<p>one</p>', lastModified: 'Sat, 21 Nov 2026 10:00:00 GMT' });
    await warmUrls(['/b']);
    writeFileSync(file('a'), 'by hand');
    utimesSync(file('a'), new Date('2026-11-21T10:00:00Z'), new Date('2026-11-21T10:00:00Z'));
    await warmUrls(['/a'], { refresh: true });
    expect(origin.lastHeaders['if-modified-since']).toBeUndefined();
    expect(read('a')).toBe('<p>one</p>');
  });

  it('gives a page the new tags of its list, also when its origin would say that it is the same', async () => {
    conditional('/a', { body: 'one', etag: '"1"' });
    for (const tag of ['old', 'new']) {
      writeFileSync(join(cwd, 'tags.ndjson'), JSON.stringify({ url: '/a', tags: [tag] }));
      await warmUrls([], { lists: [join(cwd, 'tags.ndjson')], refresh: true });
    }
    const purged = await run('cache-purge', ['--tag', 'new', '--cache-dir', cacheDir], { cwd });
    expect(purged.code).toBe(0);
    expect(existsSync(file('a'))).toBe(false);
  });

  it('keeps the tags of a list that is not there this time, unless the response has its own', async () => {
    const tagged = async (tag: string) =>
      (await run('cache-purge', ['--tag', tag, '--dry-run', '--cache-dir', cacheDir], { cwd })).stdout;
    const site = conditional('/a', { body: 'one', etag: '"1"' });
    writeFileSync(join(cwd, 'tags.ndjson'), JSON.stringify({ url: '/a', tags: ['listed'] }));
    await warmUrls([], { lists: [join(cwd, 'tags.ndjson')] });
    Object.assign(site.page, { body: 'two', etag: '"2"' });
    await warmUrls(['/a'], { refresh: true });
    expect(read('a')).toBe('two');
    expect(await tagged('listed')).toContain('1 page');
    Object.assign(site.page, { body: 'three', etag: '"3"', more: { 'cache-tag': 'own' } });
    await warmUrls(['/a'], { refresh: true });
    expect(await tagged('own')).toContain('1 page');
    expect(await tagged('listed')).not.toContain('1 page');
  });

  it('judges a page alike after a 200 and after a 304', async () => {
    conditional('/a', { body: 'one', etag: '"1"' });
    origin.routes['/b'] = (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('one');
    await warmUrls(['/a', '/b']);
    await warmUrls(['/a', '/b'], { refresh: true, mustContain: ['two'], concurrency: 1 });
    expect(results).toMatchObject([
      { url: `${origin.url}/a`, outcome: 'refused', reason: 'wrong-text', status: 304 },
      { url: `${origin.url}/b`, outcome: 'refused', reason: 'wrong-text', status: 200 },
    ]);
    expect(read('a')).toBe('one');
    await warmUrls(['/a'], { refresh: true, mustContain: ['one'] });
    expect(results).toMatchObject([{ outcome: 'present', change: 'same', status: 304 }]);
  });

  it.each([
    [{ 'cache-control': 'private' }, 'cache-control'],
    [{ 'cache-control': 'no-store' }, 'cache-control'],
    [{ 'set-cookie': 'session=1' }, 'set-cookie'],
    [{ vary: 'Cookie' }, 'vary'],
  ])('asks for the whole page after a 304 with %j, and judges that', async (fields, reason) => {
    const site = conditional('/a', { body: 'one', etag: '"1"', more: { 'cache-control': 'max-age=60' } });
    await warmUrls(['/a']);
    Object.assign(site.page, { more: fields, with304: fields });
    await warmUrls(['/a'], { refresh: true });
    expect(results).toMatchObject([{ outcome: 'refused', reason, status: 200 }]);
    expect(origin.asked.get('/a')).toBe(3);
  });

  it('takes over what a 304 says anew, and believes one that says what is stored', async () => {
    const more = { 'cache-control': 'max-age=60', 'cache-tag': 'old' };
    const site = conditional('/a', { body: 'one', etag: '"1"', more, with304: more });
    writeFileSync(join(cwd, 'tags.ndjson'), JSON.stringify({ url: '/a', tags: ['listed'] }));
    const refresh = () => warmUrls([], { lists: [join(cwd, 'tags.ndjson')], refresh: true });
    await refresh();
    await refresh();
    expect([results[0]?.change, site.full]).toEqual(['same', 1]);
    for (const fields of [
      { ...more, 'cache-tag': 'new' },
      { ...more, 'cache-control': 'max-age=5', 'cache-tag': 'new' },
    ]) {
      Object.assign(site.page, { more: fields, with304: fields });
      await refresh();
      expect(results).toMatchObject([{ outcome: 'stored', change: 'changed', status: 200 }]);
      await refresh();
      expect(results).toMatchObject([{ outcome: 'present', change: 'same', status: 304 }]);
    }
    // The whole page decides: this one is the same, and is asked for no third time.
    Object.assign(site.page, { with304: { 'cache-control': 'max-age=1' } });
    await refresh();
    expect(results).toMatchObject([{ outcome: 'present', change: 'same', status: 200 }]);
    const purged = await run('cache-purge', ['--tag', 'new', '--cache-dir', cacheDir], { cwd });
    expect(purged.stdout).toContain('1 page');
  });

  it('fetches a page anew that was purged while its origin answered 304', async () => {
    const cache = createPageCache({ cacheDir });
    await warmUrls(['/a', '/b']);
    let asked = 0;
    origin.routes['/a'] = async (response, request) => {
      asked += 1;
      if (request.headers['if-modified-since'] === undefined) {
        response.setHeader('content-type', 'text/html').end('<p>new</p>');
        return;
      }
      await cache.purge({ path: '/a' });
      response.writeHead(304).end();
    };
    await warmUrls(['/a'], { refresh: true });
    expect(asked).toBe(2);
    expect(read('a')).toBe('<p>new</p>');
    await cache.close();
  });

  it('does not believe a 304 that nobody asked for', async () => {
    origin.routes['/a'] = (response) => response.writeHead(304).end();
    await warmUrls(['/a']);
    expect(results).toMatchObject([{ outcome: 'refused', reason: 'status', status: 304 }]);
    expect(existsSync(file('a'))).toBe(false);
  });

  it('leaves the page that is there when the new one is refused or fails', async () => {
    await warmUrls(['/a', '/b', '/c']);
    const before = ['a', 'b', 'c'].map(version);
    origin.routes['/a'] = (response) => response.writeHead(404).end();
    origin.routes['/b'] = ({ socket }) => socket!.destroy();
    origin.routes['/c'] = (response) => response.setHeader('content-type', 'text/html').end('oops');
    const summary = await warmUrls(['/a', '/b', '/c'], { refresh: true, mustContain: ['<title>'] });
    expect(summary).toMatchObject({ refused: 2, failed: 1 });
    expect(['a', 'b', 'c'].map(version)).toEqual(before);
  });
});

describe('how old a page is', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');
  const hours = (count: number) => now - count * 3_600_000;
  const off = { refresh: false, olderThan: undefined, lastmod: false };
  it.each([
    ['nothing is asked for by default', hours(9999), undefined, off, false],
    ['everything with refresh', now, undefined, { ...off, refresh: true }, true],
    ['an old page with an age', hours(25), undefined, { ...off, olderThan: 86_400 }, true],
    ['not a young one', hours(23), undefined, { ...off, olderThan: 86_400 }, false],
    ['nor with refresh beside it', hours(23), undefined, { ...off, refresh: true, olderThan: 86_400 }, false],
    ['one that changed since', hours(3), hours(2), { ...off, lastmod: true }, true],
    ['not one that changed before', hours(2), hours(3), { ...off, lastmod: true }, false],
    ['not one of which the sitemap says nothing', hours(2), undefined, { ...off, lastmod: true }, false],
    ['lastmod is for who asks', hours(3), hours(2), off, false],
  ])('%s', (_, at, lastmod, freshness, expected) => {
    expect(isStale({ at }, lastmod === undefined ? {} : { lastmod }, freshness, now)).toBe(expected);
  });

  it('decides in a run', async () => {
    await warmUrls(['/a', '/b']);
    writeFileSync(file('c'), 'by hand, long ago');
    utimesSync(file('c'), 1000, 1000);
    expect(await warmUrls(['/a', '/b', '/c'], { olderThan: '1h' })).toMatchObject({ stored: 1, present: 2 });
    expect(origin.asked.get('/a')).toBe(1);
    expect(read('c')).toBe(bodyOf('/c'));
  });

  it('comes from the sitemap', async () => {
    await warmUrls(['/a', '/b']);
    const entry = (path: string, lastmod: string) =>
      `<url><loc>${origin.url}${path}</loc><lastmod>${lastmod}</lastmod></url>`;
    const sitemap = join(cwd, 'sitemap.xml');
    writeFileSync(
      sitemap,
      `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${entry('/a', '2001-01-01')}${entry('/b', '2100-01-01')}</urlset>`,
    );
    await warm({ cacheDir, lists: [sitemap], lastmod: true });
    expect([origin.asked.get('/a'), origin.asked.get('/b')]).toEqual([1, 2]);
  });

  it('asks in each run for a page that turns out to be the same, of which nothing is written', async () => {
    conditional('/a', { body: '<p>a</p>', etag: '"1"' });
    await warmUrls(['/a']);
    const before = files(cacheDir);
    const list = join(cwd, 'list.ndjson');
    writeFileSync(list, `{"url":"/a","lastmod":"${new Date(Date.now() + 60_000).toISOString()}"}\n`);
    const again = { cacheDir, origin: origin.url, lists: [list], lastmod: true };
    for (const asked of [2, 3]) {
      expect(await warm(again)).toMatchObject({ present: 1 });
      expect(origin.asked.get('/a')).toBe(asked);
    }
    const pages = (all: typeof before) => all.filter(([path]) => path === 'a');
    expect(pages(files(cacheDir))).toEqual(pages(before));
  });

  it('is compared with the time when the page was asked for, not with that of its last byte', async () => {
    let text = '<p>before</p>';
    let changed = 0;
    origin.routes['/a'] = async (response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.write(text);
      if (changed === 0) {
        // It changes while it is rendered, and the clock goes on before the rest comes.
        text = '<p>after</p>';
        changed = Date.now();
        while (Date.now() < changed + 50) await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    };
    await warmUrls(['/a']);
    expect(read('a')).toBe('<p>before</p>');
    const list = join(cwd, 'list.ndjson');
    writeFileSync(list, `{"url":"/a","lastmod":"${new Date(changed).toISOString()}"}\n`);
    const again = { cacheDir, origin: origin.url, lists: [list], lastmod: true };
    expect(await warm(again)).toMatchObject({ stored: 1 });
    expect(read('a')).toBe('<p>after</p>');
    expect(await warm(again)).toMatchObject({ present: 1 });
    expect(origin.asked.get('/a')).toBe(2);
  });

  it.each([
    ['2026-11-28', '2026-11-29T02:00:00Z', true],
    ['2026-11-27', '2026-11-29T02:00:00Z', false],
    ['2026-11', '2026-11-10T00:00:00Z', true],
    ['2026', '2026-03-01T00:00:00Z', true],
    ['2026-11-29T18:35:26Z', '2026-11-29T18:35:26.300Z', true],
    ['2026-11-29T18:35Z', '2026-11-29T18:35:20Z', true],
    ['2026-11-29T18:35Z', '2026-11-29T18:36:20Z', false],
  ])('that says %s, of a page stored at %s', async (lastmod, at, asked) => {
    writeFileSync(
      join(cwd, 'sitemap.xml'),
      `<urlset><url><loc>${origin.url}/a</loc><lastmod>${lastmod}</lastmod></url></urlset>`,
    );
    await warmUrls(['/a']);
    rmSync(file('.pagetree/meta/a.pagetree'));
    utimesSync(file('a'), new Date(at), new Date(at));
    await warm({ cacheDir, lists: [join(cwd, 'sitemap.xml')], lastmod: true });
    expect(origin.asked.get('/a')).toBe(asked ? 2 : 1);
  });
});

describe('--follow', () => {
  beforeEach(() => {
    origin.routes['/old'] = (response) => response.writeHead(301, { location: '/new' }).end();
    origin.routes['/older'] = (response) => response.writeHead(302, { location: `${origin.url}/old` }).end();
    origin.routes['/named'] = (response) =>
      response.writeHead(302, { location: 'https://www.example.org/new' }).end();
  });

  it('is not done unless it is asked for', async () => {
    expect(await warmUrls(['/old'])).toMatchObject({ refused: 1, reasons: [{ reason: 'redirect' }] });
    expect(origin.asked.has('/new')).toBe(false);
  });

  it('stores the page at its own place, and says how it came there', async () => {
    expect(await warmUrls(['/older', '/old'], { follow: true })).toMatchObject({ stored: 1, present: 1 });
    expect(read('new')).toBe(bodyOf('/new'));
    expect(existsSync(file('old'))).toBe(false);
    expect(results.map(({ detail }) => detail)).toContain('redirected to /old to /new');
  });

  it('knows the site under its other name', async () => {
    expect(await warmUrls(['/named'], { follow: true })).toMatchObject({ refused: 1 });
    expect(await warmUrls(['/named'], { follow: true, host: 'www.example.org' })).toMatchObject({
      stored: 1,
    });
  });
});

describe('the change report', () => {
  it('names what is new, changed, same and gone', async () => {
    const pages = ['/a', '/b', '/c', ...Array.from({ length: 9 }, (_, at) => `/p/${at}`)];
    const list = (paths: string[]) => writeFileSync(join(cwd, 'urls.txt'), `${paths.join('\n')}\n`);
    const site = conditional('/b', { body: 'one' });
    list(pages);
    const args = ['urls.txt', '--cache-dir', 'cache', '--origin', origin.url, '--changes', 'changes.ndjson'];
    const first = await run('cache-warm', args, { cwd });
    expect(first.code).toBe(0);
    site.page.body = 'two';
    list([...pages.filter((path) => path !== '/c'), '/d', '/status/404']);
    const ran = await run('cache-warm', [...args, '--refresh', '--prune', '--fail-on', '1'], { cwd });
    expect(ran).toMatchObject({ code: 0, stderr: expect.not.stringContaining('note') });
    const lines = readFileSync(join(cwd, 'changes.ndjson'), 'utf8').trim().split('\n');
    const changes = new Map(
      lines.map((line) => JSON.parse(line)).map((one) => [one.url.slice(origin.url.length), one]),
    );
    expect(changes.get('/a')).toEqual({ change: 'same', url: `${origin.url}/a`, place: 'a' });
    expect(changes.get('/b')).toMatchObject({ change: 'changed' });
    expect(changes.get('/c')).toEqual({ change: 'gone', url: `${origin.url}/c`, place: 'c' });
    expect(changes.get('/d')).toMatchObject({ change: 'new' });
    expect(changes.has('/status/404')).toBe(false);
    expect(changes.size).toBe(13);
  });

  it('names the site of a page that is gone, also when no other page has a change', async () => {
    await warmUrls(['/a', '/b']);
    writeFileSync(join(cwd, 'urls.txt'), '/status/404\n');
    const args = ['urls.txt', '--cache-dir', 'cache', '--origin', origin.url, '--changes', 'changes.ndjson'];
    const prune = ['--prune', '--max-shrink', '100%', '--fail-on', '100%'];
    expect((await run('cache-warm', [...args, ...prune], { cwd })).code).toBe(0);
    const lines = readFileSync(join(cwd, 'changes.ndjson'), 'utf8').trim().split('\n');
    expect(
      lines.map((line) => JSON.parse(line)).toSorted((one, two) => (one.url < two.url ? -1 : 1)),
    ).toEqual(['a', 'b'].map((place) => ({ change: 'gone', url: `${origin.url}/${place}`, place })));
  });
});

describe('--dry-run', () => {
  it('says what would be fetched, asks nobody, and makes no tree', async () => {
    writeFileSync(join(cwd, 'urls.txt'), '/a\n/b\n/c?d\n');
    const args = ['urls.txt', '--cache-dir', 'cache', '--origin', origin.url, '--dry-run', '--json'];
    const ran = await run('cache-warm', args, { cwd });
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.stdout)).toMatchObject({ planned: 2, stored: 0, present: 0, refused: 1 });
    expect(existsSync(cacheDir)).toBe(false);
    expect(origin.asked.size).toBe(0);
  });

  it('knows the tree that is there, and changes nothing in it', async () => {
    await warmUrls(['/a', '/b']);
    rmSync(file('b'));
    const before = version('a');
    expect(await warmUrls(['/a', '/b'], { dryRun: true })).toMatchObject({ planned: 1, present: 1 });
    expect(await warmUrls(['/a', '/b'], { dryRun: true, refresh: true })).toMatchObject({ planned: 2 });
    expect(version('a')).toEqual(before);
    expect(existsSync(file('b'))).toBe(false);
  });
});
