/** Counts what is in a tree. */
import type { Mapping } from '../mapping.ts';
import { type Io, lookAt } from '../store/io.ts';
import { suffixes, type TreePaths } from '../store/tree.ts';
import { entriesBelow } from '../store/walk.ts';

/** What is in a tree. Sizes are bytes, times milliseconds since 1970. */
export interface TreeStats {
  pages: number;
  bytes: number;
  variants: number;
  variantBytes: number;
  folders: number;
  /** Files and links that are no page. */
  others: number;
  /** Pages and bytes by media type. */
  types: Record<string, { pages: number; bytes: number }>;
  /** Modification time of the oldest and the newest page. */
  oldest: number | undefined;
  newest: number | undefined;
}

/** Walks through a tree and counts; the memory it needs does not depend on the number of pages. */
export async function gatherStats(io: Io, tree: TreePaths, mapping: Mapping): Promise<TreeStats> {
  const stats: TreeStats = {
    pages: 0,
    bytes: 0,
    variants: 0,
    variantBytes: 0,
    folders: 0,
    others: 0,
    types: {},
    oldest: undefined,
    newest: undefined,
  };
  for await (const { path, kind } of entriesBelow(io, tree)) {
    if (kind === 'folder') {
      stats.folders += 1;
      continue;
    }
    const facts = await lookAt(io, `${tree.root}/${path}`);
    if (!facts) continue;
    const suffix = suffixes.find((one) => path.endsWith(one));
    const key = kind === 'file' ? mapping.keyAt(suffix ? path.slice(0, -suffix.length) : path) : undefined;
    const place = key === undefined ? undefined : mapping.placeOfKey(key);
    if (place === undefined || facts.size === 0) {
      stats.others += 1;
    } else if (suffix !== undefined) {
      stats.variants += 1;
      stats.variantBytes += facts.size;
    } else {
      countPage(stats, mapping.typeOf(place).mediaType, facts.size, facts.mtimeMs);
    }
  }
  return stats;
}

function countPage(stats: TreeStats, mediaType: string, size: number, mtimeMs: number): void {
  stats.pages += 1;
  stats.bytes += size;
  stats.types[mediaType] ??= { pages: 0, bytes: 0 };
  const type = stats.types[mediaType];
  type.pages += 1;
  type.bytes += size;
  if (stats.oldest === undefined || mtimeMs < stats.oldest) stats.oldest = mtimeMs;
  if (stats.newest === undefined || mtimeMs > stats.newest) stats.newest = mtimeMs;
}
