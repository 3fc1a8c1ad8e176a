import type { CacheOptions } from '@pagetree/core';
import * as v from 'valibot';
import { WarmError } from '../errors.ts';
import type { SourceOptions } from '../sources/options.ts';
import { type OutputSettings, outputTable } from './output-table.ts';
import type { Setting } from './setting.ts';
import type { WarmSettings } from './settings.ts';
import { keyOf, warmTable } from './warm-table.ts';

const text = v.pipe(v.string('expected text'), v.nonEmpty('it is empty'));
const texts = v.array(text, 'expected a list of texts');
// An array is an object too, and would pass.
const rules = v.pipe(
  v.custom<object>((input) => !Array.isArray(input), 'expected an object of texts'),
  v.record(v.string(), text, 'expected an object of texts'),
);
const switched = v.boolean('expected true or false');
const hook = v.function('expected a function');

function oneOf<const T extends readonly string[]>(...words: T) {
  return v.picklist(words, `expected ${words.map((word) => `"${word}"`).join(' or ')}`);
}

function whole(least: number, most: number) {
  const message = `expected a whole number from ${least} to ${most}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message), v.maxValue(most, message));
}

/** A setting of the table, checked and read as on the command line. */
function setting({ kind, read }: Setting) {
  if (kind === 'switch') return switched;
  const one = v.pipe(
    v.union([v.string(), v.number()], 'expected text or a number'),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      try {
        return read('it', dataset.value);
      } catch (error) {
        if (!(error instanceof WarmError)) throw error;
        addIssue({ message: error.message.replace(/\.$/, '') });
        return NEVER;
      }
    }),
  );
  return kind === 'texts' ? v.array(one, 'expected a list of texts') : one;
}

const mode = v.union(
  [whole(0, 0o7777), v.pipe(text, v.regex(/^0?[0-7]{3,4}$/, 'expected a mode such as "0644"'))],
  'expected a mode such as "0644"',
);

/** The options of core, key by key: the file is shared with the middleware. */
export const cacheEntries = {
  cacheDir: text,
  layout: oneOf('mirror', 'html', 'index'),
  directoryIndex: text,
  pageFile: text,
  trailingSlash: oneOf('always', 'never'),
  contentType: text,
  types: rules,
  cacheControl: rules,
  cachePaths: texts,
  excludePaths: texts,
  cookies: oneOf('bypass', 'ignore'),
  ignoreCookies: texts,
  hosts: texts,
  maxPageSize: whole(1, Number.MAX_SAFE_INTEGER),
  maxEntries: whole(1, Number.MAX_SAFE_INTEGER),
  maxBytes: whole(1, Number.MAX_SAFE_INTEGER),
  whenFull: oneOf('refuse', 'evict'),
  maxPending: whole(1, Number.MAX_SAFE_INTEGER),
  maxFills: whole(1, 1_000_000),
  maxMemory: whole(0, 2 ** 40),
  shouldStore: hook,
  durability: oneOf('full', 'none'),
  variants: v.union(
    [v.literal(false), v.array(oneOf('gzip', 'br', 'zstd'))],
    'expected false or a list of "gzip", "br", "zstd"',
  ),
  compression: oneOf('fast', 'best'),
  fileMode: mode,
  dirMode: mode,
  coalesce: v.union([v.literal(false), oneOf('tree', 'process')], 'expected "tree" or "process" or false'),
  coalesceTimeout: whole(0, 600_000),
  fillTimeout: whole(1, 86_400),
  adopt: switched,
  onEvent: hook,
} satisfies Partial<Record<keyof CacheOptions, v.GenericSchema>>;

/** The settings of sources; what they mean together is judged when they are opened. */
const sourceEntries = {
  format: text,
  robots: switched,
  crawl: switched,
  depth: whole(0, 1000),
  include: texts,
  exclude: texts,
  assets: switched,
  ignoreRobots: switched,
  shard: text,
  maxPages: whole(1, 2 ** 40),
} satisfies Record<keyof SourceOptions, v.GenericSchema>;

const warmEntries: Record<string, v.GenericSchema> = {
  ...Object.fromEntries(
    Object.entries<Setting>({ ...warmTable, ...outputTable }).map(([flag, entry]) => [
      keyOf(flag),
      setting(entry),
    ]),
  ),
  json: switched,
  ...sourceEntries,
};

const warmGroup = v.partial(v.object(warmEntries, 'expected an object'));
const schema = v.partial(v.object({ ...cacheEntries, warm: warmGroup }, 'expected an object'));

/** What a configuration file may say. */
export type ConfigValues = Omit<CacheOptions, 'by' | 'io' | 'cacheDir'> & {
  cacheDir?: string;
  warm?: WarmSettings & SourceOptions & OutputSettings;
};

/** Checks a whole file and returns what is wrong with it: every unknown key and every wrong value, not the first. */
export function checkConfig(values: unknown): { values: ConfigValues } | { problems: string[] } {
  if (Array.isArray(values)) return { problems: ['expected an object'] };
  const result = v.safeParse(schema, values);
  const problems = [
    ...unknownKeys('', values, [...Object.keys(cacheEntries), 'warm']),
    ...unknownKeys('warm.', (values as { warm?: unknown } | null)?.warm, Object.keys(warmEntries)),
    ...(result.issues ?? []).map((issue) => {
      const path = v.getDotPath(issue);
      return path === null ? issue.message : `${path}: ${issue.message}`;
    }),
  ];
  if (problems.length > 0 || !result.success) return { problems };
  const { fileMode, dirMode, ...rest } = result.output;
  return {
    values: {
      ...(rest as ConfigValues),
      ...(fileMode === undefined ? {} : { fileMode: toMode(fileMode) }),
      ...(dirMode === undefined ? {} : { dirMode: toMode(dirMode) }),
    },
  };
}

/** JSON has no octal numbers, so a mode may be text. */
function toMode(value: number | string): number {
  return typeof value === 'number' ? value : Number.parseInt(value, 8);
}

function unknownKeys(prefix: string, values: unknown, known: readonly string[]): string[] {
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return [];
  return Object.keys(values)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const same = known.find((name) => fold(name) === fold(key));
      return `${prefix}${key}: unknown key${same === undefined ? '' : `, did you mean ${prefix}${same}?`}`;
    });
}

/** `cache_dir`, `cache-dir` and `cachedir` are all `cacheDir`. */
function fold(key: string): string {
  return key.toLowerCase().replace(/[-_]/g, '');
}
