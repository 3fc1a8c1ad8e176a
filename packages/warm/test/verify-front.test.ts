import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { createPageCache } from '@pagetree/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type UrlResult, type WarmOptions, warm } from '../src/index.ts';
import { difference, plainType, type Wanted } from '../src/verify-front/judge.ts';
import { run } from './support/bins.ts';
import { cert, key } from './support/certificate.ts';
import { newFolder } from './support/folders.ts';
import { type Origin, startOrigin } from './support/origin.ts';

const html = 'text/html; charset=utf-8';
const paths = Array.from({ length: 30 }, (_, at) => `/p/${at}`);

describe('an answer', () => {
  const wanted: Wanted = { contentType: html, size: 5, digest: 'abc' };
  const right = {
    ...{ status: 200, location: undefined, contentType: html, coding: 'identity' },
    body: { size: 5, digest: 'abc' },
  };
  it.each<[string, object, string, string | undefined]>([
    ['is the page', {}, 'identity', undefined],
    ['may be written otherwise', { contentType: 'Text/HTML;charset="UTF-8"' }, 'identity', undefined],
    ['may have the coding that was asked for', { coding: 'gzip' }, 'gzip', undefined],
    ['may go without it', {}, 'gzip', undefined],
    ['with another status', { status: 404 }, 'identity', 'status 404 instead of 200'],
    ['that redirects', { status: 301, location: '/x/' }, 'identity', 'status 301 instead of 200, to /x/'],
    ['without a type', { contentType: undefined }, 'identity', `no content-type instead of ${html}`],
    [
      'of another type',
      { contentType: 'text/html' },
      'identity',
      `content-type text/html instead of ${html}`,
    ],
    ['in a coding of its own', { coding: 'br' }, 'gzip', 'content-encoding br, which was not asked for'],
    [
      'that cannot be decoded',
      { coding: 'gzip', body: undefined },
      'gzip',
      'its content-encoding gzip cannot be undone',
    ],
    ['that is longer', { body: { size: 6, digest: 'x' } }, 'identity', 'other bytes: 6 instead of 5'],
    ['with other bytes', { body: { size: 5, digest: 'x' } }, 'gzip', 'other bytes, as many as are stored'],
  ])('%s', (_, more, asked, wrong) => {
    expect(difference(wanted, { ...right, ...more }, asked)).toBe(wrong);
  });

  it('has parameters in any order', () => {
    expect(plainType('a/b; x=1; Y="2"')).toBe(plainType('A/B;y=2;X=1'));
    expect(plainType('a/b;x=1')).not.toBe(plainType('a/b'));
  });
});

