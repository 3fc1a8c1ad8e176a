import type { Finding } from '@pagetree/core';
import { count } from '../report/numbers.ts';

/** Counts what is lost of pages that are there. None of it is a fault of the tree. */
export class Losses {
  #pages = 0;
  #variants = 0;
  readonly #names = new Map<string, number>();

  /** Takes a finding, if it is a loss. */
  count({ fault, detail = '' }: Finding): boolean {
    if (fault === 'lost-variant') this.#variants += 1;
    if (fault !== 'lost-headers') return fault === 'lost-variant';
    this.#pages += 1;
    for (const name of detail.split(', ')) this.#names.set(name, (this.#names.get(name) ?? 0) + 1);
    return true;
  }

  /** What there is to say; nothing when nothing is lost. */
  text(isListed: boolean): string {
    const list = (what: string): string => (isListed ? '' : ` --losses lists the ${what}.`);
    return this.#headersText(list('pages')) + this.#variantsText(list('variants'));
  }

  #headersText(list: string): string {
    if (this.#pages === 0) return '';
    const pages = this.#pages === 1 ? '1 page is' : `${count(this.#pages)} pages are`;
    const names = [...this.#names]
      .sort((a, b) => b[1] - a[1])
      .map(([name, times]) => `${name} (${count(times)})`)
      .join(', ');
    return (
      `${pages} served without some headers by a web server in front of the tree: ${names}. ` +
      `A tree with fidelity 'strict' keeps such pages for the middleware.${list}\n`
    );
  }

  #variantsText(list: string): string {
    if (this.#variants === 0) return '';
    const variants =
      this.#variants === 1 ? '1 variant that was' : `${count(this.#variants)} variants that were`;
    const are = this.#variants === 1 ? 'is' : 'are';
    return `${variants} made ${are} gone, so their pages are served in more bytes. cache-warm stores such pages anew.${list}\n`;
  }
}
