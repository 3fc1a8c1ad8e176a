import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';

/** As many as Linux follows, one after another. Source: path_resolution(7). */
const mostLinks = 40;

/** Where something that is written goes. */
export interface WriteTarget {
  /** The file that is replaced, or what is written to as it comes. */
  readonly file: string;
  /** It is a pipe or a device: there is nothing to replace. */
  readonly isStream: boolean;
  /** It is the file that standard output or standard error goes to, under whatever name: this is the descriptor. */
  readonly own?: number | undefined;
}

/**
 * Finds out what a name stands for: a link is written through, not replaced.
 *
 * @throws the error of the file system, for a folder too.
 */
export function writeTarget(name: string): WriteTarget {
  const facts = statSync(name, { throwIfNoEntry: false, bigint: true });
  if (facts?.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
  const own = facts?.isFile() ? [1, 2].find((descriptor) => isSame(descriptor, facts)) : undefined;
  if (own !== undefined) return { file: name, isStream: true, own };
  // What is open already may be a file, which whoever began the program goes on writing to.
  const isOpen = /^\/(?:dev\/(?:stdout$|stderr$|fd\/)|proc\/)/.test(resolve(name));
  const isStream = isOpen || (facts !== undefined && !facts.isFile());
  return isStream ? { file: name, isStream } : { file: behindLinks(name), isStream };
}

/** Opened anew it would have a position of its own: one would write over what the other wrote. */
function isSame(descriptor: number, { dev, ino }: BigIntStats): boolean {
  try {
    const open = fstatSync(descriptor, { bigint: true });
    return open.dev === dev && open.ino === ino;
  } catch {
    // It was closed by whoever began the program.
    return false;
  }
}

/** The file that a name stands for, also where it is to come: each link is read from the folder that it is really in. */
function behindLinks(name: string): string {
  let file = name;
  for (let links = 0; links < mostLinks; links += 1) {
    try {
      // Not by its name alone: behind a link, `..` leads out of another folder.
      const folder = realpathSync.native(dirname(file));
      file = join(folder, basename(file));
      const text = readlinkSync(file);
      file = isAbsolute(text) ? text : `${folder}/${text}`;
    } catch {
      // It is no link, or nothing is there yet.
      return file;
    }
  }
  return file;
}

/**
 * Opens a pipe or a device to write to.
 *
 * @throws the error of the file system: also for a pipe that nobody reads, since waiting for a reader would hold the whole process.
 */
export function openStream(file: string): number {
  const { O_WRONLY, O_NONBLOCK = 0 } = constants;
  let probe: number;
  try {
    probe = openSync(file, O_WRONLY | O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
    throw Object.assign(new Error('nobody reads from this pipe', { cause: error }), { code: 'ENXIO' });
  }
  // What is written to a pipe never waits; what is written to a device does.
  if (fstatSync(probe).isFIFO()) return probe;
  try {
    return openSync(file, 'a');
  } finally {
    closeSync(probe);
  }
}
