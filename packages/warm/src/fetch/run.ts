/** One run of the warmer: sources, plan, tree, origin and results brought together. */
import { resolve } from 'node:path';
import type { PageCache } from '@pagetree/core';
import { type Reached, reachSite } from '../app/application.ts';
import type { Origin } from '../plan/origin.ts';
import { readAhead } from '../plan/read-ahead.ts';
import { Seen } from '../plan/seen.ts';
import { Publication } from '../publish/publication.ts';
import { Secrets } from '../report/secrets.ts';
import { Tally } from '../report/tally.ts';
import type { UrlResult, WarmSummary } from '../results.ts';
import { nameSources } from '../sources/name.ts';
import { openSources } from '../sources/open.ts';
import { isVerifyOnly, verifyAlone } from '../verify-front/alone.ts';
import { verifyAtEnd } from '../verify-front/verify.ts';
import type { WarmOptions } from '../warm.ts';
import { fetchAll } from './all.ts';
import { Budget } from './budget.ts';
import { OriginClient } from './client.ts';
import { tellCookies } from './cookie-notice.ts';
import { Crew, type MakePage } from './crew.ts';
import { dryRun } from './dry-run.ts';
import { endAll } from './end-all.ts';
import { countEvicted, mayEvict } from './evicted.ts';
import { Gate } from './gate.ts';
import { gated } from './gated.ts';
import type { Journal } from './journal.ts';
import { commandOf, openJournal, runOf } from './open-journal.ts';
import { warmPage } from './page.ts';
import { planned } from './planned.ts';
import { nameIn, type Pruned } from './prune.ts';
import { pruneRest } from './prune-rest.ts';
import { beginPublication, dryPublication, endPublication } from './publish-run.ts';
import { checkOptions, checkTree, splitOptions } from './split-options.ts';
import { openCache, type PageRules, toolsOf } from './tools.ts';
import { hidesLinks, hidesWay, type Seeing } from './whole.ts';

/** What a run is watched with. */
export interface RunHooks {
  readonly signal: AbortSignal;
  readonly onResult: (result: UrlResult) => void;
  /** Waited for before the next page is begun, until `signal` at the longest. */
  readonly room: (signal: AbortSignal) => Promise<void>;
  /** Those of the connection, where somebody else tells of the run too. */
  readonly secrets?: Secrets | undefined;
}

