/** Carries a purge out: permissions first, then pages; or only counts what it would remove. */
import type { Place } from './contracts.ts';
import { PagetreeError } from './errors.ts';
import { type PurgeScope, type ScopeContext, type Steps, stepsFor } from './purge-steps.ts';
import { type Area, fileIn, pathsIn } from './store/area.ts';
import { isForbidden, lookAt } from './store/io.ts';
import { destroyBuried } from './store/purge-folders.ts';
import {
  type PurgeContext,
  type Purged,
  type PurgedPage,
  pagesBelow,
  purgeEach,
  purgeMatching,
  purgePlace,
} from './store/purge-pages.ts';

/** How to remove. */
export interface PurgeHow {
  /** Count and tell, remove nothing. @default false */
  readonly dryRun?: boolean;
  /** Told of each page. Pages that go with a whole folder are listed before, which takes a walk through it. */
  readonly onPage?: (page: PurgedPage) => void;
}

type Result = Purged & { label: string };

/** Listed keys that are remembered, so that each is purged once. */
const SEEN = 10_000;

/** Removes what a scope names. */
export async function purge(scoped: ScopeContext, scope: PurgeScope, how: PurgeHow): Promise<Result> {
  const { mapping } = scoped;
  const context: PurgeContext = {
    ...scoped,
    onPage: how.onPage,
    placeOf: (key) => mapping.placeOfKey(key),
  };
  const steps = stepsFor(scoped, scope);
  const result: Result = { pages: 0, bytes: 0, fills: 0, label: steps.label };
  try {
    if (how.dryRun === true) await preview(context, steps, result);
    else if (steps.place && !steps.bury) await carryOut(scoped, context, steps, result);
    else {
      const letMove = await scoped.fills.holdMoves();
      try {
        await carryOut(scoped, context, steps, result);
      } finally {
        await letMove();
      }
    }
  } catch (error) {
    throw new PagetreeError(
      'ERR_PAGETREE_PURGE_INCOMPLETE',
      `purge ${steps.label}: ${(error as Error).message}; ${result.pages} pages were removed before.`,
      {
        cause: error,
        ...(isForbidden(error) && {
          hint: 'Purge as the user that the tree belongs to, or let this user write to it.',
        }),
      },
    );
  }
  return result;
}

async function carryOut(
  scoped: ScopeContext,
  context: PurgeContext,
  steps: Steps,
  result: Result,
): Promise<void> {
  const { inScope, folder, judge, place, bury, list } = steps;
  scoped.detach(inScope);
  if (bury) {
    const take = async (): Promise<void> => {
      result.fills += await context.fills.takeAll(inScope);
    };
    await take();
    // The page by itself first: its variants would outlive it if it went with what is below.
    if (place) await purgePlace(context, place, result);
    if (context.onPage) {
      for await (const { area: _, ...page } of pagesBelow(context, folder, inScope)) context.onPage(page);
    }
    const buried = await bury(context, take);
    await destroyBuried(context, buried, result);
  } else if (place) {
    await purgePlace(context, place, result);
  } else if (list) {
    const { keys, done } = await list();
    result.fills += await context.fills.takeAll(inScope);
    const seen = new Set<string>();
    await purgeEach(context, result, async (purging) => {
      for await (const key of keys) {
        // A page that was stored often is listed as often.
        if (seen.has(key)) continue;
        if (seen.size < SEEN) seen.add(key);
        const listed = context.placeOf(key);
        if (listed && (await isWanted(context, listed, judge))) await purging.remove(listed);
      }
    });
    await done();
  } else {
    await purgeMatching(context, folder, inScope, judge ?? (async () => true), result);
  }
  scoped.detach(inScope);
}

async function isWanted(context: PurgeContext, place: Place, judge: Steps['judge']): Promise<boolean> {
  for await (const { area, ...page } of pagesOf(context, place)) {
    if (!judge || (await judge(page, area))) return true;
  }
  return false;
}

/** The page of a place, wherever it is. */
async function* pagesOf(
  { io, areas }: PurgeContext,
  place: Place,
): AsyncGenerator<PurgedPage & { readonly area: Area }> {
  for (const area of areas) {
    for (const path of pathsIn(area, place)) {
      const facts = await lookAt(io, fileIn(area, path));
      if (facts && facts.kind !== 'folder' && facts.size > 0)
        yield { key: place.key, place: area.pagesAt + path, bytes: facts.size, area };
      // Where no folder is, the page is not in it either.
      if (facts?.kind !== 'folder') break;
    }
  }
}

async function preview(context: PurgeContext, steps: Steps, result: Result): Promise<void> {
  const seen = new Set<string>();
  const found = async (page: PurgedPage, area: Area): Promise<void> => {
    if (!steps.inScope(page.key) || (steps.judge && !(await steps.judge(page, area)))) return;
    result.pages += 1;
    result.bytes += page.bytes;
    context.onPage?.(page);
  };
  if (steps.place) {
    for await (const { area, ...page } of pagesOf(context, steps.place)) {
      seen.add(page.place);
      await found(page, area);
    }
  }
  if (steps.place && !steps.bury) return;
  for await (const { area, ...page } of pagesBelow(context, steps.folder, steps.inScope)) {
    if (!seen.has(page.place)) await found(page, area);
  }
}
