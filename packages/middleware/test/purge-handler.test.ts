/** The purge endpoint over sockets, in every framework, alone and behind body parsers. */
import { mkdir, writeFile } from 'node:fs/promises';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import type { PageCache } from '@pagetree/core';
import connect from 'connect';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import polka from 'polka';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as forFastify from '../src/fastify.ts';
import { type PageCacheMiddleware, purgeHandler, withPageCache } from '../src/index.ts';
import * as forKoa from '../src/koa.ts';
import { until } from './support/counting.ts';
import { type Site, site } from './support/site.ts';
import { exchange, Line, parse, request, type Wire } from './support/wire.ts';

const token = 'q8sHAVO2yRj7c0LWmZ4TtXeKpN1uB6gD';
const html = { 'Content-Type': 'text/html; charset=utf-8' };
const json = 'Content-Type: application/json';

/** What a request has beside its order. */
interface How {
  readonly method?: string;
  readonly fields?: readonly string[];
  /** The line with the token. `null`: none. */
  readonly authorization?: string | null;
  readonly target?: string;
}

async function purge(made: { port: number }, body: unknown, how: How = {}): Promise<Wire> {
  const { method = 'POST', fields = [json], authorization = `Authorization: Bearer ${token}` } = how;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const head = request(
    how.target ?? '/purge',
    [
      ...fields,
      ...(authorization === null ? [] : [authorization]),
      ...(text === undefined ? [] : [`Content-Length: ${Buffer.byteLength(text)}`]),
      'Connection: close',
    ],
    method,
  );
  return parse(await exchange(made.port, head + (text ?? '')), method);
}

function answered(wire: Wire): Record<string, unknown> {
  return JSON.parse(wire.text);
}

function page(req: IncomingMessage, res: ServerResponse): void {
  const tags = req.url?.startsWith('/blog') ? { 'Cache-Tag': 'blog' } : {};
  res.writeHead(200, { ...html, ...tags }).end(`<p>${req.url}`);
}

/** A site of some pages, and a purge endpoint beside them. */
async function stored(
  build: (pages: PageCacheMiddleware) => RequestListener,
  targets: readonly string[] = ['/', '/blog/one', '/blog/two', '/about'],
): Promise<Site> {
  const made = await site((pages) => build(pages!));
  for (const target of targets) await made.fill(target);
  return made;
}

function plain(pages: PageCacheMiddleware, limits = {}): RequestListener {
  const answer = purgeHandler({ token, cache: pages.cache, ...limits });
  return withPageCache({ cache: pages.cache }, (req, res) =>
    req.url === '/purge' ? answer(req, res) : page(req, res),
  );
}

const left = async (made: Site): Promise<string[]> =>
  (await made.files()).filter((name) => !/\.(?:gz|br)$/.test(name));

