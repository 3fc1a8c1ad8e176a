/** Reads a page: opens the file of its place, asks the open handle what it is, and adds meta that fits. */
import fs from 'node:fs';
import { Readable } from 'node:stream';
import type { Coding, Page, PageBody, PageHead, Place } from '../contracts.ts';
import { isReplayable } from '../entry/headers.ts';
import { decodeMeta, fittingMeta, META_LIMIT, type Meta } from '../entry/meta.ts';
import type { Keeper } from '../memory/memory.ts';
import { isFolded } from './exact.ts';
import { codeOf, type Facts, type Io, isForbidden, quietly } from './io.ts';
import { fileOf, isOfTime, metaOf, type TreePaths, variantSuffixes } from './tree.ts';

/** A file that can be a page: open, not empty. */
export interface OpenFile extends Facts {
  readonly path: string;
  readonly fd: number;
}

/** What the tree says in the way of "not here". A link is not followed (ELOOP), a pipe has no reader (ENXIO). */
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'EISDIR', 'EMLINK']);

/**
 * Opens the file of a page. `undefined` when the tree does not have it: no file, an empty one, a link.
 *
 * @throws the error of the file system when it can't tell.
 */
export async function openPlace(
  io: Io,
  tree: TreePaths & { readonly folds: boolean },
  place: Place,
): Promise<OpenFile | undefined> {
  let file = await openFile(io, tree, place.path);
  if (file === 'folder') {
    file = place.inFolder === undefined ? undefined : await openFile(io, tree, place.inFolder);
    if (file === 'folder') return undefined;
  }
  if (file === undefined || !tree.folds || !(await isFolded(io, tree.root, file.path))) return file;
  await io.close(file.fd);
  return undefined;
}

async function openFile(io: Io, tree: TreePaths, path: string): Promise<OpenFile | 'folder' | undefined> {
  let fd: number;
  try {
    fd = await io.openRead(fileOf(tree, path));
  } catch (error) {
    if (ABSENT.has(codeOf(error) ?? '')) return undefined;
    throw error;
  }
  let facts: Facts;
  try {
    facts = await io.fstat(fd);
  } catch (error) {
    await quietly(() => io.close(fd));
    throw error;
  }
  if (facts.kind === 'file' && facts.size > 0) return { ...facts, path, fd };
  await quietly(() => io.close(fd));
  return facts.kind === 'folder' ? 'folder' : undefined;
}

/** Reads the meta of a page; `undefined` when there is none that fits. */
export async function readMeta(
  io: Io,
  tree: TreePaths,
  key: string,
  file: Pick<OpenFile, 'path' | 'size' | 'mtimeMs'>,
): Promise<Meta | undefined> {
  return fittingMeta(await readMetaOf(io, tree, file.path), key, file);
}

/** Nearly all meta is smaller than this, in bytes. */
const META_USUAL = 4096;

/**
 * Reads a meta file as it stands, without asking whether it fits. What this user may never read counts as not there.
 *
 * @throws the error of the file system when it can't tell: a page must not lose its headers because too many files are open.
 */
export async function readMetaOf(io: Io, tree: TreePaths, path: string): Promise<Meta | undefined> {
  let fd: number | undefined;
  try {
    fd = await io.openRead(metaOf(tree, path));
    let bytes = await io.read(fd, META_USUAL);
    if (bytes.length === META_USUAL) bytes = await io.read(fd, META_LIMIT);
    return decodeMeta(bytes.toString('utf8'));
  } catch (error) {
    if (ABSENT.has(codeOf(error) ?? '') || isForbidden(error)) return undefined;
    throw error;
  } finally {
    const opened = fd;
    if (opened !== undefined) await quietly(() => io.close(opened));
  }
}

/** What decides about the head of a page beside its file. */
export interface Described {
  readonly key: string;
  readonly contentType: string;
  readonly cacheControl: string;
  readonly meta: Meta | undefined;
  /** Codings to look for when no meta says which variants there are. */
  readonly codings: readonly Coding[];
}

/** The head of the page in a file. */
export function headFrom(file: OpenFile, { meta, ...described }: Described): PageHead {
  return {
    ...described,
    place: file.path,
    size: file.size,
    mtimeMs: file.mtimeMs,
    headers: meta?.headers.filter(([name, value]) => isReplayable(name, value)) ?? [],
    stored: meta && { at: meta.storedAt, by: meta.by },
  };
}

/** The page of an open file. `keeper`: told what is read of it. */
export function pageFrom(io: Io, tree: TreePaths, file: OpenFile, head: PageHead, keeper?: Keeper): Page {
  const open = new Set<number>([file.fd]);
  /** Tells of a body that was answered with unread. */
  let passed: (() => void) | undefined;
  const close = async (fd: number): Promise<void> => {
    if (open.delete(fd)) await quietly(() => io.close(fd));
  };
  const body = (opened: OpenFile, coding: Coding | 'identity'): PageBody => {
    const found = { ...opened, path: fileOf(tree, opened.path) };
    passed = () => keeper?.pass(coding, found);
    return {
      coding,
      size: opened.size,
      mtimeMs: opened.mtimeMs,
      async bytes() {
        try {
          const bytes = await io.read(opened.fd, opened.size);
          if (bytes.length !== opened.size) throw new Error(`${opened.path} was cut while it was read`);
          passed = undefined;
          keeper?.keep(coding, found, bytes);
          return bytes;
        } finally {
          await close(opened.fd);
        }
      },
      stream(range) {
        const last = (range?.end ?? opened.size - 1) + 1;
        const start = range?.start ?? 0;
        const source = fs.createReadStream('', {
          fd: opened.fd,
          start,
          end: last - 1,
          autoClose: false,
          fs: { read: fs.read, close: leaveOpen },
        });
        return Readable.from(exactly(source, last - start), { objectMode: false });
      },
    };
  };
  return {
    ...head,
    async body(coding) {
      if (coding === undefined) return body(file, 'identity');
      const path = file.path + variantSuffixes[coding];
      const variant = await openFile(io, tree, path);
      if (variant === undefined || variant === 'folder') {
        if (variant === undefined) keeper?.miss(coding, fileOf(tree, path), undefined);
        return undefined;
      }
      open.add(variant.fd);
      // A variant has the time of the body it was made from; any other time belongs to another version.
      if (isOfTime(variant, file)) return body(variant, coding);
      keeper?.miss(coding, fileOf(tree, path), variant);
      await close(variant.fd);
      return undefined;
    },
    async close() {
      await Promise.all([...open].map(close));
      passed?.();
      passed = undefined;
    },
  };
}

/**
 * Whoever stops reading destroys the stream, and that closes its file whatever `autoClose` says. The page closes it as
 * well, and by then the number may be another file's.
 */
const leaveOpen = ((_fd: number, done: (error: null) => void) => done(null)) as unknown as typeof fs.close;

/** Passes bytes on and fails when there are fewer than promised: half a page must never look whole. */
async function* exactly(source: Readable, size: number): AsyncGenerator<Buffer> {
  let left = size;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    left -= chunk.length;
    yield chunk;
  }
  if (left !== 0) throw new Error('a page was cut while it was read');
}
