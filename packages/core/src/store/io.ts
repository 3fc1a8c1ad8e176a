/**
 * The file calls that the tree is made with, in two speeds behind one contract. Everything in `store/` goes
 * through it, so that a test can fail, delay or record any single call.
 */
/** A value now, or later. */
export type Awaitable<T> = T | Promise<T>;

/** What a folder entry is; `other` is a link, a socket, a device, ... */
export type EntryKind = 'file' | 'folder' | 'other';

/** What `lstat` tells of a path. */
export interface Facts {
  readonly kind: EntryKind;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly ino: number;
  readonly mode: number;
  /** It is a symbolic link. */
  readonly isLink: boolean;
}

/** One entry of a folder. */
export interface Entry {
  readonly name: string;
  readonly kind: EntryKind;
}

/** The file calls. Each fails with the error of the system, code and all. No path may be longer than the caller checked. */
export interface Io {
  /** Opens for reading, without following a link in the last name and without blocking on a pipe. */
  openRead(path: string): Awaitable<number>;
  /** Makes a new file for writing; EEXIST when it is there. */
  create(path: string, mode: number): Awaitable<number>;
  write(fd: number, bytes: Uint8Array, position: number): Awaitable<void>;
  /** Adds a few bytes to the end of a file in one call, and makes the file when it is not there. */
  append(path: string, text: string, mode: number): Awaitable<void>;
  /** Reads up to `size` bytes from `position` (the start); fewer when the file ends before. */
  read(fd: number, size: number, position?: number): Awaitable<Buffer>;
  fstat(fd: number): Awaitable<Facts>;
  lstat(path: string): Awaitable<Facts>;
  /**
   * What is at a path, without waiting: for the few names on the way of a page that is being stored. A turn on the thread pool
   * costs more than ten of these.
   */
  peek(path: string): Awaitable<Facts | undefined>;
  utimes(path: string, seconds: number): Awaitable<void>;
  fchmod(fd: number, mode: number): Awaitable<void>;
  chmod(path: string, mode: number): Awaitable<void>;
  fdatasync(fd: number): Awaitable<void>;
  close(fd: number): Awaitable<void>;
  rename(from: string, to: string): Awaitable<void>;
  link(from: string, to: string): Awaitable<void>;
  unlink(path: string): Awaitable<void>;
  mkdir(path: string, mode: number): Awaitable<void>;
  rmdir(path: string): Awaitable<void>;
  realpath(path: string): Awaitable<string>;
  /** Flushes a folder, so that removed names stay removed after a power cut. */
  syncFolder(path: string): Awaitable<void>;
  /** All names of a folder that is known to be small. */
  names(path: string): Awaitable<string[]>;
  /** The entries of a folder of any size, streamed. */
  entries(path: string): AsyncIterable<Entry>;
}

/** The code of a system error: `ENOENT`, ... */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

/** The disk has no room for one more name: what makes nothing new can still be done. */
export function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(codeOf(error) ?? '');
}

/** This user may not do that here. */
export function isForbidden(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error) ?? '');
}

/** Runs a call; `false` when it failed with one of the codes, which is then no failure. */
export async function ignoring(codes: readonly string[], run: () => Awaitable<void>): Promise<boolean> {
  try {
    await run();
    return true;
  } catch (error) {
    if (codes.includes(codeOf(error) ?? '')) return false;
    throw error;
  }
}

/** The entries of a folder; none when it is not there. A folder that goes while it is read ends early. */
export async function* foundEntries(io: Io, path: string): AsyncGenerator<Entry> {
  try {
    yield* io.entries(path);
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) throw withPath(error as Error, path);
  }
}

/** Node 20 does not say which folder could not be opened. */
function withPath(error: NodeJS.ErrnoException, path: string): Error {
  if (error.path !== undefined) return error;
  const { code, syscall } = error;
  return Object.assign(new Error(`${error.message} '${path}'`, { cause: error }), { code, syscall, path });
}

/** What is at a path; `undefined` when nothing is. */
export async function lookAt(io: Io, path: string): Promise<Facts | undefined> {
  try {
    return await io.lstat(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** What a file system without hard links fails with. */
const NO_LINKS: readonly string[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** Gives a file a second name; `false` when this file system has no hard links, and for a folder. */
export async function secondName(io: Io, from: string, to: string): Promise<boolean> {
  try {
    await io.link(from, to);
    return true;
  } catch (error) {
    if (!NO_LINKS.includes(codeOf(error) ?? '')) throw error;
    return false;
  }
}

/** Removes a file; `false` when none is there, or a folder by now: what that fails with depends on the system. */
export async function unlinkFile(io: Io, path: string): Promise<boolean> {
  try {
    await io.unlink(path);
    return true;
  } catch (error) {
    // A folder then; what is there by now is somebody else's.
    if (codeOf(error) === 'EISDIR') return false;
    const facts = await lookAt(io, path);
    if (facts !== undefined && facts.kind !== 'folder') throw error;
    return false;
  }
}

/** Runs a call whose failure changes nothing: cleaning up after an outcome that is already decided. */
export async function quietly(run: () => Awaitable<void>): Promise<void> {
  try {
    await run();
  } catch {
    // `sweep` finds what stays behind.
  }
}
