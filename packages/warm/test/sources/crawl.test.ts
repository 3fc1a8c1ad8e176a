/** A crawl, over real sockets into a real tree: what the warmer does with the steps is what `cache-warm` does. */
import { join } from 'node:path';
import { type CacheOptions, createPageCache } from '@pagetree/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OriginClient } from '../../src/fetch/client.ts';
import { type PageTools, warmPage } from '../../src/fetch/page.ts';
import { splitUrl } from '../../src/plan/origin.ts';
import type { FetchStep } from '../../src/plan/plan.ts';
import { readAhead } from '../../src/plan/read-ahead.ts';
import { throughWindow } from '../../src/plan/window.ts';
import type { UrlResult } from '../../src/results.ts';
import type { Notice } from '../../src/sources/entry.ts';
import { type OpenOptions, openSources } from '../../src/sources/open.ts';
import { leftovers, newFolder } from '../support/folders.ts';
import { startSite, type TestSite, urlset } from './support.ts';

let site: TestSite;
let cacheDir: string;
beforeEach(async () => {
  site = await startSite();
  cacheDir = join(newFolder(), 'cache');
});
afterEach(() => site.close());

const page = (...hrefs: string[]) =>
  `<!doctype html><title>x</title>${hrefs.map((href) => `<a href="${href}">x</a>`).join('\n')}`;

interface Crawled {
  readonly results: UrlResult[];
  readonly notices: Notice[];
  readonly steps: FetchStep[];
}

interface HowToCrawl extends Partial<OpenOptions> {
  readonly tree?: Partial<CacheOptions>;
  readonly refresh?: boolean;
  readonly concurrency?: number;
}

async function warm(lists: readonly string[], how: HowToCrawl = {}): Promise<Crawled> {
  const { tree, refresh = false, concurrency = 4, signal = new AbortController().signal, ...options } = how;
  const origin = splitUrl(site.url)!.origin;
  const cache = createPageCache({
    cacheDir,
    by: 'warm',
    io: 'direct',
    coalesce: false,
    durability: 'none',
    ...tree,
  });
  const client = new OriginClient({
    origin,
    host: undefined,
    concurrency,
    times: { connect: 10, firstByte: 10, whole: 10 },
    token: () => undefined,
    headers: {},
    connect: {},
  });
  const results: UrlResult[] = [];
  const notices: Notice[] = [];
  const steps: FetchStep[] = [];
  try {
    const sources = await openSources({
      lists,
      origin,
      signal,
      connect: () => client,
      onNotice: (notice) => notices.push(notice),
      ...options,
    });
    const report = (result: UrlResult) => {
      results.push(result);
      sources.settled(result);
    };
    const tools: PageTools = sources.watch({
      cache,
      client,
      isStale: () => refresh,
      checks: { mustContain: [], mustNotContain: [], minSize: 0 },
      follow: false,
      anew: false,
    });
    async function* fetches() {
      for await (const step of sources.steps()) {
        if (step.kind === 'fetch') yield step;
        else report(step.result);
      }
    }
    await throughWindow(
      readAhead(fetches(), ({ url }) => url.length),
      concurrency,
      signal,
      async (step) => {
        steps.push(step);
        const { url, source, line } = step;
        const { result } = await warmPage(step, tools);
        report({ url, ...result, source, line });
      },
    );
  } finally {
    await client.close();
    await cache.close();
  }
  return { results, notices, steps };
}

const outcomes = ({ results }: Crawled) =>
  Object.fromEntries(results.map(({ url, outcome }) => [url.slice(site.url.length), outcome]));
const crawl = (how: HowToCrawl = {}, ...lists: string[]) => warm(lists, { crawl: true, ...how });

