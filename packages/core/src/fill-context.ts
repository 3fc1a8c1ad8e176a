/** What a fill is made with. */
import type { Room } from './bounds.ts';
import type { Coding, Place, Writer } from './contracts.ts';
import type { Meta } from './entry/meta.ts';
import type { PlaceType } from './policy/types.ts';
import type { Compress } from './store/compress.ts';
import type { Fills } from './store/fills.ts';
import type { Io } from './store/io.ts';
import type { Parts, Published } from './store/publish.ts';
import type { Tags } from './store/tags.ts';

/** What was decided about the response from its head. */
export interface Judged {
  /** When the permission to store it was given, in milliseconds since 1970: before the application was asked. */
  readonly askedAt: number;
  /** The type of a page that front-end servers must not see; `undefined` for a public one. */
  readonly hiddenAs: PlaceType | undefined;
  /** Content codings to undo, in this order. */
  readonly codings: readonly string[];
  /** Bytes that `Content-Length` promises, as sent. */
  readonly contentLength: number | undefined;
  /** The body must turn out to be UTF-8. */
  readonly validateUtf8: boolean;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly cacheControl: string | undefined;
  readonly etag: string | undefined;
  /** In milliseconds since 1970. */
  readonly lastModified: number | undefined;
  readonly tags: readonly string[];
  /** The variants to make. */
  readonly variants: readonly Coding[];
}

/** Bytes that wait for the disk, all fills of a cache together. */
export interface Pending {
  bytes: number;
  readonly limit: number;
}

/** What all fills of a cache share. */
export interface FillContext {
  readonly io: Io;
  readonly fills: Fills;
  readonly pending: Pending;
  readonly maxPageSize: number;
  readonly durable: boolean;
  readonly fileMode: number;
  readonly masked: boolean;
  readonly by: Writer;
  /** The wall clock, in milliseconds since 1970. */
  readonly now: () => number;
  readonly publish: (place: Place, parts: Parts, hidden: boolean) => Promise<Published>;
  /** The meta of the page that stands there. */
  readonly standing: (place: Place, hidden: boolean) => Promise<Meta | undefined>;
  /** Removes what a publish left that came to nothing. */
  readonly tidy: (place: Place) => Promise<void>;
  readonly compress: Compress;
  /** Room in the tree for a page of so many bytes; `undefined` when there is none. */
  readonly reserve: (place: Place, bytes: number) => Promise<Room | undefined>;
  readonly tags: Tags;
}
