/**
 * The file calls that the tree is made with, in two speeds behind one contract. Everything in `store/` goes
 * through it, so that a test can fail, delay or record any single call.
 */
import fs from 'node:fs';

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
    if (!['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) throw error;
  }
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

/** Runs a call whose failure changes nothing: cleaning up after an outcome that is already decided. */
export async function quietly(run: () => Awaitable<void>): Promise<void> {
  try {
    await run();
  } catch {
    // `sweep` finds what stays behind.
  }
}

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_APPEND, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;
const READ = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
const CREATE = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
const APPEND = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW;

function kindOf(entry: fs.Dirent | fs.Stats): EntryKind {
  return entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other';
}

function factsOf(stats: fs.Stats): Facts {
  const { size, mtimeMs, ctimeMs, ino, mode } = stats;
  return { kind: kindOf(stats), size, mtimeMs, ctimeMs, ino, mode, isLink: stats.isSymbolicLink() };
}

/** What is at a path, asked at once. An error that is thrown costs more than the call, so the usual one is not. */
function peek(path: string): Facts | undefined {
  try {
    const stats = fs.lstatSync(path, { throwIfNoEntry: false });
    return stats && factsOf(stats);
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Windows cannot open folders, and some network file systems refuse to flush them; nothing is lost then but the guarantee. */
const UNSYNCABLE = new Set(['EPERM', 'EISDIR', 'EACCES', 'EINVAL', 'ENOTSUP']);

type Done<T> = (error: NodeJS.ErrnoException | null, value?: T) => void;

function promised<T>(start: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => (error ? reject(error) : resolve(value as T)));
  });
}

/** Synchronous calls: three times faster a page, for commands that keep nobody waiting. */
export const directIo: Io = {
  openRead: (path) => fs.openSync(path, READ),
  create: (path, mode) => fs.openSync(path, CREATE, mode),
  write(fd, bytes, position) {
    for (let done = 0; done < bytes.length; ) {
      done += fs.writeSync(fd, bytes, done, bytes.length - done, position + done);
    }
  },
  append(path, text, mode) {
    const fd = fs.openSync(path, APPEND, mode);
    try {
      fs.writeSync(fd, text);
    } finally {
      fs.closeSync(fd);
    }
  },
  read(fd, size, position = 0) {
    const buffer = Buffer.allocUnsafe(size);
    let done = 0;
    while (done < size) {
      const count = fs.readSync(fd, buffer, done, size - done, position + done);
      if (count === 0) break;
      done += count;
    }
    return buffer.subarray(0, done);
  },
  fstat: (fd) => factsOf(fs.fstatSync(fd)),
  lstat: (path) => factsOf(fs.lstatSync(path)),
  peek,
  utimes: (path, seconds) => fs.utimesSync(path, seconds, seconds),
  fchmod: (fd, mode) => fs.fchmodSync(fd, mode),
  chmod: (path, mode) => fs.chmodSync(path, mode),
  // The one call that waits for the device: beside the event loop, many flushes become one.
  fdatasync: (fd) => promised<void>((done) => fs.fdatasync(fd, done)),
  close: (fd) => fs.closeSync(fd),
  rename: (from, to) => fs.renameSync(from, to),
  link: (from, to) => fs.linkSync(from, to),
  unlink: (path) => fs.unlinkSync(path),
  mkdir: (path, mode) => void fs.mkdirSync(path, mode),
  // Slower than all other calls together on ext4, and nobody needs what it frees.
  rmdir: (path) => promised<void>((done) => fs.rmdir(path, done)),
  realpath: (path) => fs.realpathSync.native(path),
  syncFolder(path) {
    let fd: number | undefined;
    try {
      fd = fs.openSync(path, O_RDONLY);
      fs.fsyncSync(fd);
    } catch (error) {
      if (!UNSYNCABLE.has(codeOf(error) ?? '')) throw error;
    } finally {
      if (fd !== undefined) fs.closeSync(fd);
    }
  },
  names: (path) => fs.readdirSync(path),
  async *entries(path) {
    const folder = fs.opendirSync(path, { bufferSize: 256 });
    try {
      for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) {
        yield { name: entry.name, kind: kindOf(entry) };
      }
    } finally {
      folder.closeSync();
    }
  },
};

