/** Fastify 5 and 4: what its users expect of hooks, replies, logs, scopes, and of what is not a hit. */
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createPageCache, type PageCache } from '@pagetree/core';
import fastify5, { type FastifyInstance, type FastifyReply } from 'fastify';
import fastify4 from 'fastify4';
import { describe, expect, it, onTestFinished } from 'vitest';
import { noStore, pageCache } from '../src/fastify.ts';
import { until } from './support/counting.ts';
import { compareBuilt, GET, STORED } from './support/parity.ts';
import { type Build, folder, site } from './support/site.ts';
import { ask, Line, request } from './support/wire.ts';

type Make = typeof fastify5;

const versions: readonly [name: string, make: Make][] = [
  ['Fastify 5', fastify5],
  ['Fastify 4', fastify4 as unknown as Make],
];

const html = 'text/html; charset=utf-8';
const HIT = 'pagetree; hit';
const refused = (reason: string) => `pagetree; fwd=uri-miss; detail=${reason}`;

describe.each(versions)('%s', (_name, make) => {
  /** An application with the cache in front, as a listener. */
  function app(routes: (app: FastifyInstance) => void, options = {}): Build {
    return (pages): RequestListener => {
      const made = make(options);
      if (pages) made.register(pageCache, { cache: pages.cache });
      made.register(async (scope) => routes(scope));
      const ready = made.ready();
      onTestFinished(() => made.close());
      let isReady = false;
      void ready.then(() => {
        isReady = true;
      });
      // The first request may come before the plugins are loaded; later ones must not lose a turn.
      return (req, res) => (isReady ? made.routing(req, res) : void ready.then(() => made.routing(req, res)));
    };
  }

  /** A server of Fastify's own, on a tree of its own. */
  async function running(
    routes: (app: FastifyInstance) => void | Promise<void>,
    { options = {}, cacheOptions = {}, before = (_: FastifyInstance): void => {} } = {},
  ): Promise<{ made: FastifyInstance; port: number; dir: string; stored: (key: string) => Promise<void> }> {
    const dir = join(await folder(), 'cache');
    const keys: string[] = [];
    const made = make({ forceCloseConnections: true, ...options });
    before(made);
    made.register(pageCache, {
      cacheDir: dir,
      durability: 'none',
      ...cacheOptions,
      onEvent: (event) => event.type === 'stored' && keys.push(event.key),
    });
    made.register(async (scope) => routes(scope));
    await made.listen({ port: 0, host: '127.0.0.1' });
    onTestFinished(() => made.close());
    const { port } = made.server.address() as AddressInfo;
    return { made, port, dir, stored: (key) => until(async () => keys.includes(key)) };
  }

  describe('answers as without the cache', () => {
    const page = (reply: FastifyReply) => reply.type(html);
    const routes: Record<string, [route: (reply: FastifyReply) => unknown, status?: string]> = {
      'a returned text': [
        (reply) => {
          page(reply);
          return '<h1>Hello</h1>';
        },
      ],
      'reply.send of a text': [(reply) => page(reply).send('<h1>Hello</h1>')],
      'reply.send of a buffer': [(reply) => page(reply).send(Buffer.from('<h1>Hello</h1>'))],
      'a stream': [(reply) => page(reply).send(Readable.from(['<h1>', 'Hello', '</h1>']))],
      'a file': [(reply) => page(reply).send(createReadStream(import.meta.filename))],
      'the answer of a fetch': [() => new Response('<h1>Hello</h1>', { headers: { 'content-type': html } })],
      'a text without a type, which is not a page': [
        (reply) => reply.send('Hello'),
        refused('type-mismatch'),
      ],
      'an object': [() => ({ a: 1 }), refused('type-mismatch')],
      'another status': [(reply) => page(reply).code(410).send('gone'), refused('status')],
      'a redirect': [(reply) => void reply.header('location', '/').code(302).send(), refused('status')],
      'no content': [(reply) => void reply.code(204).send(), refused('status')],
      'a cookie': [(reply) => page(reply).header('set-cookie', 'a=b').send('page'), refused('set-cookie')],
      'Cache-Control: no-store': [
        (reply) => page(reply).header('cache-control', 'no-store').send('page'),
        refused('cache-control'),
      ],
      'noStore(reply)': [
        (reply) => {
          noStore(reply);
          return page(reply).send('page');
        },
        refused('should-store'),
      ],
      'an error that is thrown': [
        () => {
          throw new Error('broken');
        },
        refused('status'),
      ],
      'a promise that rejects': [async () => Promise.reject(new Error('broken')), refused('status')],
      'an error with a status': [
        () => {
          throw Object.assign(new Error('gone'), { statusCode: 410 });
        },
        refused('status'),
      ],
      'a route that calls the handler of what is not found': [
        (reply) => reply.callNotFound(),
        refused('status'),
      ],
      'a hijacked reply': [
        (reply) => {
          reply.hijack();
          reply.raw.writeHead(200, { 'content-type': html }).end('<p>raw');
        },
      ],
      trailers: [
        (reply) => {
          reply.trailer('x-sum', async () => '1');
          return page(reply).send('page');
        },
      ],
    };
    // Fastify 4 has no such answers.
    if (make !== fastify5) delete routes['the answer of a fetch'];
    for (const [name, [route, status]] of Object.entries(routes)) {
      it(name, async () => {
        const { site: made } = await compareBuilt(
          app((scope) => void scope.get('/page', async (_, reply) => route(reply))),
          { send: GET, ...(status === undefined ? { status: null } : { status }) },
        );
        const outcome = await made.outcome('/page');
        const isTrailers = name === 'trailers';
        expect(outcome.type).toBe(status === undefined && !isTrailers ? 'stored' : 'refused');
      });
    }

    it('no route', async () => {
      await compareBuilt(
        app(() => {}),
        { send: GET, status: refused('status') },
      );
    });

    it('a HEAD request, which fills nothing', async () => {
      const build = app((scope) => void scope.get('/page', (_, reply) => void reply.type(html).send('page')));
      const { site: made } = await compareBuilt(build, {
        send: request('/page', ['Connection: close'], 'HEAD'),
        status: refused('method'),
      });
      expect(await made.files()).toEqual([]);
    });

    it('a POST with a body, which is parsed as ever', async () => {
      const build = app(
        (scope) => void scope.post('/page', async ({ body }) => ({ got: body as Record<string, unknown> })),
      );
      const body = '{"a":1}';
      const { raw } = await compareBuilt(build, {
        send:
          request(
            '/page',
            ['Content-Type: application/json', `Content-Length: ${body.length}`, 'Connection: close'],
            'POST',
          ) + body,
        status: 'pagetree; fwd=method',
      });
      expect(raw).toContain('{"got":{"a":1}}');
    });

    it('a request with a query', async () => {
      await compareBuilt(
        app((scope) => void scope.get('/page', async ({ query }) => query)),
        { send: request('/page?a=1', ['Connection: close']), status: 'pagetree; fwd=bypass; detail=query' },
      );
    });

    it('a stream that fails midway: the connection is cut, and nothing is stored', async () => {
      const { site: made, raw } = await compareBuilt(
        app(
          (scope) =>
            void scope.get('/page', (_, reply) => {
              const stream = new Readable({ read() {} });
              stream.push('half');
              setImmediate(() => setImmediate(() => stream.destroy(new Error('broken'))));
              return reply.type(html).send(stream);
            }),
        ),
        { send: GET, status: null },
      );
      expect(raw).toContain('half');
      expect(raw.endsWith('0\r\n\r\n')).toBe(false);
      expect(await made.outcome('/page')).toMatchObject({ type: 'aborted', reason: 'unfinished' });
      expect(await made.files()).toEqual([]);
    });

    it('an error handler of its own', async () => {
      await compareBuilt(
        app((scope) => {
          scope.setErrorHandler((error: Error, _, reply) => reply.code(503).type(html).send(error.message));
          scope.get('/page', async () => {
            throw new Error('broken');
          });
        }),
        { send: GET, status: refused('status') },
      );
    });
  });

  it('a hit: validators, HEAD, ranges, variants, and the handler is not asked', async () => {
    let asked = 0;
    const text = '<p>a page that compresses well</p>'.repeat(200);
    const made = await site(
      app(
        (scope) =>
          void scope.get('/page', (_, reply) => {
            asked += 1;
            return reply.type(html).header('content-language', 'en').send(text);
          }),
      ),
    );
    await made.fill('/page');
    const hit = await made.ask('/page');
    expect(hit).toMatchObject({
      text,
      headers: { 'cache-status': HIT, 'content-language': 'en', 'content-type': html },
    });
    expect((await made.ask('/page', [`If-None-Match: ${hit.headers.etag}`])).status).toBe(304);
    expect(await made.ask('/page', ['Range: bytes=3-8'])).toMatchObject({ status: 206, text: 'a page' });
    expect((await made.ask('/page', ['Range: bytes=999999-'])).status).toBe(416);
    const head = await made.ask('/page', [], 'HEAD');
    expect(head).toMatchObject({ status: 200, text: '', headers: { 'content-length': `${text.length}` } });
    expect((await made.ask('/page', ['Accept-Encoding: br'])).headers['content-encoding']).toBe('br');
    expect(asked).toBe(1);
    await made.pages.cache.purge({ path: '/page' });
    expect((await made.ask('/page')).headers['cache-status']).not.toBe(HIT);
    expect(asked).toBe(2);
  });

  it('a large page is streamed, and a client that leaves in the middle of it harms nobody', async () => {
    const text = '0123456789'.repeat(1_000_000);
    const errors: unknown[] = [];
    const made = await site(
      app((scope) => {
        scope.addHook('onError', (_request, _reply, error, done) => {
          errors.push(error);
          done();
        });
        scope.get('/page', (_, reply) => void reply.type(html).send(text));
      }),
    );
    await made.fill('/page');
    const line = new Line(made.port);
    line.send(request('/page'));
    await line.until('0123456789');
    line.leave();
    const whole = await made.ask('/page');
    expect(whole.headers['cache-status']).toBe(HIT);
    expect(whole.body.length).toBe(text.length);
    expect(errors).toEqual([]);
  });

  it('the first part of a stream that takes its time is there at once', async () => {
    let finish: () => void = () => {};
    const made = await site(
      app(
        (scope) =>
          void scope.get('/page', (_, reply) => {
            const stream = new Readable({ read() {} });
            stream.push('first');
            finish = () => {
              stream.push('last');
              stream.push(null);
            };
            return reply.type(html).send(stream);
          }),
      ),
    );
    const line = new Line(made.port);
    line.send(request('/page', ['Connection: close']));
    await line.until('first');
    finish();
    await line.until('last');
    await line.closed();
    await made.outcome('/page');
    expect((await made.ask('/page')).text).toBe('firstlast');
  });

  it('a miss runs every hook, in order; a Vary that a hook adds keeps the page out', async () => {
    const seen: string[] = [];
    const note = (what: string) => async () => void seen.push(what);
    const { port } = await running(
      (scope) => {
        scope.addHook('onRequest', note('onRequest below'));
        scope.addHook('preParsing', note('preParsing'));
        scope.addHook('preValidation', note('preValidation'));
        scope.addHook('preHandler', note('preHandler'));
        scope.addHook('onSend', note('onSend'));
        scope.addHook('onResponse', note('onResponse'));
        scope.get('/page', (_, reply) => void reply.type(html).send('page'));
      },
      {
        before: (made) =>
          void made.addHook('onRequest', async (_, reply) => {
            seen.push('onRequest above');
            reply.header('vary', 'Origin');
          }),
      },
    );
    expect((await ask(port, '/page')).headers['cache-status']).toBe(refused('vary'));
    await until(async () => seen.length === 7);
    expect(seen).toEqual([
      'onRequest above',
      'onRequest below',
      'preParsing',
      'preValidation',
      'preHandler',
      'onSend',
      'onResponse',
    ]);
  });

  it('what hooks set is sent with a hit, beside what the page has', async () => {
    const seen: string[] = [];
    const { port, stored } = await running(
      (scope) => {
        scope.addHook('onSend', async (_request, _reply, payload) => {
          seen.push('onSend');
          return `${payload}!`;
        });
        scope.addHook('onResponse', async (_, { statusCode }) => void seen.push(`onResponse ${statusCode}`));
        scope.get(
          '/page',
          (_, reply) => void reply.type(html).header('x-frame-options', 'SAMEORIGIN').send('page'),
        );
      },
      {
        before: (made) =>
          void made.addHook('onRequest', async (_, reply) => {
            reply.header('x-above', ['a', 'b']).header('x-number', 7).header('x-frame-options', 'DENY');
          }),
      },
    );
    expect((await ask(port, '/page')).text).toBe('page!');
    await stored('/page');
    const hit = await ask(port, '/page');
    expect(hit.text).toBe('page!');
    expect(hit.headers).toMatchObject({
      'x-above': 'a, b',
      'x-number': '7',
      'x-frame-options': 'SAMEORIGIN',
      'cache-status': HIT,
    });
    await until(async () => seen.length === 3);
    expect(seen).toEqual(['onSend', 'onResponse 200', 'onResponse 200']);
  });

  it('the log tells of a hit like of any other response', async () => {
    const lines: { msg: string; res?: { statusCode: number } }[] = [];
    const stream = { write: (line: string) => void lines.push(JSON.parse(line)) };
    const { port, stored } = await running(
      (scope) => void scope.get('/page', (_, reply) => void reply.type(html).send('page')),
      { options: { logger: { stream } } },
    );
    await ask(port, '/page');
    await stored('/page');
    const { headers } = await ask(port, '/page');
    await ask(port, '/page', [`If-None-Match: ${headers.etag}`]);
    const completed = () => lines.filter(({ msg }) => msg === 'request completed');
    await until(async () => completed().length === 3);
    expect(completed().map(({ res }) => res?.statusCode)).toEqual([200, 200, 304]);
    expect(lines.filter(({ msg }) => /error|warn/i.test(msg))).toEqual([]);
  });

  it('inject works: requests without a socket', async () => {
    const { made, stored } = await running(
      (scope) => void scope.get('/page', (_, reply) => void reply.type(html).send('<p>page')),
    );
    const miss = await made.inject('/page');
    expect([miss.statusCode, miss.body, miss.headers['cache-status']]).toEqual([200, '<p>page', STORED]);
    await stored('/page');
    const hit = await made.inject('/page');
    expect([hit.statusCode, hit.body, hit.headers['cache-status']]).toEqual([200, '<p>page', HIT]);
    const head = await made.inject({ method: 'HEAD', url: '/page' });
    expect([head.statusCode, head.body, head.headers['content-length']]).toEqual([200, '', '7']);
    const fresh = await made.inject({
      url: '/page',
      headers: { 'if-none-match': hit.headers.etag as string },
    });
    expect([fresh.statusCode, fresh.body]).toEqual([304, '']);
    expect((await made.inject('/none')).statusCode).toBe(404);
  });

  it('http2: streams of one connection', async () => {
    const { port, stored } = await running(
      (scope) => void scope.get('/page', (_, reply) => void reply.type(html).send('<p>page')),
      { options: { http2: true, forceCloseConnections: undefined } },
    );
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    onTestFinished(() => session.destroy());
    const get = (path: string, fields = {}) =>
      new Promise<Record<string, unknown>>((resolve, reject) => {
        const stream = session.request({ ':path': path, ...fields });
        let head: Record<string, unknown> = {};
        let body = '';
        stream.on('response', (fields) => {
          head = fields;
        });
        stream.on('data', (chunk: Buffer) => {
          body += chunk;
        });
        stream.on('end', () => resolve({ ...head, body }));
        stream.on('error', reject);
      });
    expect(await get('/page')).toMatchObject({ ':status': 200, 'cache-status': STORED, body: '<p>page' });
    await stored('/page');
    const [one, two] = await Promise.all([get('/page'), get('/page', { 'accept-encoding': 'br' })]);
    expect(one).toMatchObject({ ':status': 200, 'cache-status': HIT, body: '<p>page' });
    expect(two).toMatchObject({ ':status': 200, 'cache-status': HIT });
    expect(await get('/page', { 'if-none-match': one.etag })).toMatchObject({ ':status': 304, body: '' });
  });

  it('inside a scope, only the routes of the scope are cached', async () => {
    const dir = join(await folder(), 'cache');
    const made = make({ forceCloseConnections: true });
    made.get('/outside', (_, reply) => void reply.type(html).send('outside'));
    made.register(
      async (scope) => {
        scope.register(pageCache, { cacheDir: dir, durability: 'none' });
        scope.get('/page', (_, reply) => void reply.type(html).send('inside'));
      },
      { prefix: '/blog' },
    );
    await made.listen({ port: 0, host: '127.0.0.1' });
    onTestFinished(() => made.close());
    const { port } = made.server.address() as AddressInfo;
    expect((await ask(port, '/outside')).headers['cache-status']).toBeUndefined();
    expect((await ask(port, '/blog/page')).headers['cache-status']).toBe(STORED);
  });

  it('the key is what the client asked for, also where Fastify rewrites it', async () => {
    const made = await site(
      app((scope) => void scope.get('/inner', (_, reply) => void reply.type(html).send('inner')), {
        rewriteUrl: () => '/inner',
      }),
    );
    await made.fill('/a');
    await made.fill('/b');
    expect(await made.files()).toEqual(['a', 'b']);
  });

  it('gives the instance the cache, and closes its own with it, but not a shared one', async () => {
    const own = make();
    own.register(pageCache, { cacheDir: join(await folder(), 'cache') });
    await own.ready();
    const { pageCache: cache } = own;
    expect(await cache.purge({ all: true })).toMatchObject({ pages: 0 });
    await own.close();
    await expect(cache.purge({ all: true })).rejects.toThrow('the cache is closed');

    const shared: PageCache = createPageCache({ cacheDir: join(await folder(), 'cache') });
    const borrower = make();
    borrower.register(pageCache, { cache: shared });
    await borrower.ready();
    await borrower.close();
    expect(await shared.purge({ all: true })).toMatchObject({ pages: 0 });
    await shared.close();
  });

  it('a wrong option is told when Fastify starts', async () => {
    const made = make();
    made.register(pageCache, { cacheDir: join(await folder(), 'cache'), layout: 'flat' as 'html' });
    await expect(made.ready()).rejects.toMatchObject({ code: 'ERR_PAGETREE_OPTION' });
  });

  it('two caches on one instance are an error, since `pageCache` could name but one', async () => {
    const made = make();
    made.register(pageCache, { cacheDir: join(await folder(), 'one') });
    made.register(pageCache, { cacheDir: join(await folder(), 'two') });
    await expect(made.ready()).rejects.toMatchObject({ code: 'FST_ERR_DEC_ALREADY_PRESENT' });
    await made.close();
  });

  it('a page that is put there by hand, and one that is removed by hand, count at the next request', async () => {
    const made = await site(
      app((scope) => void scope.get('/page', (_, reply) => void reply.type(html).send('app'))),
    );
    await writeFile(join(made.dir, 'page'), 'by hand');
    expect(await made.ask('/page')).toMatchObject({ text: 'by hand', headers: { 'cache-status': HIT } });
    await made.pages.cache.purge({ all: true });
    expect((await made.ask('/page')).text).toBe('app');
  });
});
