import { jsonText } from '../tree/json.ts';
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

/** The most entries that go into the JSON document one by one. */
const mostListed = 100_000;

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
  readonly #scopes: ({ readonly scope: string } & Counts)[] = [];
  readonly #pages: NamedPage[] = [];
  #again: object | undefined;

  constructor(options: PurgeReportOptions) {
    this.#options = options;
    this.dryRun = options.dryRun;
    this.wantsPages = options.verbose;
  }

  /** One page that went. */
  readonly page = (page: NamedPage): void => {
    if (this.#pages.length < mostListed) this.#pages.push(page);
    this.#options.write(`  ${page.key}  ${printable(page.place)}  ${bytes(page.bytes)}\n`);
  };

  /** One scope that is done. `none` says that there was no page. */
  done(scope: string, { pages, bytes: size, fills }: Counts, none = 'was not stored'): void {
    this.#sum.scopes += 1;
    this.#sum.pages += pages;
    this.#sum.bytes += size;
    this.#sum.fills += fills;
    if (this.#scopes.length < mostListed) this.#scopes.push({ scope, pages, bytes: size, fills });
    if (pages === 0) this.missing += 1;
    const said = pages === 0 ? none : `${this.#went}, ${plural(pages, 'page')}, ${bytes(size)}`;
    const stopped = fills === 0 ? '' : `; ${plural(fills, 'page')} being made will not be stored`;
    this.#options.write(`${printable(scope, 1200)}: ${said}${stopped}\n`);
  }

  /** The last line, when there was more than one scope. */
  total(): void {
    const { scopes, pages, bytes: size } = this.#sum;
    if (scopes < 2) return;
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
    this.#options.write(text);
  }

  /** The document of `--json`. */
  json(): string {
    const { pages, bytes: size, fills } = this.#sum;
    const { cacheDir } = this.#options;
    const document = {
      cacheDir,
      dryRun: this.dryRun,
      pages,
      bytes: size,
      fills,
      mistakes: this.mistakes,
      missing: this.missing,
      scopes: this.#scopes,
      ...(this.wantsPages ? { removed: this.#pages } : {}),
      ...(this.#again === undefined ? {} : { rewarm: this.#again }),
    };
    return `${jsonText(document, 2)}\n`;
  }
}
