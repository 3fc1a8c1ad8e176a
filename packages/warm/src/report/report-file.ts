import type { UrlResult } from '../results.ts';
import { jsonText } from '../tree/json.ts';
import type { Output } from './outputs.ts';
import { WholeFile } from './whole-file.ts';

/** A file with every URL that was not stored and why: one JSON object a line, which is a list that cache-warm takes. */
export class ReportFile implements Output {
  readonly #file: WholeFile;

  /** @throws {WarmError} `ERR_PAGETREE_REPORT`, before anything is fetched. */
  constructor(file: string) {
    this.#file = new WholeFile(file, 'report');
  }

  /** Notes a URL that was not stored; others are passed by. */
  result(result: UrlResult): void {
    if (result.reason !== undefined) this.#file.write(`${jsonText(entryOf(result))}\n`);
  }

  finish(): Promise<void> {
    return this.#file.finish();
  }

  room(signal: AbortSignal): Promise<void> {
    return this.#file.room(signal);
  }

  discard(): void {
    this.#file.discard();
  }
}

/** What reports tell of one URL that was not stored. */
export function entryOf({ url, outcome, reason, detail, status, tries, source, line }: UrlResult): object {
  return { url, outcome, reason, detail, status, tries, source, line };
}
