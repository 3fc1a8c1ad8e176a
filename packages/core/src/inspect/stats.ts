/** Counts what is in a tree. */
import type { Mapping } from '../mapping.ts';
import { parseMediaType } from '../policy/media-type.ts';
import { type Area, fileIn } from '../store/area.ts';
import { type Io, lookAt } from '../store/io.ts';
import { readMetaOf } from '../store/read.ts';
import { suffixes } from '../store/tree.ts';
import { entriesBelow } from '../store/walk.ts';

/** What is in a tree. Sizes are bytes, times milliseconds since 1970. */
export interface TreeStats {
  pages: number;
  bytes: number;
  /** Those of the pages that only the middleware serves. */
  privatePages: number;
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
export async function gatherStats(io: Io, areas: readonly Area[], mapping: Mapping): Promise<TreeStats> {
  const stats: TreeStats = {
    pages: 0,
    bytes: 0,
    privatePages: 0,
    variants: 0,
    variantBytes: 0,
    folders: 0,
    others: 0,
    types: {},
    oldest: undefined,
    newest: undefined,
  };
  for (const area of areas) await countArea(io, area, mapping, stats);
  return stats;
}

async function countArea(io: Io, area: Area, mapping: Mapping, stats: TreeStats): Promise<void> {
  for await (const { path, kind } of entriesBelow(io, area.tree)) {
    if (kind === 'folder') {
      if (!area.isHidden) stats.folders += 1;
      continue;
    }
    const facts = await lookAt(io, fileIn(area, path));
    if (!facts) continue;
    const suffix = suffixes.find((one) => path.endsWith(one));
    const key = kind === 'file' ? area.keyAt(suffix ? path.slice(0, -suffix.length) : path) : undefined;
    const place = key === undefined ? undefined : mapping.placeOfKey(key);
    if (place === undefined || facts.size === 0) {
      stats.others += 1;
    } else if (suffix !== undefined) {
      stats.variants += 1;
      stats.variantBytes += facts.size;
    } else {
      const own = area.isHidden ? (await readMetaOf(io, area.tree, path))?.contentType : undefined;
      const type = (own && parseMediaType(own)?.mediaType) ?? mapping.typeOf(place).mediaType;
      countPage(stats, type, facts.size, facts.mtimeMs);
      if (area.isHidden) stats.privatePages += 1;
    }
  }
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
