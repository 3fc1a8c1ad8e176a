import { lstatSync, opendirSync } from 'node:fs';
import type { Coding, PageCache, TreeStats } from '@pagetree/core';
import { exitCodes } from '../commands/exit-codes.ts';
import { timeText } from './age.ts';
import { jsonText } from './json.ts';
import { type Around, openFor, type TreeFlags } from './open.ts';
import { paintFor } from './paint.ts';
import { statsText } from './stats-text.ts';
import { type Amount, Tally } from './tally.ts';

/** Everything there is to say about a tree as a whole. */
export interface Counted {
  readonly cacheDir: string;
  readonly stats: TreeStats;
  readonly tally: Tally;
  /** Files and folders in `.pagetree/`, and their bytes. */
  readonly internal: Amount;
  /** Files and folders that the tree takes on its disk, all in all. */
  readonly inodes: number;
}

/** The names of variants in format 1 of the tree. */
const suffixes: readonly (readonly [Coding, string])[] = [
  ['gzip', '.gz'],
  ['br', '.br'],
  ['zstd', '.zst'],
];

/** Counts what is in a tree and prints it. */
export async function printStats(
  flags: TreeFlags,
  around: Around,
  now: number = Date.now(),
): Promise<number> {
  const { stdout, env } = around;
  const cache = await openFor(flags, around);
  const counted = await countTree(cache, now);
  stdout.write(flags.json ? documentOf(counted) : statsText(counted, { now, paint: paintFor(stdout, env) }));
  return exitCodes.done;
}

async function countTree(cache: PageCache, now: number): Promise<Counted> {
  const { cacheDir } = cache;
  const stats = await cache.stats();
  const tally = new Tally(now);
  for await (const page of cache.list()) {
    tally.page(page);
    if (stats.variants === 0) continue;
    for (const [coding, suffix] of suffixes) {
      const facts = lstatSync(`${cacheDir}/${page.place}${suffix}`, { throwIfNoEntry: false });
      if (facts?.isFile()) tally.variant(coding, facts.size, page.bytes);
    }
  }
  const internal = { pages: 0, bytes: 0 };
  const own = `${cacheDir}/.pagetree/`;
  // Counted by themselves, the folder of the tree too: private pages are in `.pagetree/`, so a sum would have them twice.
  let inodes = 1;
  eachBelow(cacheDir, (path) => {
    inodes += 1;
    if (!path.startsWith(own)) return;
    internal.pages += 1;
    internal.bytes += lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
  });
  return { cacheDir, stats, tally, internal, inodes };
}

/** Goes through files and folders. They come and go while a site fills its tree, and some are for one user only. */
function eachBelow(folder: string, take: (path: string) => void): void {
  const passing = new Set(['ENOENT', 'ENOTDIR', 'EACCES']);
  try {
    const open = opendirSync(folder);
    try {
      for (let entry = open.readSync(); entry !== null; entry = open.readSync()) {
        const path = `${folder}/${entry.name}`;
        take(path);
        if (entry.isDirectory()) eachBelow(path, take);
      }
    } finally {
      open.closeSync();
    }
  } catch (error) {
    if (!passing.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

function documentOf({ cacheDir, stats, tally, internal, inodes }: Counted): string {
  const { oldest, newest, ...counts } = stats;
  const document = {
    cacheDir,
    ...counts,
    oldest: oldest === undefined ? null : timeText(oldest),
    newest: newest === undefined ? null : timeText(newest),
    inodes,
    internal: { inodes: internal.pages, bytes: internal.bytes },
    sections: Object.fromEntries(tally.sections),
    otherSections: tally.elsewhere,
    savings: Object.fromEntries(tally.savings),
    sizes: tally.sizes.map(({ name, pages }) => ({ name, pages })),
    ages: tally.ages.map(({ name, pages }) => ({ name, pages })),
  };
  return `${jsonText(document, 2)}\n`;
}
