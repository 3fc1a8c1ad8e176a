import type { CacheOptions } from '@pagetree/core';
import type { ResolvedSettings } from './config/resolve.ts';
import type { WarmSettings } from './config/settings.ts';
import { ResultStream } from './fetch/result-stream.ts';
import { type RunHooks, runWarm } from './fetch/run.ts';
import type { UrlResult, WarmSummary } from './results.ts';
import type { Notice } from './sources/entry.ts';
import type { SourceOptions } from './sources/options.ts';

/**
 * What `warm` is told: the options of the tree are those of core's `createPageCache`, the others are those of
 * `cache-warm`, under the names that they have in the configuration file.
 */
export interface WarmOptions
  extends Omit<CacheOptions, 'by' | 'io' | 'coalesce' | 'coalesceTimeout'>,
    SourceOptions,
    WarmSettings {
  /** Files, patterns of files, `-`, URLs of sitemaps and feeds, paths and URLs of pages. @default [] */
  lists?: readonly string[];
  /** Paths or URLs, read after the lists. @default [] */
  urls?: Iterable<string> | AsyncIterable<string>;
  /** Look which pages would be fetched, and fetch and change nothing. @default false */
  dryRun?: boolean;
  /**
   * With `refresh`: trust nothing that is stored. Pages are asked for without a condition and stored also when they
   * are the same, and nothing is left out because an interrupted run has done it. Tags alone are kept. @default false
   */
  anew?: boolean;
  /** Ends the run: nothing new begins, and what runs gets `drain` seconds to end. */
  signal?: AbortSignal;
  /** @default 5 */
  drain?: number;
  /** Called for each URL, in the order in which they end. */
  onResult?: (result: UrlResult) => void;
  /** Called while the lists are read, with the number of URLs so far that have, or will have, a result. */
  onListed?: (urls: number, complete: boolean) => void;
  /** Called for each page that was removed because no source names it: its path, its file in the tree, and its URL. */
  onGone?: (key: string, place: string, url: string) => void;
  /** With `verify`: called for each page that the server was asked for; one that differs has `failed` and a detail. */
  onVerified?: (result: UrlResult) => void;
  /** Called for what a person should know though no URL is lost by it. It may hold text from outside. */
  onNotice?: (notice: Notice) => void;
}

/** A run that goes on: await it for its summary, or go through its results as they come. */
export type WarmRun = Promise<WarmSummary> & AsyncIterable<UrlResult>;

/**
 * Fetches every page of the lists from their site and publishes them into the tree. A page that is there
 * is left alone unless it is asked for again, and no failure removes one.
 *
 * Whoever goes through the results sets the pace: no more is begun than is taken. Leaving the loop early stops the
 * run, as `signal` does.
 *
 * @throws {WarmError} for a list, an option or an origin that cannot be used: the promise rejects, and so does the
 * loop. What becomes of a single URL is never thrown: it is a result.
 * @throws {PagetreeError} for a tree that cannot be used.
 *
 * @example
 * const summary = await warm({ cacheDir: './cache', origin: 'http://127.0.0.1:3000', urls: ['/', '/about'] });
 * console.log(summary.stored, summary.reasons);
 *
 * @example
 * for await (const { url, reason } of warm({ cacheDir: './cache', lists: ['urls.txt'], refresh: true })) {
 *   if (reason !== undefined) console.warn(url, reason);
 * }
 */
export function warm(options: WarmOptions): WarmRun {
  // A program in JavaScript may say nothing at all.
  return warmWith(Object(options ?? {}) as WarmOptions);
}

/**
 * @param settings Those of the options, when they were read already.
 * @param beside Somebody else who takes results, and tells of the run.
 */
export function warmWith(
  options: WarmOptions,
  settings?: ResolvedSettings,
  beside: Partial<Pick<RunHooks, 'room' | 'secrets'>> = {},
): WarmRun {
  const stream = new ResultStream();
  const { signal, onResult } = options;
  const hooks: RunHooks = {
    // What is no signal is told with everything else that is wrong.
    signal: signal instanceof AbortSignal ? AbortSignal.any([signal, stream.signal]) : stream.signal,
    onResult: (result) => {
      onResult?.(result);
      stream.add(result);
    },
    room: async (signal) => {
      await stream.room(signal);
      await beside.room?.(signal);
    },
    secrets: beside.secrets,
  };
  const run = runWarm(options, hooks, settings);
  run.then(
    () => stream.end(),
    (error: unknown) => stream.fail(error),
  );
  return Object.assign(run, { [Symbol.asyncIterator]: () => stream.iterate() });
}
