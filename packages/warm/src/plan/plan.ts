import type { UrlResult } from '../results.ts';
import type { Entry } from '../sources/list.ts';
import { listName } from '../sources/list.ts';
import { type Origin, splitUrl } from './origin.ts';
import { Seen } from './seen.ts';

/** What to do about one line of a list. */
export type Step = FetchStep | { readonly kind: 'result'; readonly result: UrlResult };

/** A page to bring into the tree. */
export interface FetchStep {
  readonly kind: 'fetch';
  /** The request target, byte for byte what is sent. */
  readonly target: string;
  readonly url: string;
  readonly source: string;
  readonly line: number;
}

const beyondAscii = /[^\0-\x7f]+/gu;

/** Decides what a line stands for, on the one site that is warmed. Pure. */
export function planEntry(entry: Entry, origin: Origin): Step {
  const { text, source, number: line } = entry;
  const stop = (reason: 'bad-line' | 'other-origin', url: string, detail: string): Step => ({
    kind: 'result',
    result: { url, outcome: 'refused', reason, detail, source, line },
  });
  const fetch = (path: string): Step => {
    // What every browser does with a link: what is not ASCII is sent as escaped UTF-8.
    const target = path.replace(beyondAscii, encodeURIComponent);
    return { kind: 'fetch', target, url: origin.href + target, source, line };
  };

  if ('problem' in entry)
    return stop('bad-line', text, `line ${line} of ${listName(source)}: ${entry.problem}`);
  if (text.startsWith('/')) return fetch(text);
  const url = splitUrl(text);
  if (url === undefined) {
    return stop(
      'bad-line',
      text,
      `line ${line} of ${listName(source)}: neither a path that starts with / nor a URL`,
    );
  }
  if (url.credentials) {
    const detail = `line ${line} of ${listName(source)}: has a user name or password in it`;
    return stop('bad-line', url.origin.href + url.target, detail);
  }
  if (url.origin.href !== origin.href)
    return stop('other-origin', text, `${url.origin.href} is not ${origin.href}`);
  return fetch(url.target);
}

/** What to do about all lines, one after the other. A URL that was there before is left out and counted. */
export class Plan {
  /** Lines that repeat an earlier URL. */
  duplicates = 0;
  /** Lines that were planned. */
  listed = 0;
  readonly #origin: Origin;
  readonly #seen = new Seen();

  constructor(origin: Origin) {
    this.#origin = origin;
  }

  /** The next line's step; `undefined` for a repetition. */
  step(entry: Entry): Step | undefined {
    const step = planEntry(entry, this.#origin);
    if (step.kind === 'fetch' && !this.#seen.add(step.target)) {
      this.duplicates += 1;
      return undefined;
    }
    this.listed += 1;
    return step;
  }
}
