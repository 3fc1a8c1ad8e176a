/** Bounds: keeps a tree from growing over `maxEntries` and `maxBytes`, by refusing newcomers or by evicting the oldest. */
import type { Place } from './contracts.ts';
import type { Survey } from './inspect/survey.ts';
import type { Usage } from './store/usage.ts';
import { type Amount, sumOf } from './store/usage-files.ts';

/** The bounds of a tree. */
export interface BoundsOptions {
  readonly maxEntries: number | undefined;
  readonly maxBytes: number | undefined;
  readonly whenFull: 'refuse' | 'evict';
}

interface BoundsContext extends BoundsOptions {
  readonly usage: Usage;
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
  /** Counts the pages by a walk, and finds the oldest, at most so many. */
  readonly survey: (oldest: number) => Promise<Survey>;
  /** The bytes of the page that a new one would replace. */
  readonly standing: (place: Place) => Promise<number | undefined>;
  /** Returns how many pages that removed. */
  readonly purge: (key: string) => Promise<number>;
  /** Keeps the process's end waiting for the work. */
  readonly track: (work: Promise<unknown>) => void;
}

/** Room for a page that is complete. */
export interface Room {
  /** The page was stored, and the tree grew by so much, or not at all. Called once. */
  settle(pages: number, bytes: number): void;
}

/** How many pages one eviction looks for at the most: what bounds its memory. */
const AT_ONCE = 10_000;
/** What the size of a tree is compared with to tell whether it is full, or has too much. */
const ONE: Amount = { pages: 1, bytes: 1 };
/** How long no eviction begins after one that removed nothing, in milliseconds, since each begins with a walk. */
const PAUSES = { needless: 1000, failed: 60_000 };
/**
 * How much of the room that there is a process stores before it looks at the notes of others again: this part of it, by the square of
 * how many they are. The k-th to come knows of k, and 1/16 + 1/64 + 1/144 + ... is a tenth.
 */
const PART = 16;

/** The bounds of one cache. */
export class Bounds {
  readonly #context: BoundsContext;
  readonly #most: Amount;
  readonly #bounded: boolean;
  #evicting = false;
  #pausedUntil = Number.NEGATIVE_INFINITY;

  constructor(context: BoundsContext) {
    const { maxEntries, maxBytes, track, usage } = context;
    this.#context = context;
    this.#bounded = isBounded(context);
    this.#most = {
      pages: maxEntries ?? Number.POSITIVE_INFINITY,
      bytes: maxBytes ?? Number.POSITIVE_INFINITY,
    };
    if (this.#bounded) track(usage.exchange());
  }

