/** `@pagetree/middleware/fastify`: the page cache as a plugin for Fastify 4 and 5. */
import type { PageCache } from '@pagetree/core';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { noStore as keepOut } from './node/no-store.ts';
import { onResponse } from './node/send.ts';
import { shell } from './node/shell.ts';
import type { Reply, Response } from './node/types.ts';
import { openCache, type PageCacheOptions } from './options.ts';
import { purgeHandler as nodeHandler } from './purge-handler/handler.ts';
import type { PurgeHandlerOptions } from './purge-handler/options.ts';

export type { PageCacheOptions } from './options.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** The page cache, for purging from inside the application. */
    pageCache: PageCache;
  }
}

/**
 * Keeps the pages of an application as files, and answers from them. It holds for the instance it is registered on and
 * everything below, so register it before the routes, and inside a scope to keep it to that scope.
 *
 * A hit is answered by an `onRequest` hook. Hooks that came before it have had their turn, and the headers they set are sent;
 * parsing, validation, the handler and the `onSend` hooks are spared: a page is stored as it left the last of
 * them. `onResponse` hooks and the log see a hit like any other response. The instance gets the cache as `pageCache`, and
 * closes it when it closes, unless it is shared.
 *
 * @throws PagetreeError when an option or the folder can't be used: `ready()` and `listen()` reject with it.
 * @example
 * await app.register(pageCache, { cacheDir: './cache' });
 * // later: await app.pageCache.purge({ path: '/blog/' });
 */
async function plugin(fastify: FastifyInstance, options: PageCacheOptions): Promise<void> {
  const { cache, report, close } = openCache(options);
  const answer = shell({ cache, report });
  fastify.decorate('pageCache', cache);
  fastify.addHook('onRequest', (request, reply, done) => {
    answer(request.raw, reply.raw, () => done(), hijacked(reply));
  });
  fastify.addHook('onClose', close);
}

export const pageCache = Object.assign(plugin, {
  // Without a scope of its own, as fastify-plugin does it: hooks and decorators reach the routes of the parent.
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@pagetree/middleware',
  [Symbol.for('plugin-meta')]: { name: '@pagetree/middleware', fastify: '>=4.0.0' },
});

/**
 * Keeps this response out of the cache, whatever its headers say.
 *
 * @example
 * app.get('/news', async (request, reply) => { if (feedIsDown) noStore(reply); return reply.type('text/html').send(page) })
 */
export function noStore(reply: { readonly raw: object }): void {
  keepOut(reply.raw as Response);
}

/** The options of `purgeHandler`. */
export interface PurgeRouteOptions extends Omit<PurgeHandlerOptions, 'cache'> {
  /** The path of the endpoint. @default '/purge' */
  readonly url?: string;
  /** The cache that is purged. @default the one that `pageCache` was registered with */
  readonly cache?: PageCache;
}

/**
 * The purge endpoint as a plugin, in a scope of its own: see `purgeHandler` of `@pagetree/middleware` for what it takes and
 * answers. It reads its bodies itself, after it has seen the token.
 *
 * @throws PagetreeError ERR_PAGETREE_OPTION without a token of at least 32 characters.
 * @example
 * await app.register(purgeHandler, { token: process.env.PURGE_TOKEN, url: '/purge' });
 */
export async function purgeHandler(fastify: FastifyInstance, options: PurgeRouteOptions): Promise<void> {
  const { url = '/purge', cache = fastify.pageCache, ...others } = options;
  const answer = nodeHandler({ ...others, cache });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', (_request, _payload, done) => done(null));
  fastify.all(url, (request, reply) => {
    reply.hijack();
    answer(request.raw, reply.raw);
  });
}

/** Fastify keeps the headers that hooks set to itself, and must know that the answer is not its own. */
function hijacked(reply: FastifyReply): Reply {
  return (res, ...answer) => {
    reply.hijack();
    if (res.headersSent) return;
    const above = reply.getHeaders();
    for (const name in above) {
      const value = above[name];
      if (value !== undefined) res.setHeader(name, value);
    }
    return onResponse(res, ...answer);
  };
}
