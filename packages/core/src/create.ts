/** Makes page caches: options are judged, the tree is opened, and the first request finds all of it done. */
import diagnostics from 'node:diagnostics_channel';
import { resolve } from 'node:path';
import { Engine } from './engine.ts';
import type { CacheEvent } from './events.ts';
import { type Look, lookNow } from './memory/identity.ts';
import type { CacheOptions, ResolvedOptions } from './options.ts';
import { PageCache } from './page-cache.ts';
import { resolveOptions } from './resolve-options.ts';
import { directIo } from './store/direct-io.ts';
import type { Io } from './store/io.ts';
import { openTree as openFolder } from './store/open.ts';
import { createPoolIo, writersFor } from './store/pool-io.ts';

/** The name of the diagnostics channel that carries every `CacheEvent`. */
export const CHANNEL = 'pagetree:event';

/** What a test holds instead of the real thing. */
export interface Internals {
  readonly io?: Io;
  /** Asks the file system of `io` at once; without it nothing of that `io` is kept in memory. */
  readonly look?: Look;
  /** Whether the file system of `io` folds names. */
  readonly folds?: boolean;
  readonly wall?: () => number;
  readonly monotonic?: () => number;
}

function ioFor(options: ResolvedOptions): { readonly io: Io; readonly permissionIo: Io } {
  if (options.io === 'direct') return { io: directIo, permissionIo: directIo };
  const threads = Number(process.env.UV_THREADPOOL_SIZE) || 4;
  // Together they leave a thread to readers, whatever the disk does.
  return { io: createPoolIo(writersFor(threads)), permissionIo: createPoolIo(1) };
}

function emitterFor(options: ResolvedOptions): (event: CacheEvent) => void {
  const channel = diagnostics.channel(CHANNEL);
  const { onEvent } = options;
  return (event) => {
    if (channel.hasSubscribers) channel.publish(event);
    if (onEvent === undefined) return;
    try {
      const answer: unknown = onEvent(event);
      // Nobody else waits for an async one, and a rejection that nobody handles ends the process.
      if (answer !== undefined) Promise.resolve(answer).catch(() => {});
    } catch {
      // A listener's mistake must not reach a visitor.
    }
  };
}

function create(options: CacheOptions, mustExist: boolean, internals: Internals): PageCache {
  const resolved = resolveOptions(options);
  const monotonic = internals.monotonic ?? (() => performance.now());
  const emit = emitterFor(resolved);
  const open = (cacheDir: string, there: boolean): Engine => {
    const tree = openFolder({ ...resolved, cacheDir, mustExist: there });
    return new Engine({
      options: resolved,
      tree: internals.folds === undefined ? tree : { ...tree, folds: internals.folds },
      ...(internals.io ? { io: internals.io, permissionIo: internals.io } : ioFor(resolved)),
      look: internals.io === undefined ? lookNow : internals.look,
      wall: internals.wall ?? Date.now,
      monotonic,
      emit,
    });
  };
  // Of a tree that is removed under it a warmer must know: what it has stored is gone.
  const remakes = !mustExist && resolved.by !== 'warm';
  return new PageCache({ path: resolve(resolved.cacheDir), open, mustExist, remakes, monotonic });
}

/**
 * Opens the tree in `cacheDir`, and makes it when it is not there.
 *
 * @throws PagetreeError for an option that cannot be used and a folder that cannot be a tree.
 * @example
 * const cache = createPageCache({ cacheDir: './cache' });
 */
export function createPageCache(options: CacheOptions, internals: Internals = {}): PageCache {
  return create(options, false, internals);
}

/**
 * Opens the tree that is in a folder, to look at it or to purge it.
 *
 * @throws PagetreeError ERR_PAGETREE_NO_TREE when there is none.
 */
export function openTree(
  cacheDir: string,
  options: Omit<CacheOptions, 'cacheDir'> = {},
  internals: Internals = {},
): PageCache {
  return create({ ...options, cacheDir }, true, internals);
}
