import { withoutPasswords } from '../report/printable.ts';
import type { Change, UrlResult } from '../results.ts';
import type { Entry, UrlFacts } from '../sources/entry.ts';
import { listName } from '../sources/name.ts';
import { isOwn, type Origin, splitUrl, toTarget } from './origin.ts';
import { Seen } from './seen.ts';
import { inShard, type Shard } from './shard.ts';

/** What to do about one line of a list. */
export type Step = FetchStep | ResultStep;

/** A line that is judged already. */
export interface ResultStep {
  readonly kind: 'result';
  readonly result: UrlResult;
}

/** A page to bring into the tree. */
export interface FetchStep extends UrlFacts {
  readonly kind: 'fetch';
  /** The request target, byte for byte what is sent. */
  readonly target: string;
  readonly url: string;
  readonly source: string;
  readonly line: number;
  /** An interrupted run of the same command has done it. */
  readonly done?: DoneBefore;
  /** It is asked for without a condition: what was said of the stored page is not true any more. */
  readonly unconditional?: true;
}

/** What an interrupted run of the same command did with a page. */
export interface DoneBefore {
  /** How the tree changed by it. */
  readonly change: Change;
  /** When that run wrote its journal last: what was stored later is not its work. */
  readonly until: number;
}

/** Decides what a line stands for, on the one site that is warmed. Pure. */
export function planEntry(entry: Entry, origin: Origin): Step {
  const { text, source, number: line } = entry;
  const stop = (reason: NonNullable<Entry['reason']>, url: string, detail: string): Step => ({
    kind: 'result',
    result: { url, outcome: reason === 'bad-source' ? 'failed' : 'refused', reason, detail, source, line },
  });
  const bad = (url: string, what: string) =>
    stop('bad-line', url, `line ${line} of ${listName(source)}: ${what}`);
  const fetch = (path: string): Step => {
    const target = toTarget(path);
    return { kind: 'fetch', target, url: origin.href + target, source, line, ...factsOf(entry) };
  };

  if ('problem' in entry) {
    const { reason = 'bad-line', problem } = entry;
    const said = withoutPasswords(text);
    return reason === 'bad-line' ? bad(said, problem) : stop(reason, said, problem);
  }
  if (text.startsWith('/')) return fetch(text);
  const url = splitUrl(text);
  if (url === undefined) return bad(withoutPasswords(text), 'neither a path that starts with / nor a URL');
  if (url.credentials) return bad(url.origin.href + url.target, 'has a user name or password in it');
  if (!isOwn(url.origin, origin)) {
    return stop('other-origin', text, `${url.origin.href} is not ${origin.href}`);
  }
  return fetch(url.target);
}

function factsOf({ tags, priority, lastmod }: UrlFacts): UrlFacts {
  return {
    ...(tags === undefined ? {} : { tags }),
    ...(priority === undefined ? {} : { priority }),
    ...(lastmod === undefined ? {} : { lastmod }),
  };
}

/** What is left out of a plan. */
export interface PlanLimits {
  /** Only the targets of one part. */
  readonly shard?: Shard | undefined;
  /** The most pages. @default Infinity */
  readonly maxPages?: number | undefined;
}

/** What to do about all lines, one after the other. A URL that was there before is left out and counted. */
export class Plan {
  /** Lines that repeat an earlier URL. */
  duplicates = 0;
  /** Lines that were planned. */
  listed = 0;
  /** URLs that belong to another part. */
  elsewhere = 0;
  /** Sources, or parts of them, that could not be read. */
  unread = 0;
  /** A URL was left out because there were as many pages as there may be: the sources have more. */
  full = false;
  readonly #origin: Origin;
  readonly #shard: Shard | undefined;
  readonly #maxPages: number;
  readonly #seen = new Seen();
  #pages = 0;

  constructor(origin: Origin, { shard, maxPages = Number.POSITIVE_INFINITY }: PlanLimits = {}) {
    this.#origin = origin;
    this.#shard = shard;
    this.#maxPages = maxPages;
  }

  /** The next line's step; `undefined` for a repetition, and for what the limits leave out. */
  step(entry: Entry): Step | undefined {
    const step = planEntry(entry, this.#origin);
    if ('problem' in entry && entry.reason !== undefined && entry.reason !== 'bad-line') this.unread += 1;
    if (step.kind === 'fetch' && !this.#takes(step.target)) return undefined;
    this.listed += 1;
    return step;
  }

  /** The step of a link; `undefined` when it leads to a page that is known. No line was written twice then. */
  discover(entry: Entry): Step | undefined {
    const { duplicates } = this;
    const step = this.step(entry);
    this.duplicates = duplicates;
    return step;
  }

  #takes(target: string): boolean {
    if (this.#shard !== undefined && !inShard(target, this.#shard)) {
      this.elsewhere += 1;
      return false;
    }
    if (this.#seen.add(target)) return this.#takesOneMore();
    this.duplicates += 1;
    return false;
  }

  #takesOneMore(): boolean {
    this.full = this.#pages >= this.#maxPages;
    if (!this.full) this.#pages += 1;
    return !this.full;
  }
}
