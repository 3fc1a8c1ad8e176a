import type { UrlResult, WarmSummary } from '../results.ts';
import { Figures } from './figures.ts';
import { reportPage } from './html/page.ts';
import type { Ending, Output } from './outputs.ts';
import { WholeFile } from './whole-file.ts';

/** A page with plots, for people. It stands by itself, and is as small for a million pages as for some thousand. */
export class HtmlFile implements Output {
  readonly #file: WholeFile;
  readonly #figures = new Figures();

  /** @throws {WarmError} `ERR_PAGETREE_REPORT`, before anything is fetched. */
  constructor(file: string) {
    this.#file = new WholeFile(file, 'report');
  }

  result(result: UrlResult): void {
    this.#figures.add(result);
  }

  finish(summary: WarmSummary, ending: Ending): Promise<void> {
    this.#file.write(reportPage({ summary, ending, figures: this.#figures, at: new Date() }));
    return this.#file.finish();
  }

  discard(): void {
    this.#file.discard();
  }
}
