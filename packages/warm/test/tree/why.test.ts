import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { explain, type Reason } from '@pagetree/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { frontEndAnswer } from '../../src/tree/front-end.ts';
import { run } from '../support/bins.ts';
import { newFolder } from '../support/folders.ts';
import { steady, storeAll } from './trees.ts';

const cwd = newFolder();
const cacheDir = join(cwd, 'cache');
const asked: string[] = [];
let site: Server;
let origin: string;

beforeAll(async () => {
  await storeAll(cacheDir);
  writeFileSync(join(cacheDir, 'hand'), '<p>put here by hand</p>');
  writeFileSync(
    join(cwd, 'pagetree.config.json'),
    JSON.stringify({ cacheDir: './cache', excludePaths: ['/blog/b'] }),
  );
  site = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.cookie ?? ''}`);
    const status = {
      '/about': 'pagetree; hit',
      '/cart': 'pagetree; fwd=uri-miss; detail=set-cookie',
      '/odd': 'other; detail=query, pagetree; detail="no-such-reason\u001b"'.replace('\u001b', ''),
    }[request.url!];
    response.setHeader('content-type', 'text/html');
    if (request.url === '/cart') response.setHeader('set-cookie', 'session=secret-value; Path=/');
    if (status !== undefined) response.setHeader('cache-status', status);
    if (request.url === '/never') return;
    response.end('page');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => site.once('listening', resolve));
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
});
afterAll(() => {
  site.closeAllConnections();
  site.close();
});

const why = (...args: string[]) => run('pagetree', ['why', ...args], { cwd });

async function told(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await why(...args);
  expect([code, stderr]).toEqual([0, '']);
  return steady(stdout, cacheDir).replace(/(gzip|br) \d+ bytes/g, '$1 N bytes');
}

describe('pagetree why', () => {
  it.each([
    [['/about']],
    [['/blog']],
    [['/']],
    [['/hand']],
    [['/no/such']],
    [['/a?b']],
    [['/.env']],
    [['/caf\u00e9']],
    [['/blog/b/c']],
    [['https://example.org/about', '--header', 'Cookie: session=1']],
    [['/about', '--method', 'POST']],
  ])('explains %j', async (args) => {
    expect(await told(...args)).toMatchSnapshot();
  });

  it('asks a running site, and explains the reason in its Cache-Status', async () => {
    const text = await told('/cart', '--origin', origin, '--header', 'Cookie: a=b');
    expect(text).toContain('cache-status  pagetree; fwd=uri-miss; detail=set-cookie\n');
    expect(text).toMatch(/reason +set-cookie: /);
    expect(text).not.toContain('secret-value');
    expect(asked.at(-1)).toBe('GET /cart a=b');
    const document = JSON.parse((await why('/cart', '--json', '--origin', origin)).stdout);
    expect(document.site).toMatchObject({ status: 200, reason: 'set-cookie', setsCookies: ['session'] });
    expect(await told('/odd', '--origin', origin)).not.toMatch(/^ {2}reason/m);
    expect(await told('/plain', '--origin', origin)).toContain('none: no middleware of Pagetree answered');
  });

  it('says why a site does not answer, within its time', async () => {
    expect(await told('/never', '--origin', origin, '--timeout', '0.3')).toContain(
      'site        does not answer: not within 0.3 seconds',
    );
    const closed = createTcpServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => closed.once('listening', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    expect(await told('/a', '--origin', `http://127.0.0.1:${port}`)).toContain('nothing listens there');
  });

  it('has all of it as JSON', async () => {
    const document = JSON.parse((await why('/blog', '--json')).stdout);
    expect(document).toMatchObject({
      cacheDir,
      key: '/blog',
      place: 'blog/__page.html',
      bypass: null,
      stored: { by: 'middleware', tags: ['news'], headers: [['content-language', 'en']] },
      frontEnd: { served: true },
    });
    expect(JSON.parse((await why('/a?b', '--json')).stdout)).toMatchObject({
      key: null,
      bypass: { reason: 'query', what: expect.any(String), fix: expect.any(String) },
      stored: null,
      frontEnd: { served: false },
    });
  });

  it.each([
    [[], 'No URL is named that should be explained.'],
    [['about'], '"about" is neither a path nor a URL.'],
    [['/a', '--header', 'nonsense'], '--header must be a name, a colon and a value.'],
    [['/a', '--header', 'A: b\r\nC: d'], '--header must be a name, a colon and a value.'],
    [['/a', '--method', 'get me'], '--method must be a method such as GET or HEAD.'],
    [['/a', '--timeout', 'x'], '--timeout must be a number of seconds from 0.1 to 3600; it is "x".'],
  ])('says what is wrong with %j', async (args, sentence) => {
    const { code, stderr, stdout } = await why(...args);
    expect([code, stdout, stderr.split('\n', 1)[0]]).toEqual([2, '', `pagetree: ${sentence}`]);
  });
});

describe('a web server in front', () => {
  const stored = {
    ...{ bytes: 1, mtimeMs: 1, at: 1, by: undefined, headers: [], tags: [], variants: [] },
    ...{ isPrivate: false, lost: [], missing: [] },
  };
  const page = {
    target: '/a',
    key: '/a',
    place: 'a',
    contentType: 'text/html; charset=utf-8',
    cacheControl: undefined,
    bypass: undefined,
    stored,
  } as const;
  const of = (reason: Reason) => `${reason}: ${explain(reason).what}`;
  const nowhere = { ...page, key: undefined, place: undefined, stored: undefined };
  const hidden = { ...page, stored: { ...stored, isPrivate: true } };

  it.each([
    [page, true, '200 from the file a, text/html; charset=utf-8'],
    [{ ...page, stored: undefined }, false, 'asks the application: it has no file for this'],
    [{ ...page, bypass: 'excluded-path' as const }, false, `asks the application: ${of('excluded-path')}`],
    // A target with a query has no place, but it is the query that a server looks at.
    [{ ...nowhere, bypass: 'query' as const }, false, `asks the application: ${of('query')}`],
    [{ ...hidden, bypass: 'cookie' as const }, false, `asks the application: ${of('cookie')}`],
    [hidden, false, 'asks the application: the page is private, only the middleware serves it'],
  ])('%#: %j', (why, served, text) => {
    expect(frontEndAnswer(why)).toEqual({ served, text });
  });
});
