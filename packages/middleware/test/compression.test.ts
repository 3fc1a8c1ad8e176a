/** The `compression` middleware above and below the cache. */
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import compression from 'compression';
import express from 'express';
import { describe, expect, it } from 'vitest';
import { compareBuilt, STORED } from './support/parity.ts';
import { type Build, site } from './support/site.ts';
import { Line, request } from './support/wire.ts';

const page = '<p>a page that compresses well</p>'.repeat(200);
const gzip = 'Accept-Encoding: gzip';

type Where = 'above' | 'below';

function app(where: Where, answer: (res: express.Response) => unknown): Build {
  return (pages) => {
    const made = express();
    if (where === 'above') made.use(compression());
    if (pages) made.use(pages);
    if (where === 'below') made.use(compression());
    made.get('/page', (_, res) => void answer(res));
    return made;
  };
}

const answers: Record<string, (res: express.Response) => unknown> = {
  'res.send': (res) => res.send(page),
  'writes and end': (res) => {
    res.type('html');
    for (let at = 0; at < page.length; at += 500) res.write(page.slice(at, at + 500));
    res.end();
  },
  'writeHead with an object': (res) =>
    res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(page),
};

for (const where of ['above', 'below'] as const) {
  describe(`compression ${where} the cache`, () => {
    for (const [name, answer] of Object.entries(answers)) {
      for (const coding of ['gzip', 'br', 'identity']) {
        it(`${name}, ${coding}: the miss is as without the cache, the page is stored plain`, async () => {
          const { site } = await compareBuilt(app(where, answer), {
            send: request('/page', [`Accept-Encoding: ${coding}`, 'Connection: close']),
            status: STORED,
          });
          expect(await site.outcome('/page')).toMatchObject({ type: 'stored', bytes: page.length });
          expect((await site.read('page')).toString()).toBe(page);
        });
      }
    }

    it('a hit is readable for everyone', async () => {
      const made = await site(app(where, answers['res.send']!));
      await made.fill('/page', [gzip]);
      expect((await made.ask('/page')).text).toBe(page);
      const zipped = await made.ask('/page', [gzip]);
      expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip', 'cache-status': 'pagetree; hit' });
      expect(zipped.headers.vary).toBe('Accept-Encoding');
      expect(gunzipSync(zipped.body).toString()).toBe(page);
      const best = await made.ask('/page', ['Accept-Encoding: br']);
      expect(brotliDecompressSync(best.body).toString()).toBe(page);
      const { etag } = zipped.headers;
      expect((await made.ask('/page', [gzip, `If-None-Match: ${etag}`])).status).toBe(304);
    });

    it('a flush in the middle reaches the client', async () => {
      let finish: () => void = () => {};
      const made = await site(
        app(where, (res) => {
          res.type('html');
          res.write(page);
          (res as unknown as { flush: () => void }).flush();
          finish = () => res.end('end');
        }),
      );
      const line = new Line(made.port);
      line.send(request('/page', [gzip, 'Connection: close']));
      await line.until('\r\n\r\n');
      // The gzip header of the first chunk.
      await line.until('\x1f\x8b');
      finish();
      await line.closed();
      expect(await made.outcome('/page')).toMatchObject({ type: 'stored', bytes: page.length + 3 });
    });

    it('a client that leaves midway stores nothing', async () => {
      const made = await site(
        app(where, (res) => {
          res.type('html');
          res.write(page);
          (res as unknown as { flush: () => void }).flush();
          res.on('close', () => res.end());
        }),
      );
      const line = new Line(made.port);
      line.send(request('/page', [gzip]));
      await line.until('\x1f\x8b');
      line.leave();
      expect(await made.outcome('/page')).toMatchObject({ type: 'aborted', reason: 'unfinished' });
      expect(await made.files()).toEqual([]);
    });
  });
}
