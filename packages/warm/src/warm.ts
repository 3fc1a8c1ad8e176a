import { type CacheOptions, createPageCache } from '@pagetree/core';
import { hostName, seconds, wholeNumber } from './config/values.ts';
import { fetchAll } from './fetch/all.ts';
import { OriginClient } from './fetch/client.ts';
import { findOrigin } from './plan/find-origin.ts';
import { parseOrigin } from './plan/origin.ts';
import { type FetchStep, Plan } from './plan/plan.ts';
import { readAhead } from './plan/read-ahead.ts';
import { Tally } from './report/tally.ts';
import type { UrlResult, WarmSummary } from './results.ts';
import { checkLists, type Entry, emptyList, readLists, readUrls } from './sources/list.ts';

/** What `warm` is told. The options of the tree are those of core's `createPageCache`. */
export interface WarmOptions extends Omit<CacheOptions, 'by' | 'io' | 'coalesce' | 'coalesceTimeout'> {
  /** Files with one path or URL a line; `-` is standard input. @default [] */
  lists?: readonly string[];
  /** Paths or URLs, read after the lists. @default [] */
  urls?: Iterable<string> | AsyncIterable<string>;
  /** The site that is warmed: `http://127.0.0.1:3000`. @default that of the first URL */
  origin?: string;
  /** The Host header. @default that of the origin */
  host?: string;
  /** How many pages are fetched at once, 1 to 512. @default 8 */
  concurrency?: number;
  /** Seconds that one whole response may take, up to 3600. @default 30 */
  timeout?: number;
  /** Fetch pages that are there as well. @default false */
  refresh?: boolean;
  /** Ends the run: nothing new begins, and what runs gets `drain` seconds to end. */
  signal?: AbortSignal;
  /** @default 5 */
  drain?: number;
  /** Called for each URL, in the order in which they end. */
  onResult?: (result: UrlResult) => void;
  /** Called while the lists are read, with the number of URLs so far that have, or will have, a result. */
  onListed?: (urls: number, complete: boolean) => void;
}

/**
 * Fetches every page of the lists from their site and publishes them into the tree. A page that is there
 * is left alone, and no failure removes one.
 *
 * @throws {WarmError} for a list, an option or an origin that cannot be used. What becomes of a single
 * URL is never thrown: it is a result.
 * @throws {PagetreeError} for a tree that cannot be used.
 *
 * @example
 * const summary = await warm({ cacheDir: './cache', origin: 'http://127.0.0.1:3000', urls: ['/', '/about'] });
 * console.log(summary.stored, summary.reasons);
 */
export async function warm(options: WarmOptions): Promise<WarmSummary> {
  const {
    lists = [],
    urls = [],
    origin: named,
    host,
    concurrency = 8,
    timeout = 30,
    refresh = false,
    signal = new AbortController().signal,
    drain = 5,
    onResult = () => {},
    onListed = () => {},
    ...tree
  } = options;
  wholeNumber('concurrency', concurrency, 1, 512);
  seconds('timeout', timeout);
  if (host !== undefined) hostName('host', host);
  const given = named === undefined ? undefined : parseOrigin('origin', named);
  await checkLists(lists);

  const started = performance.now();
  const tally = new Tally();
  const report = (result: UrlResult) => {
    tally.add(result);
    onResult(result);
  };
  // The lists are let go also when the run fails: standard input may stay open for ever.
  const reading = new AbortController();
  const entries = allEntries(lists, urls, AbortSignal.any([signal, reading.signal]));
  const { origin, read } =
    given === undefined ? await findOrigin(entries, lists, signal) : { origin: given, read: [] };
  const cache = createPageCache({
    // Nobody may take a fill over from us while the origin still has time to answer.
    ...(timeout >= 50 ? { fillTimeout: Math.ceil(timeout) + 10 } : {}),
    ...tree,
    // A page that another process stores is looked at again at the end instead of being waited for.
    coalesce: false,
    by: 'warm',
    io: 'direct',
  });
  const client = new OriginClient({ origin, host, concurrency, timeout, token: cache.token });
  const stopLater = () => setTimeout(() => client.stop(), drain * 1000).unref();
  signal.addEventListener('abort', stopLater, { once: true });

  const plan = new Plan(origin);
  async function* steps(): AsyncGenerator<FetchStep> {
    for await (const entry of joined(read, entries)) {
      const step = plan.step(entry);
      if (step === undefined) continue;
      onListed(plan.listed, false);
      if (step.kind === 'fetch') yield step;
      else report(step.result);
    }
    if (signal.aborted) return;
    if (plan.listed === 0) throw emptyList(lists);
    onListed(plan.listed, true);
  }

  try {
    const ahead = readAhead(steps(), ({ url }) => url.length);
    await fetchAll(ahead, { cache, client, refresh }, { concurrency, signal, report });
  } finally {
    signal.removeEventListener('abort', stopLater);
    reading.abort();
    await client.close();
    await cache.close();
  }
  return {
    origin: origin.href,
    cacheDir: cache.cacheDir,
    urls: tally.urls,
    ...tally.counts,
    duplicates: plan.duplicates,
    bytes: tally.bytes,
    seconds: (performance.now() - started) / 1000,
    reasons: tally.reasons(),
    stopped: signal.aborted,
  };
}

async function* allEntries(
  lists: readonly string[],
  urls: NonNullable<WarmOptions['urls']>,
  signal: AbortSignal,
): AsyncGenerator<Entry> {
  yield* readLists(lists, signal);
  yield* readUrls(urls, signal);
}

async function* joined(first: readonly Entry[], rest: AsyncIterable<Entry>): AsyncGenerator<Entry> {
  yield* first;
  yield* rest;
}
