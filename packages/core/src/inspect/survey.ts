/** One walk through a tree that counts its pages and finds those that were stored longest ago. */
import type { Area } from '../store/area.ts';
import type { Io } from '../store/io.ts';
import { pagesOf } from './list.ts';

/** A page that may have to go. */
export interface OldPage {
  readonly key: string;
  readonly bytes: number;
  readonly storedMs: number;
}

/** What a walk found. */
export interface Survey {
  readonly pages: number;
  readonly bytes: number;
  /** Those that were stored longest ago, the oldest first. */
  readonly oldest: readonly OldPage[];
}

/**
 * Walks through a tree. A page was stored when its file came to its place, by the clock of the file system (`ctime`): its
 * modification time is what the application said, and meta would have to be read.
 *
 * @param most how many of the oldest are kept.
 */
export async function survey(io: Io, areas: readonly Area[], most: number): Promise<Survey> {
  const oldest: OldPage[] = [];
  let [pages, bytes] = [0, 0];
  for await (const { key, facts } of pagesOf(io, areas)) {
    pages += 1;
    bytes += facts.size;
    if (most > 0) keepOldest(oldest, most, { key, bytes: facts.size, storedMs: facts.ctimeMs });
  }
  return { pages, bytes, oldest };
}

/** Puts a page where it belongs in a list that stays sorted and as long as it may be. */
function keepOldest(list: OldPage[], most: number, page: OldPage): void {
  if (list.length >= most && page.storedMs >= list[list.length - 1]!.storedMs) return;
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]!.storedMs <= page.storedMs) low = middle + 1;
    else high = middle;
  }
  list.splice(low, 0, page);
  if (list.length > most) list.pop();
}
