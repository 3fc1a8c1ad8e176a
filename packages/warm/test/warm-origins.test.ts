import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createPageCache, type PageCache } from '@pagetree/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ResultStream } from '../src/fetch/result-stream.ts';
import { type UrlResult, type WarmOptions, warm } from '../src/index.ts';
import { run } from './support/bins.ts';
import { leftovers, newFolder } from './support/folders.ts';
import { bodyOf, type Origin, startOrigin } from './support/origin.ts';

let origin: Origin;
let cacheDir: string;
let results: UrlResult[];

beforeAll(async () => {
  origin = await startOrigin();
});
afterAll(() => origin.close());
beforeEach(() => {
  cacheDir = join(newFolder(), 'cache');
  results = [];
  origin.asked.clear();
});

function warmUrls(urls: string[], more: Partial<WarmOptions> = {}) {
  return warm({
    cacheDir,
    origin: origin.url,
    urls,
    onResult: (result) => results.push(result),
    ...more,
  });
}

/** Nothing but the tree's own files: no page, no part of one. */
function expectEmptyTree(): void {
  expect(readdirSync(cacheDir).sort()).toEqual(['.pagetree', 'CACHEDIR.TAG']);
  expect(leftovers(cacheDir)).toEqual([]);
}

describe('a broken origin', () => {
  it.each([
    ['/reset/head', 'failed', 'connection-reset'],
    ['/reset/body', 'failed', 'unfinished'],
    ['/short-length', 'failed', 'unfinished'],
    ['/cut-chunk', 'failed', 'unfinished'],
    ['/cut-in-chunk', 'failed', 'unfinished'],
    ['/close-delimited', 'refused', 'no-length'],
    ['/old-http', 'refused', 'no-length'],
    ['/transfer-gzip', 'refused', 'encoding'],
    ['/no-http', 'failed', 'bad-response'],
    ['/huge-head', 'failed', 'bad-response'],
    ['/hang/head', 'failed', 'timeout'],
    ['/hang/body', 'failed', 'timeout'],
    ['/drip', 'failed', 'timeout'],
    ['/endless', 'refused', 'too-large'],
    ['/huge-404', 'refused', 'status'],
    ['/bad-gzip', 'refused', 'encoding'],
    ['/trailers', 'refused', 'trailers'],
    ['/empty', 'refused', 'empty-body'],
  ])('that answers %s is %s, with the reason %s, and leaves nothing', async (path, outcome, reason) => {
    const began = performance.now();
    await warmUrls([path], { timeout: 0.5, retries: 0, maxPageSize: 1_000_000 });
    expect(performance.now() - began).toBeLessThan(3000);
    expect(results).toMatchObject([{ url: origin.url + path, outcome, reason, line: 1 }]);
    expectEmptyTree();
  });

  it('harms nothing but its own URL', async () => {
    const broken = [
      '/reset/head',
      '/short-length',
      '/cut-chunk',
      '/no-http',
      '/huge-head',
      '/hang/body',
      '/close-delimited',
    ];
    const urls = Array.from({ length: 140 }, (_, at) =>
      at % 4 === 3 ? `${broken[at % 7]!}` : `/page/${at}`,
    );
    const unique = urls.map((url, at) => (url.startsWith('/page') ? url : `${url}-${at}`));
    for (const [at, url] of unique.entries()) {
      if (at % 4 === 3) origin.routes[url] = (response, request) => brokenRoute(urls[at]!, response, request);
    }
    const summary = await warmUrls(unique, { timeout: 0.5, concurrency: 6, retries: 0 });
    for (const url of unique) delete origin.routes[url];
    expect(summary).toMatchObject({ urls: 140, stored: 105 });
    for (const [at, url] of unique.entries()) {
      if (at % 4 !== 3) expect(readFileSync(join(cacheDir, url), 'utf8')).toBe(bodyOf(url));
    }
    expect(leftovers(cacheDir)).toEqual([]);
  });

  function brokenRoute(path: string, response: import('node:http').ServerResponse, _: unknown): void {
    const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n';
    if (path === '/reset/head') response.socket!.destroy();
    else if (path === '/short-length') response.socket!.end(`${head}Content-Length: 1000\r\n\r\nhalf`);
    else if (path === '/hang/body') response.writeHead(200, { 'content-type': 'text/html' }).write('half');
    else response.socket!.end(`${head}Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n`);
  }

  it('that sends more than it promised stores no more than it promised, or nothing', async () => {
    await warmUrls(['/long-length', '/a', '/b'], { concurrency: 1 });
    expect(readFileSync(join(cacheDir, 'a'), 'utf8')).toBe(bodyOf('/a'));
    expect(readFileSync(join(cacheDir, 'b'), 'utf8')).toBe(bodyOf('/b'));
    if (results[0]!.outcome === 'stored')
      expect(readFileSync(join(cacheDir, 'long-length'), 'utf8')).toBe('long');
  });

  it('is asked once more when it drops a connection before it answered: it may have been idle', async () => {
    let asked = 0;
    origin.routes['/flaky'] = (response) => {
      asked += 1;
      if (asked === 1) response.socket!.destroy();
      else response.setHeader('content-type', 'text/html').end('page');
    };
    expect(await warmUrls(['/flaky'])).toMatchObject({ stored: 1 });
    expect(asked).toBe(2);
    asked = -100;
    origin.routes['/flaky-2'] = (response) => {
      asked += 1;
      response.socket!.destroy();
    };
    expect(await warmUrls(['/flaky-2'])).toMatchObject({ failed: 1 });
    expect(asked).toBe(-97);
  });

  it('that stops in the middle fails each URL by itself', async () => {
    const dying = await startOrigin();
    let answered = 0;
    const urls = Array.from({ length: 40 }, (_, at) => `/${at}`);
    for (const url of urls) {
      dying.routes[url] = async (response) => {
        answered += 1;
        response.setHeader('content-type', 'text/html').end('page');
        if (answered === 10) void dying.close();
      };
    }
    const summary = await warm({ cacheDir, origin: dying.url, urls, concurrency: 2 });
    expect(summary.stored).toBeGreaterThanOrEqual(8);
    expect(summary.failed).toBe(40 - summary.stored);
    expect(summary.reasons.map(({ reason }) => reason)).toContain('connection-refused');
    expect(leftovers(cacheDir)).toEqual([]);
  });
});

