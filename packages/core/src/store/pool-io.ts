/** File calls on the thread pool, for servers. */
import fs from 'node:fs';
import { createGate } from './gate.ts';
import { codeOf, type Io } from './io.ts';
import { APPEND, CREATE, type Done, factsOf, kindOf, peek, promised, READ, UNSYNCABLE } from './io-calls.ts';

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
          fd = await promised<number>((done) => fs.open(path, 'r', done));
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
