/** File calls that wait for the scheduler of `explore.ts`. */
import type { Io } from '../../src/store/io.ts';
import type { MemoryFs } from '../store/memory-io.ts';
import type { Actor } from './explore.ts';

/** The file calls of one actor: each waits for its turn. */
export function steppedIo(fs: MemoryFs, actor: Actor): Io {
  const calls = [
    'openRead',
    'create',
    'write',
    'append',
    'read',
    'fstat',
    'lstat',
    'peek',
    'utimes',
    'fchmod',
    'chmod',
  ];
  calls.push(
    'fdatasync',
    'close',
    'rename',
    'link',
    'unlink',
    'mkdir',
    'rmdir',
    'realpath',
    'syncFolder',
    'names',
  );
  const io: Record<string, unknown> = {};
  for (const call of calls) {
    const run = (fs as unknown as Record<string, (...args: unknown[]) => unknown>)[call]!;
    io[call] = (...args: unknown[]) => {
      const told = args.filter((arg) => typeof arg === 'string').join(' ');
      return actor.step(`${call} ${told}`, () => run.apply(fs, args));
    };
  }
  io.entries = async function* (path: string) {
    yield* await actor.step(`entries ${path}`, () => fs.listing(path));
  };
  return io as unknown as Io;
}
