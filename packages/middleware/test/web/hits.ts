/** Hits of the web shell, whatever server it runs on. The Node shell on the same tree is the reference. */
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { withPageCache } from '../../src/index.ts';
import { openFiles, until } from '../support/counting.ts';
import { listen, type Site, site } from '../support/site.ts';
import { ask, exchange, Line, request } from '../support/wire.ts';
import { comparable, html, type Serve } from './support.ts';

const HIT = 'pagetree; hit';
const small = '<p>small page</p>'.repeat(20);
const large = Array.from({ length: 20_000 }, (_, at) => `line ${at}\n`).join('');

/** A site with a small page, one with variants, a large one and one that was put there by hand. */
async function stored(serve: Serve): Promise<Site & { asked: () => number }> {
  let asked = 0;
  const made = await site(
    serve((request) => {
      asked += 1;
      const path = new URL(request.url).pathname;
      const headers = new Headers({ ...html, 'content-language': 'en', 'x-secret': 'no' });
      headers.append('link', '</a.css>; rel=preload');
      return new Response(path === '/large' ? large : path === '/missing' ? '<p>new' : small, { headers });
    }),
    { variants: ['gzip'] },
  );
  await made.fill('/small');
  await made.fill('/large');
  await made.put('hand', '<p>by hand');
  await made.put('hand.br', brotliCompressSync('<p>by hand'));
  asked = 0;
  return Object.assign(made, { asked: () => asked });
}

/** Requests that hits answer in different ways; `ETAG` and `DATE` stand for the validators of the page. */
const requests: Readonly<Record<string, readonly string[]>> = {
  'as it is': [],
  'in the tag that it has': ['If-None-Match: ETAG'],
  'in a weak tag': ['If-None-Match: "x", W/ETAG'],
  'in any tag': ['If-None-Match: *'],
  'in another tag': ['If-None-Match: "other"'],
  'since its date': ['If-Modified-Since: DATE'],
  'since another date': ['If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT'],
  'if it is another one': ['If-Match: "other"'],
  'if it is the one': ['If-Match: ETAG'],
  'unless it changed': ['If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT'],
  'a range': ['Range: bytes=2-5'],
  'the end': ['Range: bytes=-5'],
  'from the middle': ['Range: bytes=100-'],
  'several ranges': ['Range: bytes=0-1,5-9,-3'],
  'several ranges in another order': ['Range: bytes=-3,0-1'],
  'a range outside': ['Range: bytes=99999999-'],
  'a range that is none': ['Range: bytes=b-a'],
  'a range of this version': ['Range: bytes=2-5', 'If-Range: ETAG'],
  'a range of another version': ['Range: bytes=2-5', 'If-Range: "other"'],
  'with gzip': ['Accept-Encoding: gzip'],
  'with br': ['Accept-Encoding: br, gzip;q=0.5'],
  'with a range of gzip': ['Accept-Encoding: gzip', 'Range: bytes=0-9'],
  'with nothing it has': ['Accept-Encoding: identity;q=0, br'],
  'without the cache, as browsers reload': ['Cache-Control: no-cache', 'Pragma: no-cache'],
};

export function hits(serve: Serve): void {
  for (const path of ['/small', '/large', '/hand']) {
    it(`of ${path} are those of the Node shell, for every kind of request`, async () => {
      const made = await stored(serve);
      const asNode = withPageCache({ cache: made.pages.cache }, (_, res) => res.writeHead(500).end());
      const node = await listen(asNode);
      const { headers } = await ask(node.port, path);
      for (const method of ['GET', 'HEAD']) {
        for (const [name, lines] of Object.entries(requests)) {
          const fields = lines.map((line) =>
            line.replace('ETAG', headers.etag!).replace('DATE', headers['last-modified']!),
          );
          const bytes = request(path, [...fields, 'Connection: close'], method);
          const [expected, got] = await Promise.all([exchange(node.port, bytes), exchange(made.port, bytes)]);
          const said = /^Cache-Status: (.*)\r$/im.exec(got.toString('latin1'))?.[1];
          expect([name, method, said]).toEqual([name, method, HIT]);
          expect(normal(got), `${method} ${name}`).toBe(normal(expected));
        }
      }
      expect(made.asked()).toBe(0);
    });
  }

  it('keep the connection, and pipelined ones come in order', async () => {
    const made = await stored(serve);
    const bytes = request('/small') + request('/hand') + request('/small', ['Connection: close']);
    const answers = (await exchange(made.port, bytes)).toString('latin1').split(/(?=HTTP\/1\.1 )/);
    expect(answers.map((answer) => answer.split('\r\n\r\n')[1])).toEqual([small, '<p>by hand', small]);
  });

  it('end with the file: the next request is a miss', async () => {
    const made = await stored(serve);
    expect((await made.ask('/small')).headers['cache-status']).toBe(HIT);
    await unlink(join(made.dir, 'small'));
    expect((await made.fill('/small')).headers['cache-status']).toBe('pagetree; fwd=uri-miss; stored');
    await made.pages.cache.purge({ path: '/large' });
    expect((await made.fill('/large')).headers['cache-status']).toBe('pagetree; fwd=uri-miss; stored');
    expect(made.asked()).toBe(2);
  });

  it('of a large page leave no open file, read to the end or not', async () => {
    const made = await stored(serve);
    const before = await openFiles(made.dir);
    expect((await made.ask('/large')).text).toBe(large);
    const line = new Line(made.port);
    line.socket.pause();
    line.send(request('/large'));
    line.leave();
    await until(async () => (await openFiles(made.dir)) === before);
  });
}

/** Without what is by chance, and without the reason phrase, which some servers leave empty (RFC 9112, 4). */
function normal(bytes: Buffer): string {
  return comparable(bytes.toString('latin1'))
    .replace(/[0-9a-f]{20}/g, 'BOUNDARY')
    .replace(/^(HTTP\/1\.1 \d{3}).*/, '$1');
}

export function describeHits(name: string, serve: Serve): void {
  describe(name, () => hits(serve));
}
