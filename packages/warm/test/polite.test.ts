import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { FillOutcome } from '@pagetree/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fetchAll } from '../src/fetch/all.ts';
import type { MakePage } from '../src/fetch/crew.ts';
import { Gate } from '../src/fetch/gate.ts';
import { AdaptiveLimit } from '../src/fetch/limit.ts';
import { type PageTools, warmPage } from '../src/fetch/page.ts';
import { isWorthRetrying, readRetryAfter, waitBefore } from '../src/fetch/retry.ts';
import { type UrlResult, type WarmOptions, warm } from '../src/index.ts';
import type { FetchStep } from '../src/plan/plan.ts';
import { newFolder } from './support/folders.ts';
import { type Origin, startOrigin } from './support/origin.ts';
import { type Model, simulate } from './support/simulation.ts';

/** Answers whatever comes after 20 ms, however much comes. */
const wide: Model = { latency: () => 20 };
/** One processor that needs 5 ms a page: more requests only wait longer. */
const single: Model = { latency: (open) => 10 + 5 * open };
/** Sixteen workers of 20 ms each. */
const sixteen: Model = { latency: (open) => 20 * Math.max(1, open / 16) };

describe('the limit of requests at once', () => {
  it('reaches the ceiling within half a second when the origin can do with that many', () => {
    const { limits, reached } = simulate(wide, 64, 2000);
    expect(limits.at(-1)).toBe(64);
    expect(reached(64)).toBeLessThan(500);
  });

  it('gives the origin nine tenths of what the ceiling could bring', () => {
    const { pages, milliseconds } = simulate(wide, 64, 10_000);
    expect(pages / milliseconds).toBeGreaterThan((0.9 * 64) / 20);
  });

  it('does not cut itself for latency that is our own', () => {
    let busy = 0.2;
    const limit = new AdaptiveLimit(16, () => busy);
    for (let at = 0; at < 2000; at += 1) limit.answered(20);
    expect(limit.value).toBe(16);
    busy = 1;
    for (let at = 0; at < 4000; at += 1) {
      limit.answered(200);
      expect(limit.value).toBe(16);
    }
  });

  it('tries again soon when it was we who took long, and ever more seldom when it was the origin', () => {
    const triesOf = (busy: number): number => {
      const limit = new AdaptiveLimit(64, () => busy);
      let tries = 0;
      for (let at = 0; at < 20_000; at += 1) {
        const before = limit.value;
        // As much longer as there are more requests: it never pays.
        limit.answered(5 * before);
        if (limit.value > before) tries += 1;
      }
      return tries;
    };
    expect(triesOf(1)).toBeGreaterThan(5 * triesOf(0));
  });

  it('is no less polite while we are busy ourselves', () => {
    const busy: Model = { ...single, own: () => 4.5 };
    const { limits } = simulate(busy, 256, 5000);
    const late = limits.slice(limits.length / 2);
    expect(Math.max(...late)).toBeLessThan(24);
  });

  it('stays low where more requests only wait longer', () => {
    const { limits } = simulate(single, 256, 5000);
    const late = limits.slice(limits.length / 2);
    expect(Math.max(...late)).toBeLessThan(24);
  });

  it('finds the sixteen workers of an origin, within a factor of two', () => {
    const { limits } = simulate(sixteen, 512, 20_000);
    const late = limits.slice(limits.length / 2);
    const mean = late.reduce((sum, limit) => sum + limit, 0) / late.length;
    expect(mean).toBeGreaterThan(12);
    expect(mean).toBeLessThan(32);
  });

  it('keeps below the number at which an origin answers 503', () => {
    const strict: Model = { latency: () => 20, refuses: (open) => open > 10 };
    const { limits, refused, pages } = simulate(strict, 128, 20_000);
    const late = limits.slice(limits.length / 2);
    expect(Math.max(...late)).toBeLessThanOrEqual(16);
    expect(refused / pages).toBeLessThan(0.05);
  });

  it('goes back to one when everything fails, and up again afterwards', () => {
    const limit = new AdaptiveLimit(64);
    for (let at = 0; at < 100; at += 1) limit.failed(at * 10, at * 10 + 5);
    expect(limit.value).toBe(1);
    for (let at = 0; at < 2000; at += 1) limit.answered(20);
    expect(limit.value).toBeGreaterThan(16);
  });

  it('does not take single broken pages for an overloaded origin', () => {
    const limit = new AdaptiveLimit(64);
    for (let at = 0; at < 3000; at += 1) {
      if (at % 20 === 0) limit.failed(at, at + 1);
      else limit.answered(20);
    }
    expect(limit.value).toBe(64);
  });

  it('halves once for all requests that were under way together', () => {
    const limit = new AdaptiveLimit(64);
    for (let at = 0; at < 1000; at += 1) limit.answered(20);
    expect(limit.value).toBe(64);
    for (let at = 0; at < 64; at += 1) limit.overloaded(1000, 1020);
    expect(limit.value).toBe(32);
    limit.overloaded(1030, 1050);
    expect(limit.value).toBe(16);
  });

  it('goes down when the latency doubles without more requests', () => {
    const limit = new AdaptiveLimit(16);
    for (let at = 0; at < 2000; at += 1) limit.answered(20);
    expect(limit.value).toBe(16);
    let lowest = 16;
    for (let at = 0; at < 4000; at += 1) {
      limit.answered(200);
      lowest = Math.min(lowest, limit.value);
    }
    expect(lowest).toBeLessThan(5);
    // It stayed so slow whatever was asked of it: that is how it is now.
    expect(limit.value).toBe(16);
  });
});

