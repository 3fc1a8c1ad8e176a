/**
 * The contracts between the parts of Pagetree, and between Pagetree and whoever builds on it.
 * Types only: this file has no code, so everything may import it.
 */
import type { Reason } from './policy/reasons.ts';

/** Header fields by lower-case name, in the shape of Node's `req.headers`. */
export type HeaderMap = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What the cache must know of a request. */
export interface PageRequest {
  /** The method as sent: `GET`, `HEAD`, ... */
  readonly method: string;
  /** The request target byte for byte as the client sent it, before any router rewrote it (RFC 9112, 3.2). */
  readonly target: string;
  /** The request's header fields. */
  readonly headers: HeaderMap;
}

/** The head of a response, as the application made it. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: HeaderMap;
}

/** The request does not touch the cache. */
export interface Bypass {
  readonly kind: 'bypass';
  readonly reason: Reason;
}

/**
 * A target that has exactly one place: the target in its one accepted spelling, and its parts.
 * `/caf%C3%A9/a` has the key `/caf%C3%A9/a` and the segments `café`, `a`.
 */
export interface Target {
  readonly kind: 'target';
  /** The canonical path. Equal to the target itself: every key has one accepted spelling. */
  readonly key: string;
  /** The decoded segments, without the empty one that a trailing slash makes. */
  readonly segments: readonly string[];
  /** The path ends in `/`. */
  readonly slash: boolean;
}

/** The file, or the two files, that a key may live in. Paths are relative to the tree and use `/`. */
export interface Place {
  readonly kind: 'place';
  readonly key: string;
  /** Where the page lives: `foo/bar`, `foo/__index.html`. */
  readonly path: string;
  /** Where it lives once a folder stands at `path`, where the layout (`mirror`) says so: `foo/bar/__page.html`. */
  readonly inFolder: string | undefined;
}

/** What decides about names: the part of the manifest that the mapping reads. */
export interface Naming {
  readonly layout: Layout;
  /** The name of a page whose path ends in `/`. Default `__index.html` in layout `mirror`. */
  readonly directoryIndex: string;
  /** The name of a page whose folder exists too. Default `__page.html`. */
  readonly pageFile: string;
  /** Layout `index`: which of `/foo` and `/foo/` has the place `foo/index.html`. Default `always`. */
  readonly trailingSlash: 'always' | 'never';
  /** The longest place in bytes, the name of the tree's folder not counted. */
  readonly maxPath: number;
  /** Refuse names that Windows cannot have, or takes for other ones (`a:b`, `con`, `a.`). Default: do not. */
  readonly windows?: boolean;
}

/**
 * From the parts of a path to a place and back. `place` must be injective over all targets that
 * `parseTarget` accepts, and `target` must be its exact inverse: `checkLayout` of `@pagetree/core/testing` proves it.
 * Both are pure: the same answer each time, in every process that opens the tree.
 *
 * @example
 * const cache = createPageCache({ cacheDir: './cache', layout: mine });
 */
export interface Layout {
  /**
   * Written into the manifest, so that a tree is never opened with another layout: lower-case letters, digits and `-`. A layout
   * that gives other places than it did needs another name, and another tree.
   */
  readonly name: string;
  /** The default of `directoryIndex` in this layout. */
  readonly directoryIndex: string;
  /** The place of a path, or the reason why it has none: `no-place` where no other says it better. */
  place(segments: readonly string[], slash: boolean, naming: Naming): PlacePaths | Reason;
  /** The segments and trailing slash that a place stands for; `undefined` when no target maps to it. */
  target(
    path: string,
    naming: Naming,
  ): { readonly segments: readonly string[]; readonly slash: boolean } | undefined;
}

/** What a layout answers: the place, and the one that takes over when a folder stands there. */
export interface PlacePaths {
  readonly path: string;
  readonly inFolder?: string;
}

/** Where a response came from. */
export type Writer = 'middleware' | 'warm';

/** How a fill ended. Exactly one for each ticket. */
export type FillOutcome =
  | {
      readonly kind: 'stored';
      readonly key: string;
      /** The file, relative to the tree. */
      readonly place: string;
      /** Bytes of the body, identity encoding. */
      readonly bytes: number;
      /** Only the middleware serves it, no front-end server. */
      readonly isPrivate?: true;
    }
  | {
      readonly kind: 'refused';
      readonly key: string;
      readonly reason: Reason;
      /** What exactly was found, printable: `max-age=0, private`, `text/css, place says text/html`. */
      readonly detail?: string;
      /** With the reason `disk-error`: what the file system said. */
      readonly error?: Error;
    };

