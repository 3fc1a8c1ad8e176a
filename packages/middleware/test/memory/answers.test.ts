/** An answer from memory is the answer from the file, byte for byte. */

import { once } from 'node:events';
import { utimes } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2 } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { createPageCache } from '@pagetree/core';
import compression from 'compression';
import express from 'express';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pageCache } from '../../src/index.ts';
import { plain, type Site, site } from '../support/site.ts';
import { comparable, type Wire } from '../support/wire.ts';
import { counted, type KeptSite, keepAll, keptSite, talk } from './support.ts';

const html = 'text/html; charset=utf-8';
const text = '<p>a page that shrinks well</p>\n'.repeat(300);

const codings = [
  undefined,
  'br',
  'gzip',
  'br, gzip, deflate',
  'identity',
  'gzip;q=0, br;q=0.5',
  '*',
  'nonsense;;',
];

function requestsFor(etag: string, modified: string): string[][] {
  const past = 'Sun, 06 Nov 1994 08:49:37 GMT';
  return [
    [],
    ['If-None-Match: "other"'],
    [`If-None-Match: ${etag}`],
    [`If-None-Match: W/${etag}, "x"`],
    ['If-None-Match: *'],
    [`If-Modified-Since: ${modified}`],
    [`If-Modified-Since: ${past}`],
    [`If-Modified-Since: ${modified}`, 'If-None-Match: "other"'],
    ['If-Match: "other"'],
    [`If-Match: ${etag}`],
    [`If-Unmodified-Since: ${past}`],
    ['Range: bytes=0-9'],
    ['Range: bytes=-5'],
    ['Range: bytes=100-'],
    ['Range: bytes=0-4,10-14'],
    ['Range: bytes=999999-'],
    ['Range: bytes=9-1'],
    ['Range: lines=1-2'],
    ['Range: bytes=0-9', `If-Range: ${etag}`],
    ['Range: bytes=0-9', 'If-Range: "other"'],
    ['Cache-Control: no-cache', 'Pragma: no-cache'],
    ['Cookie: session=1'],
    ['Accept: image/png'],
  ];
}

/** The boundary between the parts of several ranges is by chance. */
const alike = ({ raw }: Wire): string => comparable(raw).replace(/\b[0-9a-f]{20}\b/g, 'boundary');

/** A site, and one on the same tree that keeps nothing in memory. */
async function twoSites(): Promise<{ kept: KeptSite; fromFile: number }> {
  const kept = await keptSite({ variants: false });
  const cache = createPageCache({ cacheDir: kept.dir, maxMemory: 0 });
  const other = createServer(
    plain((req, res) => {
      res.writeHead(200, { 'Content-Type': html, 'Cache-Control': 'no-store' });
      res.end(`rendered ${req.url}`);
    })(pageCache({ cache })),
  );
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => {
    other.closeAllConnections();
    other.close();
  });
  return { kept, fromFile: (other.address() as AddressInfo).port };
}

describe('an answer from memory', () => {
  for (const method of ['GET', 'HEAD', 'POST']) {
    it(`to ${method} is the same as from the file, for every condition, range and coding`, async () => {
      const { kept, fromFile } = await twoSites();
      const mtime = new Date(Date.now() - 100_000);
      await kept.put('page', text);
      await kept.put('page.br', brotliCompressSync(text));
      await kept.put('page.gz', gzipSync(text));
      for (const name of ['page', 'page.br', 'page.gz']) {
        await utimes(join(kept.dir, name), mtime, mtime);
      }
      const [memory, file] = [talk(kept.port), talk(fromFile)];
      for (const coding of codings) {
        const accept = coding === undefined ? [] : [`Accept-Encoding: ${coding}`];
        await keepAll(kept, ['/page'], accept);
        const { headers } = await file.ask('/page', accept);
        const before = kept.lookups;
        for (const fields of requestsFor(headers.etag!, headers['last-modified']!)) {
          const asked = [...accept, ...fields];
          const [one, other] = [
            await memory.ask('/page', asked, method),
            await file.ask('/page', asked, method),
          ];
          expect(alike(one), asked.join('; ')).toBe(alike(other));
          expect(one.headers['cache-status']).toBe(other.headers['cache-status']);
        }
        expect(kept.lookups).toBe(before);
      }
    }, 60_000);
  }

  it('has the fields that the application sent, and a type by its name', async () => {
    const made = counted(
      await site(
        plain((_, res) => {
          res.writeHead(200, {
            'Content-Type': 'text/css; charset=utf-8',
            'Content-Language': 'en',
            Link: '</a>; rel=preload',
          });
          res.end('a { color: red }');
        }),
      ),
    );
    await made.fill('/a.css');
    const first = await made.ask('/a.css');
    await keepAll(made, ['/a.css']);
    const second = await made.ask('/a.css');
    expect(comparable(second.raw)).toBe(comparable(first.raw));
    expect(second.headers).toMatchObject({
      'content-language': 'en',
      link: '</a>; rel=preload',
      'content-type': 'text/css; charset=utf-8',
      'cache-status': 'pagetree; hit',
    });
  });

  it('of a page over 64 KiB is whole, in parts and coded as well', async () => {
    const large = Buffer.alloc(300_000, 'a large page ');
    const { kept, fromFile } = await twoSites();
    await kept.put('large', large);
    await keepAll(kept, ['/large']);
    const before = kept.lookups;
    const [memory, file] = [talk(kept.port), talk(fromFile)];
    for (const fields of [
      [],
      ['Range: bytes=100000-200000'],
      ['Range: bytes=5-9,3-4'],
      ['Range: bytes=0-9,299990-'],
    ]) {
      const one = await memory.ask('/large', fields);
      const other = await file.ask('/large', fields);
      // From a stream, parts come in the order of the page only.
      if (fields[0] === 'Range: bytes=5-9,3-4') expect([one.status, other.status]).toEqual([200, 200]);
      expect(alike(one)).toBe(alike(other));
    }
    expect(kept.lookups).toBe(before);
  });
});

