/** The options of a page cache: their meaning, their defaults, and the one function that resolves them. */
import type { Coding, PageRequest, ResponseHead, Writer } from './contracts.ts';
import { PagetreeError } from './errors.ts';
import type { OnEvent } from './events.ts';
import { faultOfNaming } from './key/naming.ts';
import { spell } from './key/spelling.ts';
import { makeable } from './store/compress.ts';
import { manifestFrom } from './store/manifest.ts';
import { variantSuffixes } from './store/tree.ts';

/** What decides about names and types in a tree. It is written into the manifest, and every tool reads it from there. */
export interface TreeOptions {
  /** How paths become files. @default 'mirror' */
  layout?: 'mirror' | 'html' | 'index';
  /** The name of a page whose path ends in `/`. @default '__index.html' ('index.html' in the other layouts) */
  directoryIndex?: string;
  /** The name of a page whose folder exists too (layout `mirror`). @default '__page.html' */
  pageFile?: string;
  /** Layout `index`: which of `/foo` and `/foo/` has a place. @default 'always' */
  trailingSlash?: 'always' | 'never';
  /** The media type of pages whose name says nothing else. @default 'text/html' */
  contentType?: string;
  /** Media types by extension (`.webfont`) or by path prefix (`/feed`); the longest prefix wins over any extension. @default {} */
  types?: Readonly<Record<string, string>>;
  /** `Cache-Control` for browsers by path prefix; the longest prefix wins. @default {} */
  cacheControl?: Readonly<Record<string, string>>;
  /**
   * What becomes of a page with headers that a front-end server would not send: its own `Content-Security-Policy`, `Link`,
   * `Cache-Control`, ... `loose`: it is public, and a front-end server serves it without them. `strict`: it is kept where only
   * the middleware serves it, with all of them. @default 'loose'
   */
  fidelity?: 'loose' | 'strict';
}

/** Everything that can be said to `createPageCache`. Only `cacheDir` is required. */
export interface CacheOptions extends TreeOptions {
  /** The folder of the tree. Relative to the working directory. Made when it does not exist. */
  cacheDir: string;
  /** Only paths at or below one of these prefixes are cached. Whole segments are compared. @default ['/'] */
  cachePaths?: readonly string[];
  /** Paths at or below one of these prefixes are not cached. @default [] */
  excludePaths?: readonly string[];
  /** `bypass`: a request with a cookie goes to the application. `ignore`: cookies are not looked at, for sites without sessions. @default 'bypass' */
  cookies?: 'bypass' | 'ignore';
  /** Cookies that never change a page, beyond the well-known analytics and consent cookies. `*` at the end matches any rest. @default [] */
  ignoreCookies?: readonly string[];
  /** The names of this site (`example.org`, `localhost:3000`). Other hosts bypass. Without it any one host is trusted. */
  hosts?: readonly string[];
  /** The largest body that is stored, in bytes after decoding. @default 16777216 (16 MiB) */
  maxPageSize?: number;
  /** The most pages that the tree may have, as exact as the last second. @default unbounded */
  maxEntries?: number;
  /** The most bytes that the bodies of all pages may have together, variants not counted. @default unbounded */
  maxBytes?: number;
  /** What happens to a newcomer when the tree is full: it is refused, or the oldest pages are removed. @default 'refuse' */
  whenFull?: 'refuse' | 'evict';
  /** The most bytes that may wait for the disk, all fills together; over it a fill is dropped, never a response. @default 67108864 (64 MiB) */
  maxPending?: number;
  /**
   * The most pages that a server makes and stores at once. A miss over it is answered as ever and not stored: the next one may
   * be. Each takes an open file. @default 128
   */
  maxFills?: number;
  /**
   * The most bytes that stored pages may take in memory, so that small ones are answered without reading their files.
   * The tree is asked at each request all the same. No page of more than a 64th of it, or 1 MiB, is kept; 0 keeps none.
   * @default 67108864 (64 MiB)
   */
  maxMemory?: number;
  /**
   * Keep pages that a front-end server could not serve as they are (another type than their name says; with `fidelity: 'strict'`
   * headers of their own) where only the middleware serves them. `false`: they are refused, for sites that are served without
   * the middleware. @default true; when `by` is 'warm' only where the tree is strict
   */
  privatePages?: boolean;
  /** A last word before a response is stored. What throws, refuses. */
  shouldStore?: (request: PageRequest, response: ResponseHead) => boolean;
  /** `full`: pages survive a power cut (`fdatasync` before they are published). `none`: faster, for trees that can be made again. @default 'full' */
  durability?: 'full' | 'none';
  /** Compressed variants that are made beside each page of a type that shrinks. zstd needs Node 22.15. @default ['gzip', 'br'] */
  variants?: readonly Coding[] | false;
  /** How hard variants are compressed. @default 'fast' ('best' when `by` is 'warm') */
  compression?: 'fast' | 'best';
  /** The mode of pages. @default 0o644 */
  fileMode?: number;
  /** The mode of folders. @default 0o755 */
  dirMode?: number;
  /** After how many seconds an unfinished fill of a living process may be taken over. @default 60 */
  fillTimeout?: number;
  /** Who waits for a page that is being rendered: requests of all processes on the tree, of this one, or none. @default 'tree' */
  coalesce?: 'tree' | 'process' | false;
  /** The longest such wait, in milliseconds; then the request renders for itself. @default 5000 */
  coalesceTimeout?: number;
  /** Take a folder that already has files in it as the tree. They will be served to anyone. @default false */
  adopt?: boolean;
  /** Called for each event. */
  onEvent?: OnEvent;
  /** Who stores: it is noted with each page. @default 'middleware' */
  by?: Writer;
  /** `pool`: file calls run beside the event loop, for servers. `direct`: they block it and are faster, for commands. @default 'pool' */
  io?: 'pool' | 'direct';
}

