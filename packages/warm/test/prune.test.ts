/** Removing what no source names any more, and not removing what merely was not seen. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type WarmOptions, warm } from '../src/index.ts';
import { run } from './support/bins.ts';
import { leftovers, newFolder } from './support/folders.ts';
import { type Origin, startOrigin } from './support/origin.ts';

type Route = Origin['routes'][string];

let origin: Origin;
let cwd: string;
let cacheDir: string;

beforeAll(async () => {
  origin = await startOrigin();
});
afterAll(() => origin.close());
beforeEach(() => {
  cwd = newFolder();
  cacheDir = join(cwd, 'cache');
  for (const path of Object.keys(origin.routes)) delete origin.routes[path];
});
afterEach(() => expect(leftovers(cacheDir)).toEqual([]));

const warmUrls = (urls: string[], more: Partial<WarmOptions> = {}) =>
  warm({ ...{ cacheDir, origin: origin.url, urls, durability: 'none' as const, retries: 0 }, ...more });

const file = (place: string) => join(cacheDir, place);
const read = (place: string) => readFileSync(file(place), 'utf8');

const tenPages = Array.from({ length: 10 }, (_, at) => `/p/${at}`);

describe('--prune', () => {
  it('removes what no source names any more, and reports it', async () => {
    await warmUrls(tenPages);
    const gone: string[] = [];
    const onGone = (key: string, place: string) => gone.push(`${key} ${place}`);
    const summary = await warmUrls(tenPages.slice(1), { prune: true, onGone });
    expect(summary).toMatchObject({ present: 9, changes: { gone: 1 }, notPruned: undefined });
    expect(gone).toEqual(['/p/0 p/0']);
    expect(existsSync(file('p/0'))).toBe(false);
  });

  it.each([
    ['cut at its end', (line: string) => line.slice(0, 48), 'a source has lines that cannot be read'],
    ['cut at its beginning', (line: string) => line.slice(40), 'a source has lines that cannot be read'],
    ['whole, and of no page', (line: string) => line.replace('GET', 'POST'), undefined],
    ['of no request', (line: string) => line.replace(/".*?" 200/, '"\\x16\\x03" 400'), undefined],
    ['of a query', (line: string) => line.replace('/p/0', '/p/0?a=1'), undefined],
    ['of a page that is gone', (line: string) => line.replace('200', '404'), undefined],
  ])('believes a log with a line that is %s as far as it can be read', async (_, change, notPruned) => {
    await warmUrls(tenPages);
    const lines = tenPages.map(
      (path) => `192.0.2.1 - - [10/Oct/2026:13:55:36 +0000] "GET ${path} HTTP/1.1" 200 512 "-" "Mozilla"\n`,
    );
    const log = join(cwd, 'access.log');
    writeFileSync(log, [...lines.slice(1), change(lines[0]!.trim()), '\n'].join(''));
    const summary = await warmUrls([], { lists: [log], prune: true });
    expect(summary).toMatchObject({ present: 9, failed: 0, refused: 0, notPruned });
    expect(existsSync(file('p/0'))).toBe(notPruned !== undefined);
    // A line at the beginning is as any other.
    writeFileSync(log, [change(lines[0]!.trim()), '\n', ...lines.slice(1)].join(''));
    expect(await warmUrls([], { lists: [log], prune: true })).toMatchObject({
      present: 9,
      refused: 0,
      notPruned,
    });
  });

  it('removes nothing when too much of the tree would go', async () => {
    await warmUrls(tenPages);
    const summary = await warmUrls(tenPages.slice(2), { prune: true });
    expect(summary.changes.gone).toBe(0);
    expect(summary.notPruned).toBe('2 pages of 10 are in no source, and no more than 10% may go');
    expect(existsSync(file('p/0'))).toBe(true);
    const allowed = await warmUrls(tenPages.slice(2), { prune: true, maxShrink: '20%' });
    expect(allowed).toMatchObject({ changes: { gone: 2 }, notPruned: undefined });
  });

  it('is out of time when it is cut while it removes pages, though the list was done', async () => {
    await warmUrls(tenPages);
    const began = performance.now();
    let gone = 0;
    const onGone = () => {
      gone += 1;
      // Nothing else runs until the time is over; the next look at it finds that.
      while (performance.now() < began + 1100);
    };
    const more = { prune: true, maxShrink: '100%', maxTime: '1s', onGone };
    const summary = await warmUrls(tenPages.slice(8), more);
    expect(summary).toMatchObject({ present: 2, cut: 'max-time', stopped: false, notPruned: undefined });
    expect(summary.changes.gone).toBe(gone);
    expect(gone).toBeLessThan(8);
  });

  it('never removes a page that failed: it is in a source', async () => {
    await warmUrls(tenPages);
    origin.routes['/p/3'] = (response) => response.writeHead(500).end();
    const summary = await warmUrls(tenPages, { prune: true, refresh: true });
    expect(summary).toMatchObject({ refused: 1, changes: { gone: 0 } });
    expect(existsSync(file('p/3'))).toBe(true);
  });

  it.each<[string, string]>([
    ['a list', '/caf%c3%a9'],
    ['a redirect', '/old'],
  ])('keeps a page that %s names in another spelling', async (_, named) => {
    origin.routes['/old'] = (response) => response.writeHead(301, { location: '/caf%c3%a9' }).end();
    await warmUrls([...tenPages, '/caf%C3%A9']);
    const summary = await warmUrls([...tenPages, named], { prune: true, follow: true });
    expect(summary).toMatchObject({ refused: 1, notPruned: undefined, changes: { gone: 0 } });
    expect(existsSync(file('café'))).toBe(true);
  });

  it('keeps the page that a redirect leads to', async () => {
    origin.routes['/old'] = (response) => response.writeHead(301, { location: '/new' }).end();
    await warmUrls(['/old'], { follow: true, prune: true });
    await warmUrls(['/old'], { follow: true, prune: true, maxShrink: '100%' });
    expect(existsSync(file('new'))).toBe(true);
  });

  describe('with --follow', () => {
    const follow = { follow: true, prune: true };
    const moved: Route = (response) => response.writeHead(301, { location: '/new' }).end();
    const urls = ['/old', ...tenPages];

    it.each<[string, Route]>([
      ['an error of the server', (response) => response.writeHead(500).end()],
      ['too many requests', (response) => response.writeHead(429).end()],
      ['a connection that broke', ({ socket }) => socket!.destroy()],
      ['a circle', (response) => response.writeHead(302, { location: '/old' }).end()],
      ['a page that is none', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end()],
      ['a redirect to nowhere', (response) => response.writeHead(302, { location: 'http://[' }).end()],
      ['a redirect to what fails', (response) => response.writeHead(302, { location: '/off' }).end()],
    ])('keeps the page that a URL led to before %s', async (_, second) => {
      origin.routes['/old'] = moved;
      await warmUrls(urls, follow);
      origin.routes['/old'] = second;
      origin.routes['/off'] = (response) => response.writeHead(500).end();
      const summary = await warmUrls(urls, follow);
      expect(summary.notPruned).toBe('a URL did not lead to a page, and where it redirects to is not known');
      expect(existsSync(file('new'))).toBe(true);
    });

    it.each<[string, Route]>([
      ['is gone', (response) => response.writeHead(410).end()],
      ['is a page now', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('page')],
      [
        'is a page now that may not be stored',
        (response) =>
          response
            .writeHead(200, { 'content-type': 'text/html', 'cache-control': 'private', 'content-length': 4 })
            .end('page'),
      ],
      [
        'leads to another site',
        (response) => response.writeHead(302, { location: 'http://a.example/' }).end(),
      ],
    ])('removes the page that a URL led to before it %s', async (_, second) => {
      origin.routes['/old'] = moved;
      await warmUrls(urls, follow);
      origin.routes['/old'] = second;
      expect(await warmUrls(urls, follow)).toMatchObject({ notPruned: undefined, changes: { gone: 1 } });
      expect(existsSync(file('new'))).toBe(false);
    });

    it('does not count what no rule lets it ask for', async () => {
      await warmUrls(tenPages);
      const more = ['https://elsewhere.example/', '/p/1?sort=up'];
      const summary = await warmUrls([...tenPages.slice(1), ...more], follow);
      expect(summary).toMatchObject({ refused: 2, notPruned: undefined, changes: { gone: 1 } });
    });

    it('says in a dry run what would go only when it knows where all URLs lead', async () => {
      origin.routes['/old'] = moved;
      await warmUrls(urls, follow);
      expect(await warmUrls(urls, { ...follow, dryRun: true })).toMatchObject({
        ...{ notPruned: 'no page is fetched, so no redirect is followed', changes: { gone: 0 } },
      });
      const dry = await warmUrls(tenPages, { ...follow, dryRun: true });
      expect(dry).toMatchObject({ notPruned: undefined, changes: { gone: 1 } });
    });
  });

  it.each([
    ['a line cannot be read', { urls: [...tenPages.slice(1), 'nonsense'] }],
    ['only some pages are taken', { maxPages: 5 }],
    ['other machines have other parts', { shard: '1/2' }],
  ] as [string, Partial<WarmOptions>][])('removes nothing when %s', async (_, more) => {
    await warmUrls(tenPages);
    const summary = await warmUrls(tenPages.slice(1), { prune: true, maxShrink: '100%', ...more });
    expect(summary.notPruned).toEqual(expect.any(String));
    expect(summary.changes.gone).toBe(0);
    expect(existsSync(file('p/0'))).toBe(true);
  });
});

describe('--prune in a dry run', () => {
  it('says how much would go, and removes nothing', async () => {
    await warmUrls(tenPages);
    const gone: string[] = [];
    const dry = { prune: true, dryRun: true, onGone: (key: string) => gone.push(key) };
    expect(await warmUrls(tenPages.slice(1), dry)).toMatchObject({ present: 9, changes: { gone: 1 } });
    expect([gone, existsSync(file('p/0'))]).toEqual([['/p/0'], true]);
    const list = join(cwd, 'urls.txt');
    const args = [list, '--cache-dir', 'cache', '--origin', origin.url, '--dry-run', '--prune'];
    writeFileSync(list, tenPages.slice(1).join('\n'));
    const ran = await run('cache-warm', args, { cwd });
    expect(ran).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Dry run: .*gone +1 +would be removed/s),
    });
    writeFileSync(list, tenPages.slice(5).join('\n'));
    expect((await run('cache-warm', args, { cwd })).stdout).toMatch(
      /^Nothing would be pruned: 5 pages of 10 /m,
    );
    expect(await warmUrls([], { ...dry, crawl: true })).toMatchObject({
      ...{ notPruned: 'no page is fetched, so no link is followed', changes: { gone: 0 } },
    });
  });
});

describe('--prune with --crawl', () => {
  const links = (...paths: string[]) =>
    `<!doctype html>${paths.map((path) => `<a href="${path}">x</a>`).join('')}`.padEnd(200);
  const html = (body: string, status = 200): Route => {
    const headers = { 'content-type': 'text/html; charset=utf-8', 'content-length': body.length };
    return (response) => response.writeHead(status, headers).end(body);
  };
  const broken: Route = (response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': 500 });
    response.write(links(), () => response.destroy());
  };
  /** The end of the connection is the end of the page, or of the server. */
  const closing =
    (body: string): Route =>
    ({ socket }) => {
      socket!.end(`HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n${body}`);
    };
  const coded =
    (coding: string, body: Buffer): Route =>
    (response) => {
      response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': coding }).end(body);
    };
  /** `/` names `/a`, which alone names `/b`; then `/a` changes. */
  const crawlTwice = async (second: Route, more: Partial<WarmOptions> = {}) => {
    origin.routes['/robots.txt'] = html('', 404);
    origin.routes['/'] = html(links('/a'));
    origin.routes['/a'] = html(links('/b'));
    await warmUrls([], { crawl: true });
    expect(existsSync(file('b'))).toBe(true);
    origin.routes['/a'] = second;
    // What is stored would name it still.
    rmSync(file('a'));
    return warmUrls([], {
      ...{ crawl: true, prune: true, refresh: true, maxShrink: '100%', retries: 0, failOn: '9' },
      ...more,
    });
  };

  it.each<[string, Route, Partial<WarmOptions>]>([
    ['an error of the server', html('no', 500), {}],
    ['too many requests', html('no', 429), {}],
    ['a body that broke off', broken, {}],
    ['a page that hangs', () => {}, { timeout: 0.2 }],
    ['a page that is left out', html(links('/b')), { maxPages: 1 }],
    ['a page that is forbidden', html('no', 403), {}],
    ['an error page with 200', html('Sorry.'.padEnd(200)), { mustContain: ['href'] }],
    ['a page that is too small', html('Sorry.'), { minSize: '100' }],
    ['a page that may not be whole', closing(links('/b')), {}],
    ['a page in a coding that nobody knows', coded('shrink', Buffer.from(links('/b'))), {}],
    ['a page whose coding is cut', coded('gzip', gzipSync(links('/b')).subarray(0, -9)), {}],
  ])('removes nothing after %s', async (_, second, more) => {
    const summary = await crawlTwice(second, more);
    expect(summary.notPruned).toEqual(expect.any(String));
    expect(summary.changes.gone).toBe(0);
    expect(existsSync(file('b'))).toBe(true);
  });

  it('removes what no page names any more, in the tree and on the site', async () => {
    expect(await crawlTwice(html(links('/c')))).toMatchObject({ notPruned: undefined, changes: { gone: 1 } });
    expect(existsSync(file('b'))).toBe(false);
    origin.routes['/a'] = html(links('/d'));
    // The version in the tree still names it, and another one takes its place.
    const again = { crawl: true, prune: true, refresh: true, maxShrink: '100%' };
    expect((await warmUrls([], again)).changes.gone).toBe(1);
    expect(existsSync(file('c'))).toBe(false);
  });

  it('knows the links of a page that came compressed', async () => {
    const packed = coded('gzip', gzipSync(links('/b')));
    expect(await crawlTwice(packed)).toMatchObject({ notPruned: undefined, changes: { gone: 0 }, urls: 3 });
    expect(read('a')).toBe(links('/b'));
  });

  it.each<[string, Partial<WarmOptions>, string?]>([
    ['--depth', { depth: 1 }],
    ['--exclude', { exclude: ['/b'] }],
    ['--include', { include: ['/$', '/a'] }],
    ['robots.txt', {}, 'User-agent: *\nDisallow: /b'],
    ['nofollow', {}, 'nofollow'],
  ])('removes nothing behind a link that %s left out', async (_, more, said = '') => {
    const second = said === 'nofollow' ? html(links('/b').replace('href', 'rel=nofollow href')) : undefined;
    origin.routes['/b'] = html(links('/c'));
    await crawlTwice(html(links('/b')));
    expect(existsSync(file('c'))).toBe(true);
    if (second !== undefined) origin.routes['/a'] = second;
    if (said.startsWith('User')) origin.routes['/robots.txt'] = html(said);
    rmSync(file('a'));
    const summary = await warmUrls([], { crawl: true, prune: true, maxShrink: '100%', ...more });
    expect(summary.notPruned).toMatch(/^1 page of the tree has links that were not followed: /);
    expect(summary.changes.gone).toBe(0);
    expect([existsSync(file('b')), existsSync(file('c'))]).toEqual([true, true]);
  });

  it('is not kept from it by a link that was left out, to a page that is not in the tree', async () => {
    const summary = await crawlTwice(html(links('/c', '/admin/')), { exclude: ['/admin/'] });
    expect(summary).toMatchObject({ notPruned: undefined, changes: { gone: 1 } });
    expect(existsSync(file('b'))).toBe(false);
  });

  it('removes nothing when a sitemap is on another site, and cannot be read', async () => {
    const xml = (body: string): Route => {
      return (response) => response.writeHead(200, { 'content-type': 'application/xml' }).end(body);
    };
    const map = (path: string) => `<sitemap><loc>${path}</loc></sitemap>`;
    const elsewhere = map('http://maps.example/more.xml');
    origin.routes['/index.xml'] = xml(
      `<sitemapindex>${map(`${origin.url}/a.xml`)}${elsewhere}</sitemapindex>`,
    );
    origin.routes['/a.xml'] = xml(`<urlset><url><loc>${origin.url}/a</loc></url></urlset>`);
    await warmUrls(['/a', '/b']);
    const lists = [`${origin.url}/index.xml`];
    const summary = await warmUrls([], { lists, prune: true, maxShrink: '100%' });
    expect(summary).toMatchObject({ notPruned: 'a source cannot be read', changes: { gone: 0 } });
    expect(existsSync(file('b'))).toBe(true);
  });
});
