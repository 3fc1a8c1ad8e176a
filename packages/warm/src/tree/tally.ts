/** Counts pages by what they have in common, in memory that does not depend on their number. Pure. */
import type { Coding } from '@pagetree/core';

/** Pages and their bytes. */
export interface Amount {
  pages: number;
  bytes: number;
}

/** Variants in one coding: how many, their bytes, and the bytes of the pages they stand for. */
export interface Savings extends Amount {
  instead: number;
}

/** A bar of a histogram: what is below `limit` and not below the one before. */
export interface Bar {
  readonly name: string;
  readonly limit: number;
  pages: number;
}

/** So many sections are counted by name. A site with more of them has its sections elsewhere. */
const SECTIONS = 1000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Everything that `pagetree stats` counts page by page. */
export class Tally {
  readonly sections = new Map<string, Amount>();
  /** Pages of sections that came when there were too many. */
  readonly elsewhere: Amount = { pages: 0, bytes: 0 };
  readonly savings = new Map<Coding, Savings>();
  readonly sizes: readonly Bar[] = [
    { name: 'below 1 kB', limit: 1000, pages: 0 },
    { name: '1 to 10 kB', limit: 10_000, pages: 0 },
    { name: '10 to 100 kB', limit: 100_000, pages: 0 },
    { name: '100 kB to 1 MB', limit: 1_000_000, pages: 0 },
    { name: '1 MB and more', limit: Number.POSITIVE_INFINITY, pages: 0 },
  ];
  readonly ages: readonly Bar[] = [
    { name: 'last hour', limit: HOUR, pages: 0 },
    { name: 'last day', limit: DAY, pages: 0 },
    { name: 'last week', limit: 7 * DAY, pages: 0 },
    { name: 'last month', limit: 30 * DAY, pages: 0 },
    { name: 'older', limit: Number.POSITIVE_INFINITY, pages: 0 },
  ];
  readonly #now: number;

  /** @param now Milliseconds since 1970, for ages. */
  constructor(now: number) {
    this.#now = now;
  }

  page(page: { readonly key: string; readonly bytes: number; readonly mtimeMs: number }): void {
    add(this.#sectionOf(page.key), page.bytes);
    countIn(this.sizes, page.bytes);
    countIn(this.ages, this.#now - page.mtimeMs);
  }

  variant(coding: Coding, bytes: number, instead: number): void {
    const savings = this.savings.get(coding) ?? { pages: 0, bytes: 0, instead: 0 };
    this.savings.set(coding, savings);
    add(savings, bytes);
    savings.instead += instead;
  }

  #sectionOf(key: string): Amount {
    const end = key.indexOf('/', 1);
    const name = key.slice(0, end + 1) || '/';
    const known = this.sections.get(name);
    if (known !== undefined) return known;
    if (this.sections.size >= SECTIONS) return this.elsewhere;
    const section: Amount = { pages: 0, bytes: 0 };
    this.sections.set(name, section);
    return section;
  }
}

function add(amount: Amount, bytes: number): void {
  amount.pages += 1;
  amount.bytes += bytes;
}

function countIn(bars: readonly Bar[], value: number): void {
  bars.find(({ limit }) => value < limit)!.pages += 1;
}
