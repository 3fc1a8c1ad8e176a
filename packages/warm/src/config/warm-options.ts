import type { CacheOptions } from '@pagetree/core';
import { readSourceFlags, type SourceFlags, type SourceOptions } from '../sources/options.ts';
import type { WarmOptions } from '../warm.ts';
import type { ConfigValues } from './load.ts';
import { outputKeys } from './output-table.ts';
import { Problems } from './problems.ts';
import type { WarmSettings } from './settings.ts';
import { byteSize, wholeNumber, wrongValue } from './values.ts';
import { keyOf, type WarmFlag, warmTable } from './warm-table.ts';

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
  readonly fidelity?: string | undefined;
  readonly 'cache-paths'?: readonly string[] | undefined;
  readonly 'exclude-paths'?: readonly string[] | undefined;
  readonly 'max-page-size'?: string | undefined;
  readonly 'max-entries'?: string | undefined;
  readonly 'max-bytes'?: string | undefined;
  readonly 'when-full'?: string | undefined;
  readonly durability?: string | undefined;
  readonly variants?: string | undefined;
  readonly compression?: string | undefined;
  readonly 'private-pages'?: boolean | undefined;
  readonly adopt?: boolean | undefined;
}

/**
 * The options of a run: what the command line says, else the configuration file. The two groups are
 * returned as one object for `warm`.
 *
 * @param labelOf What a flag is called where it was said: `--rate`, or `PAGETREE_RATE`.
 * @throws {WarmError} `ERR_PAGETREE_OPTION` names every option that is wrong, as it was said.
 */
export function warmOptions(
  flags: WarmFlags,
  config: ConfigValues,
  labelOf: LabelOf = (flag) => `--${flag}`,
): Omit<WarmOptions, 'cacheDir'> {
  const { warm = {}, cacheDir: _, ...cache } = config;
  const configured: WarmSettings & SourceOptions = Object.fromEntries(
    Object.entries(warm).filter(([key]) => !isOutput.has(key)),
  );
  const problems = new Problems();
  const tree = treeOptions(flags, config, problems, labelOf);
  const settings = settingOptions(flags, problems, labelOf);
  const sources = problems.gather(() =>
    readSourceFlags({ ...flags, crawl: flags.crawl ?? configured.crawl }, labelOf),
  );
  problems.throwIfAny();
  return { ...cache, ...configured, ...tree, ...settings, ...sources };
}

/** What a flag is called. */
type LabelOf = (flag: string) => string;

/** How a run is told is no option of `warm`. */
const isOutput: ReadonlySet<string> = new Set(outputKeys);

function settingOptions(flags: SettingFlags, problems: Problems, labelOf: LabelOf): WarmSettings {
  const said = Object.entries(warmTable).flatMap(([flag, { read }]) => {
    const value = flags[flag as WarmFlag];
    if (value === undefined) return [];
    const label = labelOf(flag);
    if (typeof value === 'boolean') return [[keyOf(flag), value]];
    if (typeof value === 'string') return [[keyOf(flag), problems.gather(() => read(label, value))]];
    return [[keyOf(flag), value.map((one) => problems.gather(() => read(label, one)))]];
  });
  return Object.fromEntries(said) as WarmSettings;
}

function treeOptions(
  flags: WarmFlags,
  config: ConfigValues,
  problems: Problems,
  labelOf: LabelOf,
): Partial<CacheOptions> {
  const entries = flags['max-entries'];
  const reads = {
    layout: () => oneOf(labelOf('layout'), flags.layout, 'mirror', 'html', 'index'),
    directoryIndex: () => notEmpty(labelOf('directory-index'), flags['directory-index']),
    pageFile: () => notEmpty(labelOf('page-file'), flags['page-file']),
    trailingSlash: () => oneOf(labelOf('trailing-slash'), flags['trailing-slash'], 'always', 'never'),
    contentType: () => notEmpty(labelOf('content-type'), flags['content-type']),
    types: () =>
      flags.type && {
        ...config.types,
        ...Object.fromEntries(flags.type.map((rule) => typeRule(labelOf('type'), rule))),
      },
    fidelity: () => oneOf(labelOf('fidelity'), flags.fidelity, 'loose', 'strict'),
    cachePaths: () => flags['cache-paths'],
    excludePaths: () => flags['exclude-paths'],
    maxPageSize: () => size(labelOf('max-page-size'), flags['max-page-size']),
    maxEntries: () =>
      entries === undefined ? undefined : wholeNumber(labelOf('max-entries'), entries, 1, 2 ** 40),
    maxBytes: () => size(labelOf('max-bytes'), flags['max-bytes']),
    whenFull: () => oneOf(labelOf('when-full'), flags['when-full'], 'refuse', 'evict'),
    durability: () => oneOf(labelOf('durability'), flags.durability, 'full', 'none'),
    variants: () =>
      flags.variants === undefined ? undefined : variantList(labelOf('variants'), flags.variants),
    compression: () => oneOf(labelOf('compression'), flags.compression, 'fast', 'best'),
    privatePages: () => flags['private-pages'],
    adopt: () => flags.adopt || undefined,
  };
  const read = Object.entries(reads).map(([name, one]) => [name, problems.gather<unknown>(one)] as const);
  return Object.fromEntries(read.filter(([, value]) => value !== undefined)) as Partial<CacheOptions>;
}

function size(label: string, value: string | undefined): number | undefined {
  return value === undefined ? undefined : byteSize(label, value);
}

function variantList(label: string, text: string): CacheOptions['variants'] {
  if (text === 'none') return false;
  const codings = ['gzip', 'br', 'zstd'] as const;
  const chosen = codings.filter((coding) => text.split(',').includes(coding));
  if (chosen.length === 0 || chosen.length !== text.split(',').length) {
    throw wrongValue(label, 'none, or a list of gzip, br and zstd (gzip,br)', text);
  }
  return chosen;
}

function oneOf(label: string, value: string | undefined, ...words: readonly string[]): string | undefined {
  if (value === undefined || words.includes(value)) return value;
  throw wrongValue(label, `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`, value);
}

function notEmpty(label: string, value: string | undefined): string | undefined {
  if (value === '') throw wrongValue(label, 'a name', value);
  return value;
}

function typeRule(label: string, rule: string): [string, string] {
  const parts = /^([./][^=]*)=(.+)$/.exec(rule);
  if (parts === null) {
    throw wrongValue(label, 'an extension or a path, = and a media type (.webfont=font/woff2)', rule);
  }
  return [parts[1]!, parts[2]!];
}
