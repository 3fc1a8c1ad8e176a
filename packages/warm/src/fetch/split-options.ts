import type { CacheOptions } from '@pagetree/core';
import { keyOf, warmTable } from '../config/warm-table.ts';
import type { SourceOptions } from '../sources/options.ts';
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

/** What is neither a setting nor about sources is for the tree, which judges it. */
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
  const tree = entries.filter(([key]) => !sourceKeys.has(key) && !settingKeys.has(key));
  return {
    tree: Object.fromEntries(tree) as unknown as CacheOptions,
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
