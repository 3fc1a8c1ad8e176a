/** The options of the middleware, and the cache they stand for. */
import {
  type CacheOptions,
  createPageCache,
  type OnEvent,
  type PageCache,
  PagetreeError,
} from '@pagetree/core';
import { counterFile } from './counters/counter-file.ts';
import type { Report } from './node/types.ts';

/** What the middleware takes beside the options of the cache. */
export interface ShellOwnOptions {
  /**
   * Share what the cache does with `pagetree top`: how many hits, misses, refusals and purges there were. A small file in
   * `.pagetree/counters/`, written once a second at most. @default false
   */
  readonly counters?: boolean;
}

/** A cache of its own, or one that is shared with other mounts. */
export type PageCacheOptions =
  | (CacheOptions & ShellOwnOptions)
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
  if ('cache' in options) {
    return { cache: options.cache, report: reportTo(options.onEvent), close: async () => {} };
  }
  const { counters = false, ...own } = options;
  if (typeof counters !== 'boolean') throw notASwitch(counters);
  if (!counters) {
    const cache = createPageCache(own);
    return { cache, report: reportTo(own.onEvent), close: () => cache.close() };
  }
  const file = counterFile();
  const onEvent: OnEvent = (event) => {
    file.count(event);
    own.onEvent?.(event);
  };
  const cache = createPageCache({ ...own, onEvent });
  file.open(() => cache.cacheDir);
  const close = async (): Promise<void> => {
    await cache.close();
    await file.close();
  };
  return { cache, report: reportTo(onEvent), close };
}

/** Tells an error of the middleware itself. */
function reportTo(onEvent: OnEvent | undefined): Report {
  return (thrown) => {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    try {
      onEvent?.({ type: 'error', during: 'middleware', error, suppressed: 0 });
    } catch {
      // A listener must not be able to break a response.
    }
  };
}

function notASwitch(came: unknown): PagetreeError {
  const shown = JSON.stringify(came) ?? typeof came;
  return new PagetreeError(
    'ERR_PAGETREE_OPTION',
    `counters: expected true or false, but got ${shown.slice(0, 200)}.`,
  );
}
