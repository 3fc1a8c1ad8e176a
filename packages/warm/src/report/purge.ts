import { SpillList } from '../sources/spill.ts';
import { jsonText, LongDocument } from '../tree/json.ts';
import type { Output } from '../tree/output.ts';
import { bytes, plural } from './numbers.ts';
import { printable } from './printable.ts';

/** How a purge is told. */
export interface PurgeReportOptions {
  readonly cacheDir: string;
  readonly dryRun: boolean;
  /** What is removed is fetched again. */
  readonly rewarm: boolean;
  /** Name every page. */
  readonly verbose: boolean;
  /** Say nothing, and note all of it for one JSON document. */
  readonly json: boolean;
  /** Takes text for standard output. */
  readonly write: (text: string) => unknown;
}

interface Counts {
  readonly pages: number;
  readonly bytes: number;
  /** Pages that were being made, and will not be stored. */
  readonly fills: number;
}

interface NamedPage {
  readonly key: string;
  readonly place: string;
  readonly bytes: number;
}

/** Tells what a purge removed, scope by scope. */
export class PurgeReport {
  readonly dryRun: boolean;
  readonly wantsPages: boolean;
  /** Lines of a list that are no path. */
  mistakes = 0;
  /** Scopes in which no page was stored. */
  missing = 0;
  readonly #options: PurgeReportOptions;
  readonly #sum = { scopes: 0, pages: 0, bytes: 0, fills: 0 };
  /** Lines of JSON for the document. Each of them may be many: a CDN that is told of some pages only keeps the others. */
  readonly #scopes = new SpillList();
  readonly #pages = new SpillList();
  #again: object | undefined;

  constructor(options: PurgeReportOptions) {
    this.#options = options;
    this.dryRun = options.dryRun;
    this.wantsPages = options.verbose;
  }

  /** One page that went. */
  readonly page = (page: NamedPage): void => {
    const { key, place, bytes: size } = page;
    if (this.#options.json) this.#pages.add(jsonText({ key, place, bytes: size }));
    else this.#options.write(`  ${printable(key, 8192)}  ${printable(place, 8192)}  ${bytes(size)}\n`);
  };

  /** One scope that is done. `none` says that there was no page. */
  done(scope: string, { pages, bytes: size, fills }: Counts, none = 'was not stored'): void {
    this.#sum.scopes += 1;
    this.#sum.pages += pages;
    this.#sum.bytes += size;
    this.#sum.fills += fills;
    if (pages === 0) this.missing += 1;
    if (this.#options.json) {
      this.#scopes.add(jsonText({ scope, pages, bytes: size, fills }));
      return;
    }
    const said = pages === 0 ? none : `${this.#went}, ${plural(pages, 'page')}, ${bytes(size)}`;
    const stopped = fills === 0 ? '' : `; ${plural(fills, 'page')} being made will not be stored`;
    this.#options.write(`${printable(scope, 1200)}: ${said}${stopped}\n`);
  }

  /** The last line, when there was more than one scope. */
  total(): void {
    const { scopes, pages, bytes: size } = this.#sum;
    if (scopes < 2 || this.#options.json) return;
    const where = `${this.#options.rewarm ? 'into' : 'from'} ${printable(this.#options.cacheDir)}`;
    this.#options.write(`${plural(pages, 'page')}, ${bytes(size)} ${this.#went} ${where}\n`);
  }

  get #went(): string {
    if (this.#options.rewarm) return this.dryRun ? 'would be fetched again' : 'to be fetched again';
    return this.dryRun ? 'would be removed' : 'removed';
  }

  /** What became of the pages that were to be fetched again: for people, and for programs. */
  again(text: string, document: object): void {
    this.#again = document;
    if (!this.#options.json) this.#options.write(text);
  }

  /** Whether something was removed that the document would name. */
  get hasBegun(): boolean {
    return this.#scopes.length > 0 || this.#pages.length > 0;
  }

  /**
   * Writes the document of `--json`, item by item: a list of any length takes no memory.
   *
   * @param failure what is to be said at the end of a purge that failed, whose pages are gone all the same.
   */
  async writeJson(output: Output, failure: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const { pages, bytes: size, fills } = this.#sum;
    const { cacheDir } = this.#options;
    const { dryRun, mistakes, missing } = this;
    const document = new LongDocument(output);
    await document.begin({ cacheDir, dryRun, pages, bytes: size, fills, mistakes, missing }, 'scopes');
    for (const scope of this.#scopes.drain()) await document.line(scope);
    if (this.wantsPages) {
      await document.next('removed');
      for (const page of this.#pages.drain()) await document.line(page);
    }
    await document.end({ ...(this.#again === undefined ? {} : { rewarm: this.#again }), ...failure });
    await output.flush();
  }

  /** Lets go of what was noted. */
  close(): void {
    this.#scopes.close();
    this.#pages.close();
  }
}
