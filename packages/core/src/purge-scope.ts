/** From what a person wants removed to the steps that remove it. */
import type { Place } from './contracts.ts';
import type { Meta } from './entry/meta.ts';
import { PagetreeError } from './errors.ts';
import { folderOf } from './key/place.ts';
import { compileGlob, isBelow, staticPrefixOfGlob } from './key/scope.ts';
import { spell } from './key/spelling.ts';
import { parseTarget } from './key/target.ts';
import type { Mapping } from './mapping.ts';
import { type Io, lookAt } from './store/io.ts';
import {
  type Buried,
  buryContents,
  buryFolder,
  destroyBuried,
  type PurgeContext,
  type Purged,
  type PurgedPage,
  pagesBelow,
  purgeMatching,
  purgePlace,
} from './store/purge.ts';
import { readMeta } from './store/read.ts';
import type { Tags } from './store/tags.ts';
import { CACHEDIR_TAG, suffixes, type TreePaths } from './store/tree.ts';

/** What to remove. */
export type PurgeScope =
  /** One page, or with `recursive` everything at and below a path too. `/` with `recursive` is everything. */
  | { readonly path: string; readonly recursive?: boolean }
  /** Pages whose path matches: `*` stays in a segment, `**` does not. */
  | { readonly glob: string }
  /** Pages that were stored longer ago than this many seconds. */
  | { readonly olderThan: number }
  /** Pages that were stored with this tag (`Cache-Tag` or `Surrogate-Key`). */
  | { readonly tag: string }
  | { readonly all: true };

/** How to remove. */
export interface PurgeHow {
  /** Count and tell, remove nothing. @default false */
  readonly dryRun?: boolean;
  /** Told of each page. Pages that go with a whole folder are listed before, which takes a walk through it. */
  readonly onPage?: (page: PurgedPage) => void;
}

interface ScopeContext extends Omit<PurgeContext, 'keyAt' | 'placeOf' | 'onPage'> {
  readonly mapping: Mapping;
  readonly tags: Tags;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Lets those go who wait for a render that the purge overtakes. */
  readonly detach: (inScope: (key: string) => boolean) => void;
}

type Result = Purged & { label: string };
type Steps = {
  readonly label: string;
  readonly inScope: (key: string) => boolean;
  /** The folder of the tree that all pages in scope are in; `''` is all of it. */
  readonly folder: string;
  readonly judge?: (page: PurgedPage) => Promise<boolean>;
  /** One page that is removed by itself. */
  readonly place?: Place;
  /** Lists the keys to look at, instead of a walk; called before the permissions are taken. */
  readonly list?: () => Promise<{ keys: AsyncIterable<string>; done: () => Promise<void> }>;
  /** What can go as a whole. */
  readonly bury?: (context: PurgeContext) => Promise<Buried>;
};

/** Listed keys that are remembered, so that each is purged once. */
const SEEN = 10_000;

const everything = (): boolean => true;

/** Removes what a scope names. */
export async function purge(scoped: ScopeContext, scope: PurgeScope, how: PurgeHow): Promise<Result> {
  const { mapping } = scoped;
  const context: PurgeContext = {
    ...scoped,
    onPage: how.onPage,
    keyAt: (path) => mapping.keyAt(path),
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
      { cause: error },
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
    result.fills += await context.fills.takeAll(inScope);
    // The page by itself first: its variants would outlive it if it went with what is below.
    if (place) await purgePlace(context, place, result);
    if (context.onPage) for await (const page of pagesBelow(context, folder, inScope)) context.onPage(page);
    const buried = await bury(context);
    await destroyBuried(context, buried, result);
  } else if (place) {
    await purgePlace(context, place, result);
  } else if (list) {
    const { keys, done } = await list();
    result.fills += await context.fills.takeAll(inScope);
    const seen = new Set<string>();
    for await (const key of keys) {
      // A page that was stored often is listed as often.
      if (seen.has(key)) continue;
      if (seen.size < SEEN) seen.add(key);
      const listed = context.placeOf(key);
      if (listed && (await isWanted(context, listed, judge))) await purgePlace(context, listed, result);
    }
    await done();
  } else {
    await purgeMatching(context, folder, inScope, judge ?? (async () => true), result);
  }
  scoped.detach(inScope);
}

async function isWanted(context: PurgeContext, place: Place, judge: Steps['judge']): Promise<boolean> {
  for (const path of [place.path, place.inFolder]) {
    const bytes = path === undefined ? undefined : await sizeOf(context, path);
    if (bytes && (!judge || (await judge({ key: place.key, place: path!, bytes })))) return true;
  }
  return false;
}

