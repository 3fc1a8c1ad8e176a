import { WarmError } from '../errors.ts';
import { findOrigin } from '../plan/find-origin.ts';
import { type Origin, splitUrl } from '../plan/origin.ts';
import { Plan, type Step } from '../plan/plan.ts';
import type { UrlResult } from '../results.ts';
import type { FollowRules } from './crawl/follow.ts';
import { type WatchedTools, watchTools } from './crawl/watch.ts';
import type { Entry, Notice } from './entry.ts';
import { readUrls } from './list.ts';
import { emptyList, nameSources } from './name.ts';
import { type ResolvedSourceOptions, resolveSourceOptions, type SourceOptions } from './options.ts';
import { patternRules } from './path-rules.ts';
import { SourceReader } from './read.ts';
import type { SourceClient } from './remote.ts';
import { cutRobots, readRules, sitemapsOf } from './robots.ts';
import { Site } from './site.ts';

/** What sources are opened with. */
export interface OpenOptions extends SourceOptions {
  /** Files and patterns of files, `-`, URLs of sitemaps and feeds, paths and URLs of pages. */
  readonly lists: readonly string[];
  /** More paths or URLs, after the lists. @default [] */
  readonly urls?: Iterable<string> | AsyncIterable<string> | undefined;
  /** The site, when it is named. @default that of the first URL among the lists, else in them */
  readonly origin?: Origin | undefined;
  /** Another name of the site: URLs with it mean the site. */
  readonly host?: string | undefined;
  readonly signal: AbortSignal;
  /** Makes what the site is asked with. Called once at most, and only when a source or robots.txt must be fetched. */
  readonly connect: (origin: Origin) => SourceClient;
  readonly onNotice: (notice: Notice) => void;
  /** @default process.stdin */
  readonly stdin?: NodeJS.ReadStream | undefined;
}

/** The name that robots.txt may have rules for. */
const agent = 'pagetree-warm';

/** Sources that are open: it is known which site they are about. */
export interface Sources {
  readonly origin: Origin;
  /** What was left out so far, and how many there are. */
  readonly plan: Plan;
  /**
   * What to do, one URL after the other; to be read once.
   *
   * @throws {WarmError} when no source has a URL, and for a source that cannot be read before there was one.
   */
  steps(): AsyncGenerator<Step>;
  /**
   * With `crawl`: what the warmer must work with, so that links are seen; without this call before `steps`, no link is
   * followed. Else what it is given.
   */
  watch<Tools extends WatchedTools>(tools: Tools): Tools;
  /** With `crawl`: pages so far whose links could not all be read. */
  readonly blind: number;
  /** Whether a source so far has lines that cannot be read, beside those among the steps. */
  readonly hasBadLines: boolean;
  /** With `crawl`: whether a link to a page of the site was left out by its rules. */
  leftOut(target: string): boolean;
  /** A URL has its result. With `crawl`: all links of what was fetched were seen, and what it has in the tree is known. */
  settled(result: Pick<UrlResult, 'url' | 'outcome'>): void;
}

/**
 * Opens all sources of a run. Nothing is fetched but what the sources are, and only from the one site.
 *
 * @throws {WarmError} for a list or an option that cannot be used, and when nothing says which site it is.
 */