/** `CacheOptions` with every default filled in; what the manifest decides is left to `store/manifest.ts`. */
export interface ResolvedOptions {
  readonly cacheDir: string;
  readonly tree: TreeOptions;
  readonly cachePaths: readonly string[];
  readonly excludePaths: readonly string[];
  readonly cookies: 'bypass' | 'ignore';
  readonly ignoreCookies: readonly string[];
  readonly hosts: readonly string[] | undefined;
  readonly maxPageSize: number;
  readonly maxEntries: number | undefined;
  readonly maxBytes: number | undefined;
  readonly whenFull: 'refuse' | 'evict';
  readonly maxPending: number;
  readonly maxFills: number;
  readonly maxMemory: number;
  readonly privatePages: boolean | undefined;
  readonly shouldStore: CacheOptions['shouldStore'];
  readonly durability: 'full' | 'none';
  readonly variants: readonly Coding[];
  readonly compression: 'fast' | 'best';
  readonly fileMode: number;
  readonly dirMode: number;
  readonly fillTimeout: number;
  readonly coalesce: 'tree' | 'process' | false;
  readonly coalesceTimeout: number;
  readonly adopt: boolean;
  readonly onEvent: OnEvent | undefined;
  readonly by: Writer;
  readonly io: 'pool' | 'direct';
}

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
    ...(layout === undefined ? {} : { layout: oneOf('layout', layout, ['mirror', 'html', 'index']) }),
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

/** Every option there is. */
export const optionNames: Record<keyof CacheOptions, true> = {
  cacheDir: true,
  layout: true,
  directoryIndex: true,
  pageFile: true,
  trailingSlash: true,
  contentType: true,
  types: true,
  cacheControl: true,
  fidelity: true,
  cachePaths: true,
  excludePaths: true,
  cookies: true,
  ignoreCookies: true,
  hosts: true,
  maxPageSize: true,
  maxEntries: true,
  maxBytes: true,
  whenFull: true,
  maxPending: true,
  maxFills: true,
  maxMemory: true,
  privatePages: true,
  shouldStore: true,
  durability: true,
  variants: true,
  compression: true,
  fileMode: true,
  dirMode: true,
  fillTimeout: true,
  coalesce: true,
  coalesceTimeout: true,
  adopt: true,
  onEvent: true,
  by: true,
  io: true,
};

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