describe('--verify', () => {
  let origin: Origin;
  let front: Server;
  let server: string;
  let cwd: string;
  let cacheDir: string;
  /** What the server does instead of serving the file. */
  let instead: Record<string, (response: ServerResponse, coding: string) => unknown>;
  let asked: { readonly path: string; readonly headers: NodeJS.Dict<string | string[]> }[];
  let verified: UrlResult[];

  beforeAll(async () => {
    origin = await startOrigin();
    front = createServer(async ({ url = '', headers }, response) => {
      asked.push({ path: url, headers });
      const coding = String(headers['accept-encoding']);
      const other = instead[url];
      if (other !== undefined) return other(response, coding);
      const suffix = { gzip: '.gz', br: '.br' }[coding] ?? '';
      const bytes = await readFile(join(cacheDir, url.slice(1) + suffix)).catch(() => undefined);
      if (bytes === undefined && suffix !== '') {
        return response
          .writeHead(200, { 'content-type': html })
          .end(await readFile(join(cacheDir, url.slice(1))));
      }
      if (bytes === undefined) return response.writeHead(404).end();
      const head = suffix === '' ? {} : { 'content-encoding': coding };
      return response.writeHead(200, { 'content-type': html, ...head }).end(bytes);
    });
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    server = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await origin.close();
    front.closeAllConnections();
    front.close();
  });
  beforeEach(() => {
    cwd = newFolder();
    cacheDir = join(cwd, 'cache');
    instead = {};
    asked = [];
    verified = [];
  });

  const verify = (more: Partial<WarmOptions> = {}) =>
    warm({
      ...{ cacheDir, verify: server, compression: 'fast', durability: 'none', retries: 1 },
      onVerified: (result) => verified.push(result),
      ...more,
    });
  const page = (path: string) => `<p>${path}</p>`.repeat(100);
  const warmed = async (more: Partial<WarmOptions> = {}) => {
    for (const path of paths) {
      origin.routes[path] = (response) =>
        response
          .writeHead(200, { 'content-type': html, 'content-length': page(path).length })
          .end(page(path));
    }
    return verify({ origin: origin.url, urls: paths, ...more });
  };
  const wrong = () =>
    verified
      .filter(({ reason }) => reason !== undefined)
      .map(({ url, detail }) => [url.slice(server.length), detail]);

  it('asks for every page after the run, in every coding that is stored', async () => {
    const summary = await warmed();
    expect(summary).toMatchObject({
      stored: 30,
      verified: { server, pages: 30, differ: 0, unused: {}, complete: true },
    });
    const codings = paths.map((path) =>
      asked.filter((one) => one.path === path).map((one) => one.headers['accept-encoding']),
    );
    expect(new Set(codings.map(String))).toEqual(new Set(['identity,gzip,br']));
    expect(verified.map(({ outcome }) => outcome)).toEqual(paths.map(() => 'present'));
  });

  it('asks as a visitor: without a token, and without what is secret', async () => {
    await warmed({ header: ['X-Secret: 1'], host: 'example.org' });
    expect(asked[0]!.headers).toMatchObject({ host: 'example.org' });
    expect(asked.every(({ headers }) => !('x-secret' in headers) && !('pagetree-token' in headers))).toBe(
      true,
    );
  });

  it('does so alone when nothing is to be warmed', async () => {
    await warmed({ verify: undefined as never }).catch(() => {});
    const summary = await verify({ minPages: 5 });
    expect(summary).toMatchObject({ urls: 0, stored: 0, verified: { pages: 30, differ: 0 } });
  });

  it('has done nothing when the tree has no page', async () => {
    await createPageCache({ cacheDir }).close();
    const ran = await run('cache-warm', ['--cache-dir', 'cache', '--verify', server], { cwd });
    expect(ran).toMatchObject({
      code: 3,
      stdout: `Verified 0 pages at ${server}: nothing to compare.\nNothing was verified: no page is in the tree.\n`,
    });
  });

  it('names every page that differs, and how', async () => {
    await warmed();
    const answer =
      (body: string | Buffer, headers: object = {}, status = 200) =>
      (response: ServerResponse) =>
        response.writeHead(status, { 'content-type': html, ...headers }).end(body);
    /** The page, but for one coding. */
    const only =
      (path: string, coding: string, then: ReturnType<typeof answer>) =>
      (response: ServerResponse, said: string) =>
        (said === coding ? then : answer(page(path)))(response);
    verified = [];
    const gzip = { 'content-encoding': 'gzip' };
    Object.assign(instead, {
      '/p/0': answer('', {}, 404),
      '/p/1': answer('', { location: '/p/1/' }, 301),
      '/p/2': answer(page('/p/2'), { 'content-type': 'text/plain' }),
      '/p/3': answer(page('/p/4')),
      '/p/4': answer('x'.repeat(100_000)),
      '/p/5': answer(gzipSync(page('/p/5')), gzip),
      '/p/6': only('/p/6', 'gzip', answer('no gzip', gzip)),
      '/p/7': only('/p/7', 'br', answer(brotliCompressSync(page('/p/8')), { 'content-encoding': 'br' })),
      '/p/8': (response: ServerResponse) => response.destroy(),
      '/p/9': answer('', {}, 503),
      // Compressed anew by the server: other bytes, the same page.
      '/p/10': only('/p/10', 'gzip', answer(gzipSync(page('/p/10'), { level: 1 }), gzip)),
    });
    const summary = await verify();
    expect(summary.verified).toMatchObject({ pages: 30, differ: 10, unused: { br: 1, gzip: 1 } });
    expect(new Map(wrong() as [string, string][])).toEqual(
      new Map([
        ['/p/0', 'status 404 instead of 200'],
        ['/p/1', 'status 301 instead of 200, to /p/1/'],
        ['/p/2', `content-type text/plain instead of ${html}`],
        ['/p/3', 'other bytes, as many as are stored'],
        ['/p/4', expect.stringMatching(/^other bytes: \d+ instead of 1100$/)],
        ['/p/5', 'content-encoding gzip, which was not asked for'],
        ['/p/6', 'gzip: its content-encoding gzip cannot be undone'],
        ['/p/7', 'br: other bytes, as many as are stored'],
        ['/p/8', expect.any(String)],
        ['/p/9', 'status 503 instead of 200'],
      ]),
    );
  });

  it('does not wait for longer than a run waits, whatever Retry-After says', async () => {
    instead['/p/0'] = (response) => response.writeHead(503, { 'retry-after': '9999999' }).end();
    const summary = await verify({ origin: origin.url, urls: ['/p/0'], timeout: 1 });
    expect(summary.verified).toMatchObject({ pages: 1, differ: 1, complete: true });
    expect(wrong()).toEqual([['/p/0', '503, and Retry-After asks to wait 9999999 s; 120 s is the longest']]);
  });

  it('asks many pages again in a moment without a word of warning', async () => {
    await warmed();
    const warnings: Error[] = [];
    const hear = (warning: Error) => void warnings.push(warning);
    process.on('warning', hear);
    const tried = new Set<string>();
    for (const path of paths) {
      instead[path] = (response) => {
        if (tried.has(path)) delete instead[path];
        tried.add(path);
        response.writeHead(502).end();
      };
    }
    try {
      await verify({ retries: 2 });
    } finally {
      process.off('warning', hear);
    }
    expect(wrong()).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('compares again what changed while it was asked for, and passes what is gone', async () => {
    await warmed({ variants: false });
    const cache = createPageCache({ cacheDir, coalesce: false });
    let once = true;
    instead['/p/0'] = async (response) => {
      if (once) {
        once = false;
        await warm({ cacheDir, origin: origin.url, urls: ['/p/0'], refresh: true, variants: false });
      }
      response.writeHead(200, { 'content-type': html }).end('<p>new</p>');
    };
    origin.routes['/p/0'] = (response) =>
      response.writeHead(200, { 'content-type': html, 'content-length': 10 }).end('<p>new</p>');
    instead['/p/1'] = async (response) => {
      await cache.purge({ path: '/p/1' });
      response.writeHead(404).end();
    };
    verified = [];
    const summary = await verify();
    expect(wrong()).toEqual([]);
    expect(summary.verified).toMatchObject({ pages: 29, differ: 0 });
    await cache.close();
  });

  it('ends with 3 for a page that differs, and says what it found', async () => {
    await warmed();
    const args = ['--cache-dir', 'cache', '--verify', server];
    const right = await run('cache-warm', args, { cwd });
    expect(right).toMatchObject({
      code: 0,
      stdout: `Verified 30 pages at ${server}: all as they are stored.\n`,
    });
    rmSync(join(cacheDir, 'p/3.br'));
    writeFileSync(join(cwd, 'urls.txt'), `${paths.join('\n')}\n`);
    instead['/p/9'] = (response) => response.writeHead(500).end();
    const both = [
      'urls.txt',
      ...args,
      '--origin',
      origin.url,
      '--report',
      'report.ndjson',
      '--failed',
      'failed.txt',
    ];
    const ran = await run('cache-warm', both, { cwd });
    expect(ran.code).toBe(3);
    expect(ran.stdout).toContain(
      `\nVerified 30 pages at ${server}: 1 not as stored.\n1 of 30 pages are not served as they are stored by ${server}.\n`,
    );
    expect(ran.stderr).toContain(`failed  ${server}/p/9: front-end (status 500 instead of 200)`);
    expect(await readFile(join(cwd, 'report.ndjson'), 'utf8')).toContain('"reason":"front-end"');
    expect(await readFile(join(cwd, 'failed.txt'), 'utf8')).toBe('');
    const json = await run('cache-warm', [...args, '--json', '--quiet'], { cwd });
    expect(JSON.parse(json.stdout)).toMatchObject({ verified: { differ: 1, complete: true }, exitCode: 3 });
    const settings = { cwd, env: { PAGETREE_VERIFY: server, PAGETREE_CACHE_DIR: 'cache' } };
    expect((await run('cache-warm', [], settings)).stdout).toContain(`at ${server}: 1 not as stored`);
  });

  it('ends with 3 and all its reports when nobody answers', async () => {
    await warmed();
    const args = ['--cache-dir', 'cache', '--verify', 'http://127.0.0.1:1', '--report', 'run.json'];
    const why = 'Nothing was verified: http://127.0.0.1:1 does not answer: nothing listens there.';
    expect(await run('cache-warm', args, { cwd })).toEqual({ code: 3, stdout: `${why}\n`, stderr: '' });
    expect(JSON.parse(readFileSync(join(cwd, 'run.json'), 'utf8'))).toMatchObject({
      ...{ missed: [why], exitCode: 3 },
      verified: { server: 'http://127.0.0.1:1', pages: 0, failure: expect.any(String) },
    });
  });

  it('ends with 2 when there is no tree, or the server is none', async () => {
    await warmed();
    const noTree = await run('cache-warm', ['--cache-dir', 'nothing', '--verify', server], { cwd });
    expect(noTree).toMatchObject({ code: 2, stderr: expect.stringContaining('does not exist') });
    const noUrl = await run('cache-warm', ['--cache-dir', 'cache', '--verify', 'nginx'], { cwd });
    expect(noUrl).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--verify must be the scheme, host'),
    });
  });

  it('tells what a run has done also when nobody answers, and ends with 3', async () => {
    writeFileSync(join(cwd, 'urls.txt'), `${paths.slice(0, 3).join('\n')}\n/gone\n`);
    origin.routes['/gone'] = (response) => response.writeHead(404).end();
    const lists = ['--changes', 'changes.ndjson', '--failed', 'failed.txt', '--fail-on', '1'];
    const args = ['urls.txt', '--cache-dir', 'live', '--origin', origin.url, '--publish', ...lists];
    const ran = await run('cache-warm', [...args, '--verify', 'http://127.0.0.1:1', '--json'], { cwd });
    expect(ran.code).toBe(3);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      ...{ stored: 3, published: { tree: 1 }, exitCode: 3 },
      missed: ['Nothing was verified: http://127.0.0.1:1 does not answer: nothing listens there.'],
    });
    expect(readFileSync(join(cwd, 'changes.ndjson'), 'utf8').match(/"new"/g)).toHaveLength(3);
    expect(readFileSync(join(cwd, 'failed.txt'), 'utf8')).toBe(`${origin.url}/gone\n`);
  });

  it('asks over TLS whom it may trust', async () => {
    await warmed({ variants: false });
    const secure = createSecureServer({ key, cert }, (request, response) =>
      front.emit('request', request, response),
    );
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    const address = `https://localhost:${(secure.address() as AddressInfo).port}`;
    const ca = join(cwd, 'ca.pem');
    writeFileSync(ca, cert);
    expect(await verify({ verify: address })).toMatchObject({
      verified: { pages: 0, failure: expect.stringMatching(/ cannot be reached safely| does not answer/) },
    });
    expect(await verify({ verify: address, ca })).toMatchObject({ verified: { pages: 30, differ: 0 } });
    expect(await verify({ verify: address, insecure: true })).toMatchObject({ verified: { differ: 0 } });
    secure.closeAllConnections();
    secure.close();
  });

  it('ends when it is told to, and when its time is over', async () => {
    await warmed();
    for (const path of paths) instead[path] = () => {};
    const controller = new AbortController();
    const stopped = verify({ signal: controller.signal });
    await expect.poll(() => asked.length).toBeGreaterThan(90);
    controller.abort();
    expect(await stopped).toMatchObject({ stopped: true, verified: { complete: false } });
    expect(await verify({ maxTime: '1s' })).toMatchObject({ cut: 'max-time', verified: { complete: false } });
    // It is not done only because its list is.
    const after = { origin: origin.url, urls: paths, refresh: true, maxTime: '4s' };
    const cut = { stored: 0, present: 30, stopped: false, cut: 'max-time', verified: { complete: false } };
    expect(await verify(after)).toMatchObject(cut);
    const stopping = new AbortController();
    asked = [];
    const also = verify({ ...after, signal: stopping.signal });
    await expect.poll(() => asked.length).toBeGreaterThan(0);
    stopping.abort();
    expect(await also).toMatchObject({ present: 30, stopped: true, verified: { complete: false } });
  });

  it.each([
    ['a run', [], /Run the same command again to go on/],
    ['a run that published', ['--publish'], /Published as tree 1\./],
  ])('ends with 6 when the time of %s is over while the server is asked', async (_, more, said) => {
    for (const path of paths) instead[path] = () => {};
    const args = [...paths.slice(0, 3), '--cache-dir', 'cache', '--origin', origin.url, '--verify', server];
    const ran = await run('cache-warm', [...args, '--max-time', '5s', ...more], { cwd });
    expect(ran).toMatchObject({ code: 6, stdout: expect.stringMatching(said) });
    expect(ran.stdout).toContain('Out of time');
    expect(ran.stdout).toContain('it ended early');
  });
});
