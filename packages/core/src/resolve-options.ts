/** Judges the options of a page cache and fills in the defaults: once, at construction. */
import type { Coding, Layout } from './contracts.ts';
import { PagetreeError } from './errors.ts';
import { faultOfLayout } from './key/layouts/own.ts';
import { faultOfNaming } from './key/naming.ts';
import { spell } from './key/spelling.ts';
import { type CacheOptions, optionNames, type ResolvedOptions, type TreeOptions } from './options.ts';
import { makeable } from './store/compress.ts';
import { manifestFrom } from './store/manifest.ts';
import { variantSuffixes } from './store/tree.ts';

function fail(option: string, expected: string, came: unknown, hint?: string): never {
  const shown = typeof came === 'function' ? 'a function' : (JSON.stringify(came) ?? String(came));
  throw new PagetreeError(
    'ERR_PAGETREE_OPTION',
    `${option}: expected ${expected}, but got ${shown.length > 200 ? `${shown.slice(0, 200)}...` : shown}.`,
    hint === undefined ? {} : { hint },
  );
}

function oneOf<const T extends string>(option: string, value: unknown, choices: readonly T[]): T {
  if (!choices.includes(value as T)) fail(option, `one of ${choices.map((c) => `'${c}'`).join(', ')}`, value);
  return value as T;
}

function whole(option: string, value: unknown, min: number, max: number, unit: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max) {
    fail(option, `a whole number of ${unit} from ${min} to ${max}`, value);
  }
  return value as number;
}

function bound(option: string, value: unknown, unit: string): number | undefined {
  return value === undefined ? undefined : whole(option, value, 1, Number.MAX_SAFE_INTEGER, unit);
}

function strings(option: string, value: unknown, what: string, test: (item: string) => boolean): string[] {
  if (!Array.isArray(value)) fail(option, `an array of ${what}`, value);
  for (const item of value) if (typeof item !== 'string' || !test(item)) fail(option, what, item);
  return [...value];
}

function mode(option: string, value: unknown): number {
  if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > 0o777) {
    fail(option, 'a file mode from 0o000 to 0o777', value);
  }
  return value as number;
}

function codings(value: unknown): Coding[] {
  if (value === false) return [];
  const named = strings(
    'variants',
    value,
    "an array of 'gzip', 'br' and 'zstd'",
    (item) => item in variantSuffixes,
  );
  const missing = named.find((coding) => !makeable.includes(coding as Coding));
  if (missing !== undefined)
    fail('variants', `codings that this Node can make (${makeable.join(', ')})`, missing);
  return [...new Set(named)] as Coding[];
}

const MEDIA_TYPE = /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/;
const FIELD_VALUE = /^[\t\x20-\x7e]+$/;
const HOST = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/;

function text(option: string, value: unknown): string {
  if (typeof value !== 'string') fail(option, 'a plain file name', value);
  return value;
}

function layoutOf(value: unknown): NonNullable<TreeOptions['layout']> {
  const hint =
    'A layout of your own is given itself, not by its name: `layout: mine`, in a program or in pagetree.config.js.';
  if (typeof value !== 'object' || value === null) {
    const names = ['mirror', 'html', 'index'] as const;
    const named = names.find((name) => name === value);
    return named ?? fail('layout', "one of 'mirror', 'html', 'index', or a layout of your own", value, hint);
  }
  const fault = faultOfLayout(value);
  if (fault !== undefined) fail('layout', fault.expected, fault.came, hint);
  return value as Layout;
}

function record(
  option: string,
  value: unknown,
  isKey: (key: string) => boolean,
  keys: string,
  isValue: RegExp,
  values: string,
): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(option, 'an object', value);
  for (const [key, item] of Object.entries(value)) {
    if (!isKey(key)) fail(option, `${keys} as names`, key);
    if (typeof item !== 'string' || !isValue.test(item)) fail(`${option}['${key}']`, values, item);
  }
  return { ...(value as Record<string, string>) };
}

const isPath = (item: string): boolean => spell(item) !== undefined;