async function preview(context: PurgeContext, steps: Steps, result: Result): Promise<void> {
  const seen = new Set<string>();
  const found = async (page: PurgedPage): Promise<void> => {
    if (!steps.inScope(page.key) || (steps.judge && !(await steps.judge(page)))) return;
    result.pages += 1;
    result.bytes += page.bytes;
    context.onPage?.(page);
  };
  for (const path of [steps.place?.path, steps.place?.inFolder]) {
    const size = path === undefined ? undefined : await sizeOf(context, path);
    if (!size) continue;
    seen.add(path!);
    await found({ key: steps.place!.key, place: path!, bytes: size });
  }
  if (steps.place && !steps.bury) return;
  for await (const page of pagesBelow(context, steps.folder, steps.inScope)) {
    if (!seen.has(page.place)) await found(page);
  }
}

async function sizeOf({ io, tree }: PurgeContext, path: string): Promise<number | undefined> {
  const facts = await lookAt(io, `${tree.root}/${path}`);
  return facts?.kind === 'folder' ? undefined : facts?.size;
}

function stepsFor(context: ScopeContext, scope: PurgeScope): Steps {
  if ('all' in scope) return everythingSteps();
  if ('glob' in scope) {
    const { glob } = scope;
    // A folder that no page can be in leaves nothing to walk through but what the glob does not match.
    const folder = folderOf(staticPrefixOfGlob(glob), context.mapping.naming) ?? '';
    return { label: `glob ${glob}`, inScope: compileGlob(glob), folder };
  }
  if ('tag' in scope) return taggedSteps(context, scope.tag);
  if ('olderThan' in scope) return olderThan(context, scope.olderThan);
  const key = spell(scope.path);
  const target = key === undefined ? undefined : parseTarget(key);
  if (key === undefined || target?.kind !== 'target') {
    throw noPlace(scope.path);
  }
  if (scope.recursive !== true) {
    const place = context.mapping.placeOf(key);
    if (place.kind === 'bypass') {
      throw new PagetreeError(
        'ERR_PAGETREE_PATH',
        `path: ${JSON.stringify(scope.path)} has no place in the tree (${place.reason}).`,
      );
    }
    return { label: key, inScope: (other) => other === key, folder: '', place };
  }
  if (key === '/') return everythingSteps();
  const folder = folderOf(key, context.mapping.naming);
  if (folder === undefined) throw noPlace(scope.path);
  const inScope = (other: string): boolean => isBelow(other, key);
  const label = `${key} and below`;
  if (target.slash) {
    const { naming } = context.mapping;
    const kept = new Set([
      naming.pageFile,
      ...suffixes.map((suffix) => naming.pageFile + suffix),
      `${naming.pageFile}.pagetree`,
    ]);
    return { label, inScope, folder, bury: (to) => buryContents(to, folder, (name) => kept.has(name)) };
  }
  const place = context.mapping.placeOfKey(key);
  return {
    label,
    inScope,
    folder,
    bury: (to) => buryFolder(to, folder),
    ...(place ? { place } : {}),
  };
}

function everythingSteps(): Steps {
  // No page has a hidden name, so what is hidden at the top (`.gitkeep`, ...) is somebody else's.
  const isKept = (name: string): boolean =>
    name === CACHEDIR_TAG || (name.startsWith('.') && name !== '.well-known');
  return {
    label: 'everything',
    inScope: everything,
    folder: '',
    bury: (to) => buryContents(to, '', isKept),
  };
}

/** A page that lost the tag stays; one whose meta is lost goes, since nothing says that it may stay. */
function taggedSteps({ tags, io, tree }: ScopeContext, tag: string): Steps {
  return {
    label: `tag ${tag}`,
    inScope: everything,
    folder: '',
    judge: async ({ key, place }) => {
      const { meta } = await factsOf(io, tree, key, place);
      return meta === undefined || (meta.tags ?? []).includes(tag);
    },
    list: async () => {
      const lists = await tags.take(tag);
      return { keys: tags.keys(tag, lists), done: () => tags.drop(lists) };
    },
  };
}

function olderThan(context: ScopeContext, seconds: number): Steps {
  const before = context.now() - seconds * 1000;
  return {
    label: `older than ${seconds} s`,
    inScope: everything,
    folder: '',
    judge: async ({ key, place }) => {
      const { meta, mtimeMs } = await factsOf(context.io, context.tree, key, place);
      return (meta?.storedAt ?? mtimeMs) < before;
    },
  };
}

/** What is known of a page. A refresh puts its meta first, and that says nothing about the page that is still there. */
async function factsOf(
  io: Io,
  tree: TreePaths,
  key: string,
  path: string,
): Promise<{ meta: Meta | undefined; mtimeMs: number }> {
  const facts = await lookAt(io, `${tree.root}/${path}`);
  const meta = facts && (await readMeta(io, tree, key, { ...facts, path }));
  return { meta, mtimeMs: facts?.mtimeMs ?? Number.NEGATIVE_INFINITY };
}

function noPlace(path: string): PagetreeError {
  return new PagetreeError('ERR_PAGETREE_PATH', `path: ${JSON.stringify(path)} is not the path of a page.`);
}
