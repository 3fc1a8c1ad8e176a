/** The options of the tree, as the command line and the environment say them; core judges what they mean. */
import type { CacheOptions } from '@pagetree/core';
import type { ConfigValues } from './load.ts';
import type { Problems } from './problems.ts';
import { byteSize, hostName, wholeNumber, wrongValue } from './values.ts';
import type { LabelOf, WarmFlags } from './warm-options.ts';

/**
 * Reads the options of the tree from the command line and the environment.
 *
 * @param problems Gathers every option that is wrong.
 */
export function treeOptions(
  flags: WarmFlags,
  config: ConfigValues,
  problems: Problems,
  labelOf: LabelOf,
): Partial<CacheOptions> {
  const { 'max-entries': entries, 'fill-timeout': fillTimeout } = flags;
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
    cacheControl: () =>
      flags['cache-control'] && {
        ...config.cacheControl,
        ...Object.fromEntries(
          flags['cache-control'].map((rule) => cacheControlRule(labelOf('cache-control'), rule)),
        ),
      },
    fidelity: () => oneOf(labelOf('fidelity'), flags.fidelity, 'loose', 'strict'),
    cachePaths: () => flags['cache-paths'],
    excludePaths: () => flags['exclude-paths'],
    hosts: () => flags.hosts?.map((host) => hostName(labelOf('hosts'), host)),
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
    fileMode: () => mode(labelOf('file-mode'), flags['file-mode']),
    dirMode: () => mode(labelOf('dir-mode'), flags['dir-mode']),
    fillTimeout: () =>
      fillTimeout === undefined ? undefined : wholeNumber(labelOf('fill-timeout'), fillTimeout, 1, 86_400),
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

function cacheControlRule(label: string, rule: string): [string, string] {
  const parts = /^(\/[^=]*)=(.+)$/.exec(rule);
  if (parts === null) {
    throw wrongValue(label, 'a path prefix, = and a value (/assets=public, max-age=3600)', rule);
  }
  return [parts[1]!, parts[2]!];
}

function mode(label: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^0?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8);
  throw wrongValue(label, 'a mode of three octal digits (0644, 755)', text);
}
