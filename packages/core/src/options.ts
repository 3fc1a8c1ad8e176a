/** The options of a page cache: their meaning, their defaults, and the one function that resolves them. */
import { isAbsolute, resolve } from 'node:path';
import type { PageRequest, ResponseHead, Writer } from './contracts.ts';
import { PagetreeError } from './errors.ts';
import type { OnEvent } from './events.ts';

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
  /** The most bytes of one response that wait for the disk; over it the fill is dropped, never the response. @default 1048576 (1 MiB) */
  maxPending?: number;
  /** A last word before a response is stored. What throws, refuses. */
  shouldStore?: (request: PageRequest, response: ResponseHead) => boolean;
  /** `full`: pages survive a power cut (`fdatasync` before they are published). `none`: faster, for trees that can be made again. @default 'full' */
  durability?: 'full' | 'none';
  /** The mode of pages. @default 0o644 */
  fileMode?: number;
  /** The mode of folders. @default 0o755 */
  dirMode?: number;
  /** After how many seconds an unfinished fill of a living process may be taken over. @default 60 */
  fillTimeout?: number;
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
  readonly maxPending: number;
  readonly shouldStore: CacheOptions['shouldStore'];
  readonly durability: 'full' | 'none';
  readonly fileMode: number;
  readonly dirMode: number;
  readonly fillTimeout: number;
  readonly adopt: boolean;
  readonly onEvent: OnEvent | undefined;
  readonly by: Writer;
  readonly io: 'pool' | 'direct';
}
