import type { UrlResult } from '../results.ts';
import type { Output } from './outputs.ts';
import { WholeFile } from './whole-file.ts';

/** What stands before, between and after the results. */
interface Format {
  readonly open: string;
  readonly between: string;
  readonly close: string;
}

const array: Format = { open: '[\n', between: ',\n', close: '\n]\n' };
const lines: Format = { open: '', between: '\n', close: '\n' };

/**
 * A file with every URL that was not stored and why: one JSON array, or one JSON object a line, which is a list
 * that cache-warm takes.
 */
export class ReportFile implements Output {
  readonly #file: WholeFile;
  readonly #format: Format;
  #results = 0;

  /** @throws {WarmError} `ERR_PAGETREE_REPORT`, before anything is fetched. */
  constructor(file: string, form: 'array' | 'lines') {
    this.#format = form === 'array' ? array : lines;
    this.#file = new WholeFile(file, 'report');
    this.#file.write(this.#format.open);
  }

  /** Notes a URL that was not stored; others are passed by. */
  result({ reason, ...result }: UrlResult): void {
    if (reason === undefined) return;
    if (this.#results > 0) this.#file.write(this.#format.between);
    this.#results += 1;
    const { url, outcome, detail, source, line, status, tries } = result;
    this.#file.write(JSON.stringify({ url, outcome, reason, detail, status, tries, source, line }));
  }

  finish(): void {
    if (this.#results > 0 || this.#format.open !== '') this.#file.write(this.#format.close);
    this.#file.finish();
  }

  discard(): void {
    this.#file.discard();
  }
}
