/**
 * File or folder: when `/blog/post` needs the folder `blog` and the page of `/blog` stands there as a file, the page
 * moves in as `blog/__page.html`. Done as a fill of its own, so that a purge of `/blog` takes it on the way like
 * any other; between the renames `/blog` is a miss, which is always right.
 */
import { basename } from 'node:path';
import type { Place } from '../contracts.ts';
import type { Permission } from './announce.ts';
import type { Area } from './area.ts';
import type { Fills } from './fills.ts';
import { codeOf, foundEntries, type Io, ignoring, lookAt, quietly, secondName, unlinkFile } from './io.ts';
import { removeOrphanMeta, unlinkMeta } from './orphans.ts';
import { type Parts, type Published, publish, removeOrphans } from './publish.ts';
import { fileOf, metaOf, suffixes, type TreePaths } from './tree.ts';

export interface MakeRoomContext {
  readonly io: Io;
  readonly tree: TreePaths;
  readonly fills: Fills;
  readonly areas: readonly Area[];
  readonly dirMode: number;
  readonly masked: boolean;
  readonly folds: boolean;
  /** The place whose page lives at a path, when it may move into a folder: its key maps there and its type is text/html. */
  movable(path: string): Place | undefined;
}

/** Moves the page at `file` into the folder that takes its name. */
export async function makeRoom(
  context: MakeRoomContext,
  file: string,
): Promise<'made' | 'busy' | 'conflict'> {
  const { tree, fills } = context;
  const place = context.movable(file.slice(tree.root.length + 1));
  if (place?.inFolder === undefined) return 'conflict';
  const permission = await acquire(context, place);
  if (permission === undefined) return 'busy';
  const parts = partsOf(permission);
  try {
    if (!(await takeOut(context, place.path, permission, parts))) return 'made';
    const result = await putIn(context, place, permission, parts);
    return result.kind === 'conflict' || result.kind === 'folded'
      ? 'conflict'
      : result.kind === 'busy'
        ? 'busy'
        : 'made';
  } finally {
    await fills.release(permission, [permission.body, ...pathsOf(parts)]);
    await quietly(() => removeOrphanMeta(context, place));
  }
}

/**
 * The way back: when a page that moved in is the only thing left in its folder, it becomes a file again. Returns whether
 * it did; beside a newcomer it moves in once more.
 */
export async function moveBack(context: MakeRoomContext, folder: string): Promise<boolean> {
  const { io, tree, fills } = context;
  const place = context.movable(folder);
  if (place?.inFolder === undefined || !(await holdsOnly(io, fileOf(tree, folder), basename(place.inFolder))))
    return false;
  const permission = await acquire(context, place);
  if (permission === undefined) return false;
  const parts = partsOf(permission);
  try {
    if (!(await takeOut(context, place.inFolder, permission, parts))) return false;
    await quietly(() => io.rmdir(fileOf(tree, folder)));
    const result = await putBack(context, permission, place, parts);
    return result.kind === 'published' && result.path === place.path;
  } finally {
    await fills.release(permission, [permission.body, ...pathsOf(parts)]);
    await quietly(() => removeOrphanMeta(context, place));
  }
}

async function holdsOnly(io: Io, folder: string, pageFile: string): Promise<boolean> {
  let found = false;
  for await (const { name } of foundEntries(io, folder)) {
    if (name === pageFile) found = true;
    else if (!suffixes.some((suffix) => name === pageFile + suffix)) return false;
  }
  return found;
}

/** The permission to move a page; none while somebody stores it, or looks for pages to purge and could miss it on its way. */
async function acquire({ io, fills }: MakeRoomContext, place: Place): Promise<Permission | undefined> {
  const permission = await fills.acquire(place.key);
  if (permission === 'busy') return undefined;
  await quietly(() => io.close(permission.fd));
  try {
    if (!(await fills.holdsMoves())) return permission;
  } catch (error) {
    await fills.release(permission, [permission.body]);
    throw error;
  }
  await fills.release(permission, [permission.body]);
  return undefined;
}

