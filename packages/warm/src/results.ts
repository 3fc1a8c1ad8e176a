/** What becomes of the URLs of a list: the types that the fetcher makes and the reports read. */
import type { WarmReason } from './reasons.ts';

/**
 * `stored`: fetched and published. `present`: it was there already. `refused`: a rule says that it
 * may not be stored. `failed`: something went wrong, and another try may succeed.
 */
export type Outcome = 'stored' | 'present' | 'refused' | 'failed';

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
  readonly refused: number;
  readonly failed: number;
  /** Lines that repeat an earlier URL. */
  readonly duplicates: number;
  /** Bytes of the bodies that were stored. */
  readonly bytes: number;
  readonly seconds: number;
  /** Why URLs were not stored, the most frequent first. */
  readonly reasons: readonly ReasonCount[];
  /** The signal stopped the run before the end of the list. */
  readonly stopped: boolean;
}