/**
 * The permission to store one page. It is taken before the application is asked and it can be taken
 * away by a purge at any time.
 */
export interface Ticket {
  readonly key: string;
  /** Resolves once with how the fill ended, whatever happens; never rejects. */
  readonly outcome: Promise<FillOutcome>;
  /** Why `begin` said no, or why the ticket was abandoned; known at once, before the outcome. */
  readonly refused: Reason | undefined;
  /**
   * Judges the head of the response. `undefined`: refused, the reason is already reported and the
   * permission is given back.
   */
  begin(response: ResponseHead): Fill | undefined;
  /** Gives the permission back when no response came to be judged. */
  abandon(reason: Reason, detail?: string): void;
}

/** One attempt to store one response. No call throws, none waits for the disk. */
export interface Fill {
  /** Takes the next bytes of the body, in the encoding of the response. The bytes are not copied: do not reuse the buffer. */
  write(chunk: Uint8Array): void;
  /**
   * Adds the tags of the head as it was sent to those of the head that was judged: a purge by a tag that the client got must reach
   * the page. Before `commit`.
   */
  tag(sent: HeaderMap): void;
  /** The response ended cleanly: publish the page. Resolves with the outcome. */
  commit(): Promise<FillOutcome>;
  /** The response will not end cleanly: drop everything. */
  abort(reason: Reason, detail?: string): Promise<FillOutcome>;
}

/** What the cache knows of a request. */
export type Lookup =
  | { readonly kind: 'hit'; readonly page: Page }
  | {
      readonly kind: 'miss';
      readonly key: string;
      /** The permission to store the response; `undefined` when it could not be had. */
      readonly ticket: Ticket | undefined;
      /** Why there is no ticket. */
      readonly reason: Reason | undefined;
    }
  | Bypass;

/** What the cache knows of a request without waiting for anything. */
export type Glance =
  | MemoryHit
  /** The page is not in the tree, and may not be stored at the moment. */
  | { readonly kind: 'miss'; readonly key: string; readonly ticket: undefined; readonly reason: Reason }
  | Bypass;

/**
 * A page from memory, in the coding that the client gets. Nothing has to be closed. The same object comes
 * again as long as the page is the same, so that what is made from it can be kept beside it.
 */
export interface MemoryHit {
  readonly kind: 'hit';
  readonly page: PageHead;
  /** The bytes are shared by all answers: never change them. */
  readonly body: BodyHead & { readonly bytes: Buffer };
  /** For whoever answers with it: what was made of it once, `undefined` at first. It goes with the page. */
  ready: unknown;
}

/** The content codings that variants are kept in. */
export type Coding = 'gzip' | 'br' | 'zstd';

/** What is known of a stored page beside its bytes. */
export interface PageHead {
  readonly key: string;
  /** The file, relative to the tree. */
  readonly place: string;
  /** Bytes of the identity body. */
  readonly size: number;
  /** The file's modification time in milliseconds since 1970. */
  readonly mtimeMs: number;
  /** The full `Content-Type`, from the name of the place. */
  readonly contentType: string;
  /** The `Cache-Control` for browsers: a rule of the manifest, else what the application said, else `no-cache`. */
  readonly cacheControl: string;
  /** The replayed header fields of the response, names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** When the application was asked for it, in milliseconds since 1970, and by whom; `undefined` for a file put there by hand. */
  readonly stored: { readonly at: number; readonly by: Writer } | undefined;
  /** Codings that a variant may be there for. */
  readonly codings: readonly Coding[];
}

/** A stored page, opened. Close it when you are done with it, whatever happened. */
export interface Page extends PageHead {
  /** The body in a coding, or `undefined` when that variant is not there. */
  body(coding?: Coding): Promise<PageBody | undefined>;
  /** Gives the file handles back. Safe to call twice. */
  close(): Promise<void>;
}

/** What is known of a body: enough for the head of an answer. */
export interface BodyHead {
  readonly coding: Coding | 'identity';
  /** In bytes. */
  readonly size: number;
  /** The file's modification time in milliseconds since 1970. */
  readonly mtimeMs: number;
}

/** A body to send: of one version, whole. */
export interface PageBody extends BodyHead {
  /** All bytes at once; for bodies up to 64 KiB. */
  bytes(): Promise<Buffer>;
  /** Streams bytes `start` to `end` (both inclusive) from the open handle, which stays open until the page is closed. */
  stream(range?: { readonly start: number; readonly end: number }): NodeJS.ReadableStream;
}