describe('a page that somebody else is at', () => {
  let other: PageCache;
  beforeEach(() => {
    other = createPageCache({ cacheDir });
  });

  async function hold(target: string) {
    const found = await other.lookup({ method: 'GET', target, headers: {} });
    if (found.kind !== 'miss' || found.ticket === undefined) throw new Error('no ticket');
    return found.ticket;
  }

  it('is present when that one has stored it', async () => {
    const ticket = await hold('/a');
    setTimeout(async () => {
      const fill = ticket.begin({ status: 200, headers: { 'content-type': 'text/html' } })!;
      fill.write(Buffer.from('theirs'));
      await fill.commit();
    }, 300);
    expect(await warmUrls(['/a', '/b'])).toMatchObject({ stored: 1, present: 1 });
    expect(origin.asked.get('/a')).toBeUndefined();
    expect(readFileSync(join(cacheDir, 'a'), 'utf8')).toBe('theirs');
  });

  it('is fetched when that one gave up', async () => {
    const ticket = await hold('/a');
    setTimeout(() => ticket.abandon('unfinished'), 300);
    expect(await warmUrls(['/a'])).toMatchObject({ stored: 1 });
  });

  it('is busy when that one takes too long', async () => {
    const ticket = await hold('/a');
    const began = performance.now();
    expect(await warmUrls(['/a', '/b'])).toMatchObject({
      stored: 1,
      failed: 1,
      reasons: [{ reason: 'busy' }],
    });
    expect(performance.now() - began).toBeLessThan(10_000);
    ticket.abandon('unfinished');
    await ticket.outcome;
  });

  it('is fetched again when a purge overtook the response', async () => {
    let asked = 0;
    origin.routes['/a'] = async (response) => {
      asked += 1;
      if (asked === 1) await other.purge({ path: '/a' });
      response.setHeader('content-type', 'text/html').end(`made ${asked}`);
    };
    expect(await warmUrls(['/a'])).toMatchObject({ stored: 1 });
    expect(readFileSync(join(cacheDir, 'a'), 'utf8')).toBe('made 2');
    origin.routes['/a'] = async (response) => {
      asked += 1;
      await other.purge({ path: '/a' });
      response.setHeader('content-type', 'text/html').end(`made ${asked}`);
    };
    expect(await warmUrls(['/a'], { refresh: true })).toMatchObject({
      failed: 1,
      reasons: [{ reason: 'fenced' }],
    });
    delete origin.routes['/a'];
    expect(asked).toBe(5);
    expectEmptyTree();
  });

  it('may be at every page: two warmers of one list store it together', async () => {
    const cwd = join(cacheDir, '..');
    writeFileSync(join(cwd, 'urls.txt'), Array.from({ length: 300 }, (_, at) => `/p/${at}\n`).join(''));
    const args = ['urls.txt', '--cache-dir', 'cache', '--origin', origin.url, '--json', '--variants', 'none'];
    const both = await Promise.all([run('cache-warm', args, { cwd }), run('cache-warm', args, { cwd })]);
    const [one, two] = both.map(({ stdout }) => JSON.parse(stdout));
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(one.stored + two.stored).toBe(300);
    expect(one.stored + one.present).toBe(300);
    expect(leftovers(cacheDir)).toEqual([]);
  });
});