function treeOptions(options: CacheOptions): TreeOptions {
  const { layout, directoryIndex, pageFile, trailingSlash, contentType, types, cacheControl, fidelity } =
    options;
  if (contentType !== undefined && (typeof contentType !== 'string' || !MEDIA_TYPE.test(contentType))) {
    fail('contentType', 'a media type in lower case without parameters, as `text/html`', contentType);
  }
  const tree: TreeOptions = {
    ...(layout === undefined ? {} : { layout: layoutOf(layout) }),
    ...(directoryIndex === undefined ? {} : { directoryIndex: text('directoryIndex', directoryIndex) }),
    ...(pageFile === undefined ? {} : { pageFile: text('pageFile', pageFile) }),
    ...(trailingSlash === undefined
      ? {}
      : { trailingSlash: oneOf('trailingSlash', trailingSlash, ['always', 'never']) }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(fidelity === undefined ? {} : { fidelity: oneOf('fidelity', fidelity, ['loose', 'strict']) }),
  };
  if (types !== undefined) {
    const isRule = (key: string): boolean => isPath(key) || /^\.[a-z0-9_-]+$/.test(key);
    tree.types = record(
      'types',
      types,
      isRule,
      'extensions (`.feed`) or path prefixes (`/feed`)',
      MEDIA_TYPE,
      'a media type in lower case without parameters',
    );
  }
  if (cacheControl !== undefined) {
    tree.cacheControl = record(
      'cacheControl',
      cacheControl,
      isPath,
      'path prefixes (`/assets`)',
      FIELD_VALUE,
      'a Cache-Control value',
    );
  }
  const manifest = manifestFrom(tree);
  const fault = faultOfNaming(manifest);
  if (fault !== undefined) throw new PagetreeError('ERR_PAGETREE_OPTION', fault);
  return tree;
}

/**
 * Judges the options and fills in the defaults, once, before anything is opened.
 *
 * @throws PagetreeError ERR_PAGETREE_OPTION that names the option, what was expected and what came.
 */
export function resolveOptions(options: CacheOptions): ResolvedOptions {
  if (typeof options !== 'object' || options === null) fail('options', 'an object with cacheDir', options);
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(optionNames, name)) {
      fail(name, `an option that exists (${Object.keys(optionNames).join(', ')})`, name);
    }
  }
  const { cacheDir, shouldStore, onEvent } = options;
  if (typeof cacheDir !== 'string' || cacheDir === '' || cacheDir.includes('\0')) {
    fail('cacheDir', 'the path of a folder', cacheDir, "Say where pages are kept: { cacheDir: './cache' }.");
  }
  for (const [name, hook] of [
    ['shouldStore', shouldStore],
    ['onEvent', onEvent],
  ] as const) {
    if (hook !== undefined && typeof hook !== 'function') fail(name, 'a function', hook);
  }
  for (const name of ['adopt', 'privatePages'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'boolean')
      fail(name, 'true or false', options[name]);
  }
  const paths = 'paths of pages, which start with `/` and have no query';
  return {
    cacheDir,
    tree: treeOptions(options),
    cachePaths: strings('cachePaths', options.cachePaths ?? ['/'], paths, isPath),
    excludePaths: strings('excludePaths', options.excludePaths ?? [], paths, isPath),
    cookies: oneOf('cookies', options.cookies ?? 'bypass', ['bypass', 'ignore']),
    ignoreCookies: strings('ignoreCookies', options.ignoreCookies ?? [], 'names of cookies', (name) =>
      /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name),
    ),
    hosts:
      options.hosts === undefined
        ? undefined
        : strings('hosts', options.hosts, 'host names with an optional port, as `example.org`', (host) =>
            HOST.test(host),
          ),
    maxPageSize: whole('maxPageSize', options.maxPageSize ?? 16 * 1024 * 1024, 1, 2 ** 40, 'bytes'),
    maxEntries: bound('maxEntries', options.maxEntries, 'pages'),
    maxBytes: bound('maxBytes', options.maxBytes, 'bytes'),
    whenFull: oneOf('whenFull', options.whenFull ?? 'refuse', ['refuse', 'evict']),
    maxPending: whole('maxPending', options.maxPending ?? 64 * 1024 * 1024, 1, 2 ** 40, 'bytes'),
    maxFills: whole('maxFills', options.maxFills ?? 128, 1, 1_000_000, 'pages'),
    maxMemory: whole('maxMemory', options.maxMemory ?? 64 * 1024 * 1024, 0, 2 ** 40, 'bytes'),
    privatePages: options.privatePages,
    shouldStore,
    durability: oneOf('durability', options.durability ?? 'full', ['full', 'none']),
    variants: codings(options.variants ?? ['gzip', 'br']),
    compression: oneOf('compression', options.compression ?? (options.by === 'warm' ? 'best' : 'fast'), [
      'fast',
      'best',
    ]),
    fileMode: mode('fileMode', options.fileMode ?? 0o644),
    dirMode: mode('dirMode', options.dirMode ?? 0o755),
    fillTimeout: whole('fillTimeout', options.fillTimeout ?? 60, 1, 86_400, 'seconds'),
    coalesce:
      options.coalesce === false ? false : oneOf('coalesce', options.coalesce ?? 'tree', ['tree', 'process']),
    coalesceTimeout: whole('coalesceTimeout', options.coalesceTimeout ?? 5000, 0, 600_000, 'milliseconds'),
    adopt: options.adopt ?? false,
    onEvent,
    by: oneOf('by', options.by ?? 'middleware', ['middleware', 'warm']),
    io: oneOf('io', options.io ?? 'pool', ['pool', 'direct']),
  };
}
