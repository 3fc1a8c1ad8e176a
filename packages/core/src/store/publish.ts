/**
 * Publish: puts a page, its meta and its variants in their place, as one unit, by renames of the files of its fill.
 * Since those are taken away first by every purge, none of the renames can come after one.
 */
import { dirname } from 'node:path';
import type { Place } from '../contracts.ts';
import { isFolded } from './exact.ts';
import { makeFolders, wayTo } from './folders.ts';
import { codeOf, type Io, ignoring, lookAt, quietly, secondName, unlinkFile } from './io.ts';
import { fileOf, metaOf, suffixes, type TreePaths } from './tree.ts';

/** The finished parts of a page, among the files of their fill. */
export interface Parts {
  readonly body: string;
  readonly meta: string | undefined;
  /** Variants by suffix: `.gz`, ... */
  readonly variants: ReadonlyMap<string, string>;
  /** A name for a file that keeps the lock until the page was looked at again, where nothing else does that. */
  readonly held?: string | undefined;
}

/** How a publish ended. */
export type Published =
  /** `replaced`: the bytes of the page that was there before. */
  | { readonly kind: 'published'; readonly path: string; readonly replaced: number | undefined }
  /** The permission was taken away. */
  | { readonly kind: 'fenced' }
  /** A file or a link stands where a folder is needed. */
  | { readonly kind: 'conflict'; readonly detail: string }
  /** The page that is in the way is being stored itself. */
  | { readonly kind: 'busy' }
  /** The file system takes the place for the one of another page. */
  | { readonly kind: 'folded' };

/** Makes room: moves the page in a file's path into the folder that takes its place. */
export type MakeRoom = (file: string) => Promise<'made' | 'busy' | 'conflict'>;

export interface PublishContext {
  readonly io: Io;
  readonly tree: TreePaths;
  readonly dirMode: number;
  readonly masked: boolean;
  /** The file system folds names. */
  readonly folds: boolean;
  readonly makeRoom: MakeRoom;
}

/** Each round mends one obstacle; a purge beside us may put it back, so there is an end to it. */
const ROUNDS = 6;

/**
 * Puts the parts in place.
 *
 * @throws the error of the file system; then nothing that was put can be seen but meta, which says nothing by itself.
 */
export async function publish(context: PublishContext, place: Place, parts: Parts): Promise<Published> {
  const { tree } = context;
  let path = place.path;
  for (let round = 0; round < ROUNDS; round += 1) {
    const file = fileOf(tree, path);
    if (context.folds && (await isFolded(context.io, tree.root, path))) return { kind: 'folded' };
    const obstacle = await obstacleAt(context, file);
    if (obstacle === 'folder') {
      if (place.inFolder === undefined || path === place.inFolder) {
        return { kind: 'conflict', detail: `a folder stands at ${path}` };
      }
      path = place.inFolder;
      continue;
    }
    if ('link' in obstacle) {
      return { kind: 'conflict', detail: `a symbolic link stands on the way to ${path}` };
    }
    if ('file' in obstacle) {
      const room = await context.makeRoom(obstacle.file);
      if (room === 'conflict') {
        return { kind: 'conflict', detail: `a file stands at ${obstacle.file.slice(tree.root.length + 1)}` };
      }
      if (room === 'busy') return { kind: 'busy' };
      continue;
    }
    const result = await put(context, path, file, parts);
    if (result === 'put') {
      // Some file systems do not keep a name as it is written: then the page stands where another one belongs.
      if (!context.folds || !(await isFolded(context.io, tree.root, path)))
        return { kind: 'published', path, replaced: obstacle.replaces };
      await takeBack(context, path, file);
      return { kind: 'folded' };
    }
    if (result !== 'again') return result;
  }
  return { kind: 'busy' };
}

/** What keeps a file from being put at a path. Makes the folders above it when they are missing. */
async function obstacleAt(
  { io, tree, dirMode, masked }: PublishContext,
  file: string,
): Promise<'folder' | { file: string } | { link: true } | { replaces: number | undefined }> {
  const facts = await io.peek(file);
  if (facts?.kind === 'folder') return 'folder';
  const folder = dirname(file);
  let way: Awaited<ReturnType<typeof wayTo>> | undefined = await wayTo(io, tree.root, folder);
  if (way === 'missing') way = await makeFolders(io, tree.root, folder, dirMode, masked);
  if (typeof way !== 'object') return { replaces: facts && facts.size > 0 ? facts.size : undefined };
  const inTheWay = way.file;
  const found = await io.peek(inTheWay);
  // It is gone, or the page there has just moved into its folder: the rename will tell.
  if (found === undefined || found.kind === 'folder') return { replaces: undefined };
  return found.kind === 'file' ? { file: inTheWay } : { link: true };
}

