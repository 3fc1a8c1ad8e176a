/** The options of sources: what the command line says of them, and what they are when it is read. */
import * as Flags from '@oclif/core/flags';
import { type Judging, Problems } from '../config/problems.ts';
import { wholeNumber, wrongValue } from '../config/values.ts';
import { parseShard, type Shard } from '../plan/shard.ts';
import { type FormatName, formatNames } from './detect.ts';

/** How sources are read, and what of them is taken. */
export interface SourceOptions {
  /** What sources are written in. With another word than `auto`, a URL among the lists is always a source, never a page. @default 'auto' */
  format?: FormatName;
  /** Warm the sitemaps that robots.txt names; `/sitemap.xml` when it names none. @default false */
  robots?: boolean;
  /** Follow the links of pages. Without any list it begins at `/`. @default false */
  crawl?: boolean;
  /** With `crawl`: how many clicks away from a source a page may be, 0 to 1000. @default 10 */
  depth?: number;
  /** With `crawl`: only paths that one of these patterns allows. A pattern is as in robots.txt: `/blog`, `/*.html$`. @default everything */
  include?: readonly string[];
  /** With `crawl`: no path that one of these patterns forbids; the longest pattern decides. @default nothing */
  exclude?: readonly string[];
  /** With `crawl`: style sheets, scripts, images, fonts as well. @default true */
  assets?: boolean;
  /** With `crawl`: do not ask for robots.txt and `nofollow`. @default false */
  ignoreRobots?: boolean;
  /** Only the pages of one part of several, by their path: `2/4`. @default everything */
  shard?: string;
  /** The most pages. @default all */
  maxPages?: number;
}

const sourceGroup = 'source';

const several = { multiple: true, multipleNonGreedy: true } as const;

/** The options of sources on the command line. */
export const sourceFlags = {
  robots: Flags.boolean({
    allowNo: true,
    helpGroup: sourceGroup,
    summary: 'Also the sitemaps that robots.txt names, else /sitemap.xml.',
  }),
  format: Flags.string({
    helpGroup: sourceGroup,
    helpValue: 'NAME',
    summary: `What the lists are written in: ${formatNames.join(', ')}. Default auto: how they begin tells.`,
  }),
  crawl: Flags.boolean({
    allowNo: true,
    helpGroup: sourceGroup,
    summary: 'Follow the links of pages, from the lists or from /, within the site.',
  }),
  depth: Flags.string({
    helpGroup: sourceGroup,
    helpValue: 'N',
    summary: 'With --crawl: how many clicks away a page may be, 0 to 1000. Default 10.',
  }),
  include: Flags.string({
    ...several,
    helpGroup: sourceGroup,
    helpValue: 'PATTERN',
    summary: 'With --crawl: only such paths. As in robots.txt: /blog, /*.html$. May be given several times.',
  }),
  exclude: Flags.string({
    ...several,
    helpGroup: sourceGroup,
    helpValue: 'PATTERN',
    summary: 'With --crawl: no such paths. The longest pattern decides. May be given several times.',
  }),
  assets: Flags.boolean({
    allowNo: true,
    helpGroup: sourceGroup,
    summary:
      'With --crawl: style sheets, scripts, images and fonts as well. The default; --no-assets leaves them out.',
  }),
  'ignore-robots': Flags.boolean({
    allowNo: true,
    helpGroup: sourceGroup,
    summary: 'With --crawl: also what robots.txt or nofollow forbids.',
  }),
  shard: Flags.string({
    helpGroup: sourceGroup,
    helpValue: 'I/N',
    summary: 'Only part I of N, chosen by path: every machine gets other pages.',
  }),
  'max-pages': Flags.string({
    helpGroup: sourceGroup,
    helpValue: 'N',
    summary: 'No more pages than this. Default all.',
  }),
};

/** The options of sources as they stand on the command line. */
export interface SourceFlags {
  readonly robots?: boolean | undefined;
  readonly format?: string | undefined;
  readonly crawl?: boolean | undefined;
  readonly depth?: string | undefined;
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly assets?: boolean | undefined;
  readonly 'ignore-robots'?: boolean | undefined;
  readonly shard?: string | undefined;
  readonly 'max-pages'?: string | undefined;
}

