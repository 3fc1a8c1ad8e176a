/** `@pagetree/middleware`: the page cache as middleware for Express, Connect, Polka and plain `node:http`, `https` and `http2`. */
import type { RequestListener } from 'node:http';
import type { PageCache } from '@pagetree/core';
import { shell } from './node/shell.ts';
import type { Next, Request, Response } from './node/types.ts';
import { openCache, type PageCacheOptions } from './options.ts';

export { loadConfig } from './config/load.ts';
export { noStore } from './node/no-store.ts';
export type { Next, Request, Response } from './node/types.ts';
export type { PageCacheOptions } from './options.ts';
export { type PurgeHandler, purgeHandler } from './purge-handler/handler.ts';
export type { PurgeHandlerOptions } from './purge-handler/options.ts';

/** What comes with every form of the middleware. */
export interface WithCache {
  /** The cache, for purging from inside the application. */
  readonly cache: PageCache;
  /** Waits for what is being stored. Call it when the server has stopped. A shared cache stays open. */
  close(): Promise<void>;
}

/** Middleware in the form that Express, Connect and Polka share. */
export type PageCacheMiddleware = ((req: Request, res: Response, next: Next) => void) & WithCache;

/** A request listener of `node:http`. */
export type CachedListener = RequestListener & WithCache;

/**
 * Keeps the pages of an application as files, and answers from them. Mount it before everything that makes or
 * changes pages; only what stands below it is spared on a hit.
 *
 * @throws PagetreeError when an option or the folder can't be used: at start, never during a request.
 * @example
 * const pages = pageCache({ cacheDir: './cache' });
 * app.use(pages);
 * // later: await pages.cache.purge({ path: '/blog/' })
 */
export function pageCache(options: PageCacheOptions): PageCacheMiddleware {
  const { cache, report, close } = openCache(options);
  const answer = shell({ cache, report });
  // Express and Connect count parameters: one with four is for errors.
  const pages = (req: Request, res: Response, next: Next): void => answer(req, res, next);
  return Object.assign(pages, { cache, close });
}

/**
 * Puts a page cache before a listener of plain `node:http`.
 *
 * @throws PagetreeError as `pageCache`.
 * @example
 * createServer(withPageCache({ cacheDir: './cache' }, (req, res) => res.end(render(req.url)))).listen(3000);
 */
export function withPageCache(options: PageCacheOptions, listener: RequestListener): CachedListener {
  const { cache, report, close } = openCache(options);
  const answer = shell({ cache, report });
  const cached: RequestListener = function cached(this: unknown, req, res) {
    answer(req, res, () => listener.call(this as never, req, res));
  };
  return Object.assign(cached, { cache, close });
}
