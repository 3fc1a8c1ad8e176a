import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { systemCause, WarmError } from '../errors.ts';
import { Pipe } from './pipe.ts';
import { printable } from './printable.ts';
import { replaceFile } from './replace.ts';
import { openStream, writeTarget } from './write-target.ts';

/** Characters that are collected before they are written. */
const block = 64 * 1024;
/** What a run that was killed left is removed after so many milliseconds: nobody can tell whether it still runs elsewhere. */
const leftAfter = 24 * 3600 * 1000;

/**
 * A file that is written bit by bit and appears whole, when it is finished; until then the old one stays. A pipe or a device gets
 * what is written as it comes, and a file that is mounted by itself is written at the end.
 */
export class WholeFile {
  readonly name: string;
  readonly #what: string;
  /** What is renamed, and to where; `undefined` for a pipe or a device. */
  readonly #renamed: { readonly from: string; readonly to: string } | undefined;
  readonly #descriptor: number;
  /** It was opened here, and is closed here. */
  readonly #isOurs: boolean;
  readonly #pipe: Pipe | undefined;
  #pending = '';
  #failure: WarmError | undefined;

  /**
   * @param what What it is, in a sentence: `report`.
   * @throws {WarmError} `ERR_PAGETREE_REPORT`, before anything is fetched.
   */
  constructor(name: string, what: string) {
    this.name = name;
    this.#what = what;
    try {
      const { file, isStream, own } = writeTarget(name);
      this.#isOurs = own === undefined;
      if (isStream) {
        this.#descriptor = own ?? openStream(file);
        if (fstatSync(this.#descriptor).isFIFO()) this.#pipe = new Pipe(this.#descriptor);
        return;
      }
      // Never used again: in a container every run has the process number of the one before, and perhaps what it left.
      const from = join(dirname(file), `.${basename(file)}.${randomBytes(8).toString('hex')}.tmp`);
      this.#renamed = { from, to: file };
      this.#descriptor = openSync(from, 'wx');
      removeLeft(file);
    } catch (error) {
      throw this.#cannotWrite(error);
    }
  }

  write(text: string): void {
    this.#pending += text;
    if (this.#pending.length >= block) this.#flush();
  }

  /** Resolves when there is room for more: at once, but for a pipe that is read slowly. Or when `signal` is aborted. */
  async room(signal: AbortSignal): Promise<void> {
    await this.#pipe?.room(signal);
  }

  /**
   * Publishes the file, before it returns; a pipe is waited for until all was read, or nothing for five seconds.
   *
   * @throws {WarmError} `ERR_PAGETREE_REPORT`, also for what went wrong before: a full disk must not end the run.
   */
  async finish(): Promise<void> {
    this.#flush();
    if (this.#failure !== undefined) {
      this.discard();
      throw this.#failure;
    }
    try {
      if (this.#pipe !== undefined) await this.#pipe.finish();
      else this.#close();
      if (this.#renamed !== undefined) replaceFile(this.#renamed.from, this.#renamed.to);
    } catch (error) {
      throw this.#cannotWrite(error);
    }
  }

  /** Leaves nothing behind, after the run came to nothing. */
  discard(): void {
    this.#close();
    if (this.#renamed !== undefined) rmSync(this.#renamed.from, { force: true });
  }

  #close(): void {
    if (this.#pipe !== undefined) this.#pipe.discard();
    else if (this.#isOurs) closeSync(this.#descriptor);
  }

  #flush(): void {
    try {
      if (this.#pipe !== undefined) this.#pipe.write(this.#pending);
      else if (this.#failure === undefined) writeFileSync(this.#descriptor, this.#pending);
    } catch (error) {
      this.#failure = this.#cannotWrite(error);
    }
    this.#pending = '';
  }

  #cannotWrite(cause: unknown): WarmError {
    const message = `The ${this.#what} ${printable(this.name)} cannot be written: ${systemCause(cause)}.`;
    return new WarmError('ERR_PAGETREE_REPORT', message, { cause });
  }
}

/** Removes what runs left that were killed long ago. Tidiness: what cannot be removed stays. */
function removeLeft(name: string): void {
  const folder = dirname(name);
  const begin = `.${basename(name)}.`;
  try {
    for (const entry of readdirSync(folder)) {
      if (!entry.startsWith(begin) || !/^([0-9a-f]{16}|\d{1,10})\.tmp$/.test(entry.slice(begin.length)))
        continue;
      const file = join(folder, entry);
      if (statSync(file).mtimeMs < Date.now() - leftAfter) rmSync(file, { force: true });
    }
  } catch {
    // Another run removed it first, or the folder may not be read.
  }
}
