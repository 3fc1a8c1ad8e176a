/** Files for other programs: how the tree changed, and which URLs to try again. */

import type { UrlResult } from '../results.ts';
import { jsonText } from '../tree/json.ts';
import type { Output } from './outputs.ts';
import { WholeFile } from './whole-file.ts';

/** How the tree changed, for a CDN or rsync: one JSON object a line, with `change`, `url` and `place`. */
export class ChangesFile implements Output {
  readonly #file: WholeFile;

  constructor(file: string) {
    this.#file = new WholeFile(file, 'change report');
  }

  result(_told: UrlResult, { change, url, place }: UrlResult): void {
    if (change !== undefined) this.#file.write(`${jsonText({ change, url, place })}\n`);
  }

  gone(url: string, place: string): void {
    this.#file.write(`${jsonText({ change: 'gone', url, place })}\n`);
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

/** Whether a result is about a page of the site: a line that is no URL, a URL of another site, and an answer of --verify are not. */
export function hasPage({ reason }: UrlResult): boolean {
  if (reason === 'front-end') return false;
  return reason !== 'bad-line' && reason !== 'bad-source' && reason !== 'other-origin';
}

/** The URLs that were not stored, one a line: a list that cache-warm takes. Lines of a list that are no URL are left out. */
export class FailedFile implements Output {
  readonly #file: WholeFile;

  constructor(file: string) {
    this.#file = new WholeFile(file, 'list of failed URLs');
  }

  result(_told: UrlResult, made: UrlResult): void {
    if (made.reason !== undefined && hasPage(made)) this.#file.write(`${made.url}\n`);
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
