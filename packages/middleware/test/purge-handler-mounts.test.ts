import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
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
import { answered, left, page, plain, purge, stored, token } from './support/purging.ts';
import { site } from './support/site.ts';

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
