/** The options of the middleware, and the cache they stand for. */
import { type CacheOptions, createPageCache, type OnEvent, type PageCache } from '@pagetree/core';
import type { Report } from './node/types.ts';

/** A cache of its own, or one that is shared with other mounts. */
export type PageCacheOptions =
  | CacheOptions
  | {
      /** A cache that somebody else made, and closes. */
      readonly cache: PageCache;
      /** Called for errors of the middleware itself; other events go to the `onEvent` of the cache. */
      readonly onEvent?: OnEvent;
    };

/** The cache behind a middleware. */
export interface OpenedCache {
  readonly cache: PageCache;
  readonly report: Report;
  /** Closes the cache, if it is our own. */
  readonly close: () => Promise<void>;
}

/**
 * Opens the cache that the options name.
 *
 * @throws PagetreeError when an option or the folder can't be used.
 */
export function openCache(options: PageCacheOptions): OpenedCache {
  const { onEvent } = options;
  const report: Report = (thrown) => {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    try {
      onEvent?.({ type: 'error', during: 'middleware', error, suppressed: 0 });
    } catch {
      // A listener must not be able to break a response.
    }
  };
  if ('cache' in options) return { cache: options.cache, report, close: async () => {} };
  const cache = createPageCache(options);
  return { cache, report, close: () => cache.close() };
}
