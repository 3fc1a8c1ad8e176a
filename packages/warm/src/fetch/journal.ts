/** The journal of a run: what it has done, so that the same command can go on after an interruption. */
import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { startOf } from '../app/processes.ts';
import { systemCause, WarmError } from '../errors.ts';
import type { DoneBefore } from '../plan/plan.ts';
import { printable } from '../report/printable.ts';
import type { Change } from '../results.ts';
import { DonePages, lineOf } from './done-pages.ts';
import { cutTornLine, type Header, isAlive, isFresh, readHeader, readLines } from './journal-file.ts';

/** Characters, and milliseconds, after which lines are written. Pages whose lines a kill took are fetched again. */
const block = 4096;
const longestWait = 200;

const { O_RDWR, O_CREAT, O_APPEND, O_NOFOLLOW = 0 } = constants;
const ownFile = O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW;

/** An interrupted run, and those that went on with it. */
export interface Resumed {
  /** When the first of them began, in milliseconds since 1970. */
  readonly from: number;
}

/** How a journal is begun. */
export interface JournalOptions {
  readonly file: string;
  readonly run: string;
  /** Begin anew, whatever an interrupted run left. */
  readonly restart: boolean;
  /** It was asked for by name: it is an error when it cannot be written. */
  readonly required: boolean;
}

/**
 * An append-only text file: a line of JSON that says which command this is, then the target of each page that is
 * done, with a mark where the tree has changed by it; a run that was interrupted and could do so says at the end that nobody writes it any more. It is removed when the run has
 * come to its end; one that is there, and that no run has open, is what an interrupted run left.
 */
export class Journal {
  /** The run that is gone on with; `undefined` when there is none. */
  readonly resumed: Resumed | undefined;
  readonly #options: JournalOptions;
  readonly #header: Header;
  readonly #done = new DonePages();
  /** When the file was written last by a run before this one: what was stored later is not its work. */
  readonly #until: number | undefined;
  /** The file is that of another run: it is neither written nor removed. */
  #theirs = false;
  /** It could not be written: a full disk. What is there is ours all the same, and not all that was done. */
  #broken = false;
  #descriptor: number | undefined;
  #pending = '';
  #written = performance.now();

  /**
   * @throws {WarmError} `ERR_PAGETREE_OPTION` when it is required and cannot be written, is no journal, or is that of an
   * interrupted run of another command.
   */
  constructor(options: JournalOptions) {
    const { file, run, restart, required } = options;
    this.#options = options;
    const found = readHeader(file);
    const same = found?.run === run;
    if (required && !same) checkOther(file, found, restart);
    if (same && isAlive(found)) this.#theirs = true;
    else if (same && !restart && isFresh(found)) {
      this.resumed = { from: Date.parse(found.began) };
      this.#until = statSync(file).mtimeMs;
      for (const line of readLines(file)) this.#done.note(line);
      this.#done.end(this.#until);
    } else if (found !== undefined) {
      rmSync(file, { force: true });
    }
    const first = new Date(this.resumed?.from ?? Date.now());
    this.#header = {
      ...{ run, began: first.toISOString(), pid: process.pid },
      ...{ started: performance.timeOrigin, start: startOf(process.pid) },
    };
    if (required && !this.#theirs) this.#open();
  }

  /** Which command it stands for. */
  get run(): string {
    return this.#options.run;
  }

  /** Pages that were done by the interrupted run. */
  get size(): number {
    return this.#done.size;
  }