describe('a purge endpoint', () => {
  it.each([
    [{ path: '/about' }, { pages: 1 }, ['__index.html', 'blog/one', 'blog/two']],
    [{ path: '/blog', recursive: true }, { pages: 2 }, ['__index.html', 'about']],
    [{ glob: '/blog/t*' }, { pages: 1 }, ['__index.html', 'about', 'blog/one']],
    [{ tag: 'blog' }, { pages: 2 }, ['__index.html', 'about']],
    [{ olderThan: 3600 }, { pages: 0 }, ['__index.html', 'about', 'blog/one', 'blog/two']],
    [{ all: true }, { pages: 4 }, []],
    [{ path: '/none' }, { pages: 0 }, ['__index.html', 'about', 'blog/one', 'blog/two']],
    [{ scopes: [{ path: '/about' }, { tag: 'blog' }] }, { pages: 3 }, ['__index.html']],
  ])('%j is carried out, and counted', async (order, counts, files) => {
    const made = await stored((pages) => plain(pages));
    const answer = await purge(made, order);
    expect(answer.status).toBe(200);
    expect(answered(answer)).toMatchObject({ dryRun: false, ...counts });
    expect(await left(made)).toEqual(files);
  });

  it('counts and names without removing anything in a dry run', async () => {
    const made = await stored((pages) => plain(pages));
    const answer = answered(await purge(made, { path: '/blog', recursive: true, dryRun: true, list: true }));
    expect(answer).toEqual({
      dryRun: true,
      pages: 2,
      bytes: 2 * '<p>/blog/one'.length,
      purged: [
        {
          scope: { path: '/blog', recursive: true },
          pages: 2,
          bytes: 24,
          fills: 0,
          paths: expect.arrayContaining(['/blog/one', '/blog/two']),
        },
      ],
    });
    expect(await left(made)).toHaveLength(4);
  });

  it('names at most a thousand pages, and counts them all', async () => {
    const made = await stored((pages) => plain(pages), []);
    await mkdir(join(made.dir, 'many'));
    await Promise.all(
      Array.from({ length: 1100 }, (_, at) => writeFile(join(made.dir, 'many', `p${at}`), 'page')),
    );
    const answer = answered(await purge(made, { all: true, list: true }));
    expect(answer.pages).toBe(1100);
    expect((answer.purged as [{ paths: string[] }])[0].paths).toHaveLength(1000);
    expect(await left(made)).toEqual([]);
  });

  it('counts the renders that the purge overtook, and their pages are not stored', async () => {
    let finish: () => void = () => {};
    const made = await site((pages) => {
      const answer = purgeHandler({ token, cache: pages!.cache });
      return withPageCache({ cache: pages!.cache }, (req, res) => {
        if (req.url === '/purge') return answer(req, res);
        res.writeHead(200, html).write('<p>');
        finish = () => res.end('old');
      });
    });
    const line = new Line(made.port);
    line.send(request('/slow'));
    await line.until('<p>');
    expect(answered(await purge(made, { path: '/slow' }))).toMatchObject({
      pages: 0,
      purged: [{ fills: 1 }],
    });
    finish();
    await line.until('old');
    line.leave();
    expect(await made.outcome('/slow')).toMatchObject({ type: 'refused', reason: 'fenced' });
    expect(await made.files()).toEqual([]);
  });

  it('a scope that names no page is told, and the others are purged', async () => {
    const made = await stored((pages) => plain(pages));
    const answer = await purge(made, { scopes: [{ path: '/a?b' }, { path: '/about' }, { glob: 'x' }] });
    expect(answer.status).toBe(422);
    expect(answered(answer)).toMatchObject({
      pages: 1,
      purged: [
        { pages: 0, error: { code: 'ERR_PAGETREE_PATH' } },
        { scope: { path: '/about' }, pages: 1 },
        { pages: 0, error: { code: 'ERR_PAGETREE_PATH' } },
      ],
    });
    expect(await left(made)).toEqual(['__index.html', 'blog/one', 'blog/two']);
  });

  it('a cache that is closed is told', async () => {
    const made = await stored((pages) => plain(pages), []);
    await made.pages.close();
    const answer = await purge(made, { all: true });
    expect(answer.status).toBe(503);
    expect(answered(answer)).toMatchObject({ purged: [{ error: { code: 'ERR_PAGETREE_CLOSED' } }] });
  });

  it('what the file system keeps is told, and the rest is purged', async () => {
    const made = await stored((pages) => plain(pages));
    // A folder where a file is expected can't be unlinked, by nobody.
    await mkdir(join(made.dir, 'about.gz', 'in-the-way'), { recursive: true });
    const answer = await purge(made, { scopes: [{ path: '/about' }, { path: '/blog', recursive: true }] });
    expect(answer.status).toBe(500);
    expect(answered(answer)).toMatchObject({
      pages: 2,
      purged: [{ error: { code: 'ERR_PAGETREE_PURGE_INCOMPLETE' } }, { pages: 2 }],
    });
  });

  it('an error of another kind is told without its text, which may name places', async () => {
    const failing = {
      purge: async () => {
        throw new Error("EIO: i/o error, unlink '/hidden/place'");
      },
    } as unknown as PageCache;
    const endpoint = purgeHandler({ token, cache: failing });
    const made = await site(() => (req, res) => endpoint(req, res));
    const answer = await purge(made, { all: true });
    expect(answer.status).toBe(500);
    expect(answered(answer)).toMatchObject({ purged: [{ error: { message: 'The purge failed.' } }] });
    expect(answer.raw).not.toContain('hidden');
  });

  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PURGE'])('refuses %s', async (method) => {
    const made = await stored((pages) => plain(pages), ['/about']);
    const answer = await purge(made, undefined, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers).toMatchObject({ allow: 'POST', 'cache-control': 'no-store' });
    expect(await left(made)).toEqual(['about']);
  });

  it.each([
    [null],
    ['Authorization: Bearer wrong'],
    [`Authorization: Bearer ${token}x`],
    [`Authorization: Basic ${Buffer.from(`:${token}`).toString('base64')}`],
    [`Cookie: token=${token}`],
    [`X-Token: ${token}`],
  ])('refuses %j, and purges nothing', async (authorization) => {
    const made = await stored((pages) => plain(pages), ['/about']);
    const answer = await purge(made, { all: true }, { authorization, target: '/purge' });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="pagetree"/);
    expect(answer.raw).not.toContain(token);
    expect(await left(made)).toEqual(['about']);
  });

  it('does not take the token from the query', async () => {
    const answer = purgeHandler({ token, cache: (await stored((pages) => plain(pages), [])).pages.cache });
    const made = await site(() => (req, res) => answer(req, res));
    const target = `/purge?token=${token}&access_token=${token}`;
    expect((await purge(made, { all: true }, { authorization: null, target })).status).toBe(401);
  });

  it('answers 429 after too many wrong tokens, with the time to wait', async () => {
    const made = await stored((pages) => plain(pages, { failuresPerMinute: 2 }), ['/about']);
    const authorization = 'Authorization: Bearer wrong';
    const statuses = [];
    for (let at = 0; at < 3; at += 1)
      statuses.push((await purge(made, { all: true }, { authorization })).status);
    expect(statuses).toEqual([401, 401, 429]);
    const last = await purge(made, { all: true }, { authorization });
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
    expect((await purge(made, { all: true })).status).toBe(200);
  });

  it.each([
    ['another type', '{"all":true}', ['Content-Type: text/plain'], 415],
    ['no type', '{"all":true}', [], 415],
    ['a coding', '{"all":true}', [json, 'Content-Encoding: gzip'], 415],
    ['no JSON', 'all', [json], 400],
    ['nothing', '', [json], 400],
    ['no order', '{"everything":true}', [json], 422],
    ['too much, as it says itself', JSON.stringify({ tag: 'x'.repeat(70_000) }), [json], 413],
  ])('refuses %s', async (_, body, fields, status) => {
    const made = await stored((pages) => plain(pages), ['/about']);
    const answer = await purge(made, body, { fields });
    expect(answer.status).toBe(status);
    expect(answered(answer)).toEqual({ error: expect.any(String) });
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/json' });
    expect(await left(made)).toEqual(['about']);
  });

  it('refuses a body in chunks that goes on and on', async () => {
    const made = await stored((pages) => plain(pages), ['/about']);
    const line = new Line(made.port);
    line.send(
      request('/purge', [json, `Authorization: Bearer ${token}`, 'Transfer-Encoding: chunked'], 'POST'),
    );
    const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`;
    for (let at = 0; at < 5; at += 1) line.send(chunk);
    expect(await line.until('\r\n')).toBe('HTTP/1.1 413 Payload Too Large\r\n');
    line.leave();
  });

  it('a client that leaves in the middle of its body purges nothing', async () => {
    const made = await stored((pages) => plain(pages), ['/about']);
    const line = new Line(made.port);
    line.send(
      `${request('/purge', [json, `Authorization: Bearer ${token}`, 'Content-Length: 12'], 'POST')}{"all"`,
    );
    await until(async () => made.events.some((event) => event.type === 'bypass'));
    line.leave();
    expect((await purge(made, { path: '/none' })).status).toBe(200);
    expect(await left(made)).toEqual(['about']);
  });

  it('keeps its connection for the next request', async () => {
    const made = await stored((pages) => plain(pages), ['/about']);
    const line = new Line(made.port);
    const body = '{"all":true,"dryRun":true}';
    const fields = [json, `Content-Length: ${body.length}`];
    line.send(request('/purge', [...fields, 'Authorization: Bearer no'], 'POST') + body);
    expect(await line.until('\r\n')).toContain('401');
    line.send(request('/purge', [...fields, `Authorization: Bearer ${token}`], 'POST') + body);
    expect(await line.until('"pages":1')).toContain('200 OK');
    line.leave();
  });

  it('is never stored, even where the cache would take its answers for pages', async () => {
    const made = await site(
      (pages) => {
        const answer = purgeHandler({ token, cache: pages!.cache });
        return withPageCache({ cache: pages!.cache }, answer);
      },
      { contentType: 'application/json' },
    );
    expect((await made.ask('/purge')).status).toBe(405);
    expect((await purge(made, { all: true })).headers['cache-status']).toBe('pagetree; fwd=method');
    await made.outcome('/purge');
    expect(await made.files()).toEqual([]);
  });

  it('of ten at once, each answers', async () => {
    const made = await stored((pages) => plain(pages));
    const answers = await Promise.all(Array.from({ length: 10 }, () => purge(made, { all: true })));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(answers.reduce((sum, answer) => sum + (answered(answer).pages as number), 0)).toBe(4);
  });
});

type Mount = (pages: PageCacheMiddleware) => RequestListener;

function overFastify(add: (app: ReturnType<typeof fastify>, pages: PageCacheMiddleware) => void): Mount {
  return (pages) => {
    const app = fastify();
    app.register(forFastify.pageCache, { cache: pages.cache });
    add(app, pages);
    app.get('/about', (_, reply) => void reply.type('text/html').send('<p>about'));
    onTestFinished(() => app.close());
    const ready = app.ready();
    return (req, res) => void ready.then(() => app.routing(req, res));
  };
}

const mounts: Record<string, Mount> = {
  'plain node:http': (pages) => plain(pages),
  'Express, as a route': (pages) => {
    const app = express();
    app.use(pages);
    app.post('/purge', purgeHandler({ token, cache: pages.cache }));
    app.use(page);
    return app;
  },
  'Express, mounted': (pages) => {
    const app = express();
    app.use('/purge', purgeHandler({ token, cache: pages.cache }));
    app.use(pages);
    app.use(page);
    return app;
  },
  ...Object.fromEntries(
    (
      [
        ['express.json()', express.json()],
        ['express.raw()', express.raw({ type: '*/*' })],
        ['express.text()', express.text({ type: '*/*' })],
        ['express.urlencoded(), which reads no JSON', express.urlencoded({ extended: false })],
        [
          'a parser that leaves an empty object for what it did not read',
          (req: express.Request, _: express.Response, next: express.NextFunction) => {
            req.body = {};
            next();
          },
        ],
      ] as const
    ).map(([name, parser]): [string, Mount] => [
      `Express, below ${name}`,
      (pages) => {
        const app = express();
        app.use(pages, parser as express.RequestHandler);
        app.post('/purge', purgeHandler({ token, cache: pages.cache }));
        app.use(page);
        return app;
      },
    ]),
  ),
  Connect: (pages) => {
    const app = connect();
    app.use(pages as never);
    app.use('/purge', purgeHandler({ token, cache: pages.cache }) as never);
    app.use(page);
    return app;
  },
  Polka: (pages) => {
    const app = polka();
    app.use(pages as never);
    app.post('/purge', purgeHandler({ token, cache: pages.cache }) as never);
    app.get('/about', page as never);
    return app.handler as unknown as RequestListener;
  },
  Koa: (pages) => {
    const app = new Koa();
    app.use(forKoa.pageCache({ cache: pages.cache }));
    const answer = forKoa.purgeHandler({ token, cache: pages.cache });
    app.use(async (ctx) => {
      if (ctx.path === '/purge') await answer(ctx);
      else ctx.body = '<p>about';
    });
    return app.callback();
  },
  'Koa, below a body parser': (pages) => {
    const app = new Koa();
    app.use(async (ctx, next) => {
      if (ctx.method === 'POST') {
        let text = '';
        for await (const chunk of ctx.req) text += chunk;
        (ctx.request as { body?: unknown }).body = JSON.parse(text);
      }
      await next();
    });
    app.use(forKoa.pageCache({ cache: pages.cache }));
    const answer = forKoa.purgeHandler({ token, cache: pages.cache });
    app.use(async (ctx) => {
      if (ctx.path === '/purge') await answer(ctx);
      else ctx.body = '<p>about';
    });
    return app.callback();
  },
  Fastify: overFastify((app) => void app.register(forFastify.purgeHandler, { token })),
  'Fastify, at another path and with another cache': overFastify(
    (app, pages) =>
      void app.register(forFastify.purgeHandler, {
        token,
        cache: pages.cache,
        url: '/purge',
        perMinute: 100,
      }),
  ),
  'Hono, by fetch': (pages) => {
    const app = new Hono();
    const answer = purgeHandler({ token, cache: pages.cache });
    app.all('/purge', (c) => answer.fetch(c.req.raw));
    const hono = getRequestListener(app.fetch);
    return withPageCache({ cache: pages.cache }, (req, res) =>
      req.url === '/purge' ? void hono(req, res) : page(req, res),
    );
  },
};

describe.each(Object.entries(mounts))('in %s', (_name, build) => {
  it('purges with the token, and says so', async () => {
    const made = await stored(build, ['/about']);
    const answer = await purge(made, { path: '/about', list: true });
    expect(answer.raw).toContain('HTTP/1.1 200 OK');
    expect(answered(answer)).toMatchObject({ pages: 1, purged: [{ paths: ['/about'] }] });
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/json' });
    expect(await left(made)).toEqual([]);
  });

  it('refuses without it', async () => {
    const made = await stored(build, ['/about']);
    const answer = await purge(made, { all: true }, { authorization: null });
    expect(answer.status).toBe(401);
    expect(await left(made)).toEqual(['about']);
  });
});

describe('mounted wrongly', () => {
  it('behind something that read the body and kept it, it says so', async () => {
    const made = await site((pages) => {
      const answer = purgeHandler({ token, cache: pages!.cache });
      return (req, res) => {
        req.resume();
        req.on('end', () => answer(req, res));
      };
    });
    const answer = await purge(made, { all: true });
    expect(answer.status).toBe(500);
    expect(answered(answer).error).toContain('mount purgeHandler before what reads bodies');
  });

  it('a fetch body that was read is told, and one that is too large is refused', async () => {
    const made = await stored((pages) => plain(pages), []);
    const answer = purgeHandler({ token, cache: made.pages.cache });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const read = new Request('http://site.test/purge', { method: 'POST', headers, body: '{"all":true}' });
    await read.text();
    expect((await answer.fetch(read)).status).toBe(500);
    const large = new Request('http://site.test/purge', {
      method: 'POST',
      headers,
      body: ' '.repeat(70_000),
    });
    expect((await answer.fetch(large)).status).toBe(413);
    const broken = new Request('http://site.test/purge', {
      method: 'POST',
      headers,
      body: new ReadableStream({ pull: (controller) => controller.error(new Error('gone')) }),
      duplex: 'half',
    } as RequestInit);
    expect((await answer.fetch(broken)).status).toBe(400);
  });

  it('in Fastify without a cache, it is told at start', async () => {
    const app = fastify();
    app.register(forFastify.purgeHandler, { token });
    await expect(app.ready()).rejects.toThrow('cache: expected a page cache');
  });

  it('in Fastify without a token, it is told at start', async () => {
    const made = await stored((pages) => plain(pages), []);
    const app = fastify();
    app.register(forFastify.purgeHandler, { token: undefined, cache: made.pages.cache });
    await expect(app.ready()).rejects.toThrow('token: expected a secret');
  });
});
