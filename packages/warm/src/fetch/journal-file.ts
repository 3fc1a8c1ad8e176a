/** The file of a journal: its header, its lines, and whether somebody writes it. */
import { closeSync, openSync, readSync } from 'node:fs';

/** Hours after which an interrupted run is not gone on with: its pages are old by then. */
const freshHours = 24;

/** Which command a journal belongs to, and who writes it. */
export interface Header {
  /** Stands for the command: another one does not go on with this one's work. */
  readonly run: string;
  readonly began: string;
  readonly pid: number;
  /** When that process began, in milliseconds since 1970: in a container the next one has the same number. */
  readonly started?: number | undefined;
  /** Nobody writes it any more. */
  readonly ended?: boolean | undefined;
}

/** Whether the pages of a run are young enough to be gone on with. */
export function isFresh(found: Header | undefined): boolean {
  const age = Date.now() - Date.parse(found?.began ?? '');
  return age >= 0 && age < freshHours * 3_600_000;
}

/** The last header: whoever goes on writes one more. */
export function readHeader(file: string): Header | undefined {
  let last: Header | undefined;
  for (const line of readLines(file)) {
    if (!line.startsWith('{')) continue;
    try {
      const { run, began, pid, started, ended } = JSON.parse(line) as Partial<Header>;
      if (typeof run === 'string' && typeof began === 'string' && Number.isSafeInteger(pid)) {
        last = { run, began, pid: pid!, started, ended };
      }
    } catch {
      // Cut by a kill.
    }
  }
  return last;
}

/** Whole lines of a file; none when it cannot be read. The last one is left out when nothing ends it. */
export function* readLines(file: string): Generator<string> {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const bytes = Buffer.alloc(64 * 1024);
    let rest = '';
    for (let length = readSync(descriptor, bytes); length > 0; length = readSync(descriptor, bytes)) {
      const lines = (rest + bytes.toString('latin1', 0, length)).split('\n');
      // Targets have at most 8 KiB; a longer line is none, and must not grow.
      rest = lines.pop()!.slice(0, 64 * 1024);
      yield* lines;
    }
  } catch {
    // No journal, no interrupted run.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * Whether the run that wrote a header goes on, in this process or another one. A number that was given away again
 * counts: then work is done once more.
 */
export function isAlive({ pid, started, ended = false }: Header): boolean {
  if (ended) return false;
  if (pid === process.pid) return started === performance.timeOrigin;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