export async function openSources(options: OpenOptions): Promise<Sources> {
  const { lists, signal, host, onNotice } = options;
  const resolved = resolveSourceOptions(options);
  const named = await nameSources(lists, { remote: resolved.format !== 'auto' });
  const site = new Site({ ...options, origin: options.origin ?? originOfWords(lists) });
  if (site.origin === undefined && lists.length === 0 && (resolved.robots || resolved.crawl)) throw noSite();
  let hasBadLines = false;
  const reader = new SourceReader({
    signal,
    stdin: options.stdin,
    format: resolved.format,
    network: (first) => site.network(first),
    onNotice,
    onBadLines: () => {
      hasBadLines = true;
    },
  });

  const entries = readAll();
  const read: Entry[] = [];
  if (site.origin === undefined) {
    const found = await findOrigin(entries, lists, signal, () => site.origin);
    site.origin ??= found.origin;
    read.push(...found.read);
  }
  const origin: Origin = { ...site.origin, alias: host };
  const plan = new Plan(origin, resolved);
  const crawl = resolved.crawl
    ? new (await import('./crawl/crawl.ts')).Crawl({
        rules: await crawlRules(resolved, origin, site, signal),
        plan,
        signal,
        onNotice,
      })
    : undefined;

  async function* readAll(): AsyncGenerator<Entry> {
    let count = 0;
    for await (const entry of readEach()) {
      count += 1;
      yield entry;
    }
    if (resolved.crawl && count === 0) yield { text: '/', number: 0, source: '--crawl' };
    const asked = resolved.robots || (resolved.crawl && !resolved.ignoreRobots);
    if (asked && site.origin !== undefined && (await site.robots(signal)).cut) {
      yield cutRobots(robotsUrl(site));
    }
  }
  async function* readEach(): AsyncGenerator<Entry> {
    yield* reader.read(named);
    if (resolved.robots) yield* readSitemapsOfRobots(site, reader, onNotice, signal);
    yield* readUrls(options.urls ?? [], signal);
  }
  async function* planned(): AsyncGenerator<Step> {
    for await (const entry of joined(read, entries)) {
      const step = plan.step(entry);
      if (step !== undefined) yield step;
      // What comes after that is not looked at.
      if (plan.full) return;
    }
  }

  let watched = false;
  return {
    origin,
    plan,
    async *steps() {
      yield* crawl !== undefined && watched ? crawl.steps(planned()) : planned();
      if (crawl !== undefined && !watched) {
        onNotice({ source: '--crawl', text: 'no page is fetched, so no link is followed' });
      }
      if (signal.aborted) return;
      if (plan.listed === 0 && plan.elsewhere === 0) throw emptyList(lists);
      if (plan.full)
        onNotice({ source: '--max-pages', text: 'there are more pages than that; the rest is left out' });
      if (plan.listed === 0) onNotice({ source: '--shard', text: 'no URL belongs to this part' });
    },
    watch: (tools) => {
      watched = true;
      return crawl === undefined ? tools : watchTools(crawl, tools);
    },
    get blind() {
      return crawl?.blind ?? 0;
    },
    get hasBadLines() {
      return hasBadLines;
    },
    leftOut: (target) => crawl?.leftOut(target) === true,
    settled: ({ url, outcome }) => crawl?.settled(url.slice(origin.href.length), outcome),
  };
}

async function* joined(first: readonly Entry[], rest: AsyncIterable<Entry>): AsyncGenerator<Entry> {
  yield* first;
  yield* rest;
}

async function crawlRules(
  { depth, assets, include, exclude, ignoreRobots }: ResolvedSourceOptions,
  origin: Origin,
  site: Site,
  signal: AbortSignal,
): Promise<FollowRules> {
  const wanted = patternRules(include, exclude);
  if (ignoreRobots) return { origin, depth, assets, wanted, robots: undefined };
  return { origin, depth, assets, wanted, robots: readRules((await site.robots(signal)).text, agent) };
}

/** The sitemaps that robots.txt names; when it names none, the one that stands where most sites have it. */
async function* readSitemapsOfRobots(
  site: Site,
  reader: SourceReader,
  onNotice: OpenOptions['onNotice'],
  signal: AbortSignal,
): AsyncGenerator<Entry> {
  const sitemaps = sitemapsOf((await site.robots(signal)).text);
  const source = robotsUrl(site);
  for (const line of sitemaps) {
    if ('problem' in line) yield { ...line, source, reason: 'bad-source' };
    else yield* reader.readNested(line.text, { source, number: line.number });
  }
  if (sitemaps.length > 0) return;
  onNotice({ source, text: 'names no sitemap; /sitemap.xml is tried' });
  yield* reader.read([{ kind: 'remote', name: `${site.known().href}/sitemap.xml` }]);
}

function robotsUrl(site: Site): string {
  return `${site.known().href}/robots.txt`;
}

/** The first URL among the words of the command line says which site it is. */
function originOfWords(words: readonly string[]): Origin | undefined {
  for (const word of words) {
    const url = splitUrl(word);
    if (url !== undefined && !url.credentials) return url.origin;
  }
  return undefined;
}

function noSite(): WarmError {
  return new WarmError('ERR_PAGETREE_USAGE', 'Nothing says which site it is.', {
    hint: 'Add --origin with the address of the site, for example --origin http://127.0.0.1:3000',
  });
}
