import type { UrlResult } from '../results.ts';
import type { Notice } from '../sources/entry.ts';
import { count } from './numbers.ts';
import { printable } from './printable.ts';
import { progressLine, RecentRate } from './progress.ts';
import { Tally } from './tally.ts';

/** Where the meter writes: standard error, or a stand-in. */
export interface MeterStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** How much is said while a run goes on. */
export interface MeterOptions {
  readonly quiet: boolean;
  /** Every URL is named, not only those that were not stored. @default false */
  readonly verbose?: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds that only grow. */
  readonly now?: () => number;
}

const liveInterval = 100;
const plainInterval = 5000;
/** The most URLs that are named one by one. */
const mostNamed = 20;
const eraseLine = '\r\x1b[K';

/**
 * Tells a person how a run goes: on a terminal one live line with what went wrong above it, elsewhere a
 * line every five seconds.
 */
export class Meter {
  readonly #stream: MeterStream;
  readonly #quiet: boolean;
  readonly #verbose: boolean;
  readonly #live: boolean;
  readonly #colour: boolean;
  readonly #now: () => number;
  readonly #tally = new Tally();
  readonly #rate = new RecentRate();
  readonly #timer: NodeJS.Timeout | undefined;
  #listed = 0;
  #complete = false;
  #drawn = '';
  #unnamed = 0;

  constructor(
    stream: MeterStream,
    { quiet, verbose = false, env, now = () => performance.now() }: MeterOptions,
  ) {
    this.#stream = stream;
    this.#quiet = quiet;
    this.#verbose = verbose;
    this.#live = stream.isTTY === true && env.TERM !== 'dumb';
    this.#colour = this.#live && !env.NO_COLOR;
    this.#now = now;
    this.#rate.sample(now(), 0);
    if (quiet) return;
    this.#timer = setInterval(() => this.draw(), this.#live ? liveInterval : plainInterval);
    this.#timer.unref();
  }

  /** Takes in one result; names it if the page was not stored. */
  result(result: UrlResult): void {
    this.#tally.add(result);
    if (this.#quiet || (result.reason === undefined && !this.#verbose)) return;
    if (this.#tally.notStored > mostNamed && !this.#verbose) {
      this.#unnamed += 1;
      return;
    }
    this.#above(this.#named(result));
  }

  /** Prints what a person should know of a source. */
  notice({ source, text }: Notice): void {
    if (this.#quiet) return;
    const lines = text.split('\n').map((line) => printable(line, 1000));
    this.#above(`note    ${printable(source)}: ${lines.join('\n        ')}`);
  }

  /** How many URLs there are, so far or in all. */
  listed(urls: number, complete: boolean): void {
    this.#listed = urls;
    this.#complete = complete;
  }

  /** Prints a line without tearing the live one. */
  say(text: string): void {
    this.#above(text);
  }

  /** Draws the line again, or prints the next plain one. The timer calls it. */
  draw(): void {
    const { refused, failed } = this.#tally.counts;
    const done = this.#tally.urls;
    const perSecond = this.#rate.sample(this.#now(), done);
    // A character in the last column makes some terminals wrap.
    const width = this.#live ? (this.#stream.columns || 80) - 1 : 200;
    const line = progressLine(
      { done, listed: this.#listed, complete: this.#complete, refused, failed, perSecond },
      width,
    );
    if (!this.#live) {
      this.#stream.write(`${line}\n`);
    } else if (line !== this.#drawn) {
      this.#drawn = line;
      this.#stream.write(eraseLine + line);
    }
  }

  /** Takes the live line away. */
  stop(): void {
    clearInterval(this.#timer);
    this.#erase();
    if (this.#unnamed > 0) {
      this.#stream.write(`... and ${count(this.#unnamed)} more; --report FILE.json lists every one.\n`);
      this.#unnamed = 0;
    }
  }

  #above(text: string): void {
    const line = this.#drawn;
    this.#erase();
    this.#stream.write(`${text}\n`);
    if (line === '') return;
    this.#drawn = line;
    this.#stream.write(line);
  }

  #erase(): void {
    if (this.#drawn !== '') this.#stream.write(eraseLine);
    this.#drawn = '';
  }

  #named({ outcome, url, reason, detail, place, change, milliseconds, tries }: UrlResult): string {
    const what =
      reason ??
      (outcome === 'planned' ? 'would be fetched' : `${change ?? 'there'}, ${printable(place ?? '')}`);
    const took = this.#verbose && milliseconds !== undefined ? ` ${count(milliseconds)} ms` : '';
    const tried = tries === undefined ? '' : ` after ${tries} tries`;
    const why = `${what}${detail === undefined ? '' : ` (${printable(detail)})`}${took}${tried}`;
    const label = outcome.padEnd(7);
    const shown = this.#colour && outcome === 'failed' ? `\x1b[31m${label}\x1b[39m` : label;
    return `${shown} ${printable(url)}: ${why}`;
  }
}