describe('warm()', () => {
  it('stops when its signal says so, and gives what runs a moment', async () => {
    const controller = new AbortController();
    origin.routes['/slow'] = (response) => {
      controller.abort();
      setTimeout(() => response.setHeader('content-type', 'text/html').end('slow'), 200);
    };
    const urls = ['/slow', ...Array.from({ length: 500 }, (_, at) => `/${at}`)];
    const summary = await warmUrls(urls, { concurrency: 2, signal: controller.signal });
    expect(summary.stopped).toBe(true);
    expect(summary.urls).toBeLessThan(20);
    expect(results).toContainEqual(expect.objectContaining({ url: `${origin.url}/slow`, outcome: 'stored' }));
  });

  it('ends what hangs when the moment is over', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 200);
    const summary = await warmUrls(['/hang/head', '/hang/body'], { signal: controller.signal, drain: 0.2 });
    expect(summary).toMatchObject({ stopped: true, failed: 2, reasons: [{ reason: 'stopped', count: 2 }] });
    expectEmptyTree();
  });

  describe('whose results wait to be taken', () => {
    const result: UrlResult = { url: 'http://a/', outcome: 'stored', source: 'urls', line: 1 };
    const { signal } = new AbortController();
    /** A stream with a hundred results, and three who wait to add more. */
    const full = async (ending = signal) => {
      const stream = new ResultStream();
      const taken = stream.iterate();
      for (let made = 0; made <= 100; made += 1) stream.add(result);
      // A loop that has begun: it is left by its end only.
      await taken.next();
      return { taken, rooms: Promise.all([1, 2, 3].map(() => stream.room(ending))) };
    };

    it('lets all go on who make them when there is room', async () => {
      const { taken, rooms } = await full();
      await taken.next();
      expect(await rooms).toHaveLength(3);
    });

    it('lets all go on when the loop is left', async () => {
      const { taken, rooms } = await full();
      await taken.return(undefined);
      expect(await rooms).toHaveLength(3);
    });

    it('lets all go on when the run is stopped', async () => {
      const controller = new AbortController();
      const { rooms } = await full(controller.signal);
      controller.abort();
      expect(await rooms).toHaveLength(3);
    });

    it('ends with its time although nobody takes them', async () => {
      const run = warmUrls(
        Array.from({ length: 300 }, (_, at) => `/${at}`),
        { maxTime: '1s' },
      );
      run[Symbol.asyncIterator]();
      expect(await run).toMatchObject({ cut: 'max-time' });
    });
  });

  describe('with URLs that never come', () => {
    const never = async function* (controller: AbortController, ...first: string[]) {
      yield* first;
      setImmediate(() => controller.abort());
      await new Promise(() => {});
    };

    it.each([true, false])('stops when its signal says so, dry run: %s', async (dryRun) => {
      const controller = new AbortController();
      const urls = never(controller, '/a');
      const summary = await warm({
        ...{ cacheDir, origin: origin.url, urls, dryRun, signal: controller.signal },
      });
      expect(summary.stopped).toBe(true);
    });

    it('rejects when nothing said yet which site it is', async () => {
      const controller = new AbortController();
      const urls = never(controller);
      await expect(warm({ cacheDir, urls, signal: controller.signal })).rejects.toMatchObject({
        name: 'AbortError',
      });
    });
  });

  it('rejects when it was stopped before it began', async () => {
    const urls = async function* () {
      await new Promise((resolve) => setTimeout(resolve, 50));
      yield '/a';
    };
    const signal = AbortSignal.abort();
    await expect(warm({ cacheDir, urls: urls(), signal })).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('rejects options that cannot be used', async () => {
    await expect(warmUrls(['/'], { concurrency: 0 })).rejects.toThrow(
      'concurrency must be a whole number from 1 to 512; it is "0".',
    );
    await expect(warmUrls(['/'], { timeout: 0 })).rejects.toThrow('timeout must be a number of seconds');
    await expect(warmUrls(['/'], { origin: 'localhost' })).rejects.toThrow('origin must be the scheme');
    await expect(warmUrls(['/'], { host: 'a b' })).rejects.toThrow('host must be a host name');
    await expect(warmUrls([])).rejects.toMatchObject({ code: 'ERR_PAGETREE_LIST' });
    await expect(warmUrls(['/'], { layout: 'html', cacheDir: 'package.json' })).rejects.toMatchObject({
      code: 'ERR_PAGETREE_CACHE_DIR',
    });
  });

  it('says how many URLs there are when it has read them all', async () => {
    const told: [number, boolean][] = [];
    const onListed = (urls: number, complete: boolean) => told.push([urls, complete]);
    await warmUrls(['/a', '/a', 'nonsense', '/b'], { onListed });
    expect(told).toEqual([
      [1, false],
      [2, false],
      [3, false],
      [3, true],
    ]);
  });

  it('does not trust a certificate that nobody signed', async () => {
    const { key, cert } = await import('./support/certificate.ts');
    const server = createServer({ key, cert }, (_, response) => response.end('page'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await expect(warmUrls(['/a'], { origin: `https://127.0.0.1:${port}` })).rejects.toMatchObject({
      message: expect.stringContaining(`https://127.0.0.1:${port} does not answer: self-signed certificate`),
      hint: expect.stringContaining('--ca'),
    });
    server.close();
  });
});
