/** What to remove, and the steps that remove it. */
import type { Place } from './contracts.ts';
import type { Meta } from './entry/meta.ts';
import { PagetreeError } from './errors.ts';
import { faultOfNames } from './key/names.ts';
import { compileGlob, isBelow, staticPrefixOfGlob } from './key/scope.ts';
import { spell } from './key/spelling.ts';
import { parseTarget } from './key/target.ts';
import type { Mapping } from './mapping.ts';
import { checkTag } from './policy/tags.ts';
import { faultOfScope } from './scope-fault.ts';
import { type Area, fileIn, pathsIn } from './store/area.ts';
import { type Io, lookAt } from './store/io.ts';
import { type Buried, buryContents, buryFolder } from './store/purge-folders.ts';
import type { PurgeContext, PurgedPage } from './store/purge-pages.ts';
import { readMeta } from './store/read.ts';
import type { Tags } from './store/tags.ts';
import { isCachedirTag, META_SUFFIX, suffixes } from './store/tree.ts';

/** What to remove. */
export type PurgeScope =
  /** One page, or with `recursive` everything at and below a path too. `/` with `recursive` is everything. */
  | { readonly path: string; readonly recursive?: boolean }
  /** Pages whose path matches: `*` stays in a segment, `**` does not. */
  | { readonly glob: string }
  /** Pages that were stored longer ago than this many seconds; 0 is all of them. */
  | { readonly olderThan: number }
  /** Pages that were stored with this tag (`Cache-Tag` or `Surrogate-Key`). */
  | { readonly tag: string }
  | { readonly all: true };

/** A scope that was checked: whichever of its words were said. */
interface OneScope {
  readonly path?: string;
  readonly recursive?: boolean;
  readonly glob?: string;
  readonly tag?: string;
  readonly olderThan?: number;
}

/** What a purge works with. */
export interface ScopeContext extends Omit<PurgeContext, 'placeOf' | 'onPage'> {
  readonly mapping: Mapping;
  readonly tags: Tags;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Lets those go who wait for a render that the purge overtakes. */
  readonly detach: (inScope: (key: string) => boolean) => void;
}

/** What one scope comes to. */
export interface Steps {
  readonly label: string;
  readonly inScope: (key: string) => boolean;
  /** The folder of the tree that all pages in scope are in; `''` is all of it. */
  readonly folder: string;
  readonly judge?: (page: PurgedPage, area: Area) => Promise<boolean>;
  /** One page that is removed by itself. */
  readonly place?: Place;
  /** Lists the keys to look at, instead of a walk; called before the permissions are taken. */
  readonly list?: () => Promise<{ keys: AsyncIterable<string>; done: () => Promise<void> }>;
  /** What can go as a whole. `take` takes the permissions in scope away that there are by then. */
  readonly bury?: (context: PurgeContext, take: () => Promise<void>) => Promise<Buried>;
}

const everything = (): boolean => true;

/**
 * The steps for a scope.
 *
 * @throws PagetreeError when it is none, its path has no place, or its glob cannot be read.
 */
export function stepsFor(context: ScopeContext, scope: PurgeScope): Steps {
  const fault = faultOfScope(scope);
  if (fault !== undefined) throw noScope(fault);
  const { glob, tag, olderThan, path, recursive = false } = scope as OneScope;
  if (glob !== undefined) {
    // Where no folder has them all, and no others, the walk goes through the tree.
    const folder = context.mapping.folderOf(staticPrefixOfGlob(glob)) ?? '';
    return { label: `glob ${glob}`, inScope: compileGlob(glob), folder };
  }
  if (tag !== undefined) return taggedSteps(context, tag);
  if (olderThan !== undefined) return olderSteps(context, olderThan);
  return path === undefined ? everythingSteps() : pathSteps(context, path, recursive);
}

