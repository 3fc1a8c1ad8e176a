/** `@pagetree/middleware/hono`: the page cache as middleware for Hono, on `@hono/node-server` and wherever `app.fetch` is called. */
import type { Context, MiddlewareHandler } from 'hono';
import { appendMember, cacheStatus } from './cache-status.ts';
import type { WithCache } from './index.ts';
import { openCache, type PageCacheOptions } from './options.ts';
import { purgeHandler as nodeHandler } from './purge-handler/handler.ts';
import type { PurgeHandlerOptions } from './purge-handler/options.ts';
import { headOf } from './web/head.ts';
import { isNoStore, markNoStore } from './web/no-store.ts';
import { nodeSideOf } from './web/node-side.ts';
import { plainResponse } from './web/page.ts';
import { webShell } from './web/shell.ts';
import type { Answer, Objection } from './web/types.ts';

export type { PageCacheOptions } from './options.ts';
export type { PurgeHandlerOptions } from './purge-handler/options.ts';

/** Middleware for Hono. */
export type HonoPageCache = MiddlewareHandler & WithCache;

/**
 * Keeps the pages of an application as files, and answers from them. Register it before everything that makes or changes
 * pages. Middleware above it sees hits as any response; what it adds to a response that is being stored is looked at once
 * more, so that a session started up there keeps the page out of the cache.
 *
 * On `@hono/node-server` the key comes from the target as the client sent it. A request that reaches the application under
 * another URL, rewritten by a wrapper or by `app.mount()`, bypasses the cache: put it on the outermost application.
 *
 * @throws PagetreeError when an option or the folder can't be used: at start, never during a request.
 * @example
 * const pages = pageCache({ cacheDir: './cache' });
 * app.use(pages);
 * // later: await pages.cache.purge('/blog/', { recursive: true });
 */
export function pageCache(options: PageCacheOptions): HonoPageCache {
  const { cache, report, close } = openCache(options);
  const answer = webShell({ cache, report });
  const middleware: MiddlewareHandler = async (c, next) => {
    const response: Response | undefined = await answer({
      request: c.req.raw,
      node: nodeSideOf(c.req.raw, c.env),
      next: async () => {
        await next();
        // Hono makes up an empty response when it is asked for one that is not there, and reports that later.
        return c.finalized ? c.res : (undefined as unknown as Response);
      },
      respond: (hit) => besideAbove(c, hit),
      objection: () => objectionOf(c),
      final: () => headOf(c.res),
    });
    if (response === undefined || (c.finalized && response === c.res)) return;
    // Hono adds the headers of a response that is replaced, unless it is taken away before.
    c.res = undefined;
    c.res = response;
  };
  return Object.assign(middleware, { cache, close });
}

/**
 * Keeps this response out of the cache: for a page that turned out to be personal, or incomplete. It may be called at any
 * time before the body ends, and does nothing on a response that is not being stored.
 *
 * @example
 * app.get('/news', (c) => { if (feedIsDown) noStore(c); return c.html(page) })
 */
export function noStore(c: Context): void {
  markNoStore(c);
}

/**
 * The purge endpoint as a handler: see `purgeHandler` of `@pagetree/middleware` for what it takes and answers.
 *
 * @throws PagetreeError ERR_PAGETREE_OPTION without a token of at least 32 characters.
 * @example
 * app.all('/purge', purgeHandler({ token: process.env.PURGE_TOKEN, cache: pages.cache }));
 */
export function purgeHandler(options: PurgeHandlerOptions): (c: Context) => Promise<Response> {
  const { fetch } = nodeHandler(options);
  return (c) => fetch(c.req.raw);
}

function objectionOf(c: Context): Objection | undefined {
  // What `onError` makes of it may look like a page.
  if (c.error) return { reason: 'unfinished', detail: 'the application threw' };
  return isNoStore(c) ? { reason: 'should-store', detail: 'noStore(c)' } : undefined;
}

/** A hit, with what middleware above has set on the context. Fields of the page replace those; lists are added to. */
function besideAbove(c: Context, hit: Answer): Response {
  const above = c.res.headers;
  if (above.keys().next().done) return plainResponse(hit);
  const { status, fields, body } = hit;
  const headers = new Headers(above);
  for (const [name] of fields) if (name !== 'Vary') headers.delete(name);
  for (const [name, value] of fields) {
    // `Vary: Origin` of middleware above stays true.
    if (name !== 'Vary' || !listsName(headers.get(name), value)) headers.append(name, value);
  }
  headers.set('cache-status', appendMember(headers.get('cache-status') ?? '', cacheStatus({ kind: 'hit' })));
  return new Response(body, { status, headers });
}

function listsName(list: string | null, name: string): boolean {
  const names = (list ?? '').split(',').map((one) => one.trim().toLowerCase());
  return names.includes('*') || names.includes(name.toLowerCase());
}