/** Lets `width` calls run at a time, the others in the order they came. */
export function createGate(width: number): <T>(run: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  };
  return async (run) => {
    if (running < width) running += 1;
    else await new Promise<void>((enter) => waiting.push(enter));
    try {
      return await run();
    } finally {
      leave();
    }
  };
}

/**
 * Calls on the thread pool. Those that change the disk take at most `writers` threads, because four
 * blocked writes would stop every read of the process (Node has four threads for all file calls).
 */
export function createPoolIo(writers: number): Io {
  const gate = createGate(writers);
  const gated = <T>(start: (done: Done<T>) => void): Promise<T> => gate(() => promised(start));
  return {
    openRead: (path) => promised<number>((done) => fs.open(path, READ, done)),
    create: (path, mode) => gated<number>((done) => fs.open(path, CREATE, mode, done)),
    write: (fd, bytes, position) =>
      gate(async () => {
        for (let done = 0; done < bytes.length; ) {
          done += await promised<number>((then) =>
            fs.write(fd, bytes, done, bytes.length - done, position + done, (error, count) =>
              then(error, count),
            ),
          );
        }
      }),
    append: (path, text, mode) =>
      gate(async () => {
        const fd = await promised<number>((done) => fs.open(path, APPEND, mode, done));
        try {
          await promised<number>((done) => fs.write(fd, text, (error, count) => done(error, count)));
        } finally {
          await promised<void>((done) => fs.close(fd, done));
        }
      }),
    async read(fd, size, position = 0) {
      const buffer = Buffer.allocUnsafe(size);
      let done = 0;
      while (done < size) {
        const count = await promised<number>((then) =>
          fs.read(fd, buffer, done, size - done, position + done, (error, read) => then(error, read)),
        );
        if (count === 0) break;
        done += count;
      }
      return buffer.subarray(0, done);
    },
    fstat: (fd) => promised<fs.Stats>((done) => fs.fstat(fd, done)).then(factsOf),
    lstat: (path) => promised<fs.Stats>((done) => fs.lstat(path, done)).then(factsOf),
    peek,
    utimes: (path, seconds) => gated<void>((done) => fs.utimes(path, seconds, seconds, done)),
    fchmod: (fd, mode) => gated<void>((done) => fs.fchmod(fd, mode, done)),
    chmod: (path, mode) => gated<void>((done) => fs.chmod(path, mode, done)),
    fdatasync: (fd) => gated<void>((done) => fs.fdatasync(fd, done)),
    close: (fd) => promised<void>((done) => fs.close(fd, done)),
    rename: (from, to) => gated<void>((done) => fs.rename(from, to, done)),
    link: (from, to) => gated<void>((done) => fs.link(from, to, done)),
    unlink: (path) => gated<void>((done) => fs.unlink(path, done)),
    mkdir: (path, mode) => gated<void>((done) => fs.mkdir(path, mode, done)),
    rmdir: (path) => gated<void>((done) => fs.rmdir(path, done)),
    realpath: (path) => promised<string>((done) => fs.realpath.native(path, done)),
    syncFolder: (path) =>
      gate(async () => {
        let fd: number | undefined;
        try {
          fd = await promised<number>((done) => fs.open(path, O_RDONLY, done));
          const opened = fd;
          await promised<void>((done) => fs.fsync(opened, done));
        } catch (error) {
          if (!UNSYNCABLE.has(codeOf(error) ?? '')) throw error;
        } finally {
          if (fd !== undefined) fs.closeSync(fd);
        }
      }),
    names: (path) => promised<string[]>((done) => fs.readdir(path, done)),
    async *entries(path) {
      const folder = await fs.promises.opendir(path, { bufferSize: 256 });
      for await (const entry of folder) yield { name: entry.name, kind: kindOf(entry) };
    },
  };
}

/** As many writers as leave two of Node's file threads to readers, and at least one. */
export function writersFor(threads: number): number {
  return Math.max(1, threads - 2);
}
