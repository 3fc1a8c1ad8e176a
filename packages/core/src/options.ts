/** The options of a page cache: their meaning and their defaults. */
import type { Coding, Layout, PageRequest, ResponseHead, Writer } from './contracts.ts';
import type { OnEvent } from './events.ts';

/** What decides about names and types in a tree. It is written into the manifest, and every tool reads it from there. */
export interface TreeOptions {
  /**
   * How paths become files: the name of a layout, or one of your own, which every program that opens the tree must be given.
   * @default 'mirror'
   */
  layout?: 'mirror' | 'html' | 'index' | Layout;
  /** The name of a page whose path ends in `/`. @default '__index.html' ('index.html' in the other layouts) */
  directoryIndex?: string;
  /** The name of a page whose folder exists too (layout `mirror`, and layouts of your own that use it). @default '__page.html' */
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
  /**
   * The most pages that the tree may have, counted without a walk. One process never stores more when newcomers are refused;
   * several that store in the same second may go beyond by a tenth together, and what a process that was killed did not note is
   * counted a minute later. Files that were put in or removed by hand count from the next walk on: at most a minute after the
   * tree is full, and when the oldest pages go. All processes on the tree have to say the same. @default unbounded
   */
  maxEntries?: number;
  /**
   * The most bytes that the bodies of all pages may have together, variants not counted: as exact as `maxEntries`. A page that
   * is larger by itself is never stored. @default unbounded
   */
  maxBytes?: number;
  /**
   * What happens when the tree is full. `refuse`: a newcomer is not stored, and a page that is there may be refreshed if it grows no
   * further than there is room. `evict`: a newcomer is stored, then the pages that were stored longest ago go (by the `ctime` of their
   * files, whatever `Last-Modified` says; neither how often a page is asked for nor when counts), until there is room for a
   * twentieth more. Meanwhile the tree has as many too many as come in. @default 'refuse'
   */
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
  /**
   * How many seconds a response may take to end, from the moment its request came, and still be stored. Then its permission is
   * given back, and others may take over one that is not; the response goes on as ever. @default 60
   */
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