describe('what is worth another try', () => {
  it.each([408, 425, 429, 500, 502, 503, 504])('%i is', (status) => {
    expect(isWorthRetrying({ outcome: 'refused', reason: 'status', status })).toBe(true);
  });

  it.each([301, 400, 401, 403, 404, 410, 501])('%i is not', (status) => {
    expect(isWorthRetrying({ outcome: 'refused', reason: 'status', status })).toBe(false);
  });

  it('a lost connection is, a wrong certificate is not, nor what a rule refuses', () => {
    expect(isWorthRetrying({ outcome: 'failed', reason: 'connection-refused' })).toBe(true);
    expect(isWorthRetrying({ outcome: 'failed', reason: 'unfinished' })).toBe(true);
    expect(isWorthRetrying({ outcome: 'failed', reason: 'tls' })).toBe(false);
    expect(isWorthRetrying({ outcome: 'refused', reason: 'set-cookie' })).toBe(false);
    expect(isWorthRetrying({ outcome: 'stored' })).toBe(false);
  });

  it('the wait doubles, is never over half a minute, and no shorter than the origin asks', () => {
    expect([1, 2, 3, 4].map((attempt) => waitBefore(attempt, undefined, 1))).toEqual([500, 1000, 2000, 4000]);
    expect(waitBefore(1, undefined, 0)).toBe(250);
    expect(waitBefore(20, undefined, 1)).toBe(30_000);
    expect(waitBefore(1, 7000, 0.5)).toBe(7000);
    expect(waitBefore(1, 7e12, 0.5)).toBe(120_000);
  });

  it.each([
    ['120', 120_000],
    [' 3 ', 3000],
    ['Sun, 22 Nov 2026 12:00:10 GMT', 10_000],
    ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
    ['Sunday, 22-Nov-26 12:00:10 GMT', 10_000],
    ['9'.repeat(400), Number.POSITIVE_INFINITY],
    ['soon', undefined],
    ['-5', undefined],
    ['1e9', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('Retry-After: %s is %s', (field, expected) => {
    expect(readRetryAfter(field, Date.parse('2026-11-22T12:00:00Z'))).toBe(expected);
  });

  it('Retry-After: the old form of a date names no zone, and is in none but Greenwich', () => {
    const before = process.env.TZ;
    process.env.TZ = 'America/New_York';
    try {
      expect(readRetryAfter('Sun Nov 22 12:00:10 2026', Date.parse('2026-11-22T12:00:00Z'))).toBe(10_000);
    } finally {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    }
  });
});

describe('the gate', () => {
  const open = (more: Partial<ConstructorParameters<typeof Gate>[0]> = {}) =>
    new Gate({ concurrency: 4, rate: undefined, delay: 0, signal: new AbortController().signal, ...more });

  it('lets no more through than the limit, in the order in which they came', async () => {
    const gate = open({ concurrency: 2 });
    const order: number[] = [];
    const turns = [1, 2, 3].map((which) =>
      gate.enter().then((turn) => {
        order.push(which);
        return turn!;
      }),
    );
    const first = await turns[0]!;
    await turns[1];
    expect(order).toEqual([1, 2]);
    gate.leave(first, { kind: 'answered' });
    await turns[2];
    expect(order).toEqual([1, 2, 3]);
  });

  it('keeps to a rate, and does not count what asked for nothing', async () => {
    const gate = open({ concurrency: 100, rate: 50 });
    const began = performance.now();
    for (let at = 0; at < 200; at += 1) gate.leave((await gate.enter())!, { kind: 'unused' });
    expect(performance.now() - began).toBeLessThan(1000);
    const start = performance.now();
    for (let at = 0; at < 11; at += 1) gate.leave((await gate.enter())!, { kind: 'answered' });
    expect(performance.now() - start).toBeGreaterThan(10 * 20 - 15);
  });

  it('learns from the time that the origin took, not from the turn', async () => {
    let now = 0;
    const gate = open({ concurrency: 64, now: () => now });
    // Each turn takes longer than the one before, since the disk does; the origin is always as fast.
    for (let at = 1; at <= 500; at += 1) {
      const turn = (await gate.enter())!;
      now += at;
      gate.leave(turn, { kind: 'answered', latency: 5 });
    }
    expect(gate.limit).toBe(64);
  });

  it('pauses for as long as the origin asked', async () => {
    const gate = open();
    gate.leave((await gate.enter())!, { kind: 'overloaded', retryAfter: 300 });
    const began = performance.now();
    await gate.enter();
    expect(performance.now() - began).toBeGreaterThan(280);
  });

  it('does not stand still for a page that asks for longer than is waited', async () => {
    const gate = open({ now: () => 0 });
    gate.leave((await gate.enter())!, { kind: 'overloaded', retryAfter: 3_600_000 });
    expect(await gate.enter()).toEqual({ began: 0 });
  });

  it('gives up waiting when the run is stopped, and rests no more', async () => {
    const controller = new AbortController();
    const gate = open({ concurrency: 1, delay: 3600, signal: controller.signal });
    gate.leave((await gate.enter())!, { kind: 'answered' });
    const waiting = gate.enter();
    controller.abort();
    expect(await waiting).toBeUndefined();
  });
});

describe('the end of the gate', () => {
  it('lets nobody through any more, neither who waits nor who comes, and leaves no timer', async () => {
    const { signal } = new AbortController();
    const gate = new Gate({ concurrency: 2, rate: 0.01, delay: 3600, signal });
    const turn = (await gate.enter())!;
    const waiting = gate.enter();
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    gate.end();
    expect(await waiting).toBeUndefined();
    const before = timers();
    gate.leave(turn, { kind: 'answered' });
    expect(timers()).toBe(before);
    expect(await gate.enter()).toBeUndefined();
  });
});

describe('the disk', () => {
  it('is no reason to ask the origin more slowly: its requests go on while a page is published', async () => {
    const asked: string[] = [];
    let publish = () => {};
    // Nothing is on the disk until the second page was asked for, with one request at once.
    const onDisk = new Promise<FillOutcome>((resolve) => {
      publish = () => resolve({ kind: 'stored', key: '/a', place: 'a', bytes: 1 });
    });
    const fill = { write: () => {}, commit: () => onDisk, abort: () => onDisk };
    const ticket = { begin: () => fill, abandon: () => {}, outcome: onDisk };
    const tools = {
      cache: { cacheDir: '/none', lookup: async () => ({ kind: 'miss', ticket }) },
      client: {
        host: 'a',
        get: async (target: string, use: (response: object) => Promise<unknown>) => {
          asked.push(target);
          if (asked.length === 2) publish();
          const body = (async function* () {
            yield Buffer.from('x');
          })();
          return use({ status: 200, headers: { 'content-length': '1' }, body, trailers: {} });
        },
      },
      checks: { mustContain: [], mustNotContain: [], minSize: 0 },
      follow: false,
      anew: false,
    } as unknown as PageTools;
    const { signal } = new AbortController();
    const results: UrlResult[] = [];
    async function* steps(): AsyncGenerator<FetchStep> {
      for (const target of ['/a', '/b']) {
        yield { kind: 'fetch', target, url: `http://a${target}`, source: 'urls', line: 1 };
      }
    }
    const concurrency = 1;
    const gate = new Gate({ concurrency, rate: undefined, delay: 0, signal });
    const report = (result: UrlResult) => void results.push(result);
    const make: MakePage = ({ step, way }, onBody) => warmPage(step, tools, way, onBody);
    await fetchAll(steps(), { make, gate, concurrency, retries: 0, signal, room: async () => {}, report });
    expect(asked).toEqual(['/a', '/b']);
    expect(results.map(({ outcome }) => outcome)).toEqual(['stored', 'stored']);
  });
});

describe('a run', () => {
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
    origin.latency = 0;
    origin.widest = 0;
  });

  const warmUrls = (urls: NonNullable<WarmOptions['urls']>, more: Partial<WarmOptions> = {}) =>
    warm({
      ...{ cacheDir, origin: origin.url, urls, variants: false, durability: 'none' },
      onResult: (result) => results.push(result),
      ...more,
    });

  it('asks again after 503, waits as Retry-After says, and stores the page', async () => {
    let asked = 0;
    const times: number[] = [];
    origin.routes['/busy'] = (response) => {
      asked += 1;
      times.push(performance.now());
      if (asked < 3) response.writeHead(503, { 'retry-after': '1' }).end('later');
      else response.setHeader('content-type', 'text/html').end('here it is');
    };
    expect(await warmUrls(['/busy'])).toMatchObject({ stored: 1, refused: 0 });
    expect(asked).toBe(3);
    expect(times[1]! - times[0]!).toBeGreaterThan(990);
    expect(times[2]! - times[1]!).toBeGreaterThan(990);
    expect(results).toMatchObject([{ outcome: 'stored', tries: 3 }]);
  });

  it('holds every request back while the origin asked for a pause', async () => {
    let until = 0;
    let early = 0;
    const urls = Array.from({ length: 60 }, (_, at) => `/p/${at}`);
    for (const url of urls) {
      origin.routes[url] = (response) => {
        if (performance.now() < until - 50) early += 1;
        if (until === 0) {
          until = performance.now() + 1000;
          response.writeHead(429, { 'retry-after': '1' }).end();
        } else response.setHeader('content-type', 'text/html').end('page');
      };
    }
    expect(await warmUrls(urls, { concurrency: 1 })).toMatchObject({ stored: 60 });
    expect(early).toBe(0);
    for (const url of urls) delete origin.routes[url];
  });

  it('goes on with other pages while one waits for its next try', async () => {
    let asked = 0;
    origin.routes['/broken'] = (response) => {
      asked += 1;
      response.writeHead(500).end();
    };
    const urls = ['/broken', ...Array.from({ length: 100 }, (_, at) => `/p/${at}`)];
    expect(await warmUrls(urls, { concurrency: 1 })).toMatchObject({ stored: 100, refused: 1 });
    expect(asked).toBe(3);
    const broken = results.findIndex(({ url }) => url === `${origin.url}/broken`);
    expect(results[broken]).toMatchObject({ tries: 3, status: 500 });
    // The waits are three quarters of a second at least.
    expect(broken).toBeGreaterThan(5);
  });

  it('tells what it would have tried again when it is stopped', async () => {
    const controller = new AbortController();
    origin.routes['/broken'] = (response) => response.writeHead(503, { 'retry-after': '60' }).end();
    const run = warmUrls(['/broken'], { signal: controller.signal });
    await new Promise<void>((resolve) => {
      const look = setInterval(() => {
        if (origin.asked.get('/broken') === undefined) return;
        clearInterval(look);
        setTimeout(resolve, 100);
      }, 5);
    });
    controller.abort();
    expect(await run).toMatchObject({ stopped: true, refused: 1 });
    expect(results).toMatchObject([{ reason: 'status', status: 503 }]);
  });

  it('asks for nothing more when a hook throws, and does not wait for those whose turn would come', async () => {
    const urls = Array.from({ length: 8 }, (_, at) => `/${at}`);
    const onResult = () => {
      throw new Error('mine');
    };
    await expect(warmUrls(urls, { rate: 1, onResult })).rejects.toThrow('mine');
    expect(origin.asked.size).toBeLessThan(4);
  });

  it('ends what it has begun when its source throws, and tells what it would have tried again', async () => {
    let asked = () => {};
    const bothAsked = new Promise<void>((resolve) => {
      asked = () => {
        if (origin.asked.size === 2) resolve();
      };
    });
    origin.routes['/again'] = (response) => {
      response.writeHead(503).end();
      asked();
    };
    origin.routes['/slow'] = (response) => {
      asked();
      setTimeout(() => response.setHeader('content-type', 'text/html').end('here it is'), 300);
    };
    async function* urls() {
      yield* ['/again', '/slow'];
      await bothAsked;
      throw new Error('the database is gone');
    }
    await expect(warmUrls(urls())).rejects.toThrow('the database is gone');
    delete origin.routes['/again'];
    delete origin.routes['/slow'];
    expect(results.map(({ url, outcome }) => `${url.slice(origin.url.length)} ${outcome}`).sort()).toEqual([
      '/again refused',
      '/slow stored',
    ]);
  });

  it('keeps to its rate', async () => {
    const began = performance.now();
    await warmUrls(
      Array.from({ length: 21 }, (_, at) => `/${at}`),
      { rate: 40 },
    );
    expect(performance.now() - began).toBeGreaterThan(20 * 25 - 20);
  });

  /** A site whose robots.txt names two sitemaps, whose pages are redirected twice each; and when it was asked. */
  const redirecting = () => {
    const times: number[] = [];
    const answer = (type: string, body: () => string) => (response: ServerResponse) => {
      times.push(performance.now());
      response.setHeader('content-type', type).end(body());
    };
    const sitemap = (...paths: string[]) =>
      `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${paths.map((path) => `<url><loc>${origin.url}${path}</loc></url>`).join('')}</urlset>`;
    const maps = ['/one.xml', '/two.xml'];
    const robots = () => maps.map((map) => `Sitemap: ${origin.url}${map}\n`).join('');
    origin.routes['/robots.txt'] = answer('text/plain', robots);
    for (const [at, map] of maps.entries()) {
      origin.routes[map] = answer('application/xml', () => sitemap(`/from/${at}/0`, `/from/${at}/1`));
    }
    for (const path of ['/from/0/0', '/from/0/1', '/from/1/0', '/from/1/1']) {
      const hops = [path, path.replace('from', 'by'), path.replace('from', 'to')];
      for (const [at, hop] of hops.entries()) {
        origin.routes[hop] = (response) => {
          times.push(performance.now());
          if (at < 2) response.writeHead(302, { location: hops[at + 1] }).end();
          else response.setHeader('content-type', 'text/html').end('here it is');
        };
      }
    }
    return times;
  };
  const span = (times: readonly number[]) => times.at(-1)! - times[0]!;

  it.each([
    ['its rate', { rate: 20 }, 50],
    ['its rest', { delay: 0.05, concurrency: 1 }, 50],
  ])('keeps to %s also for robots.txt, sitemaps and redirects', async (_, more, between) => {
    const times = redirecting();
    const summary = await warmUrls([], { ...more, robots: true, follow: true });
    expect(summary).toMatchObject({ stored: 4, failed: 0 });
    expect(times).toHaveLength(1 + 2 + 4 * 3);
    expect(span(times)).toBeGreaterThan((times.length - 1) * between - 20);
  });

  it('holds redirects back while the origin asked for a pause', async () => {
    let paused = 0;
    let followed = 0;
    origin.routes['/moved'] = async (response) => {
      while (paused === 0) await new Promise(setImmediate);
      setTimeout(() => response.writeHead(302, { location: '/there' }).end(), 200);
    };
    origin.routes['/pauses'] = (response) => {
      if (paused > 0) return void response.setHeader('content-type', 'text/html').end('here it is');
      paused = performance.now();
      response.writeHead(429, { 'retry-after': '1' }).end();
    };
    origin.routes['/there'] = (response) => {
      followed = performance.now();
      response.setHeader('content-type', 'text/html').end('here it is');
    };
    expect(await warmUrls(['/moved', '/pauses'], { follow: true })).toMatchObject({ stored: 2 });
    expect(followed - paused).toBeGreaterThan(950);
  });

  it('keeps to its rate at the doors of a crawl, with one request at once', async () => {
    const times: number[] = [];
    const answer = (body: string) => (response: ServerResponse) => {
      times.push(performance.now());
      response.setHeader('content-type', 'text/html').end(body);
    };
    const doors = ['/', '/b', '/c', '/d'];
    for (const door of doors) origin.routes[door] = answer(`<a href="/in/${doors.indexOf(door)}">x</a>`);
    for (const at of doors.keys()) origin.routes[`/in/${at}`] = answer('here it is');
    const more = { crawl: true, ignoreRobots: true, cachePaths: ['/in'], concurrency: 1, rate: 20 };
    expect(await warmUrls(doors, more)).toMatchObject({ stored: 4 });
    expect(times).toHaveLength(8);
    expect(span(times)).toBeGreaterThan(7 * 50 - 20);
    for (const door of doors) delete origin.routes[door];
  });

  it('lets a connection rest after each response', async () => {
    const began = performance.now();
    await warmUrls(
      Array.from({ length: 6 }, (_, at) => `/${at}`),
      { concurrency: 1, delay: 0.1 },
    );
    expect(performance.now() - began).toBeGreaterThan(5 * 100 - 20);
  });

  it('has a clock for the first byte, beside the one for the whole response', async () => {
    const began = performance.now();
    await warmUrls(['/hang/head', '/hang/body'], { firstByteTimeout: 0.3, timeout: 1.2, retries: 0 });
    expect(performance.now() - began).toBeGreaterThan(1100);
    const of = (path: string) => results.find(({ url }) => url.endsWith(path));
    expect(of('/hang/head')).toMatchObject({ reason: 'timeout', detail: 'no response within 0.3 s' });
    expect(of('/hang/body')!.detail).toContain('not complete within 1.2 s');
  });

  it('has a clock for the connection', async () => {
    // An address of the block for documentation (RFC 5737): nobody answers there, or the system says at once that nobody will.
    const began = performance.now();
    await expect(warmUrls(['/a'], { origin: 'http://192.0.2.1:81', connectTimeout: 0.5 })).rejects.toThrow(
      'The origin http://192.0.2.1:81 does not answer',
    );
    expect(performance.now() - began).toBeLessThan(6000);
  });

  it('does not overload an origin that says 503 to more than eight at once', async () => {
    let open = 0;
    let refused = 0;
    const urls = Array.from({ length: 400 }, (_, at) => `/p/${at}`);
    for (const url of urls) {
      origin.routes[url] = (response) => {
        open += 1;
        response.once('close', () => {
          open -= 1;
        });
        if (open > 8) {
          refused += 1;
          response.writeHead(503).end();
        } else setTimeout(() => response.setHeader('content-type', 'text/html').end('page'), 20);
      };
    }
    const summary = await warmUrls(urls, { concurrency: 64, retries: 5 });
    for (const url of urls) delete origin.routes[url];
    expect(summary).toMatchObject({ stored: 400, refused: 0, failed: 0 });
    expect(refused).toBeLessThan(80);
  });
});
