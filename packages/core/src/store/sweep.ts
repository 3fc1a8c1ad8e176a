/** Sweep: removes what crashes left behind, and nothing that a live fill needs. */
import { dirname } from 'node:path';
import { fileIn, pathsIn } from './area.ts';
import { type AuditContext, audit, judgeHidden, judgeMeta } from './audit.ts';
import type { Finding } from './findings.ts';
import { removeEmptyFolders } from './folders.ts';
import { foundEntries, type Io, ignoring, lookAt, quietly } from './io.ts';
import { isOld, isUnlinked, oldTrash } from './leftovers.ts';
import { unlinkMeta } from './orphans.ts';
import { readMeta, readMetaOf } from './read.ts';
import { destroy, removePage } from './remove.ts';
import type { Tags } from './tags.ts';
import { writeTime } from './time.ts';
import { fileOf, hashOf, isOfTime, META_SUFFIX, metaOf, suffixes, type TreePaths } from './tree.ts';
import { unfinishedNotes } from './usage-files.ts';
import { entriesBelow } from './walk.ts';

/** What a sweep removed. */
export interface Swept {
  /** Fills whose maker is dead or overdue. */
  fills: number;
  /** What purges that were killed left to delete. */
  trash: number;
  metas: number;
  variants: number;
  /** Pages of no bytes. */
  empty: number;
  /** Pages for the middleware alone that it can't serve, or must not any more. */
  hidden: number;
  /** Empty folders. */
  folders: number;
  /** Pages that had moved into a folder and are now the only thing in it: they are files again. */
  movedBack: number;
  /** Notes about the size of the tree that nobody finished. */
  notes: number;
  /** Lines of tag lists that named a page twice, or one that lost the tag. */
  tagLines: number;
}

interface SweepContext extends AuditContext {
  readonly tags: Tags;
  /** Moves the page of a folder back when nothing else is in it. */
  moveBack(folder: string): Promise<boolean>;
}

/** Removes leftovers from a tree. */
export async function sweep(context: SweepContext): Promise<Swept> {
  const { io, tree, fills } = context;
  const swept: Swept = {
    fills: 0,
    trash: 0,
    metas: 0,
    variants: 0,
    empty: 0,
    hidden: 0,
    folders: 0,
    movedBack: 0,
    notes: 0,
    tagLines: 0,
  };
  // Who may not write here is told at once, also where there is nothing to remove.
  await writeTime(io, tree);
  for await (const { remove } of fills.abandoned()) {
    await remove();
    swept.fills += 1;
  }
  for await (const { name } of oldTrash(io, tree, fills)) {
    await destroy(io, `${tree.trash}/${name}`, undefined, 32);
    swept.trash += 1;
  }
  for await (const finding of audit(context)) await mend(context, finding, swept);
  for await (const { path, kind } of entriesBelow(io, tree)) {
    if (kind === 'folder' && (await context.moveBack(path))) swept.movedBack += 1;
  }
  for (const base of context.areas.flatMap((area) => [area.tree.root, area.tree.meta])) {
    for await (const { path, kind } of entriesBelow(io, tree, '', base)) {
      if (
        kind === 'folder' &&
        (await ignoring(['ENOTEMPTY', 'EEXIST', 'ENOENT'], () => io.rmdir(`${base}/${path}`)))
      ) {
        swept.folders += 1;
      }
    }
  }
  await sweepUnlinked(context);
  // The last that takes permissions was before.
  await fills.tidy();
  for await (const path of unfinishedNotes(io, tree, fills.timeout)) {
    if (await ignoring(['ENOENT'], () => io.unlink(`${tree.internal}/${path}`))) swept.notes += 1;
  }
  swept.tagLines = await context.tags.tidy(fills.timeout, (key, hash) => isTagged(context, key, hash));
  return swept;
}

/** A fill that is under way may have been noted in the list already. */
async function isTagged(
  { io, areas, fills, placeOf }: SweepContext,
  key: string,
  hash: string,
): Promise<boolean> {
  if (await fills.isBusy(key)) return true;
  const place = placeOf(key);
  if (place === undefined) return false;
  for (const area of areas) {
    for (const path of pathsIn(area, place)) {
      const facts = await lookAt(io, fileIn(area, path));
      const fitting = facts && (await readMeta(io, area.tree, key, { ...facts, path }));
      const meta = fitting ?? (await readMetaOf(io, area.tree, path));
      if (meta?.tags?.some((tag) => hashOf(tag) === hash)) return true;
    }
  }
  return false;
}

/** Looks at a fault once more while nobody can store the page, and removes what is still wrong. */
async function mend(context: AuditContext, { fault, path, key }: Finding, swept: Swept): Promise<void> {
  const { io, tree, fills } = context;
  if (key === undefined) return;
  const file = fileOf(tree, path);
  if (fault === 'orphan-meta' || fault === 'misfit-meta') {
    const area = context.areas.find(({ metaAt }) => path.startsWith(metaAt))!;
    const body = path.slice(area.metaAt.length, -META_SUFFIX.length);
    const meta = metaOf(area.tree, body);
    await fills.whileIdle(key, async (isOurs) => {
      if (!(await judgeMeta(io, area, body, key))) return;
      if (await unlinkMeta(io, area.tree, body, isOurs)) swept.metas += 1;
    });
    await removeEmptyFolders(io, area.tree.meta, dirname(meta));
  } else if (fault === 'orphan-variant' || fault === 'stale-variant') {
    await fills.whileIdle(key, async () => {
      if (await isVariantOf(io, tree, path)) return;
      if (await ignoring(['ENOENT'], () => io.unlink(file))) swept.variants += 1;
    });
  } else if (fault === 'shadowed' || fault === 'lost-type') {
    const { tree: hidden, pagesAt } = context.areas[1];
    const body = path.slice(pagesAt.length);
    await fills.whileIdle(key, async () => {
      if (!(await judgeHidden(context, body, key))) return;
      if (await removePage(io, hidden, body, false)) swept.hidden += 1;
    });
  } else if (fault === 'empty-page') {
    await fills.whileIdle(key, async () => {
      if ((await lookAt(io, file))?.size !== 0) return;
      if (await ignoring(['ENOENT'], () => io.unlink(file))) swept.empty += 1;
    });
  }
}

async function isVariantOf(io: Io, tree: TreePaths, path: string): Promise<boolean> {
  const suffix = suffixes.find((one) => path.endsWith(one)) ?? '';
  const [variant, body] = [
    await lookAt(io, fileOf(tree, path)),
    await lookAt(io, fileOf(tree, path.slice(0, -suffix.length))),
  ];
  return variant !== undefined && body?.kind === 'file' && isOfTime(variant, body);
}

/** Files of `writeOnce` whose maker died before they had their name. */
async function sweepUnlinked({ io, tree, fills }: AuditContext): Promise<void> {
  for await (const { name } of foundEntries(io, tree.internal)) {
    const path = `${tree.internal}/${name}`;
    if (isUnlinked(name) && (await isOld(io, tree, fills, path))) await quietly(() => io.unlink(path));
  }
}
