/** The part of a purge that takes whole folders out of the tree, by way of the trash. The permissions are taken away before. */
import { dirname } from 'node:path';
import { type Area, fileIn } from './area.ts';
import { removeEmptyFolders } from './folders.ts';
import { foundEntries, type Io, ignoring, isFull, lookAt } from './io.ts';
import type { PurgeContext } from './purge-pages.ts';
import { bury, type Counts, destroy, insideOrGone, makeGrave, syncNearest } from './remove.ts';
import { suffixes, type TreePaths } from './tree.ts';

/** Passes over a folder that others go on filling. */
const PASSES = 5;
/** It is gone, or something of this name came again in the same pass: the next one finds it. */
const ELSEWHERE = ['ENOENT', 'ENOTDIR', 'EISDIR', 'ENOTEMPTY', 'EEXIST'];

/** What was taken out of the tree and is not deleted yet. */
export interface Buried {
  readonly pages: readonly string[];
  readonly metas: readonly string[];
}

/** Takes the permissions of all fills in scope away that there are by now. */
type TakeFills = () => Promise<void>;

/**
 * Takes a folder and everything below it out of the tree: a rename each for pages and meta, and no reader finds
 * anything of it. Meta goes second, since no page may stand without its own; then the pages go that were stored in between.
 * The fills must have been taken before.
 */
export async function buryFolder(context: PurgeContext, folder: string, take: TakeFills): Promise<Buried> {
  const { io, areas, durable } = context;
  const out = nothing();
  for (const area of areas) {
    const { tree } = area;
    const parent = dirname(fileIn(area, folder));
    // Where it is gone, a purge that was killed may have left its meta.
    await insideOrGone(io, parent);
    const pages = async (): Promise<string[]> => listed(await buryFolderAt(io, tree, fileIn(area, folder)));
    await buryInTurns(pages, async () => listed(await bury(io, tree, `${tree.meta}/${folder}`)), take, out);
    if (durable) await syncNearest(io, tree.root, parent);
    await removeEmptyFolders(io, tree.root, parent);
  }
  return out;
}

/**
 * A page that comes between the two loses its meta, or leaves it: so both are done again until no page came. A fill whose meta went
 * must not put its body after that, since it may die before it finds out: its permission is taken.
 */
async function buryInTurns(
  pages: () => Promise<string[]>,
  metas: () => Promise<string[]>,
  take: TakeFills,
  out: { readonly pages: string[]; readonly metas: string[] },
): Promise<void> {
  out.pages.push(...(await pages()));
  for (let pass = 0; pass < PASSES; pass += 1) {
    const gone = await metas();
    out.metas.push(...gone);
    if (gone.length > 0) await take();
    const newer = await pages();
    if (newer.length === 0) return;
    out.pages.push(...newer);
  }
}

function listed(grave: string | undefined): string[] {
  return grave === undefined ? [] : [grave];
}

function nothing(): { pages: string[]; metas: string[] } {
  return { pages: [], metas: [] };
}

/** A page that stands there by now is no folder, and its variants would outlive it; a link goes like a folder. */
async function buryFolderAt(io: Io, tree: TreePaths, path: string): Promise<string | undefined> {
  const facts = await lookAt(io, path);
  return facts && bury(io, tree, facts.isLink ? path : `${path}/`);
}

/** The same for what is in a folder (`''` is the whole tree), but for the names that are kept. */
export async function buryContents(
  context: PurgeContext,
  folder: string,
  isKept: (name: string, area: Area) => boolean,
  take: TakeFills,
): Promise<Buried> {
  const out = nothing();
  for (const area of context.areas)
    await buryContentsOf(context, area, folder, (name) => isKept(name, area), take, out);
  return out;
}

async function buryContentsOf(
  context: PurgeContext,
  { tree }: Area,
  folder: string,
  isKept: (name: string) => boolean,
  take: TakeFills,
  out: { readonly pages: string[]; readonly metas: string[] },
): Promise<void> {
  const { io, durable } = context;
  const under = (base: string): string => (folder === '' ? base : `${base}/${folder}`);
  await insideOrGone(io, under(tree.root));
  // Variants first: a web server may send one whose page is gone already.
  out.pages.push(...(await buryNames(context, under(tree.root), (name) => !isKept(name) && isVariant(name))));
  await buryInTurns(
    () => buryNames(context, under(tree.root), (name) => !isKept(name)),
    // Nothing of all meta is kept, so one rename does; who publishes makes the folder again.
    async () =>
      folder === ''
        ? listed(await bury(io, tree, tree.meta))
        : buryNames(context, under(tree.meta), (name) => !isKept(name)),
    take,
    out,
  );
  if (durable) await syncNearest(io, tree.root, under(tree.root));
  await removeEmptyFolders(io, tree.root, under(tree.root));
}

/** Moves names of a folder into folders of the trash, one a pass, and returns those. */
async function buryNames(
  { io, tree, width }: PurgeContext,
  base: string,
  isWanted: (name: string) => boolean,
): Promise<string[]> {
  const graves: string[] = [];
  /** On a full disk each name is buried by itself, which needs no new folder. */
  let isFullDisk = false;
  // A folder that changes while it is read may hide names, so it is read until a pass finds none.
  for (let pass = 0, found = true; found && pass < PASSES; pass += 1) {
    found = false;
    let grave = '';
    const batch: string[] = [];
    const buryAll = async (): Promise<void> => {
      await Promise.all(
        batch
          .splice(0)
          .map((name) => ignoring(ELSEWHERE, () => io.rename(`${base}/${name}`, `${grave}/${name}`))),
      );
    };
    for await (const { name } of foundEntries(io, base)) {
      if (!isWanted(name)) continue;
      if (!found) {
        found = true;
        try {
          grave = await makeGrave(io, tree);
          graves.push(grave);
        } catch (error) {
          if (!isFull(error)) throw error;
          isFullDisk = true;
        }
      }
      if (isFullDisk) {
        const own = await bury(io, tree, `${base}/${name}`);
        if (own !== undefined) graves.push(own);
        continue;
      }
      if (batch.push(name) >= width) await buryAll();
    }
    await buryAll();
  }
  return graves;
}

function isVariant(name: string): boolean {
  return suffixes.some((suffix) => name.endsWith(suffix));
}

/** Deletes what was buried, and counts it. Never throws: nobody can see it any more, `sweep` finds what stays. */
export async function destroyBuried(context: PurgeContext, buried: Buried, result: Counts): Promise<void> {
  for (const grave of buried.pages) await destroy(context.io, grave, result, context.width);
  for (const grave of buried.metas) await destroy(context.io, grave, undefined, context.width);
}
