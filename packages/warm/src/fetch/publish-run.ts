/** The end of a run with `publish`: is the new tree good enough to take the place of the live one? */
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type CacheOptions, type PageCache, PagetreeError } from '@pagetree/core';
import type { ResolvedSettings } from '../config/resolve.ts';
import { Seen } from '../plan/seen.ts';
import { Publication, type Published } from '../publish/publication.ts';
import { findTrees, liveTree, publishPaths, treeAt } from '../publish/trees.ts';
import { printable } from '../report/printable.ts';
import type { Tally } from '../report/tally.ts';
import { shortcomings } from '../report/verdict.ts';
import { SpillList } from '../sources/spill.ts';
import { openWithLayout } from '../tree/open-tree.ts';
import type { WarmOptions } from '../warm.ts';
import { type Command, hasLeft, journalIn } from './open-journal.ts';
import { asLine, type PruneOptions, tooMuch } from './prune.ts';
import { type Seeing, whyNotWhole } from './whole.ts';

/** Begins a new tree, or goes on with the one that an interrupted run of the same command left. */
export function beginPublication(
  { cacheDir, dirMode = 0o755 }: Pick<WarmOptions, 'cacheDir' | 'dirMode'>,
  { keep, restart }: ResolvedSettings,
  command: Command,
  onNotice: NonNullable<WarmOptions['onNotice']>,
): Promise<Publication> {
  return Publication.begin({
    ...{ cacheDir, dirMode, keep, restart, onNotice },
    goesOn: (folder) => hasLeft(command, folder),
  });
}

/** The tree that a dry run looks at: what is half made, else one that is not there. The live one stays as it is. */
export function dryPublication(cacheDir: string, command: Command): string {
  const paths = publishPaths(cacheDir);
  liveTree(paths);
  const { building } = findTrees(paths);
  const mine = building.map((name) => join(paths.folder, name));
  return mine.find((folder) => hasLeft(command, folder)) ?? join(paths.folder, 'none');
}

/** What is known when every page was fetched. */
export interface EndOptions {
  /** Of both trees, where it is not built in. */
  readonly layout: CacheOptions['layout'];
  readonly settings: ResolvedSettings;
  readonly tally: Tally;
  readonly seeing: Seeing;
  readonly signal: AbortSignal;
  readonly onGone: PruneOptions['onGone'];
  /** Which journal in the new tree is that of the run. It must be closed; `undefined` when the run has none. */
  readonly run: string | undefined;
}

/** What became of a publication. */
export interface PublicationEnd {
  readonly published?: Published;
  /** Pages of the tree before that are not in the new one. */
  readonly gone?: number;
  readonly refused?: string;
  /** It was left half made: the same command goes on with it. */
  readonly left?: true;
}

/** Switches to the new tree, or says why not. */
export async function endPublication(
  publication: Publication,
  cache: PageCache,
  options: EndOptions,
): Promise<PublicationEnd> {
  const { layout, settings, tally, seeing, signal, onGone, run } = options;
  const unfinished = 'the run ended before the end of its sources';
  const leave = async (): Promise<PublicationEnd> => {
    await publication.leave();
    return { refused: unfinished, left: true };
  };
  await cache.close();
  if (seeing.stopped || seeing.cut === 'max-time') return leave();
  const { urls, pages, evicted } = tally;
  const counts = { urls, ...tally.counts, pages, evicted, notPruned: undefined };
  const short = shortcomings(counts, settings).join(' ').replace(/\.$/, '');
  const gone = new SpillList();
  try {
    let refused = short || whyPart(seeing) || undefined;
    let live = 0;
    if (refused === undefined) {
      const pages = await compare(cache, await openLive(publication, layout), gone, signal);
      if (signal.aborted) return leave();
      live = pages.live;
      const { maxShrink } = settings;
      refused =
        pages.fresh === 0
          ? 'the new tree has no page'
          : tooMuch({ pages: pages.live, going: gone.length, maxShrink });
    }
    if (refused !== undefined) {
      const kept = await publication.giveUp(settings.keepFailed);
      return { refused: kept === undefined ? refused : `${refused}; the new tree is in ${printable(kept)}` };
    }
    const published = await withoutJournal(publication, run, () => publication.publish(live > 0));
    const count = gone.length;
    for (const line of gone.drain()) {
      const { key, place } = JSON.parse(line) as { key: string; place: string };
      onGone(key, place);
    }
    return { published, gone: count };
  } finally {
    gone.close();
  }
}

/**
 * Puts the journal aside while the tree is switched to: who is killed then begins anew, since the site may be another one by the
 * next time. A tree that could not be switched to has it back, and is gone on with.
 */
async function withoutJournal(
  { cacheDir, paths }: Publication,
  run: string | undefined,
  publish: () => Promise<Published>,
): Promise<Published> {
  const move = (from: string, to: string): void => {
    try {
      renameSync(from, to);
    } catch {
      // A run that wrote none has none.
    }
  };
  if (run === undefined) return publish();
  const journal = journalIn(cacheDir, run);
  const aside = `${journal}.done`;
  move(journal, aside);
  try {
    const published = await publish();
    rmSync(`${journalIn(treeAt(paths, published.tree), run)}.done`, { force: true });
    return published;
  } catch (error) {
    move(aside, journal);
    throw error;
  }
}

/** A machine of several publishes its part, and `maxPages` is meant; but a source that was not read is an accident. */
function whyPart(seeing: Seeing): string | undefined {
  return whyNotWhole({ ...seeing, cut: undefined, elsewhere: 0, badLines: false, blind: 0, lost: 0 });
}

/** Counts the pages of the new tree and of the live one, and notes what is in the live one only. */
async function compare(
  cache: PageCache,
  before: PageCache | undefined,
  gone: SpillList,
  signal: AbortSignal,
): Promise<{ fresh: number; live: number }> {
  const fresh = new Seen();
  for await (const { key } of cache.list()) fresh.add(key);
  const { size } = fresh;
  let live = 0;
  if (before !== undefined) {
    for await (const page of before.list()) {
      if (signal.aborted) break;
      live += 1;
      if (fresh.add(page.key)) gone.add(asLine(page));
    }
    await before.close();
  }
  return { fresh: size, live };
}

async function openLive(
  { paths, live }: Publication,
  layout: CacheOptions['layout'],
): Promise<PageCache | undefined> {
  if (live === undefined) return undefined;
  try {
    return await openWithLayout(treeAt(paths, live), { io: 'direct', coalesce: false }, () => layout);
  } catch (error) {
    // It was removed by hand: no page can be lost.
    if (error instanceof PagetreeError && error.code === 'ERR_PAGETREE_NO_TREE') return undefined;
    throw error;
  }
}
