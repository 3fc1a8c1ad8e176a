/** `@pagetree/middleware/koa`: the page cache as middleware for Koa 2 and 3. */
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Fields } from './answer/plan.ts';
import type { WithCache } from './index.ts';
import { setFields } from './node/fields.ts';
import { noStore as keepOut } from './node/no-store.ts';
import { wrap } from './node/patch.ts';
import { shell } from './node/shell.ts';
import type { Reply, Request, Response } from './node/types.ts';
import { openCache, type PageCacheOptions } from './options.ts';
import { createEndpoint } from './purge-handler/endpoint.ts';
import type { PurgeHandlerOptions } from './purge-handler/options.ts';
import { readBody } from './purge-handler/read-body.ts';

export type { PageCacheOptions } from './options.ts';
export type { PurgeHandlerOptions } from './purge-handler/options.ts';

/** What is needed of Koa's context. */
export interface KoaContext {
  readonly req: Request;
  readonly res: Response;
  /** The target as the client sent it: `koa-mount` rewrites `req.url`. */
  readonly originalUrl: string;
  readonly request: object;
  readonly response: { get(name: string): string; remove(name: string): void };
  status: number;
  body: unknown;
}

/** Middleware for Koa. */
export type KoaPageCache = ((ctx: KoaContext, next: () => Promise<unknown>) => Promise<void>) & WithCache;

/**
 * Keeps the pages of an application as files, and answers from them. Mount it before everything that makes pages.
 *
 * A hit is what any Koa middleware would answer: status, header fields and body of the context. What stands above sees
 * them, and may add header fields and cookies, and compress. What stands below is spared.
 *
 * A page is stored as the client gets it. So when middleware above puts another body in the place of ours, the page is not
 * stored (`should-store`): a hit would pass through that middleware a second time. Compression is no such change.
 *
 * @throws PagetreeError when an option or the folder can't be used: at start, never during a request.
 * @example
 * const pages = pageCache({ cacheDir: './cache' });
 * app.use(pages);
 * // later: await pages.cache.purge({ path: '/blog/' })
 */
export function pageCache(options: PageCacheOptions): KoaPageCache {
  const { cache, report, close } = openCache(options);
  const ask = shell({ cache, report });
  const pages = async (ctx: KoaContext, next: () => Promise<unknown>): Promise<void> => {
    keepTarget(ctx);
    const isHit = await new Promise<boolean>((resolve) => {
      const reply: Reply = (_, status, fields, body) => {
        const sent = answer(ctx, status, fields, body);
        resolve(true);
        return sent;
      };
      ask(ctx.req, ctx.res, () => resolve(false), reply);
    });
    if (isHit) return;
    // Koa writes nothing to a client that has left: who listens here says so, and the permission is given back at once.
    ctx.res.once('close', () => {});
    await next();
    refuseReplaced(ctx);
  };
  return Object.assign(pages, { cache, close });
}

/**
 * Keeps this response out of the cache, whatever its headers say.
 *
 * @example
 * router.get('/news', (ctx) => { if (feedIsDown) noStore(ctx); ctx.body = page })
 */
export function noStore({ res }: Pick<KoaContext, 'res'>): void {
  keepOut(res);
}

/** Where the target was rewritten, two pages would share a key. */
function keepTarget({ req, originalUrl }: KoaContext): void {
  const request = req as { originalUrl?: string };
  if (request.originalUrl === undefined && req.url !== originalUrl) request.originalUrl = originalUrl;
}

/** Puts a hit into the context. Resolves when its body was taken. */
function answer(
  ctx: KoaContext,
  status: number,
  fields: Fields,
  body: Parameters<Reply>[3],
): void | Promise<void> {
  // The client, or middleware above us with a timeout, did not wait.
  if (ctx.res.headersSent || ctx.res.destroyed) return;
  // Koa makes a body of its own for a status without one, unless it is told that there is none.
  if (body === undefined) {
    ctx.response.remove('Content-Type');
    ctx.body = null;
  }
  ctx.status = status;
  setFields(ctx.res, fields);
  if (body === undefined) return;
  if (Buffer.isBuffer(body)) {
    ctx.body = body;
    return;
  }
  const stream = Readable.from(body, { objectMode: false });
  // Koa 2 would leave the client waiting for the rest of a page that can't be read to its end.
  stream.once('error', () => ctx.res.destroy());
  ctx.body = stream;
  return finished(stream).catch(() => {});
}

/** Sees, when the response is sent, whether the body is still the one that came from below. */
function refuseReplaced(ctx: KoaContext): void {
  const { body } = ctx;
  const coding = ctx.response.get('Content-Encoding');
  wrap(
    ctx.res,
    'writeHead',
    (original) =>
      function writeHead(...args) {
        if (ctx.body !== body && ctx.response.get('Content-Encoding') === coding) keepOut(ctx.res);
        return original.apply(this, args);
      },
  );
}

/**
 * The purge endpoint as middleware, which answers every request it gets: see `purgeHandler` of `@pagetree/middleware` for
 * what it takes and answers.
 *
 * @throws PagetreeError ERR_PAGETREE_OPTION without a token of at least 32 characters.
 * @example
 * router.all('/purge', purgeHandler({ token: process.env.PURGE_TOKEN, cache: pages.cache }));
 */
export function purgeHandler(options: PurgeHandlerOptions): (ctx: KoaContext) => Promise<void> {
  const endpoint = createEndpoint(options);
  return async (ctx) => {
    const { status, headers, body } = await endpoint({
      method: ctx.req.method ?? '',
      field: (name) => ctx.req.headers[name] as string | undefined,
      // Where koa-bodyparser and koa-body keep what they read.
      body: () => readBody(ctx.req, (ctx.request as { body?: unknown }).body),
    });
    ctx.status = status;
    for (const [name, value] of Object.entries(headers)) ctx.res.setHeader(name, value);
    keepOut(ctx.res);
    ctx.body = body;
  };
}
