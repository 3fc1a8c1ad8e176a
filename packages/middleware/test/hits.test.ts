/** Hits: the page from the tree, its validators, HEAD, variants, types, and that the tree is the truth. */
import { stat, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { counting, openFiles, until } from './support/counting.ts';
import { plain, type Site, site } from './support/site.ts';
import { Line, request } from './support/wire.ts';

const HIT = 'pagetree; hit';
const type = 'text/html; charset=utf-8';

describe('a hit', () => {
  it('has the bytes of the miss, and the application is not asked', async () => {
    const made = await counting();
    const miss = await made.fill('/a/b');
    const hit = await made.ask('/a/b');
    expect(hit.body).toEqual(miss.body);
    expect(hit.headers['cache-status']).toBe(HIT);
    expect(made.asked).toBe(1);
  });

  it('has the head of a static file, and of the page what may be replayed', async () => {
    const made = await counting();
    await made.fill('/a');
    const facts = await stat(join(made.dir, 'a'));
    const seconds = Math.floor(facts.mtimeMs / 1000);
    const { headers, status } = await made.ask('/a');
    expect(status).toBe(200);
    expect(headers).toEqual({
      'content-language': 'en',
      etag: `"${seconds.toString(16)}-${facts.size.toString(16)}"`,
      'last-modified': new Date(seconds * 1000).toUTCString(),
      'accept-ranges': 'bytes',
      'cache-control': 'no-cache',
      vary: 'Accept-Encoding',
      'content-type': type,
      'content-length': `${facts.size}`,
      'cache-status': HIT,
      date: expect.any(String),
      connection: 'close',
    });
  });

  it('says to browsers what the application said', async () => {
    const made = await site(
      plain((_, res) => res.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'max-age=60' }).end('p')),
    );
    await made.fill('/a');
    expect((await made.ask('/a')).headers['cache-control']).toBe('max-age=60');
  });

  it('answers HEAD with the same head and no body', async () => {
    const made = await counting();
    await made.fill('/a');
    const get = await made.ask('/a');
    const head = await made.ask('/a', [], 'HEAD');
    expect(head.lines.filter((line) => !line.startsWith('Date'))).toEqual(
      get.lines.filter((line) => !line.startsWith('Date')),
    );
    expect(head.body.length).toBe(0);
  });

  it('answers 304 to its own validators, and 412', async () => {
    const made = await counting();
    await made.fill('/a');
    const { etag, 'last-modified': modified } = (await made.ask('/a')).headers;
    for (const fields of [
      [`If-None-Match: ${etag}`],
      [`If-None-Match: "x", W/${etag}`],
      [`If-Modified-Since: ${modified}`],
    ]) {
      const answer = await made.ask('/a', fields);
      expect(answer.status).toBe(304);
      expect(answer.raw.endsWith('\r\n\r\n')).toBe(true);
      expect(answer.headers).toMatchObject({ etag, 'cache-control': 'no-cache', 'cache-status': HIT });
      expect(answer.headers['content-length']).toBeUndefined();
      expect(answer.headers['content-type']).toBeUndefined();
    }
    expect((await made.ask('/a', [`If-None-Match: ${etag}`], 'HEAD')).status).toBe(304);
    expect((await made.ask('/a', ['If-None-Match: "other"'])).status).toBe(200);
    const failed = await made.ask('/a', ['If-Match: "other"']);
    expect(failed).toMatchObject({ status: 412, text: '' });
    expect(failed.headers['content-length']).toBe('0');
    expect(made.asked).toBe(1);
  });

  it('is not changed by Cache-Control or Pragma of the request', async () => {
    const made = await counting();
    await made.fill('/a');
    for (const field of ['Cache-Control: no-cache', 'Cache-Control: no-store', 'Pragma: no-cache']) {
      expect((await made.ask('/a', [field])).headers['cache-status']).toBe(HIT);
    }
  });

  it('keeps the connection, and answers pipelined requests in order', async () => {
    const made = await counting();
    await made.fill('/a');
    await made.fill('/b');
    const line = new Line(made.port);
    line.send(request('/a'));
    await line.until('</p>');
    line.send(request('/a') + request('/nothing-yet') + request('/b') + request('/a', ['Connection: close']));
    const order = [];
    for (let at = 0; at < 4; at += 1) order.push(/<p>(\S+)/.exec(await line.until('</p>'))?.[1]);
    expect(order).toEqual(['/a', '/nothing-yet', '/b', '/a']);
    await line.closed();
    await made.outcome('/nothing-yet');
  });

  it('answers HTTP/1.0', async () => {
    const made = await counting();
    await made.fill('/a');
    const line = new Line(made.port);
    line.send(request('/a', [], 'GET', '1.0'));
    expect(await line.until('</p>')).toContain(`Cache-Status: ${HIT}`);
    await line.closed();
  });

  it('of 10 MB is whole, and a client that leaves midway leaves no open file', async () => {
    const made = await counting();
    const page = Buffer.alloc(10_000_000, '<p>0123456789</p>');
    await made.put('big.html', page);
    expect((await made.ask('/big.html')).body.equals(page)).toBe(true);
    for (let at = 0; at < 20; at += 1) {
      const line = new Line(made.port);
      line.send(request('/big.html'));
      await line.until('<p>');
      line.leave();
    }
    expect((await made.ask('/big.html', ['Connection: close'])).whole).toBe(true);
    await until(async () => (await openFiles(made.dir)) === 0);
  });
});

