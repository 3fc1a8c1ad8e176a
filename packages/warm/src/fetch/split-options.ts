import { type CacheOptions, checkConfig } from '@pagetree/core';
import { Problems } from '../config/problems.ts';
import { type ResolvedSettings, resolveSettings } from '../config/resolve.ts';
import { checkRunOptions, checkSourceKinds } from '../config/run-options.ts';
import { keyOf, warmTable } from '../config/warm-table.ts';
import { WarmError } from '../errors.ts';
import { resolveSourceOptions, type SourceOptions } from '../sources/options.ts';
import { nearest } from '../tree/suggest.ts';
import type { WarmOptions } from '../warm.ts';

/** The options of a run, each part for who needs it. */
export interface SplitOptions {
  readonly tree: CacheOptions;
  readonly source: SourceOptions;
  readonly lists: readonly string[];
  readonly urls: NonNullable<WarmOptions['urls']>;
  readonly drain: number;
  readonly anew: boolean;
  readonly onListed: NonNullable<WarmOptions['onListed']>;
  readonly onGone: NonNullable<WarmOptions['onGone']>;
  readonly onNotice: NonNullable<WarmOptions['onNotice']>;
}

const sourceKeys: ReadonlySet<string> = new Set<keyof SourceOptions>([
  ...(['format', 'robots', 'crawl', 'depth', 'include', 'exclude', 'assets'] as const),
  ...(['ignoreRobots', 'shard', 'maxPages'] as const),
]);
const settingKeys: ReadonlySet<string> = new Set(Object.keys(warmTable).map(keyOf));

/** What is neither a setting nor about sources is for the tree. */
export function splitOptions(options: WarmOptions): SplitOptions {
  const {
    lists = [],
    urls = [],
    drain = 5,
    anew = false,
    onListed = () => {},
    onGone = () => {},
    onNotice = () => {},
    dryRun: _dryRun,
    signal: _signal,
    onResult: _onResult,
    onVerified: _onVerified,
    ...rest
  } = options;
  const entries = Object.entries(rest);
  const source = Object.fromEntries(entries.filter(([key]) => sourceKeys.has(key)));
  const tree = Object.fromEntries(entries.filter(([key]) => !sourceKeys.has(key) && !settingKeys.has(key)));
  return {
    tree: tree as unknown as CacheOptions,
    source,
    lists,
    urls,
    drain,
    anew,
    onListed,
    onGone,
    onNotice,
  };
}

/**
 * Judges all options of a program, and reads its settings.
 *
 * @throws {WarmError} `ERR_PAGETREE_OPTION` with everything that is wrong with them.
 */
export function checkOptions(options: WarmOptions): ResolvedSettings {
  const problems = new Problems();
  checkRunOptions(options, problems);
  const { tree, source } = splitOptions(options);
  const before = problems.count;
  const right = checkSourceKinds(source, problems);
  const partial = problems.count > before;
  problems.gather(() => resolveSourceOptions(right, { partial }));
  const settings = problems.gather(() => resolveSettings(options));
  problems.gather(() => checkTree({ ...{ cacheDir: undefined }, ...tree }));
  problems.throwIfAny();
  return settings!;
}

/**
 * Judges the options of the tree, before an application is started and anything is opened.
 *
 * @throws {WarmError} `ERR_PAGETREE_OPTION` with everything that is wrong with them.
 */
export function checkTree(tree: CacheOptions): void {
  const { problems } = checkConfig(tree);
  if (problems.length > 0) {
    throw new WarmError('ERR_PAGETREE_OPTION', problems.map(guessed).join(' '), {
      hint: 'Correct each of them, or leave it out to use its default.',
    });
  }
}

/** A sentence of what is wrong; where nothing has the name, with the option that may have been meant. */
function guessed(problem: string): string {
  const [, name] = /^(\w+): no option has this name$/.exec(problem) ?? [];
  const meant = name === undefined ? undefined : nearest(name, [...settingKeys, ...sourceKeys]);
  if (meant !== undefined) return `${problem}, did you mean ${meant}?`;
  return problem.endsWith('?') ? problem : `${problem}.`;
}
