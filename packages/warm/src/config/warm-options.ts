import {
  readSourceFlags,
  resolveSourceOptions,
  type SourceFlags,
  type SourceOptions,
} from '../sources/options.ts';
import type { WarmOptions } from '../warm.ts';
import type { ConfigValues } from './load.ts';
import { outputKeys } from './output-table.ts';
import { Problems } from './problems.ts';
import type { WarmSettings } from './settings.ts';
import { treeOptions } from './tree-options.ts';
import { flagOf, keyOf, type WarmFlag, warmTable } from './warm-table.ts';

/** The settings of the table as they stand on the command line. */
export type SettingFlags = { readonly [Flag in WarmFlag]?: string | boolean | readonly string[] | undefined };

/** The options of `cache-warm` as they stand on the command line. */
export interface WarmFlags extends SettingFlags, SourceFlags {
  readonly layout?: string | undefined;
  readonly 'directory-index'?: string | undefined;
  readonly 'page-file'?: string | undefined;
  readonly 'trailing-slash'?: string | undefined;
  readonly 'content-type'?: string | undefined;
  readonly type?: readonly string[] | undefined;
  readonly 'cache-control'?: readonly string[] | undefined;
  readonly fidelity?: string | undefined;
  readonly 'cache-paths'?: readonly string[] | undefined;
  readonly 'exclude-paths'?: readonly string[] | undefined;
  readonly hosts?: readonly string[] | undefined;
  readonly 'max-page-size'?: string | undefined;
  readonly 'max-entries'?: string | undefined;
  readonly 'max-bytes'?: string | undefined;
  readonly 'when-full'?: string | undefined;
  readonly durability?: string | undefined;
  readonly variants?: string | undefined;
  readonly compression?: string | undefined;
  readonly 'private-pages'?: boolean | undefined;
  readonly 'file-mode'?: string | undefined;
  readonly 'dir-mode'?: string | undefined;
  readonly 'fill-timeout'?: string | undefined;
  readonly adopt?: boolean | undefined;
}

/** Who hears of what is wrong, and under which name. */
export interface Reading {
  /** What a flag is called where it was said: `--rate`, or `PAGETREE_RATE`. @default '--rate' */
  readonly labelOf?: LabelOf;
  /** Gathers every option that is wrong; what is right is answered all the same. @default they are thrown */
  readonly problems?: Problems;
  /** The configuration file could not be read: nothing is said of what belongs together. @default false */
  readonly partial?: boolean;
}

/**
 * The options of a run: what the command line says, else the configuration file. The two groups are
 * returned as one object for `warm`.
 *
 * @throws {WarmError} `ERR_PAGETREE_OPTION` names every option that is wrong, as it was said.
 */
export function warmOptions(
  flags: WarmFlags,
  config: ConfigValues,
  { labelOf = (flag) => `--${flag}`, problems: gathered, partial = false }: Reading = {},
): Omit<WarmOptions, 'cacheDir'> {
  const { warm = {}, cacheDir: _, ...cache } = config;
  const configured: WarmSettings & SourceOptions = Object.fromEntries(
    Object.entries(warm).filter(([key]) => !isOutput.has(key)),
  );
  const problems = gathered ?? new Problems();
  const tree = treeOptions(flags, config, problems, labelOf);
  const settings = settingOptions(flags, problems, labelOf);
  const sources = readSourceFlags(flags, problems, labelOf);
  const together = { ...configured, ...sources };
  const label = (key: string) => labelOf(flagOf(key));
  problems.gather(() => resolveSourceOptions(together, { label, partial }));
  if (gathered === undefined) problems.throwIfAny();
  return { ...cache, ...configured, ...tree, ...settings, ...sources };
}

/** What a flag is called. */
export type LabelOf = (flag: string) => string;

/** How a run is told is no option of `warm`. */
const isOutput: ReadonlySet<string> = new Set(outputKeys);

function settingOptions(flags: SettingFlags, problems: Problems, labelOf: LabelOf): WarmSettings {
  const said = Object.entries(warmTable).flatMap(([flag, { read }]) => {
    const value = flags[flag as WarmFlag];
    if (value === undefined) return [];
    const label = labelOf(flag);
    if (typeof value === 'boolean') return [[keyOf(flag), value]];
    const before = problems.count;
    const said =
      typeof value === 'string'
        ? problems.gather(() => read(label, value))
        : value.map((one) => problems.gather(() => read(label, one)));
    return problems.count === before ? [[keyOf(flag), said]] : [];
  });
  return Object.fromEntries(said) as WarmSettings;
}