  get #silent(): boolean {
    return this.#theirs || this.#broken;
  }

  /** What the interrupted run did with a page; `undefined` when it is not done. */
  takes(target: string): DoneBefore | undefined {
    return this.#done.of(target);
  }

  /** Notes that a page is done, and how the tree changed by it. */
  add(target: string, change: Change): void {
    if (this.#silent) return;
    this.#pending += lineOf(target, change);
    if (this.#pending.length >= block || performance.now() - this.#written > longestWait) this.flush();
  }

  /** Writes what was collected. */
  flush(): void {
    if (this.#pending === '' || this.#silent) return;
    this.#written = performance.now();
    try {
      this.#open();
      // All of it, or an error: after a part of a line comes no other one.
      if (this.#descriptor !== undefined) writeFileSync(this.#descriptor, this.#pending);
    } catch (error) {
      // A full disk must not end the run: going on is then a little more work.
      if (error instanceof WarmError) throw error;
      this.#broken = true;
    }
    this.#pending = '';
  }

  /** The run has come to its end: nothing is left to go on with, however much of it could be written. */
  finish(): void {
    const isLeft = () => this.resumed !== undefined && !this.#theirs && !this.#isTaken();
    const mine = this.#descriptor !== undefined || isLeft();
    this.#close();
    // Not /dev/null, which somebody may name to keep none.
    const { file } = this.#options;
    if (mine && statSync(file, { throwIfNoEntry: false })?.isFile()) rmSync(file, { force: true });
  }

  /** Whether a run that began beside this one wrote it first. To be asked before it is open. */
  #isTaken(): boolean {
    const found = readHeader(this.#options.file);
    return found !== undefined && isAlive(found);
  }

  /** The run was interrupted: the journal stays. */
  keep(): void {
    this.flush();
    try {
      // A run in this very process may be the next one.
      if (this.#descriptor !== undefined) this.#write({ ...this.#header, ended: true });
    } catch {
      // It can be gone on with when this process has ended.
    }
    this.#close();
  }

  #write(header: Header): void {
    cutTornLine(this.#descriptor!);
    writeFileSync(this.#descriptor!, `${JSON.stringify(header)}\n`);
  }

  #close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    this.#pending = '';
  }

  #open(): void {
    if (this.#descriptor !== undefined || this.#silent) return;
    const { file, required } = this.#options;
    if (!required && this.#isTaken()) {
      this.#theirs = true;
      return;
    }
    try {
      mkdirSync(dirname(file), { recursive: true });
      // Whoever owns the tree may not be who runs this: only a file that was named is written through a link.
      if (!required && !lstatSync(dirname(file)).isDirectory()) throw new Error('a link is in the way');
      // 0600: a list of URLs may tell more than its owner wants to.
      this.#descriptor = openSync(file, required ? 'a+' : ownFile, 0o600);
      this.#write({ ...this.#header, until: this.#until });
    } catch (error) {
      this.#broken = true;
      if (!required) return;
      throw new WarmError(
        'ERR_PAGETREE_OPTION',
        `The journal ${printable(file)} cannot be written: ${systemCause(error)}.`,
        { hint: 'Name a file in a folder that exists and that this user may write to.', cause: error },
      );
    }
  }
}

/** Whether a file has what an interrupted run of a command left, and it can be gone on with. */
export function canGoOn(file: string, run: string): boolean {
  const found = readHeader(file);
  return found?.run === run && isFresh(found) && !isAlive(found);
}

/** A file that was named and is not this command's: nothing that somebody may want is lost without a word. */
function checkOther(file: string, found: Header | undefined, restart: boolean): void {
  const name = printable(file);
  if (found === undefined && hasContent(file)) {
    throw new WarmError('ERR_PAGETREE_OPTION', `The file ${name} is no journal of cache-warm.`, {
      hint: 'Name a file that does not exist yet; cache-warm makes it.',
    });
  }
  if (found === undefined || !(isFresh(found) || isAlive(found))) return;
  if (restart && !isAlive(found)) return;
  const began = found.began.slice(0, 16).replace('T', ' ');
  throw new WarmError(
    'ERR_PAGETREE_OPTION',
    `The journal ${name} is that of another command, begun at ${began}, with other sources, options or another tree.`,
    { hint: 'Name another file; or go on with that command; or add --restart to begin anew in this file.' },
  );
}

function hasContent(file: string): boolean {
  try {
    return statSync(file).size > 0;
  } catch {
    return false;
  }
}
