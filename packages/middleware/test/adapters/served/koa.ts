/** Koa: the cache is middleware, and responses are what the context says at the end. */
import { createServer } from 'node:http';
import type { PageCache } from '@pagetree/core';
import Koa3 from 'koa';
import Koa2 from 'koa2';
import { pageCache } from '../../../src/koa.ts';
import { type Adapter, askedOf, type Served, streamOf } from '../adapter.ts';
import { html, NOBODY_ANSWERS, type Stage } from '../stage.ts';
import { served } from './node.ts';

function site(Koa: typeof Koa3, stage: Stage, cache: PageCache | undefined): Served {
  const app = new Koa();
  app.on('error', (error: Error, ctx: Koa3.Context) => {
    stage.run.note(['Koa reports', error.message]);
    // Koa 2 does not end a response whose body failed; no Koa ends one that is not its own any more.
    if (ctx.headerSent && (Koa === Koa2 || ctx.respond === false)) stage.run.tell(NOBODY_ANSWERS);
  });
  if (cache) app.use(pageCache({ cache }) as Koa3.Middleware);
  app.use(async (ctx) => {
    if (stage.isOnNode) {
      ctx.respond = false;
      ctx.status = 200;
      await stage.onNode(ctx.req, ctx.res);
      return;
    }
    const { status = 200, fields = html, body } = await stage.answer(askedOf(ctx.req));
    ctx.status = status;
    if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) ctx.body = body ?? null;
    else ctx.body = streamOf(body);
    // Koa takes the status and the type from the body; what the application says comes last.
    ctx.status = status;
    ctx.set(fields as Record<string, string | string[]>);
  });
  return served(createServer(app.callback()));
}

export const koaAdapters: readonly Adapter[] = Object.entries({ 'Koa 2': Koa2, 'Koa 3': Koa3 }).map(
  ([name, Koa]) => ({
    name,
    protocol: 'HTTP/1',
    secure: false,
    lacks: { 'connect middleware': 'Koa calls its middleware with a context' },
    serve: async (stage, cache) => site(Koa, stage, cache),
  }),
);