/** Where the parts of a page are on their way. */
function partsOf(permission: Permission): Parts {
  return {
    body: permission.part('page'),
    meta: permission.part('meta'),
    variants: new Map(suffixes.map((suffix) => [suffix, permission.part(suffix.slice(1))])),
  };
}

function pathsOf({ body, meta, variants }: Parts): string[] {
  return [body, meta!, ...variants.values()];
}

/**
 * Takes the page with all its parts out of the way: variants and meta first, so that none is seen without its body.
 * Returns whether it is in our hands: when the permission was taken meanwhile, the page was moved into a folder that somebody
 * else has there now, past the purge, and must not come back.
 */
async function takeOut(
  { io, tree }: MakeRoomContext,
  path: string,
  permission: Permission,
  parts: Parts,
): Promise<boolean> {
  const file = fileOf(tree, path);
  for (const [suffix, variant] of parts.variants) {
    await ignoring(['ENOENT', 'ENOTDIR'], () => io.rename(file + suffix, variant));
  }
  await takeMeta(io, metaOf(tree, path), parts.meta!);
  const isOurs = async (): Promise<boolean> => (await lookAt(io, permission.body)) !== undefined;
  try {
    if ((await io.lstat(file)).kind !== 'file') return false;
    if (!(await takeBody(io, file, parts.body))) return false;
    await unlinkMeta(io, tree, path, isOurs);
    if (await isOurs()) return true;
    // Neither must its variants stay: they did not find our folder.
    await removeOrphans(io, file);
    return false;
  } catch (error) {
    // It is gone, or our permission is: either way there is room, or the next look tells.
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}

/**
 * A second name, then the end of the first, since neither takes a folder: when the permission was taken, somebody may have one
 * there by now with pages in it, and a rename would take it. Where there are no links, only a look comes before that.
 */
async function takeBody(io: Io, from: string, to: string): Promise<boolean> {
  if (await secondName(io, from, to)) return unlinkFile(io, from);
  if ((await io.lstat(from)).kind !== 'file') return false;
  await io.rename(from, to);
  return true;
}

/** A second name, so that the page has its meta as long as it stands there; where there are no links, a move. */
async function takeMeta(io: Io, from: string, to: string): Promise<void> {
  await ignoring(['ENOENT'], async () => {
    if (!(await secondName(io, from, to))) await io.rename(from, to);
  });
}

async function putIn(
  context: MakeRoomContext,
  place: Place,
  permission: Permission,
  parts: Parts,
): Promise<Published> {
  const { io, tree, dirMode, masked } = context;
  const folder = fileOf(tree, place.path);
  // The folder above may be gone with its last page, or be a page by now: the publish makes it again, or tells.
  await ignoring(['EEXIST', 'ENOENT', 'ENOTDIR'], () => io.mkdir(folder, dirMode));
  if (masked) await quietly(() => io.chmod(folder, dirMode));
  const target: Place = { ...place, path: place.inFolder!, inFolder: undefined };
  return putBack(context, permission, target, parts);
}

/** What is there of a page whose permission was taken is not all of it. */
async function putBack(
  context: MakeRoomContext,
  permission: Permission,
  place: Place,
  parts: Parts,
): Promise<Published> {
  const there = await present(context.io, parts);
  if (!(await lookAt(context.io, permission.body))) return { kind: 'fenced' };
  return publish({ ...context, makeRoom: async () => 'conflict' }, place, there);
}

/** The parts that are really there: a page put by hand has no meta, and few have all variants. */
async function present(io: Io, parts: Parts): Promise<Parts> {
  const isThere = (path: string): Promise<boolean> =>
    ignoring(['ENOENT'], async () => void (await io.lstat(path)));
  const variants = new Map<string, string>();
  for (const [suffix, path] of parts.variants) if (await isThere(path)) variants.set(suffix, path);
  return { body: parts.body, meta: (await isThere(parts.meta!)) ? parts.meta : undefined, variants };
}
