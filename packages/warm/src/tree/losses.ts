import type { Finding } from '@pagetree/core';
import { count } from '../report/numbers.ts';

/** Counts the pages that a front-end server serves without some of their headers. That is no fault of the tree. */
export class Losses {
  #pages = 0;
  readonly #names = new Map<string, number>();

  /** Takes a finding, if it is such a page. */
  count({ fault, detail = '' }: Finding): boolean {
    if (fault !== 'lost-headers') return false;
    this.#pages += 1;
    for (const name of detail.split(', ')) this.#names.set(name, (this.#names.get(name) ?? 0) + 1);
    return true;
  }

  /** What there is to say; nothing when there is no such page. */
  text(isListed: boolean): string {
    if (this.#pages === 0) return '';
    const pages = this.#pages === 1 ? '1 page is' : `${count(this.#pages)} pages are`;
    const names = [...this.#names]
      .sort((a, b) => b[1] - a[1])
      .map(([name, times]) => `${name} (${count(times)})`)
      .join(', ');
    const list = isListed ? '' : ' --losses lists the pages.';
    return (
      `${pages} served without some headers by a web server in front of the tree: ${names}. ` +
      `A tree with fidelity 'strict' keeps such pages for the middleware.${list}\n`
    );
  }
}