describe('a crawl', () => {
  it('begins at the front page and stores every page of the site once', async () => {
    site.pages['/'] = page('/a', '/b', '/', '#top');
    site.pages['/a'] = page('/b', '/c/', 'a');
    site.pages['/b'] = page('/a');
    site.pages['/c/'] = page('d', '../a');
    site.pages['/c/d'] = page();
    const crawled = await crawl();
    expect(outcomes(crawled)).toEqual({
      '/': 'stored',
      '/a': 'stored',
      '/b': 'stored',
      '/c/': 'stored',
      '/c/d': 'stored',
    });
    expect([...site.asked].sort()).toEqual(['/', '/a', '/b', '/c/', '/c/d', '/robots.txt']);
    expect(crawled.notices).toEqual([]);
  });

  it('says of each page where its link stands', async () => {
    site.pages['/'] = `${page()}\n\n<a href=/gone>`;
    const { results } = await crawl();
    expect(results[1]).toMatchObject({
      url: `${site.url}/gone`,
      outcome: 'refused',
      reason: 'status',
      source: `${site.url}/`,
      line: 3,
    });
  });

  it('takes what pages are made of: style sheets and what those need, scripts, images', async () => {
    site.pages['/'] =
      '<link rel=stylesheet href=/s/a.css><script src=/a.js></script><img srcset="/a.png 1x, /b.png 2x">';
    site.pages['/s/a.css'] = '@import "b.css"; a { background: url(../c.png) }';
    site.pages['/s/b.css'] = 'b { background: url(/d.png) }';
    expect(Object.keys(outcomes(await crawl())).sort()).toEqual(
      ['/', '/a.js', '/a.png', '/b.png', '/c.png', '/d.png', '/s/a.css', '/s/b.css'].sort(),
    );
    const without = await crawl({ assets: false, refresh: true });
    expect(Object.keys(outcomes(without))).toEqual(['/']);
    expect(without.notices).toEqual([
      { source: '--crawl', text: 'links that were not followed: 4 to assets' },
    ]);
  });

  it('counts clicks, not who was answered first', async () => {
    site.pages['/'] = page('/slow', '/quick');
    site.pages['/quick'] = page('/deep');
    site.pages['/deep'] = page('/target');
    // The short way to /target is answered last.
    site.pages['/slow'] = (_, response) =>
      setTimeout(() => response.setHeader('content-type', 'text/html').end(page('/target')), 60);
    site.pages['/target'] = page('/far');
    site.pages['/far'] = page();
    expect(Object.keys(outcomes(await crawl({ depth: 3 }))).sort()).toEqual(
      ['/', '/deep', '/far', '/quick', '/slow', '/target'].sort(),
    );
  });

  it.each([
    [0, ['/', '/a.css']],
    [1, ['/', '/1', '/a.css']],
    [2, ['/', '/1', '/2', '/a.css']],
  ])('goes no further than --depth %d, but for assets', async (depth, paths) => {
    site.pages['/'] = `<link rel=stylesheet href=/a.css>${page('/1')}`;
    site.pages['/a.css'] = '';
    site.pages['/1'] = page('/2');
    site.pages['/2'] = page('/3');
    const crawled = await crawl({ depth });
    expect(Object.keys(outcomes(crawled)).sort()).toEqual(paths);
    expect(crawled.notices).toEqual([
      { source: '--crawl', text: 'links that were not followed: 1 beyond --depth' },
    ]);
  });

  it('leaves every link to another site alone, and asks robots.txt and nofollow', async () => {
    site.pages['/robots.txt'] = 'User-agent: *\nDisallow: /private';
    site.pages['/'] =
      `${page('http://other.example/', '/private/x', '/a', '/list?page=2', 'mailto:x@y')}<a rel=nofollow href=/n>`;
    site.pages['/a'] = `<meta name=robots content=nofollow>${page('/hidden')}`;
    const crawled = await crawl();
    expect(outcomes(crawled)).toEqual({ '/': 'stored', '/a': 'stored' });
    expect(crawled.notices[0]!.text).toBe(
      'links that were not followed: 1 to another site, 1 forbidden by robots.txt, 1 with a query, 1 no address of a page, 2 nofollow',
    );
    site.pages['/hidden'] = site.pages['/n'] = site.pages['/private/x'] = page();
    const all = await crawl({ ignoreRobots: true });
    expect(Object.keys(outcomes(all)).sort()).toEqual(['/', '/a', '/hidden', '/n', '/private/x']);
  });

  it('does not follow the links of a page whose header forbids it', async () => {
    site.pages['/'] = (_, response) =>
      response
        .writeHead(200, { 'content-type': 'text/html', 'x-robots-tag': 'noindex, nofollow' })
        .end(page('/a'));
    expect(Object.keys(outcomes(await crawl()))).toEqual(['/']);
    // The tree knows it as well.
    expect(Object.keys(outcomes(await crawl()))).toEqual(['/']);
  });

  it('tells that there is more in robots.txt than is looked at', async () => {
    site.pages['/robots.txt'] =
      `User-agent: *\nDisallow: /private\n${'# nothing\n'.repeat(60_000)}Disallow: /\n`;
    site.pages['/'] = page('/private', '/a');
    site.pages['/a'] = page();
    const { results } = await crawl();
    expect(results.map(({ url, outcome, reason }) => [url.slice(site.url.length), outcome, reason])).toEqual([
      ['/robots.txt', 'failed', 'bad-source'],
      ['/', 'stored', undefined],
      ['/a', 'stored', undefined],
    ]);
    const { results: ignored } = await crawl({ ignoreRobots: true });
    expect(ignored.every(({ reason }) => reason !== 'bad-source')).toBe(true);
  });

  it('can be stopped while it judges many links by many rules', async () => {
    const controller = new AbortController();
    const rule = `Disallow: /${'*a'.repeat(40)}z\n`;
    site.pages['/robots.txt'] = `User-agent: *\n${rule.repeat(4900)}`;
    const links = Array.from({ length: 2000 }, (_, at) => `/${'a'.repeat(100)}${at}`);
    site.pages['/'] = (_, response) => {
      response.once('finish', () => setTimeout(() => controller.abort(), 100));
      response.setHeader('content-type', 'text/html').end(page(...links));
    };
    const began = performance.now();
    await crawl({ signal: controller.signal, tree: { variants: [] } });
    expect(performance.now() - began).toBeLessThan(3000);
  });

  it('does not begin when nobody can say what may be followed', async () => {
    site.pages['/robots.txt'] = (_, response) => response.writeHead(500, { 'retry-after': '0' }).end();
    await expect(crawl()).rejects.toThrow(`${site.url}/robots.txt cannot be read: the site answers 500.`);
  });

  it('takes patterns', async () => {
    site.pages['/'] = page('/blog/a', '/blog/drafts/b', '/about');
    for (const path of ['/blog/a', '/blog/drafts/b', '/about']) site.pages[path] = page();
    const crawled = await crawl({ include: ['/blog'], exclude: ['/blog/drafts'] });
    expect(Object.keys(outcomes(crawled)).sort()).toEqual(['/', '/blog/a']);
    expect(crawled.notices[0]!.text).toContain('2 left out by --include and --exclude');
  });

  it('follows canonical links, redirects, and pages that name the next', async () => {
    site.pages['/'] = '<link rel=canonical href=/home><link rel=next href=/p2>';
    site.pages['/home'] = page('/old');
    site.pages['/p2'] = '<meta http-equiv=refresh content="0; url=/p3">';
    site.pages['/p3'] = page();
    site.pages['/old'] = (_, response) => response.writeHead(301, { location: 'new' }).end();
    site.pages['/new'] = page();
    const crawled = await crawl();
    expect(outcomes(crawled)).toEqual({
      '/': 'stored',
      '/home': 'stored',
      '/p2': 'stored',
      '/p3': 'stored',
      '/old': 'refused',
      '/new': 'stored',
    });
  });

  it('sees the links of pages that may not be stored', async () => {
    site.pages['/'] = (_, response) =>
      response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'a=1' }).end(page('/a'));
    site.pages['/a'] = page();
    expect(outcomes(await crawl())).toEqual({ '/': 'refused', '/a': 'stored' });
  });

  it('sees the links of a page that is too large to be stored', async () => {
    site.pages['/'] = `${page()}${'<p>text</p>'.repeat(200_000)}<a href=/a>`;
    site.pages['/a'] = page();
    expect(outcomes(await crawl({ tree: { maxPageSize: 1000 } }))).toEqual({
      '/': 'refused',
      '/a': 'stored',
    });
  });

  it('sees the links of pages that are stored already, without asking for them', async () => {
    site.pages['/'] = page('/a');
    site.pages['/a'] = page('/b');
    site.pages['/b'] = page();
    await crawl();
    site.asked.length = 0;
    site.pages['/c'] = page();
    expect(outcomes(await crawl())).toEqual({ '/': 'present', '/a': 'present', '/b': 'present' });
    expect(site.asked).toEqual(['/robots.txt']);
  });

  it('sees the links of pages that did not change', async () => {
    const answer =
      (body: string) =>
      (request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => {
        const fresh = request.headers['if-none-match'] === '"v1"';
        response
          .writeHead(fresh ? 304 : 200, { 'content-type': 'text/html', etag: '"v1"' })
          .end(fresh ? undefined : body);
      };
    site.pages['/'] = answer(page('/a'));
    site.pages['/a'] = answer(page('/b'));
    site.pages['/b'] = page();
    await crawl();
    expect(Object.keys(outcomes(await crawl({ refresh: true })))).toEqual(['/', '/a', '/b']);
  });

  it('leaves the links of the version that is replaced alone', async () => {
    Object.assign(site.pages, { '/': page('/old'), '/old': page('/older'), '/older': page() });
    await crawl();
    Object.assign(site.pages, { '/': page('/new'), '/new': page() });
    site.asked.length = 0;
    expect(outcomes(await crawl({ refresh: true }))).toEqual({ '/': 'stored', '/new': 'stored' });
    expect(site.asked).toEqual(['/robots.txt', '/', '/new']);
  });

  it.each([
    ['fails', 'failed', (_, response) => response.destroy()],
    ['is refused', 'refused', (_, response) => response.writeHead(404).end()],
    [
      'is the same page',
      'present',
      (_, response) => response.setHeader('content-type', 'text/html').end(page('/a')),
    ],
  ] as [string, string, import('node:http').RequestListener][])(
    'sees the links of the version that stays when what comes %s',
    async (_, outcome, answer) => {
      Object.assign(site.pages, { '/': page('/a'), '/a': page('/b'), '/b': page() });
      await crawl();
      site.pages['/'] = answer;
      expect(outcomes(await crawl({ refresh: true }))).toEqual({
        '/': outcome,
        '/a': 'present',
        '/b': 'present',
      });
    },
  );

  it('begins at a page that the rules leave out of the tree', async () => {
    site.pages['/'] = page('/blog/a', '/about');
    site.pages['/blog/a'] = page('/blog/b');
    site.pages['/blog/b'] = page();
    site.pages['/about'] = page('/blog/never');
    const crawled = await crawl({ tree: { cachePaths: ['/blog'] } });
    expect(outcomes(crawled)).toEqual({
      '/': 'refused',
      '/about': 'refused',
      '/blog/a': 'stored',
      '/blog/b': 'stored',
    });
    expect(site.asked).not.toContain('/about');
  });

  it('ends on a site without an end, at --max-pages', async () => {
    let asked = 0;
    site.pages['/'] = page('/0/');
    const trap = (_: unknown, response: import('node:http').ServerResponse) => {
      asked += 1;
      for (const end of ['a/', 'b/']) site.pages[`${(_ as { url: string }).url}${end}`] = trap;
      response.setHeader('content-type', 'text/html').end(page('a/', 'b/'));
    };
    site.pages['/0/'] = trap;
    const crawled = await crawl({ maxPages: 50, depth: 1000 });
    expect(crawled.results).toHaveLength(50);
    expect(asked).toBe(49);
    expect(crawled.notices).toEqual([
      { source: '--max-pages', text: 'there are more pages than that; the rest is left out' },
    ]);
  });

  it('goes on from the pages of a sitemap', async () => {
    site.pages['/sitemap.xml'] = urlset(`${site.url}/a`, `${site.url}/b`);
    site.pages['/a'] = page('/c');
    site.pages['/b'] = page('/a');
    site.pages['/c'] = page();
    expect(Object.keys(outcomes(await crawl({}, `${site.url}/sitemap.xml`))).sort()).toEqual([
      '/a',
      '/b',
      '/c',
    ]);
  });

  it('survives pages that break off, and names them', async () => {
    site.pages['/'] = page('/cut', '/ok');
    site.pages['/cut'] = (_, response) => {
      response
        .writeHead(200, { 'content-type': 'text/html', 'content-length': 10_000 })
        .write(page('/found'));
      setTimeout(() => response.destroy(), 20);
    };
    site.pages['/ok'] = site.pages['/found'] = page();
    expect(outcomes(await crawl())).toEqual({
      '/': 'stored',
      '/cut': 'failed',
      '/ok': 'stored',
      '/found': 'stored',
    });
  });

  it('ends when it is stopped, in the middle of a level', async () => {
    const controller = new AbortController();
    site.pages['/'] = page(...Array.from({ length: 100 }, (_, at) => `/${at}`));
    for (let at = 0; at < 100; at += 1) site.pages[`/${at}`] = page(`/next/${at}`);
    site.pages['/50'] = (_, response) => {
      controller.abort();
      response.setHeader('content-type', 'text/html').end(page());
    };
    const crawled = await crawl({ signal: controller.signal });
    expect(crawled.results.length).toBeLessThan(70);
  });

  it('stores the same pages with one connection and with many', async () => {
    // A site of 400 pages, each with links to three others.
    for (let at = 0; at < 400; at += 1) {
      site.pages[at === 0 ? '/' : `/p/${at}`] = page(
        ...[at * 2, at * 3 + 1, at + 7].map((to) => `/p/${(to % 399) + 1}`),
      );
    }
    const found: string[][] = [];
    for (const concurrency of [1, 16]) {
      cacheDir = join(newFolder(), 'cache');
      found.push(Object.keys(outcomes(await crawl({ concurrency, depth: 6 }))).sort());
    }
    expect(found[1]).toEqual(found[0]);
    expect(found[0]!.length).toBeGreaterThan(100);
    expect(leftovers(cacheDir)).toEqual([]);
  });
});
