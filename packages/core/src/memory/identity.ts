/** Tells whether a path still leads to the file that was read. */
import fs from 'node:fs';

/** What two files, or two versions of one, do not share. */
export interface Identity {
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  /**
   * The moment of the last change of any kind, which no program can set. It tells a file that got the number, the
   * size and the time of the one before it (`cp -p` onto a page), and one that was written in place.
   */
  readonly ctimeMs: number;
}

/** Asks the tree what is at a path, at once. `undefined`: nothing. */
export type Look = (path: string) => Identity | undefined;

const quiet = { throwIfNoEntry: false } as const;

/** What nobody can tell of: no file is the same as this. */
const unknown: Identity = { ino: Number.NaN, size: Number.NaN, mtimeMs: Number.NaN, ctimeMs: Number.NaN };

/**
 * What is at a path now; a link is not followed. It costs a microsecond or two, a hundredth of a turn on the thread
 * pool. After an error it is not known what is there: who asks the pool then learns why.
 */
export function lookNow(path: string): Identity | undefined {
  try {
    return fs.lstatSync(path, quiet);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOTDIR' ? undefined : unknown;
  }
}

/** Whether both are the same version of the same file; `undefined` is no file. */
export function isSame(one: Identity | undefined, other: Identity | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return (
    one.mtimeMs === other.mtimeMs &&
    one.ctimeMs === other.ctimeMs &&
    one.size === other.size &&
    one.ino === other.ino
  );
}

/** The longest that two changes of a file may share a time, in milliseconds: a tick of the kernel's clock, with room. */
const TICK = 50;
/** The same where the file system counts in whole seconds, or in two of them. */
const COARSE_TICK = 2100;

/**
 * Whether the next change of a file would have another time than its last one had. A file that was changed a moment ago
 * may change again within the same tick, and nothing but its bytes would tell.
 *
 * @param now the wall clock, in milliseconds since 1970.
 */
export function isSettled({ ctimeMs }: Identity, now: number): boolean {
  return ctimeMs + (ctimeMs % 1000 === 0 ? COARSE_TICK : TICK) < now;
}
