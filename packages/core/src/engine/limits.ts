/** What keeps a cache within its limits: the bounds of its tree, and the memory for small pages. */
import { Bounds, isBounded } from '../bounds.ts';
import { survey } from '../inspect/survey.ts';
import { Memory } from '../memory/memory.ts';
import type { Area } from '../store/area.ts';
import type { Owner } from '../store/owner.ts';
import { standingBytes } from '../store/publish-area.ts';
import type { Purged } from '../store/purge-pages.ts';
import { Usage } from '../store/usage.ts';
import type { Parts } from './parts.ts';

/** What the bounds ask of the cache. */
export interface BoundedCache {
  readonly owner: Owner;
  readonly areas: readonly Area[];
  readonly purge: (key: string) => Promise<Purged>;
  readonly track: (work: Promise<unknown>) => void;
}

/** The bounds of a tree. */
export function boundsOf({ options, tree, io, monotonic, wall }: Parts, cache: BoundedCache): Bounds {
  const { maxEntries, maxBytes, whenFull, fileMode } = options;
  const { owner, areas, purge, track } = cache;
  return new Bounds({
    maxEntries,
    maxBytes,
    whenFull,
    usage: new Usage({
      io,
      tree,
      owner,
      fileMode,
      bounded: isBounded(options),
      monotonic,
      now: wall,
      recount: () => survey(io, areas, 0),
      track,
    }),
    monotonic,
    survey: (oldest) => survey(io, areas, oldest),
    standing: (place) => standingBytes(io, areas, place),
    purge: async (key) => (await purge(key)).pages,
    track,
  });
}

/** No memory where names fold: only a folder's list tells there that a page has its right name. */
export function memoryOf({ options, tree, io, look, wall }: Parts): Memory | undefined {
  if (options.maxMemory === 0 || look === undefined || tree.folds) return undefined;
  return new Memory({ io, look, limit: options.maxMemory, now: wall });
}
