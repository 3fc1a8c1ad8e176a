/** What keeps a cache within its limits: the bounds of its tree, and the memory for small pages. */
import { Bounds, oldestOf } from '../bounds.ts';
import type { ListedPage } from '../inspect/list.ts';
import { Memory } from '../memory/memory.ts';
import type { Owner } from '../store/owner.ts';
import { type Amount, Usage } from '../store/usage.ts';
import type { Parts } from './parts.ts';

/** What the bounds ask of the cache. */
export interface BoundedCache {
  readonly list: () => AsyncIterable<ListedPage>;
  /** Counts what is in the tree. */
  readonly recount: () => Promise<Amount>;
  readonly purge: (key: string) => Promise<unknown>;
  readonly track: (work: Promise<unknown>) => void;
}

/** The bounds of a tree. */
export function boundsOf({ options, tree, io, monotonic }: Parts, owner: Owner, cache: BoundedCache): Bounds {
  const { maxEntries, maxBytes, whenFull, fileMode } = options;
  const { list, recount, purge, track } = cache;
  return new Bounds({
    maxEntries,
    maxBytes,
    whenFull,
    usage: new Usage({ io, tree, owner, fileMode, monotonic, recount }),
    monotonic,
    oldest: async (count) => {
      const oldest = oldestOf<ListedPage>(count);
      for await (const page of list()) oldest.add(page);
      return oldest.items;
    },
    purge: async (key) => void (await purge(key)),
    track,
  });
}

/** No memory where names fold: only a folder's list tells there that a page has its right name. */
export function memoryOf({ options, tree, io, look, wall }: Parts): Memory | undefined {
  if (options.maxMemory === 0 || look === undefined || tree.folds) return undefined;
  return new Memory({ io, look, limit: options.maxMemory, now: wall });
}
