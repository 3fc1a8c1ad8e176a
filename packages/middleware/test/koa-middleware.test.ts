import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { createGzip, gunzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pageCache } from '../src/koa.ts';
import { http2Client } from './support/clients.ts';
import { until } from './support/counting.ts';
import { appOf, HIT, type Middleware, refused, text, versions } from './support/koa.ts';
import { compareBuilt, GET, STORED } from './support/parity.ts';
import { folder, site } from './support/site.ts';
import { Line, request } from './support/wire.ts';

describe.each(versions)('%s', (_name, Koa) => {
  const app = (below: Middleware, above?: readonly Middleware[], errors?: unknown[]) =>
    appOf(Koa, below, above, errors);

  it('an application that chooses by Accept, and says no Vary: who names JSON gets it, and nobody else', async () => {
    const made = await site(
      app((ctx) => {
        if (ctx.accepts('html', 'json') === 'json') ctx.body = { users: [1] };
        else {
          ctx.type = 'html';
          ctx.body = '<p>1';
        }
      }),
    );
    const axios = 'Accept: application/json, text/plain, */*';
    const browser =
      'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8';
    const own = { text: '{"users":[1]}', headers: { 'cache-status': 'pagetree; fwd=bypass; detail=accept' } };
    expect(await made.ask('/page', [axios])).toMatchObject(own);
    expect(await made.fill('/page', ['Accept: */*'])).toMatchObject({ text: '<p>1' });
    for (const line of ['Accept: */*', browser]) {
      const hit = { text: '<p>1', headers: { 'cache-status': HIT } };
      expect(await made.ask('/page', [line]), line).toMatchObject(hit);
    }
    expect(await made.ask('/page', [axios])).toMatchObject(own);
  });

  it('the first part of a stream that takes its time is there at once', async () => {
    let finish: () => void = () => {};
    const made = await site(
      app((ctx) => {
        const stream = new Readable({ read() {} });
        stream.push('<p>first');
        finish = () => {
          stream.push('last');
          stream.push(null);
        };
        ctx.type = 'html';
        ctx.body = stream;
      }),
    );
    const line = new Line(made.port);
    line.send(request('/page', ['Connection: close']));
    await line.until('first');
    finish();
    await line.until('last');
    await line.closed();
    await made.outcome('/page');
    expect((await made.ask('/page')).text).toBe('<p>firstlast');
  });

  it('compression above: the miss is as without the cache, the page is stored plain, a hit is not compressed twice', async () => {
    const gzip: Middleware = async (ctx, next) => {
      await next();
      if (ctx.acceptsEncodings('gzip', 'identity') !== 'gzip' || ctx.response.get('Content-Encoding')) return;
      const { body } = ctx;
      ctx.set('Content-Encoding', 'gzip');
      ctx.vary('Accept-Encoding');
      const stream = createGzip();
      ctx.body = stream;
      ctx.remove('Content-Length');
      stream.end(body);
    };
    const { site: made } = await compareBuilt(
      app(
        (ctx) => {
          ctx.body = text;
        },
        [gzip],
      ),
      { send: request('/page', ['Accept-Encoding: gzip', 'Connection: close']) },
    );
    expect(await made.outcome('/page')).toMatchObject({ type: 'stored', bytes: text.length });
    expect((await made.read('page')).toString()).toBe(text);
    const zipped = await made.ask('/page', ['Accept-Encoding: gzip']);
    expect(zipped.headers['cache-status']).toBe(HIT);
    expect(gunzipSync(zipped.body).toString()).toBe(text);
  });

  it('a body that is replaced above is not stored: it would be replaced a second time on a hit', async () => {
    const banner: Middleware = async (ctx, next) => {
      await next();
      if (typeof ctx.body === 'string') ctx.body = `<b>banner</b>${ctx.body}`;
    };
    const upper: Middleware = async (ctx, next) => {
      await next();
      if (!(ctx.body instanceof Readable)) return;
      ctx.body = ctx.body.pipe(
        new Transform({ transform: (chunk, _, done) => done(null, String(chunk).toUpperCase()) }),
      );
    };
    const plain = await compareBuilt(
      app(
        (ctx) => {
          ctx.body = '<p>page';
        },
        [banner],
      ),
      { send: GET, status: refused('should-store') },
    );
    expect(plain.raw).toContain('<b>banner</b><p>page');
    const streamed = await compareBuilt(
      app(
        (ctx) => {
          ctx.type = 'html';
          ctx.body = Readable.from(['<p>', 'page']);
        },
        [upper],
      ),
      { send: GET, status: refused('should-store') },
    );
    expect(streamed.raw).toContain('PAGE');
    expect(await streamed.site.files()).toEqual([]);
  });

  it('a cookie that is set above, after the page was made, keeps it out', async () => {
    const made = await site(
      app(
        (ctx) => {
          ctx.body = '<p>personal';
        },
        [
          async (ctx, next) => {
            await next();
            ctx.cookies.set('session', '1');
          },
        ],
      ),
    );
    expect((await made.ask('/page')).headers['set-cookie']).toContain('session=1');
    expect(await made.outcome('/page')).toMatchObject({ type: 'refused', reason: 'set-cookie' });
    expect(await made.files()).toEqual([]);
  });

  it('an error below is caught above as ever', async () => {
    const { raw } = await compareBuilt(
      app(() => {
        throw new Error('broken');
      }, [
        async (ctx, next) => {
          try {
            await next();
          } catch (error) {
            ctx.status = 503;
            ctx.body = `caught ${(error as Error).message}`;
          }
        },
      ]),
      { send: GET, status: refused('status') },
    );
    expect(raw).toContain('caught broken');
  });

  it('an error after the first byte reaches the application’s own handler', async () => {
    const errors: Error[] = [];
    const made = await site(
      app(
        async (ctx) => {
          ctx.status = 200;
          ctx.type = 'html';
          ctx.res.write('half');
          setImmediate(() => ctx.res.destroy());
          throw new Error('broken');
        },
        [],
        errors,
      ),
    );
    await made.ask('/page');
    expect(await made.outcome('/page')).toMatchObject({ type: 'aborted', reason: 'unfinished' });
    expect(errors.map(({ message }) => message)).toContain('broken');
  });

  it('the key is what the client asked for, also where a mount rewrites it', async () => {
    const made = await site((pages) => {
      const outer = new Koa();
      const cached = pageCache({ cache: pages!.cache }) as unknown as Middleware;
      outer.use(async (ctx, next) => {
        // As koa-mount does it.
        const { path } = ctx;
        ctx.path = path.replace(/^\/(?:one|two)/, '');
        await cached(ctx, async () => {
          ctx.body = `<p>${path} as ${ctx.path}`;
        });
        ctx.path = path;
        await next();
      });
      return outer.callback();
    });
    expect((await made.fill('/one/page')).text).toBe('<p>/one/page as /page');
    expect((await made.fill('/two/page')).text).toBe('<p>/two/page as /page');
    expect(await made.files()).toEqual(['one/page', 'two/page']);
    expect((await made.ask('/two/page')).text).toBe('<p>/two/page as /page');
  });

  it('twice on the way of one request counts once', async () => {
    const made = await site((pages) => {
      const outer = new Koa();
      outer.use(pageCache({ cache: pages!.cache }));
      outer.use(pageCache({ cache: pages!.cache }));
      outer.use((ctx) => {
        ctx.body = '<p>page';
      });
      return outer.callback();
    });
    expect((await made.fill('/page')).headers['cache-status']).toBe(STORED);
    expect((await made.ask('/page')).headers['cache-status']).toBe(HIT);
  });

  it('http2: a miss, a hit and a 304', async () => {
    const dir = join(await folder(), 'cache');
    const keys: string[] = [];
    const pages = pageCache({
      cacheDir: dir,
      durability: 'none',
      onEvent: (event) => event.type === 'stored' && keys.push(event.key),
    });
    const made = new Koa();
    made.use(pages);
    made.use((ctx) => {
      ctx.body = '<p>page';
    });
    const server = createHttp2Server(made.callback() as never);
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    const { port } = server.address() as AddressInfo;
    onTestFinished(async () => {
      server.close();
      await pages.close();
    });
    const get = (headers = {}) => http2Client('http')(port, { headers });
    const page = { status: 200, body: '<p>page' };
    expect(await get()).toMatchObject({ ...page, headers: { 'cache-status': STORED } });
    await until(async () => keys.length === 1);
    const hit = await get();
    expect(hit).toMatchObject({ ...page, headers: { 'cache-status': HIT } });
    const fresh = await get({ 'if-none-match': hit.headers.etag as string });
    expect(fresh).toMatchObject({ status: 304, body: '', error: undefined });
  });

  it('a wrong option is told at once', () => {
    expect(() => pageCache({ cacheDir: '' })).toThrow('cacheDir: expected the path of a folder');
  });
});