/**
 * Reads the flags of sources; what they mean is judged by `resolveSourceOptions`.
 *
 * @param problems Gathers the numbers that are none.
 */
export function readSourceFlags(
  flags: SourceFlags,
  problems: Problems,
  labelOf: (flag: string) => string,
): SourceOptions {
  const { robots, crawl, include, exclude, assets, shard } = flags;
  const number = (flag: 'depth' | 'max-pages', least: number, most: number) => {
    const text = flags[flag];
    return text === undefined ? text : problems.gather(() => wholeNumber(labelOf(flag), text, least, most));
  };
  const depth = number('depth', 0, 1000);
  const maxPages = number('max-pages', 1, 2 ** 40);
  return {
    ...(robots === undefined ? {} : { robots }),
    ...(flags.format === undefined ? {} : { format: flags.format as FormatName }),
    ...(crawl === undefined ? {} : { crawl }),
    ...(depth === undefined ? {} : { depth }),
    ...(include === undefined ? {} : { include }),
    ...(exclude === undefined ? {} : { exclude }),
    ...(assets === undefined ? {} : { assets }),
    ...(flags['ignore-robots'] === undefined ? {} : { ignoreRobots: flags['ignore-robots'] }),
    ...(shard === undefined ? {} : { shard }),
    ...(maxPages === undefined ? {} : { maxPages }),
  };
}

/** Options of sources with nothing left to be asked. */
export interface ResolvedSourceOptions {
  readonly format: FormatName;
  readonly robots: boolean;
  readonly crawl: boolean;
  readonly depth: number;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly assets: boolean;
  readonly ignoreRobots: boolean;
  readonly shard: Shard | undefined;
  readonly maxPages: number | undefined;
}

/** Options that say nothing without `crawl`. */
const ofCrawl = ['depth', 'include', 'exclude', 'assets', 'ignoreRobots'] as const;

/**
 * Checks the options of sources and fills in what was not said.
 *
 * @throws {WarmError} `ERR_PAGETREE_OPTION`
 */
export function resolveSourceOptions(
  options: SourceOptions,
  { label = (name) => name, partial = false }: Judging = {},
): ResolvedSourceOptions {
  const { format = 'auto', robots = false, crawl = false, depth = 10, maxPages } = options;
  const { include = [], exclude = [], assets = true, ignoreRobots = false } = options;
  const problems = new Problems();
  const check = <T>(one: () => T): T | undefined => problems.gather(one);
  check(() => {
    if (formatNames.includes(format)) return;
    throw wrongValue(label('format'), `one of ${formatNames.join(', ')}`, String(format));
  });
  check(() => wholeNumber(label('depth'), depth, 0, 1000));
  check(() => maxPages === undefined || wholeNumber(label('maxPages'), maxPages, 1, 2 ** 40));
  for (const pattern of include) check(() => checkPattern(label('include'), pattern));
  for (const pattern of exclude) check(() => checkPattern(label('exclude'), pattern));
  const text = options.shard;
  const shard = text === undefined ? undefined : check(() => parseShard(label('shard'), text));
  if (!partial) checkTogether(options, crawl, label, problems);
  problems.throwIfAny();
  return { format, robots, crawl, depth, include, exclude, assets, ignoreRobots, shard, maxPages };
}

/** What says nothing without, or against, another option. */
function checkTogether(
  options: SourceOptions,
  crawl: boolean,
  label: (name: string) => string,
  problems: Problems,
): void {
  const { shard } = options;
  for (const name of ofCrawl) {
    if (crawl || options[name] === undefined) continue;
    problems.add(wrongValue(label(name), `given together with ${label('crawl')}`, String(options[name])));
  }
  if (crawl && shard !== undefined) {
    const expected = `left out with ${label('crawl')}, which must see every page to find the next`;
    problems.add(wrongValue(label('shard'), expected, shard));
  }
}

/** A pattern is written into a line of rules: nothing may end that line. */
function checkPattern(label: string, pattern: string): void {
  if (pattern.length <= 1000 && /^[/*][^\s#\p{Cc}[\]{}]*$/u.test(pattern)) return;
  throw wrongValue(
    label,
    'a path as in robots.txt, where * is anything and $ is the end (/blog, /*.html$)',
    pattern,
  );
}
