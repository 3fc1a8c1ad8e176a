/** What sources give: the types that readers make and the plan takes. Types only. */
import type { Line } from './lines.ts';

/** What a source may know of a URL beside the URL itself. */
export interface UrlFacts {
  /** Tags to store the page with. A page keeps those that are stored when neither its response nor a source names any. */
  readonly tags?: readonly string[];
  /** Larger comes first, among the URLs that are known by then. Without it: 0. */
  readonly priority?: number;
  /** When the page changed last, in milliseconds since 1970: the end of what its date can mean. */
  readonly lastmod?: number;
}

/** A path or URL and the source it stands in, or a problem that was found there. */
export type Entry = Line &
  UrlFacts & {
    readonly source: string;
    /** Why the URL has a result already. @default 'bad-line' when there is a problem */
    readonly reason?: 'bad-line' | 'bad-source' | 'other-origin';
  };

/** Something a person should know of a source, though no URL is lost by it. */
export interface Notice {
  /** The source, as it was named. */
  readonly source: string;
  /** One sentence without a full stop. It may hold text from outside: clean it before it is printed. */
  readonly text: string;
}

/** Another source that a source names: a sitemap in an index. */
export interface NestedSource {
  readonly nested: string;
  readonly number: number;
}

/** What a reader of one format gives. */
export type Found =
  | Entry
  | NestedSource
  /** With `badLines`: what stood in some lines is not known, so the source may name more pages. */
  | { readonly notice: string; readonly badLines?: boolean };