async function put(
  context: PublishContext,
  path: string,
  file: string,
  parts: Parts,
): Promise<'put' | 'again' | { kind: 'fenced' }> {
  const { io } = context;
  const { held, meta } = parts;
  if (held === undefined || meta === undefined) return putParts(context, path, file, parts);
  // The last rename would end the lock, and somebody could move the page into a folder before it is looked at.
  const hold = async (): Promise<void> => {
    // Where there are no links, an empty file does it.
    if (!(await secondName(io, meta, held))) await io.close(await io.create(held, 0o600));
  };
  if (!(await ignoring(['ENOENT'], hold))) return { kind: 'fenced' };
  try {
    return await putParts(context, path, file, parts);
  } finally {
    await quietly(() => io.unlink(held));
  }
}

async function putParts(
  context: PublishContext,
  path: string,
  file: string,
  parts: Parts,
): Promise<'put' | 'again' | { kind: 'fenced' }> {
  const { io, tree } = context;
  const meta = metaOf(tree, path);
  await removeVariants(io, file);
  if (parts.meta !== undefined) {
    const put = await putMeta(context, parts.meta, meta);
    if (!put) return { kind: 'fenced' };
  } else {
    await ignoring(['ENOENT', 'ENOTDIR'], () => io.unlink(meta));
  }
  try {
    await io.rename(parts.body, file);
  } catch (error) {
    const code = codeOf(error);
    // The meta stays: the page that is there still has its own in it. Where none is, whoever gives the permission back removes it.
    if (code === 'ENOENT' && !(await lookAt(io, parts.body))) return { kind: 'fenced' };
    if (code !== 'ENOENT' && code !== 'EISDIR' && code !== 'ENOTDIR') throw error;
    // Give the meta back to the fill, so that the next round can put it where the page goes.
    if (parts.meta !== undefined) await ignoring(['ENOENT'], () => io.rename(meta, parts.meta!));
    return 'again';
  }
  // A purge takes pages, then meta, then pages that came in between: one that came after that lost its meta.
  if (parts.meta !== undefined && !(await io.peek(meta))) {
    await unlinkFile(io, file);
    await removeOrphans(io, file);
    return { kind: 'fenced' };
  }
  for (const [suffix, variant] of parts.variants) {
    // A page without its variant is whole, so no failure here is one of the page; a part that stayed would keep the lock.
    try {
      await io.rename(variant, file + suffix);
    } catch {
      await quietly(() => io.unlink(variant));
    }
  }
  // A purge of a whole folder takes no permission of a page that is newer: it may have taken the body from under them.
  if (parts.variants.size > 0) await quietly(() => removeOrphans(io, file));
  return 'put';
}

async function takeBack({ io, tree }: PublishContext, path: string, file: string): Promise<void> {
  await removeVariants(io, file);
  for (const one of [file, metaOf(tree, path)]) await ignoring(['ENOENT', 'ENOTDIR'], () => io.unlink(one));
}

async function putMeta({ io, tree, dirMode }: PublishContext, from: string, to: string): Promise<boolean> {
  for (let tries = 0; tries < 3; tries += 1) {
    try {
      await io.rename(from, to);
      return true;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      if (!(await lookAt(io, from))) return false;
      await makeFolders(io, tree.internal, dirname(to), dirMode, false);
    }
  }
  return false;
}

/** Removes variants whose body is not there. */
export async function removeOrphans(io: Io, file: string): Promise<void> {
  if ((await io.peek(file))?.kind !== 'file') await removeVariants(io, file);
}

/** Removes the variants beside a body. */
export async function removeVariants(io: Io, file: string): Promise<void> {
  for (const suffix of suffixes) {
    if (await io.peek(file + suffix)) await ignoring(['ENOENT', 'ENOTDIR'], () => io.unlink(file + suffix));
  }
}
