/** Bounds: keeps a tree from growing over `maxEntries` and `maxBytes`, by refusing newcomers or by evicting the oldest. */
import type { Amount, Usage } from './store/usage.ts';

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
  /** The oldest pages, the oldest first, at most so many. */
  readonly oldest: (count: number) => Promise<readonly { readonly key: string; readonly bytes: number }[]>;
  readonly purge: (key: string) => Promise<void>;
  /** Keeps the process's end waiting for the work. */
  readonly track: (work: Promise<unknown>) => void;
}

/** How many pages one eviction looks for at the most: what bounds its memory. */
const AT_ONCE = 1000;
/** How often a full tree is counted anew, in milliseconds: files may have been removed by hand. */
const RECOUNT = 60_000;

/** The bounds of one cache. */
export class Bounds {
  readonly #context: BoundsContext;
  #evicting = false;
  #recounted: number;

  constructor(context: BoundsContext) {
    this.#context = context;
    this.#recounted = context.monotonic();
    if (this.#bounded) context.track(context.usage.refresh(true));
  }

  get #bounded(): boolean {
    return this.#context.maxEntries !== undefined || this.#context.maxBytes !== undefined;
  }

  /** Whether one more page has to be refused. */
  get refuses(): boolean {
    if (!this.#bounded || this.#context.whenFull === 'evict') return false;
    if (!this.#isOver(1)) return false;
    this.#recountSometimes();
    return true;
  }

  /** A page was stored, or with negative figures removed. */
  changed(pages: number, bytes: number): void {
    if (!this.#bounded) return;
    const { usage, whenFull, track } = this.#context;
    usage.changed(pages, bytes);
    track(usage.refresh());
    if (whenFull === 'evict' && !this.#evicting && this.#isOver(0)) {
      this.#evicting = true;
      const work = this.#evict().finally(() => {
        this.#evicting = false;
      });
      track(work);
    }
  }

  #isOver(more: number): boolean {
    const {
      usage,
      maxEntries = Number.POSITIVE_INFINITY,
      maxBytes = Number.POSITIVE_INFINITY,
    } = this.#context;
    const total = usage.total;
    return total !== undefined && (total.pages + more > maxEntries || total.bytes + more > maxBytes);
  }

  #recountSometimes(): void {
    const now = this.#context.monotonic();
    if (now - this.#recounted < RECOUNT) return;
    this.#recounted = now;
    this.#context.track(this.#context.usage.recount());
  }

  /** Removes the oldest pages until there is room for a twentieth more, so that not every newcomer starts a walk. */
  async #evict(): Promise<void> {
    const { usage, oldest, purge } = this.#context;
    await usage.refresh(true);
    while (this.#isOver(0)) {
      const goal = this.#excess(usage.total!);
      const pages = await oldest(Math.min(AT_ONCE, Math.max(1, goal.pages)));
      if (pages.length === 0) return usage.recount();
      let bytes = 0;
      for (const [index, page] of pages.entries()) {
        if (index >= goal.pages && bytes >= goal.bytes) break;
        await purge(page.key);
        bytes += page.bytes;
      }
    }
  }

  #excess({ pages, bytes }: Amount): Amount {
    const { maxEntries = Number.POSITIVE_INFINITY, maxBytes = Number.POSITIVE_INFINITY } = this.#context;
    const over = Math.max(0, pages - Math.floor(maxEntries * 0.95));
    const overBytes = Math.max(0, bytes - Math.floor(maxBytes * 0.95));
    // Bytes are turned into pages by the average size.
    const byBytes = bytes === 0 ? 0 : Math.ceil((overBytes / bytes) * pages);
    return { pages: Math.max(over, byBytes), bytes: overBytes };
  }
}

/** Keeps the oldest of many in a bounded list. */
export function oldestOf<T extends { readonly mtimeMs: number }>(
  count: number,
): {
  add(item: T): void;
  readonly items: T[];
} {
  const items: T[] = [];
  return {
    add(item) {
      if (items.length >= count && item.mtimeMs >= items[items.length - 1]!.mtimeMs) return;
      let [low, high] = [0, items.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (items[middle]!.mtimeMs <= item.mtimeMs) low = middle + 1;
        else high = middle;
      }
      items.splice(low, 0, item);
      if (items.length > count) items.pop();
    },
    items,
  };
}
