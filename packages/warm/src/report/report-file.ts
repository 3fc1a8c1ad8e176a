import { closeSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { systemCause, WarmError } from '../errors.ts';
import type { UrlResult } from '../results.ts';
import { printable } from './printable.ts';

/** What stands before, between and after the results. */
interface Format {
  readonly open: string;
  readonly between: string;
  readonly close: string;
}

const array: Format = { open: '[\n', between: ',\n', close: '\n]\n' };
const lines: Format = { open: '', between: '\n', close: '\n' };

/** Bytes that are collected before they are written. */
const block = 64 * 1024;

/**
 * A file with every URL that was not stored and why: one JSON array when its name ends in `.json`, else
 * one JSON object a line. It appears whole, when the run ends; until then the old one stays.
 */
export class ReportFile {
  readonly #file: string;
  readonly #temporary: string;
  readonly #format: Format;
  readonly #descriptor: number;
  #pending: string;
  #results = 0;
  #failure: WarmError | undefined;

  /** @throws {WarmError} `ERR_PAGETREE_REPORT`, before anything is fetched. */
  constructor(file: string) {
    this.#file = file;
    this.#format = file.endsWith('.json') ? array : lines;
    this.#temporary = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
    this.#pending = this.#format.open;
    try {
      if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
        throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
      }
      this.#descriptor = openSync(this.#temporary, 'wx');
    } catch (error) {
      throw cannotWrite(file, error);
    }
  }

  /** Notes a URL that was not stored; others are passed by. */
  add({ reason, ...result }: UrlResult): void {
    if (reason === undefined) return;
    if (this.#results > 0) this.#pending += this.#format.between;
    this.#results += 1;
    const { url, outcome, detail, source, line } = result;
    this.#pending += JSON.stringify({ url, outcome, reason, detail, source, line });
    if (this.#pending.length >= block) this.#write();
  }

  /**
   * Publishes the file.
   *
   * @throws {WarmError} `ERR_PAGETREE_REPORT`, also for what went wrong before: a full disk must not end the run.
   */
  finish(): void {
    if (this.#results > 0 || this.#format.open !== '') this.#pending += this.#format.close;
    this.#write();
    if (this.#failure !== undefined) {
      this.discard();
      throw this.#failure;
    }
    try {
      closeSync(this.#descriptor);
      renameSync(this.#temporary, this.#file);
    } catch (error) {
      throw cannotWrite(this.#file, error);
    }
  }

  /** Leaves nothing behind, after the run came to nothing. */
  discard(): void {
    closeSync(this.#descriptor);
    rmSync(this.#temporary, { force: true });
  }

  #write(): void {
    try {
      if (this.#failure === undefined) writeFileSync(this.#descriptor, this.#pending);
    } catch (error) {
      this.#failure = cannotWrite(this.#file, error);
    }
    this.#pending = '';
  }
}

function cannotWrite(file: string, cause: unknown): WarmError {
  const message = `The report ${printable(file)} cannot be written: ${systemCause(cause)}.`;
  return new WarmError('ERR_PAGETREE_REPORT', message, { cause });
}