describe('variants', () => {
  const page = '<p>a page that compresses</p>'.repeat(100);

  async function varied(): Promise<Site> {
    const made = await counting();
    await made.put('page', page);
    await made.put('page.gz', gzipSync(page));
    await made.put('page.br', brotliCompressSync(page));
    const when = new Date(1_700_000_000_000);
    for (const suffix of ['', '.gz', '.br']) await utimes(join(made.dir, `page${suffix}`), when, when);
    return made;
  }

  it('go to who accepts them, with validators of their own', async () => {
    const made = await varied();
    const gzip = await made.ask('/page', ['Accept-Encoding: gzip']);
    expect(gzip.headers).toMatchObject({
      'content-encoding': 'gzip',
      vary: 'Accept-Encoding',
      'content-type': type,
    });
    expect(gunzipSync(gzip.body).toString()).toBe(page);
    const best = await made.ask('/page', ['Accept-Encoding: gzip, deflate, br']);
    expect(best.headers['content-encoding']).toBe('br');
    const identity = await made.ask('/page');
    expect(identity.headers['content-encoding']).toBeUndefined();
    expect(identity.text).toBe(page);
    expect(new Set([gzip, best, identity].map(({ headers }) => headers.etag)).size).toBe(3);
    const again = await made.ask('/page', ['Accept-Encoding: gzip', `If-None-Match: ${gzip.headers.etag}`]);
    expect(again.status).toBe(304);
    expect(
      (await made.ask('/page', ['Accept-Encoding: gzip;q=0'])).headers['content-encoding'],
    ).toBeUndefined();
  });

  it('a variant that is gone is no matter', async () => {
    const made = await varied();
    await unlink(join(made.dir, 'page.br'));
    expect((await made.ask('/page', ['Accept-Encoding: br, gzip'])).headers['content-encoding']).toBe('gzip');
    await unlink(join(made.dir, 'page.gz'));
    expect((await made.ask('/page', ['Accept-Encoding: br, gzip'])).text).toBe(page);
  });

  it('ranges are of the variant', async () => {
    const made = await varied();
    const part = await made.ask('/page', ['Accept-Encoding: gzip', 'Range: bytes=0-1']);
    expect(part).toMatchObject({ status: 206, headers: { 'content-encoding': 'gzip' } });
    expect([...part.body]).toEqual([0x1f, 0x8b]);
  });
});
