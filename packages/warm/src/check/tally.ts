/** Counts what a check finds, and passes it on. */
import { exitCodes } from '../commands/exit-codes.ts';
import type { Judged } from './judge.ts';
import type { PageChecked } from './pages.ts';
import type { Summary, Telling } from './report.ts';

/** The numbers of one check. */
export class Tally {
  readonly #telling: Telling;
  #questions = 0;
  #pages = 0;
  #passedOver = 0;
  #fromNode = 0;
  #differences = 0;
  #notes = 0;

  constructor(telling: Telling) {
    this.#telling = telling;
  }

  async page(checked: PageChecked): Promise<void> {
    if (checked.kind === 'passed over') {
      this.#passedOver += 1;
      return;
    }
    this.#pages += 1;
    if (!checked.isPrivate && checked.judged[0]?.by === 'middleware') this.#fromNode += 1;
    await this.judged(checked.judged);
  }

  async judged(all: readonly Judged[]): Promise<void> {
    for (const one of all) {
      if (one.of === 'server') this.#questions += 1;
      const notes = one.flaws.filter(({ harmless }) => harmless).length;
      this.#notes += notes;
      this.#differences += one.flaws.length - notes;
      await this.#telling.judged(one);
    }
  }

  get summary(): Summary {
    return {
      questions: this.#questions,
      pages: this.#pages,
      passedOver: this.#passedOver,
      fromNode: this.#fromNode,
      differences: this.#differences,
      notes: this.#notes,
      exitCode: this.#differences === 0 ? exitCodes.done : exitCodes.incomplete,
    };
  }
}
