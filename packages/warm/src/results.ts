/** What becomes of the URLs of a list: the types that the fetcher makes and the reports read. */
import type { Published } from './publish/publication.ts';
import type { WarmReason } from './reasons.ts';
import type { Verified } from './verify-front/verify.ts';

/**
 * `stored`: fetched and published. `present`: it was there already. `refused`: a rule says that it
 * may not be stored. `failed`: something went wrong, and another try may succeed. `planned`: it would be fetched; only in a dry run.
 */
export type Outcome = 'stored' | 'present' | 'refused' | 'failed' | 'planned';

/**
 * How the tree changed. `new`: the page was not there. `changed`: it has other bytes or headers than before.
 * `same`: it is there as it was. `gone`: it was removed, since no source names it any more.
 */
export type Change = 'new' | 'changed' | 'same' | 'gone';

/** What became of one page. */
export interface PageResult {
  readonly outcome: Outcome;
  /** Why it was not stored; `undefined` when it is. */
  readonly reason?: WarmReason;
  /** What exactly was found. As it came from outside: clean it before it is printed. */
  readonly detail?: string;
  /** The file, relative to the tree. */
  readonly place?: string;
  /** Bytes of the stored body, identity encoding. */
  readonly bytes?: number;
  /** What it did to the tree; `undefined` when the page was not stored. */
  readonly change?: Change;
  /** The status of the response, where there was one. */
  readonly status?: number;
  /** From the request to the last byte, in milliseconds; `undefined` when nothing was asked. */
  readonly milliseconds?: number;
  /** With `follow`: it is redirected to another site, so to no page of this one. */
  readonly leadsElsewhere?: true;
  /** How often it was asked for, when that was more than once. */
  readonly tries?: number;
}

/** What became of one line of a list. Lines that repeat an earlier URL have no result. */
export interface UrlResult extends PageResult {
  /** The absolute URL; for a line that is none, the line. As it came from outside. */
  readonly url: string;
  /** The list, as it was named: a file, `-`, or `urls`. */
  readonly source: string;
  /** The line of the list, from 1. */
  readonly line: number;
}

/** How many URLs had one reason. */
export interface ReasonCount {
  readonly reason: WarmReason;
  readonly outcome: 'refused' | 'failed';
  readonly count: number;
}

/** A whole run in numbers. */
export interface WarmSummary {
  /** `http://127.0.0.1:3000` */
  readonly origin: string;
  /** The folder of the tree, absolute. */
  readonly cacheDir: string;
  /** URLs with a result. */
  readonly urls: number;
  readonly stored: number;
  readonly present: number;
  /**
   * With `follow`, or where pages may be evicted: those that are in the tree, each once; `undefined` otherwise, since every URL
   * has its own then.
   */
  readonly pages?: number | undefined;
  /** With `whenFull: 'evict'`: pages that were stored or present, and made room for others again; `undefined` when there is none. */
  readonly evicted?: number;
  /** Of those that are present: pages that the origin was asked about, and that did not change. */
  readonly unchanged: number;
  /** Of those that were stored: pages that only the middleware serves; `undefined` when there is none. */
  readonly privatePages?: number;
  readonly refused: number;
  readonly failed: number;
  /** URLs that would be fetched; only in a dry run. */
  readonly planned: number;
  /** Lines that repeat an earlier URL. */
  readonly duplicates: number;
  /** Bytes of the bodies that were stored. */
  readonly bytes: number;
  /** How the tree changed; in a dry run, how many pages would be gone. */
  readonly changes: Readonly<Record<Change, number>>;
  readonly seconds: number;
  /** Sources, or parts of them, that could not be read: nobody knows how many pages they name; `undefined` when there is none. */
  readonly unread?: number;
  /** Why URLs were not stored, the most frequent first. */
  readonly reasons: readonly ReasonCount[];
  /** Nothing was fetched, and nothing changed. */
  readonly dryRun?: true | undefined;
  /** The signal stopped the run before it was done, with its list or with what comes after. */
  readonly stopped: boolean;
  /** `maxTime` ended it before it was done, or `maxPages` before the end of the list. */
  readonly cut: 'max-time' | 'max-pages' | undefined;
  /** Why pages that no source names were not removed, one sentence; `undefined` when they were, or nobody asked for that. */
  readonly notPruned: string | undefined;
  /** What is live now; `undefined` when nothing was published. */
  readonly published?: Published | undefined;
  /** Why the new tree was not published, one sentence; `undefined` when it was, or nobody asked for that. */
  readonly notPublished?: string | undefined;
  /** What the server that `verify` names was found to do; `undefined` when none was asked. */
  readonly verified?: Verified | undefined;
}
