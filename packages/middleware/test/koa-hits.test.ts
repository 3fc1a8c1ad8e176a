import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openFiles, until } from './support/counting.ts';
import { appOf, HIT, type Middleware, text, versions } from './support/koa.ts';
import { site } from './support/site.ts';
import { Line, request } from './support/wire.ts';

describe.each(versions)('%s', (_name, Koa) => {
  const app = (below: Middleware, above?: readonly Middleware[], errors?: unknown[]) =>
    appOf(Koa, below, above, errors);

  describe('a hit', () => {
    const page: Middleware = (ctx) => {
      ctx.set('Content-Language', 'en');
      ctx.set('Link', '</a.css>; rel=preload');
      ctx.body = text;
    };

    it('has validators, ranges and variants, and answers HEAD', async () => {
      const made = await site(app(page));
      await made.fill('/page');
      const hit = await made.ask('/page');
      expect(hit).toMatchObject({
        status: 200,
        text,
        headers: {
          'cache-status': HIT,
          'content-language': 'en',
          'content-type': 'text/html; charset=utf-8',
          'content-length': `${text.length}`,
        },
      });
      const fresh = await made.ask('/page', [`If-None-Match: ${hit.headers.etag}`]);
      expect(fresh).toMatchObject({ status: 304, text: '', headers: { etag: hit.headers.etag } });
      expect(fresh.headers).not.toHaveProperty('content-length');
      expect(await made.ask('/page', ['Range: bytes=3-8'])).toMatchObject({ status: 206, text: 'a page' });
      const parts = await made.ask('/page', ['Range: bytes=0-2,5-8']);
      expect(parts.headers['content-type']).toMatch(/^multipart\/byteranges; boundary=/);
      expect(parts.whole).toBe(true);
      expect(await made.ask('/page', [], 'HEAD')).toMatchObject({
        status: 200,
        text: '',
        headers: { 'content-length': `${text.length}`, 'cache-status': HIT },
      });
      const zipped = await made.ask('/page', ['Accept-Encoding: gzip']);
      expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
      expect(gunzipSync(zipped.body).toString()).toBe(text);
    });

    it.each([
      [416, 'Range: bytes=999999-'],
      [412, 'If-Match: "other"'],
    ])('answers %i without a body of Koa’s own', async (status, field) => {
      const made = await site(app(page));
      await made.fill('/page');
      expect(await made.ask('/page', [field])).toMatchObject({
        status,
        text: '',
        headers: { 'content-length': '0' },
      });
    });

    it('is seen by what stands above, which may add fields and cookies', async () => {
      const seen: unknown[] = [];
      const made = await site(
        app(page, [
          async (ctx, next) => {
            ctx.set('X-Before', 'yes');
            await next();
            seen.push([ctx.status, ctx.length, ctx.type, Buffer.isBuffer(ctx.body)]);
            ctx.set('X-After', 'yes');
            if (ctx.get('X-Visitor') !== '') ctx.cookies.set('visitor', ctx.get('X-Visitor'));
          },
        ]),
      );
      await made.fill('/page');
      const hit = await made.ask('/page', ['X-Visitor: me']);
      expect(hit).toMatchObject({
        text,
        headers: { 'x-before': 'yes', 'x-after': 'yes', 'cache-status': HIT },
      });
      expect(hit.headers['set-cookie']).toContain('visitor=me');
      expect(await made.ask('/page', ['Range: bytes=0-1'])).toMatchObject({ status: 206 });
      expect(seen).toEqual([
        [200, text.length, 'text/html', false],
        [200, text.length, 'text/html', true],
        [206, 2, 'text/html', true],
      ]);
    });

    it('spares what stands below', async () => {
      let asked = 0;
      const made = await site(
        app((ctx) => {
          asked += 1;
          ctx.body = `<p>${asked}`;
        }),
      );
      await made.fill('/page');
      for (let at = 0; at < 5; at += 1) expect((await made.ask('/page')).text).toBe('<p>1');
      await made.pages.cache.purge({ path: '/page' });
      expect((await made.ask('/page')).text).toBe('<p>2');
    });

    it('of a large page is streamed, its file closed at the end and when a client leaves', async () => {
      const large = '0123456789'.repeat(1_000_000);
      const errors: NodeJS.ErrnoException[] = [];
      const made = await site(
        app(
          (ctx) => {
            ctx.type = 'html';
            ctx.body = large;
          },
          [],
          errors,
        ),
        { variants: false },
      );
      await made.fill('/page');
      const line = new Line(made.port);
      line.send(request('/page'));
      await line.until('0123456789');
      line.leave();
      const whole = await made.ask('/page');
      expect(whole.headers['cache-status']).toBe(HIT);
      expect(whole.headers['content-length']).toBe(`${large.length}`);
      expect(whole.body.toString() === large).toBe(true);
      expect((await made.ask('/page', [], 'HEAD')).headers['content-length']).toBe(`${large.length}`);
      await until(async () => (await openFiles(made.dir)) === 0);
      // Koa tells of every client that leaves a stream, ours or not.
      const left = ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'];
      expect(errors.filter(({ code }) => !left.includes(code ?? ''))).toEqual([]);
    });

    it('of a large page whose file is cut cuts the connection', async () => {
      const large = '0123456789'.repeat(1_000_000);
      const made = await site(
        app((ctx) => {
          ctx.type = 'html';
          ctx.body = large;
        }),
        { variants: false },
      );
      await made.fill('/page');
      const line = new Line(made.port);
      line.socket.pause();
      line.send(request('/page'));
      await made.seen(['hit'], '/page');
      await writeFile(join(made.dir, 'page'), 'cut');
      line.socket.resume();
      await line.closed();
      expect(line.received.length).toBeLessThan(large.length);
    });

    it('whose body something above takes away closes its file', async () => {
      const made = await site(
        app(
          (ctx) => {
            ctx.type = 'html';
            ctx.body = '0123456789'.repeat(1_000_000);
          },
          [
            async (ctx, next) => {
              await next();
              if (ctx.get('X-Instead') === 'error') ctx.throw(500, 'no');
              if (ctx.get('X-Instead') === 'text') ctx.body = 'another';
            },
          ],
        ),
        { variants: false },
      );
      await made.fill('/page');
      expect((await made.ask('/page', ['X-Instead: error'])).status).toBe(500);
      expect((await made.ask('/page', ['X-Instead: text'])).text).toBe('another');
      await until(async () => (await openFiles(made.dir)) === 0);
    });
  });
});