describe('middleware above the cache', () => {
  async function above(use: (app: express.Express) => void): Promise<{ made: Site & KeptSite }> {
    const made = await site((pages) => {
      const app = express();
      use(app);
      if (pages) app.use(pages);
      app.use((_, res) => {
        res.set('Content-Type', html).send(text);
      });
      return app;
    });
    await made.put('page', text);
    return { made: counted(made) };
  }

  it('keeps its header fields on an answer from memory, and lists are added to', async () => {
    const { made } = await above((app) =>
      app.use((_, res, next) => {
        res.setHeader('X-Frame-Options', 'DENY');
        res.setHeader('Vary', 'Origin');
        res.setHeader('Set-Cookie', ['a=1', 'b=2']);
        next();
      }),
    );
    const fields = (wire: Wire) => [...wire.lines].filter((line) => !line.startsWith('Date')).sort();
    const fromFile = fields(await made.ask('/page'));
    await keepAll(made, ['/page']);
    const fromMemory = await made.ask('/page');
    expect(fields(fromMemory)).toEqual(fromFile);
    expect(fromMemory.headers).toMatchObject({
      'x-frame-options': 'DENY',
      vary: 'Origin, Accept-Encoding',
      'set-cookie': 'a=1, b=2',
      'x-powered-by': 'Express',
      'cache-status': 'pagetree; hit',
    });
  });

  it('may compress it', async () => {
    const { made } = await above((app) => app.use(compression({ threshold: 0 })));
    await keepAll(made, ['/page'], ['Accept-Encoding: gzip']);
    const { headers, body } = await made.ask('/page', ['Accept-Encoding: gzip']);
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', 'cache-status': 'pagetree; hit' });
    expect(gunzipSync(body).toString()).toBe(text);
  });

  it('sees the end of it, and its status', async () => {
    const ends: string[] = [];
    const { made } = await above((app) =>
      app.use((req, res, next) => {
        res.on('finish', () =>
          ends.push(`finish ${res.statusCode} ${req.url} ${res.getHeader('content-length')}`),
        );
        res.on('close', () => ends.push('close'));
        next();
      }),
    );
    await keepAll(made, ['/page']);
    ends.length = 0;
    await made.ask('/page');
    while (ends.length < 2) await new Promise(setImmediate);
    expect(ends[0]).toMatch(/^finish 200 \/page/);
    expect(ends[1]).toBe('close');
  });
});

it('a client of HTTP/2 gets it, too', async () => {
  const made = await keptSite({ variants: false });
  await made.put('page', text);
  const pages = pageCache({ cache: made.pages.cache });
  const server = createHttp2((req, res) => pages(req as never, res as never, () => res.end('rendered')));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  const ask = async (): Promise<string> => {
    const stream = client.request({ ':path': '/page' });
    let body = '';
    for await (const chunk of stream.setEncoding('utf8')) body += chunk;
    return body;
  };
  for (let before = -1; made.lookups !== before; ) {
    before = made.lookups;
    expect(await ask()).toBe(text);
  }
  expect(await ask()).toBe(text);
});
