/** Koa 3 and 2: what its users expect of the context, of middleware above and below, and of what is not a hit. */
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { createGzip, gunzipSync } from 'node:zlib';
import Koa3 from 'koa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { noStore, pageCache } from '../src/koa.ts';
import { openFiles, until } from './support/counting.ts';
import { compareBuilt, GET, STORED } from './support/parity.ts';
import { type Build, folder, site } from './support/site.ts';
import { Line, request } from './support/wire.ts';

type Context = Koa3.Context;
type Middleware = (ctx: Context, next: () => Promise<unknown>) => unknown;

const versions: readonly [name: string, make: typeof Koa3][] = [
  ['Koa 3', Koa3],
  // It has no types of its own, and those of Koa 3 fit.
  ['Koa 2', createRequire(import.meta.url)('koa2') as typeof Koa3],
];

const HIT = 'pagetree; hit';
const refused = (reason: string) => `pagetree; fwd=uri-miss; detail=${reason}`;
const text = '<p>a page that compresses well</p>'.repeat(200);

describe.each(versions)('%s', (name, Koa) => {
  /** An application with the cache in front of what is below, and behind what is above. */
  function app(below: Middleware, above: readonly Middleware[] = [], errors: unknown[] = []): Build {
    return (pages) => {
      const made = new Koa();
      made.on('error', (error) => errors.push(error));
      for (const one of above) made.use(one as Koa3.Middleware);
      if (pages) made.use(pageCache({ cache: pages.cache }));
      made.use(below as Koa3.Middleware);
      return made.callback();
    };
  }

  describe('answers as without the cache', () => {
    const routes: Record<string, [route: Middleware, status?: string]> = {
      'a text that is a page': [
        (ctx) => {
          ctx.body = '<h1>Hello</h1>';
        },
      ],
      'a buffer with a type': [
        (ctx) => {
          ctx.type = 'html';
          ctx.body = Buffer.from('<h1>Hello</h1>');
        },
      ],
      'a stream': [
        (ctx) => {
          ctx.type = 'html';
          ctx.body = Readable.from(['<h1>', 'Hello', '</h1>']);
        },
      ],
      'a file': [
        (ctx) => {
          ctx.type = 'html';
          ctx.body = createReadStream(import.meta.filename);
        },
      ],
      'writes to ctx.res, with respond = false': [
        (ctx) => {
          ctx.respond = false;
          ctx.res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
          ctx.res.write('<h1>');
          ctx.res.end('Hello');
        },
      ],
      'writes to ctx.res, and Koa ends it': [
        (ctx) => {
          ctx.status = 200;
          ctx.res.setHeader('Content-Type', 'text/html; charset=utf-8');
          ctx.res.write('<h1>Hello');
        },
      ],
      'a text that is no page': [
        (ctx) => {
          ctx.body = 'Hello';
        },
        refused('type-mismatch'),
      ],
      'an object': [
        (ctx) => {
          ctx.body = { a: 1 };
        },
        refused('type-mismatch'),
      ],
      'no body': [() => {}, refused('status')],
      'a body of null': [
        (ctx) => {
          ctx.body = null;
        },
        refused('status'),
      ],
      'another status': [
        (ctx) => {
          ctx.status = 410;
          ctx.body = '<p>gone';
        },
        refused('status'),
      ],
      'a redirect': [(ctx) => ctx.redirect('/other'), refused('status')],
      'a cookie': [
        (ctx) => {
          ctx.cookies.set('a', 'b');
          ctx.body = '<p>page';
        },
        refused('set-cookie'),
      ],
      'Cache-Control: private': [
        (ctx) => {
          ctx.set('Cache-Control', 'private');
          ctx.body = '<p>page';
        },
        refused('cache-control'),
      ],
      'ctx.vary': [
        (ctx) => {
          ctx.vary('Accept-Language');
          ctx.body = '<p>page';
        },
        refused('vary'),
      ],
      'noStore(ctx)': [
        (ctx) => {
          noStore(ctx);
          ctx.body = '<p>page';
        },
        refused('should-store'),
      ],
      'an error': [
        () => {
          throw new Error('broken');
        },
        refused('status'),
      ],
      'ctx.throw': [(ctx) => ctx.throw(403, 'not you'), refused('status')],
      'a promise that rejects': [async () => Promise.reject(new Error('broken')), refused('status')],
      'ctx.fresh': [
        (ctx) => {
          ctx.etag = 'a';
          ctx.body = '<p>page';
          ctx.req.headers['if-none-match'] = '"a"';
          if (ctx.fresh) ctx.status = 304;
        },
        refused('status'),
      ],
    };
    for (const [title, [route, status]] of Object.entries(routes)) {
      it(title, async () => {
        const { site: made } = await compareBuilt(app(route), { send: GET, status: status ?? STORED });
        await made.outcome('/page');
        expect((await made.files())[0]).toBe(status === undefined ? 'page' : undefined);
      });
    }

    it('a HEAD request, which fills nothing', async () => {
      const { site: made } = await compareBuilt(
        app((ctx) => {
          ctx.body = '<p>page';
        }),
        { send: request('/page', ['Connection: close'], 'HEAD'), status: refused('method') },
      );
      expect(await made.files()).toEqual([]);
    });

    it('a POST with a body', async () => {
      const { raw } = await compareBuilt(
        app(async (ctx) => {
          const chunks: Buffer[] = [];
          for await (const chunk of ctx.req) chunks.push(chunk as Buffer);
          ctx.body = `got ${Buffer.concat(chunks)}`;
        }),
        {
          send: `${request('/page', ['Content-Length: 4', 'Connection: close'], 'POST')}data`,
          status: 'pagetree; fwd=method',
        },
      );
      expect(raw).toContain('got data');
    });

    it('a stream with a length that fails midway: the same bytes, and nothing is stored', async () => {
      const below: Middleware = (ctx) => {
        const stream = new Readable({ read() {} });
        stream.push('half');
        setImmediate(() =>
          setImmediate(() => {
            stream.destroy(new Error('broken'));
            // Koa 2 leaves the response open.
            ctx.res.destroy();
          }),
        );
        ctx.type = 'html';
        ctx.body = stream;
      };
      const { site: made, raw } = await compareBuilt(app(below), { send: GET });
      expect(raw).toContain('half');
      expect(await made.outcome('/page')).toMatchObject({ type: 'aborted', reason: 'unfinished' });
      expect(await made.files()).toEqual([]);
    });
  });

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
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    onTestFinished(async () => {
      session.destroy();
      server.close();
      await pages.close();
    });
    const get = (fields = {}) =>
      new Promise<Record<string, unknown>>((resolve, reject) => {
        const stream = session.request({ ':path': '/page', ...fields });
        let answer: Record<string, unknown> = {};
        let body = '';
        stream.on('response', (head) => {
          answer = head;
        });
        stream.on('data', (chunk: Buffer) => {
          body += chunk;
        });
        stream.on('end', () => resolve({ ...answer, body }));
        stream.on('error', reject);
      });
    expect(await get()).toMatchObject({ ':status': 200, 'cache-status': STORED, body: '<p>page' });
    await until(async () => keys.length === 1);
    const hit = await get();
    expect(hit).toMatchObject({ ':status': 200, 'cache-status': HIT, body: '<p>page' });
    expect(await get({ 'if-none-match': hit.etag })).toMatchObject({ ':status': 304, body: '' });
  });

  it(`${name}: a wrong option is told at once`, () => {
    expect(() => pageCache({ cacheDir: '' })).toThrow('cacheDir: expected the path of a folder');
  });
});