/** @see `warm` */
export async function runWarm(
  options: WarmOptions,
  hooks: RunHooks,
  settings = checkOptions(options),
): Promise<WarmSummary> {
  const { tree, source, lists, urls, drain, anew, onListed, onGone, onNotice } = splitOptions(options);
  checkTree(tree);
  if (isVerifyOnly(options)) return verifyAlone(options, settings, hooks.signal);
  const { concurrency, times, host, connection } = settings;
  const started = performance.now();
  const tally = new Tally(settings.follow || mayEvict(tree));
  const budget = new Budget(settings.maxTime);
  const signal = AbortSignal.any([hooks.signal, budget.signal]);
  // The lists are let go also when the run fails: standard input may stay open for ever.
  const reading = new AbortController();
  let site: Reached | undefined;
  let cache: PageCache | undefined;
  const secrets = (hooks.secrets ?? new Secrets(connection)).withToken(() => cache?.token);
  let client: OriginClient | undefined;
  const gate = new Gate({ concurrency, rate: settings.rate, delay: settings.delay, signal });
  let journal: Journal | undefined;
  let publication: Publication | undefined;
  let blind = 0;
  let lost = 0;
  let crew: Crew | undefined;
  const errors: unknown[] = [];
  const reached = (origin: Origin) => ({ origin, host, concurrency, times, ...connection, ...site?.client });
  const reach = (origin: Origin) => {
    if (client === undefined) {
      client = new OriginClient({ ...reached(origin), token: () => cache?.token });
      tellCookies(connection.cookies, client, onNotice);
    }
    return client;
  };
  const stop = () => {
    client?.stop();
    crew?.stop();
  };
  const stopLater = () => setTimeout(stop, drain * 1000).unref();
  signal.addEventListener('abort', stopLater, { once: true });

  try {
    await nameSources(lists, { remote: (source.format ?? 'auto') !== 'auto' });
    const startsSite = (settings.exec ?? settings.app) !== undefined;
    if (settings.publish && startsSite && options.dryRun !== true) await Publication.prepare(tree, onNotice);
    site = await reachSite(settings, signal, onNotice);
    const sources = await openSources({
      ...source,
      ...{ lists, urls, host, onNotice },
      connect: (origin) => gated(reach(origin), gate),
      origin: site.origin,
      signal: AbortSignal.any([signal, reading.signal]),
    });
    const named = settings.prune ? new Seen() : undefined;
    const report = (made: UrlResult) => {
      const result = secrets.inDetail(made);
      tally.add(result);
      if (source.crawl === true && hidesLinks(result)) blind += 1;
      if (settings.follow && hidesWay(result)) lost += 1;
      hooks.onResult(result);
    };
    const command = commandOf(options, sources.origin.href, connection);
    const counted = { sources, onListed, report, room: hooks.room, named, signal };
    const unfollowed = () => {
      if (options.dryRun !== true) return undefined;
      if (source.crawl === true) return 'link';
      return settings.follow && tally.counts.planned > 0 ? 'redirect' : undefined;
    };
    const seen = ({ unread, elsewhere, full } = sources.plan): Seeing => ({
      stopped: hooks.signal.aborted,
      cut: budget.signal.aborted ? 'max-time' : full ? 'max-pages' : undefined,
      badLines: sources.hasBadLines || tally.reasons().some(({ reason }) => reason === 'bad-line'),
      ...{ unread, elsewhere, blind: blind + sources.blind, lost },
      unfollowed: unfollowed(),
    });
    let pruned: Pruned | undefined;
    const isGone = (key: string, place: string) => onGone(key, place, sources.origin.href + key);
    const ending = { settings, signal, onGone: isGone };
    const pruneIn = async (tree: PageCache) => {
      if (named === undefined) return;
      const { leftOut } = sources;
      const dryRun = options.dryRun === true;
      pruned = await pruneRest(tree, { ...ending, named, leftOut, dryRun, seeing: seen() });
    };
    if (options.dryRun === true) {
      const named = host ?? sources.origin.host;
      const cacheDir = settings.publish ? dryPublication(tree.cacheDir, command) : tree.cacheDir;
      await dryRun(
        planned(counted),
        { ...tree, cacheDir },
        { freshness: settings, signal, report, host: named, atEnd: pruneIn },
      );
    } else {
      if (settings.publish) publication = await beginPublication(tree, settings, command, onNotice);
      const { cacheDir } = publication ?? tree;
      cache = openCache({ ...tree, cacheDir }, times.whole);
      const asking = reach(sources.origin);
      // What an earlier run has fetched is not anew.
      const run = runOf(command, cache.token);
      journal = anew ? undefined : openJournal(run, settings, cache.cacheDir, onNotice);
      const { refresh, olderThan, lastmod, checks, follow } = settings;
      const freshness = { refresh, olderThan, lastmod };
      const rules: PageRules = { freshness, checks, follow, anew, resumed: journal?.resumed };
      const onKey = named && ((target: string) => nameIn(named, target));
      const tools = sources.watch(toolsOf(rules, cache, asking, onKey));
      const here: MakePage = ({ step, way }, onBody) => warmPage(step, tools, way, onBody);
      // A crawl looks at what passes through this thread.
      if (source.crawl !== true)
        crew = new Crew({
          data: {
            tree: { ...tree, cacheDir: cache.cacheDir },
            seconds: times.whole,
            client: { addresses: [sources.origin.href], ...reached(sources.origin) },
            rules,
          },
          here,
          onKey: onKey ?? (() => {}),
        });

      const ahead = readAhead(
        planned({ ...counted, journal }),
        ({ url }) => url.length,
        undefined,
        ({ priority = 0 }) => priority,
      );
      await fetchAll(ahead, {
        make: crew?.make ?? here,
        ...{ gate, concurrency, signal, room: hooks.room },
        retries: settings.retries,
        report: (result, { target }) => {
          if (result.change !== undefined && result.milliseconds !== undefined)
            journal?.add(target, result.change);
          sources.settled(result);
          report(publication?.compared(result) ?? result);
        },
      });
    }
    const seeing = seen();
    if (cache !== undefined) await pruneIn(cache);
    await countEvicted(tree, tally, cache, crew);
    // A tree is left half made only if the journal says what is in it, and that nobody writes it.
    if (publication === undefined) journal?.flush();
    else journal?.keep();
    const switched =
      publication &&
      cache &&
      (await endPublication(publication, cache, {
        ...{ ...ending, layout: tree.layout, tally, seeing },
        run: journal?.run,
      }));
    const { verify: server } = settings;
    const verifies = server !== undefined && options.dryRun !== true && switched?.refused === undefined;
    const verified =
      verifies && !signal.aborted
        ? await verifyAtEnd({
            ...{ cacheDir: tree.cacheDir, layout: tree.layout, server },
            ...{ settings, signal, onVerified: options.onVerified ?? (() => {}) },
          })
        : undefined;
    const isDone =
      pruned?.refused === undefined &&
      pruned?.left !== true &&
      switched?.left !== true &&
      !(verifies && verified?.complete !== true);
    // What comes after the last page can be cut short as well.
    const { stopped, cut } = isDone ? seeing : seen();
    if (stopped || cut === 'max-time') journal?.keep();
    else journal?.finish();
    return {
      origin: sources.origin.href,
      cacheDir: (publication === undefined ? cache?.cacheDir : undefined) ?? resolve(tree.cacheDir),
      ...tally.sums,
      duplicates: sources.plan.duplicates,
      changes: { ...tally.changes, gone: pruned?.gone ?? switched?.gone ?? 0 },
      seconds: (performance.now() - started) / 1000,
      ...(seeing.unread > 0 && { unread: seeing.unread }),
      ...(options.dryRun === true && { dryRun: true as const }),
      stopped,
      cut,
      notPruned: pruned?.refused,
      published: switched?.published,
      notPublished: switched?.refused,
      verified,
    };
  } catch (error) {
    errors.push(error);
    throw error;
  } finally {
    signal.removeEventListener('abort', stopLater);
    budget.end();
    reading.abort();
    gate.end();
    await endAll(errors, [
      () => journal?.keep(),
      () => crew?.close(),
      () => client?.close(),
      () => cache?.close(),
      () => publication?.leave(),
      () => site?.close(),
    ]);
  }
}