function pathSteps({ mapping }: ScopeContext, path: string, recursive: boolean): Steps {
  const key = spell(path);
  const target = key === undefined ? undefined : parseTarget(key);
  if (key === undefined || target?.kind !== 'target') throw noPlace(path);
  if (!recursive) {
    const place = mapping.placeOf(key);
    if (place.kind === 'bypass') {
      throw new PagetreeError(
        'ERR_PAGETREE_PATH',
        `path: ${JSON.stringify(path)} has no place in the tree (${place.reason}).`,
      );
    }
    return { label: key, inScope: (other) => other === key, folder: '', place };
  }
  if (key === '/') return everythingSteps();
  if (faultOfNames(target.segments, mapping.naming) !== undefined) throw noPlace(path);
  const folder = mapping.folderOf(key);
  const inScope = (other: string): boolean => isBelow(other, key);
  const label = `${key} and below`;
  if (folder === undefined) return { label, inScope, folder: '' };
  if (target.slash) {
    const above = mapping.placeOfKey(key.slice(0, -1));
    return {
      label,
      inScope,
      folder,
      bury: (to, take) => buryContents(to, folder, partsOf(above, folder), take),
    };
  }
  const place = mapping.placeOfKey(key);
  return {
    label,
    inScope,
    folder,
    bury: (to, take) => buryFolder(to, folder, take),
    ...(place ? { place } : {}),
  };
}

/**
 * The names in a folder that hold the page of a place: where the layout or the area puts it there, it is not below itself. No
 * segment of a path has such a name, so nothing else is there.
 */
function partsOf(place: Place | undefined, folder: string): (name: string, area: Area) => boolean {
  return (name, area) =>
    place !== undefined &&
    pathsIn(area, place).some((path) => {
      if (!path.startsWith(`${folder}/`)) return false;
      const [first, ...rest] = path.slice(folder.length + 1).split('/');
      const ends = rest.length > 0 ? [''] : ['', ...suffixes, META_SUFFIX];
      return ends.some((end) => name === first + end);
    });
}

function everythingSteps(): Steps {
  // No page has a hidden name, so what is hidden at the top (`.gitkeep`, ...) is somebody else's.
  const isKept = (name: string): boolean =>
    isCachedirTag(name) || (name.startsWith('.') && name !== '.well-known');
  return {
    label: 'everything',
    inScope: everything,
    folder: '',
    bury: (to, take) => buryContents(to, '', isKept, take),
  };
}

/** A page that lost the tag stays; one whose meta is lost goes, since nothing says that it may stay. */
function taggedSteps({ tags, io }: ScopeContext, tag: string): Steps {
  checkTag(tag);
  return {
    label: `tag ${tag}`,
    inScope: everything,
    folder: '',
    judge: async (page, area) => {
      const { meta } = await factsOf(io, area, page);
      return meta === undefined || (meta.tags ?? []).includes(tag);
    },
    list: async () => {
      const lists = await tags.take(tag);
      return { keys: tags.keys(tag, lists), done: () => tags.drop(lists) };
    },
  };
}

function olderSteps(context: ScopeContext, seconds: number): Steps {
  // An age of 0 narrows nothing: not what was stored in this very millisecond either.
  const before = seconds === 0 ? Number.POSITIVE_INFINITY : context.now() - seconds * 1000;
  return {
    label: `older than ${seconds} s`,
    inScope: everything,
    folder: '',
    judge: async (page, area) => {
      const { meta, mtimeMs } = await factsOf(context.io, area, page);
      return (meta?.storedAt ?? mtimeMs) < before;
    },
  };
}

/** What is known of a page. A refresh puts its meta first, and that says nothing about the page that is still there. */
async function factsOf(
  io: Io,
  area: Area,
  { key, place }: PurgedPage,
): Promise<{ meta: Meta | undefined; mtimeMs: number }> {
  const path = place.slice(area.pagesAt.length);
  const facts = await lookAt(io, fileIn(area, path));
  const meta = facts && (await readMeta(io, area.tree, key, { ...facts, path }));
  return { meta, mtimeMs: facts?.mtimeMs ?? Number.NEGATIVE_INFINITY };
}

function noScope(fault: string): PagetreeError {
  return new PagetreeError(
    fault.startsWith('path:') ? 'ERR_PAGETREE_PATH' : 'ERR_PAGETREE_OPTION',
    `purge: ${fault}.`,
  );
}

function noPlace(path: string): PagetreeError {
  return new PagetreeError('ERR_PAGETREE_PATH', `path: ${JSON.stringify(path)} is not the path of a page.`);
}
