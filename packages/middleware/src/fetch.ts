/**
 * `@pagetree/middleware/fetch`: the page cache for handlers of the Fetch standard, `(request: Request) => Response`, as
 * SvelteKit, Next.js route handlers, React Router, h3 and srvx have them.
 */
import type { WithCache } from './index.ts';
import { openCache, type PageCacheOptions } from './options.ts';
import { purgeHandler as nodeHandler } from './purge-handler/handler.ts';
import type { PurgeHandlerOptions } from './purge-handler/options.ts';
import { markNoStore } from './web/no-store.ts';
import { nodeSideOf } from './web/node-side.ts';
import { plainResponse } from './web/page.ts';
import { webShell } from './web/shell.ts';
import type { NodeSide } from './web/types.ts';

export type { PageCacheOptions } from './options.ts';
export type { PurgeHandlerOptions } from './purge-handler/options.ts';
export type { NodeSide } from './web/types.ts';

/** Answers a request from the cache, or with what `next` gives. It rejects with what `next` throws, and with nothing else. */
export type FetchPageCache = ((
  request: Request,
  next: () => Response | Promise<Response>,
  node?: NodeSide,
) => Promise<Response>) &
  WithCache;

/** A fetch handler; frameworks pass what they like behind the request. */
export type FetchHandler<Asked extends Request, Rest extends unknown[]> = (
  request: Asked,
  ...rest: Rest
) => Response | Promise<Response>;

/** A fetch handler with a cache before it. */
export type CachedFetchHandler<Asked extends Request, Rest extends unknown[]> = ((
  request: Asked,
  ...rest: Rest
) => Promise<Response>) &
  WithCache;

/**
 * Keeps the pages of an application as files, and answers from them. It fits into the hooks of frameworks: mount it before
 * everything that makes or changes pages. It sees the response that `next` gives; what a framework adds to that later (the
 * cookies of Astro, those of Next.js in a route handler) it does not see, and such a page would be stored.
 *
 * The key of a page comes from the URL of the request, which is all that the application sees of it: the URL standard has
 * resolved dot segments and turned `\` into `/` before. Where the third argument, or the server, tells the
 * target as the client sent it, another spelling of it bypasses the cache. The host of the URL counts like a forwarded host: a
 * server that makes it up (Next.js: `localhost` and its port, SvelteKit: `ORIGIN`) needs both names in `hosts`.
 *
 * A response that is stored has the head that the application gave it, and its chunks as they come; the body is read ahead of
 * a slow client. When the client leaves, the body is cancelled as it is without the cache and the page is not stored, unless
 * it was whole by then, or `Content-Length` says where it ends: then it is read on, for ten seconds at most.
 * A body that fails fails for the client behind everything that came before, and is not stored.
 *
 * @throws PagetreeError when an option or the folder can't be used: at start, never during a request.
 * @example
 * const pages = pageCache({ cacheDir: './cache' });
 * // SvelteKit, src/hooks.server.js
 * export const handle = ({ event, resolve }) =>
 *   pages(event.request, () => resolve(event), { incoming: event.platform?.req });
 * // h3 2
 * app.use(defineMiddleware((event, next) => pages(event.req, async () => toResponse(await next(), event))));
 */
export function pageCache(options: PageCacheOptions): FetchPageCache {
  const { cache, report, close } = openCache(options);
  const answer = webShell({ cache, report });
  const pages: FetchPageCache = Object.assign(
    (request: Request, next: () => Response | Promise<Response>, node?: NodeSide) =>
      answer({ request, next, node: node ?? nodeSideOf(request, undefined), respond: plainResponse }),
    { cache, close },
  );
  return pages;
}

/**
 * Puts a page cache before a fetch handler.
 *
 * @throws PagetreeError as `pageCache`.
 * @example
 * // any server of fetch handlers, here with @hono/node-server
 * serve({ fetch: withPageCache({ cacheDir: './cache' }, (request) => render(new URL(request.url).pathname)) });
 * // React Router 7
 * const handler = withPageCache({ cacheDir: './cache' }, createRequestHandler(build, 'production'));
 * // Next.js, app/blog/[slug]/route.js; with cookies on the response itself, since those of `cookies()` come later
 * const options = { cacheDir: './cache', hosts: ['example.org', 'localhost:3000'] };
 * export const GET = withPageCache(options, async (request, { params }) => render(await params));
 */
export function withPageCache<Asked extends Request, Rest extends unknown[]>(
  options: PageCacheOptions,
  handler: FetchHandler<Asked, Rest>,
): CachedFetchHandler<Asked, Rest> {
  const { cache, report, close } = openCache(options);
  const answer = webShell({ cache, report });
  const cached = (request: Asked, ...rest: Rest): Promise<Response> =>
    answer({
      request,
      next: () => handler(request, ...rest),
      node: nodeSideOf(request, rest[0]),
      respond: plainResponse,
    });
  return Object.assign(cached, { cache, close });
}

/**
 * Keeps the answer to a request out of the cache: for a page that turned out to be personal, or incomplete. It takes the
 * request at any time before the body ends, or the response before it is returned, and gives it back. A copy of either counts
 * too, as frameworks make them, while the handler runs or in what it has started.
 *
 * @example
 * return noStore(new Response(body, { headers: { 'content-type': 'text/html; charset=utf-8' } }));
 */
export function noStore<Message extends Request | Response>(message: Message): Message {
  markNoStore(message);
  return message;
}

/**
 * The purge endpoint as a fetch handler: see `purgeHandler` of `@pagetree/middleware` for what it takes and answers.
 *
 * @throws PagetreeError ERR_PAGETREE_OPTION without a token of at least 32 characters.
 * @example
 * // SvelteKit, src/routes/purge/+server.js
 * const purge = purgeHandler({ token: process.env.PURGE_TOKEN, cache: pages.cache });
 * export const POST = ({ request }) => purge(request);
 */
export function purgeHandler(options: PurgeHandlerOptions): (request: Request) => Promise<Response> {
  return nodeHandler(options).fetch;
}
