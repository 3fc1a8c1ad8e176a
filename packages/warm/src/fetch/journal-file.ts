/** The file of a journal: its header, its lines, and whether somebody writes it. */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { startOf } from '../app/processes.ts';

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
  /** The same as the system counts it, whatever the clock says: numbers are given away again. */
  readonly start?: string | undefined;
  /** When the lines before it were written last, in milliseconds since 1970: a run behind it writes the same file. */
  readonly until?: number | undefined;
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
  for (const line of readLines(file)) last = headerIn(line) ?? last;
  return last;
}

/** The header that a line is; `undefined` when it is none. */
export function headerIn(line: string): Header | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const { run, began, pid, started, start, until, ended } = JSON.parse(line) as Partial<Header>;
    if (typeof run === 'string' && typeof began === 'string' && Number.isSafeInteger(pid)) {
      return {
        run,
        began,
        pid: pid!,
        started,
        start,
        until: Number.isFinite(until) ? until : undefined,
        ended,
      };
    }
  } catch {
    // Cut by a kill.
  }
  return undefined;
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

/** Cuts off what a kill, or a full disk, left of a line: with an end behind it, it could be the name of another page. */
export function cutTornLine(descriptor: number): void {
  const { size } = fstatSync(descriptor);
  const bytes = Buffer.alloc(64 * 1024);
  let end = size;
  let after = -1;
  while (end > 0 && after < 0) {
    const begin = Math.max(0, end - bytes.length);
    const length = readSync(descriptor, bytes, 0, end - begin, begin);
    after = bytes.subarray(0, length).lastIndexOf('\n');
    end = begin + after + 1;
  }
  if (end < size) ftruncateSync(descriptor, end);
}

/**
 * Whether the run that wrote a header goes on, in this process or another one. Where the system does not tell when a process
 * was started, one that has the number by now counts: then work is done once more.
 */
export function isAlive({ pid, started, start, ended = false }: Header): boolean {
  if (ended) return false;
  if (pid === process.pid) return started === performance.timeOrigin;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = start === undefined ? undefined : startOf(pid);
  return now === undefined || now === start;
}