  /** Whether one more page has to be refused. */
  get refuses(): boolean {
    const { whenFull, usage, track } = this.#context;
    if (!this.#bounded || whenFull === 'evict' || !this.#isOverWith(ONE)) return false;
    // Others may have purged, or somebody has removed files by hand.
    usage.doubt();
    if (usage.isOld) track(usage.refresh());
    return true;
  }

  /**
   * Room for a page of so many bytes; `undefined` when there is none. It is asked for when the page is complete, and what it
   * takes counts from here on, so that no two pages of this process get the same. Others are told before it is used when there
   * is little left: together, processes that store in the same second go beyond the bounds by a tenth at most.
   *
   * @throws the error of the file system.
   */
  async reserve(place: Place, size: number): Promise<Room | undefined> {
    const { usage, whenFull, standing } = this.#context;
    if (size > this.#most.bytes) return undefined;
    if (!this.#bounded || whenFull === 'evict') return this.#roomOf(() => {});
    const replaced = await standing(place);
    const more = { pages: replaced === undefined ? 1 : 0, bytes: Math.max(0, size - (replaced ?? 0)) };
    if (this.#isOverWith(more)) return undefined;
    const giveBack = usage.reserve(more);
    if (this.#mustAsk()) {
      await usage.exchange();
      if (this.#isOver(usage.total, more)) {
        giveBack();
        return undefined;
      }
    }
    return this.#roomOf(giveBack);
  }

  /** A page was stored, or with negative figures removed. */
  changed(pages: number, bytes: number): void {
    const { usage, whenFull, track, monotonic } = this.#context;
    usage.changed(pages, bytes);
    if (!this.#bounded) return;
    track(usage.refresh());
    if (whenFull === 'refuse' || this.#evicting || !this.#isOver() || monotonic() < this.#pausedUntil) return;
    track(this.#evict());
  }

  /** Counts the tree anew, and forgets what processes noted that are gone. Never rejects. */
  recount(): Promise<void> {
    return this.#context.usage.recountIfKept();
  }

  /** Tells others what this process did last. Nothing is stored any more. Never rejects. */
  async close(): Promise<void> {
    const { usage, whenFull } = this.#context;
    if (this.#bounded && whenFull === 'evict') {
      await usage.exchange();
      if (this.#isOver()) await this.#evict();
    }
    await usage.close();
  }

  #roomOf(giveBack: () => void): Room {
    return {
      settle: (pages, bytes) => {
        giveBack();
        if (pages !== 0 || bytes !== 0) this.changed(pages, bytes);
      },
    };
  }

  /** Whether it is too much: of pages or bytes that it is not about to get more of, a tree never has too much. */
  #isOver(total = this.#context.usage.total, more = ONE): boolean {
    if (total === undefined) return false;
    return (
      (more.pages > 0 && total.pages > this.#most.pages) || (more.bytes > 0 && total.bytes > this.#most.bytes)
    );
  }

  #isOverWith(more: Amount): boolean {
    const { total } = this.#context.usage;
    return total !== undefined && this.#isOver(sumOf(total, more), more);
  }

  /** This process stored too much of the room since it last asked what others did. */
  #mustAsk(): boolean {
    const { total, isOld, unshared, writers } = this.#context.usage;
    if (total === undefined || isOld) return true;
    const { pages, bytes } = this.#most;
    const part = PART * writers ** 2;
    return unshared.pages * part > pages - total.pages || unshared.bytes * part > bytes - total.bytes;
  }

  /**
   * Removes the oldest pages until there is room for a twentieth more, so that not every newcomer starts a walk. The walk that
   * finds them counts too: files may have been removed by hand, and then none has to go. Never rejects.
   */
  async #evict(): Promise<void> {
    this.#evicting = true;
    try {
      await this.#context.usage.exchange();
      while (this.#isOver()) {
        const came = await this.#evictSome();
        if (came === 'evicted') continue;
        this.#pausedUntil = this.#context.monotonic() + PAUSES[came];
        break;
      }
    } finally {
      this.#evicting = false;
    }
  }

  /**
   * The walk decides, not the notes: what somebody stored just before it may be noted after. `needless`: there is not too much,
   * or others are removing it. `failed`: the tree can't be counted, or a page not be removed.
   */
  async #evictSome(): Promise<'evicted' | keyof typeof PAUSES> {
    const { usage, survey, purge } = this.#context;
    const expected = Math.min(AT_ONCE, Math.max(1, this.#excess(usage.total!).pages));
    let found: Survey | undefined;
    const isCounted = await usage.recount(async () => {
      found = await survey(expected);
      return found;
    });
    if (!isCounted || found === undefined) return 'failed';
    if (!this.#isOver(found)) return 'needless';
    const goal = this.#excess(found);
    let [pages, bytes, removed] = [0, 0, 0];
    for (const page of found.oldest) {
      if (pages >= goal.pages && bytes >= goal.bytes) break;
      try {
        removed += await purge(page.key);
      } catch {
        return 'failed';
      }
      pages += 1;
      bytes += page.bytes;
    }
    return removed > 0 ? 'evicted' : 'needless';
  }

  #excess({ pages, bytes }: Amount): Amount {
    const over = Math.max(0, pages - Math.floor(this.#most.pages * 0.95));
    const overBytes = Math.max(0, bytes - Math.floor(this.#most.bytes * 0.95));
    // Bytes are turned into pages by the average size.
    const byBytes = bytes === 0 ? 0 : Math.ceil((overBytes / bytes) * pages);
    return { pages: Math.max(over, byBytes), bytes: overBytes };
  }
}

/** Whether a tree has bounds at all. */
export function isBounded({ maxEntries, maxBytes }: Omit<BoundsOptions, 'whenFull'>): boolean {
  return maxEntries !== undefined || maxBytes !== undefined;
}
