import { PagetreeError } from '@pagetree/core';
import { WarmError } from '../errors.ts';

/** How options are judged. */
export interface Judging {
  /** What an option is called where it was said. @default its key */
  readonly label?: (key: string) => string;
  /** Others may stand where they could not be read: nothing is said of what belongs together. @default false */
  readonly partial?: boolean;
}

/** Gathers mistakes, so that a person hears of all of them at once. */
export class Problems {
  readonly #found: (WarmError | PagetreeError)[] = [];

  /** How many there are so far. */
  get count(): number {
    return this.#found.length;
  }

  add(mistake: WarmError): void {
    this.#found.push(mistake);
  }

  /** Runs a check; its mistake is kept for later. Anything else is thrown. */
  gather<T>(check: () => T): T | undefined {
    try {
      return check();
    } catch (error) {
      this.#keep(error);
      return undefined;
    }
  }

  /** As `gather`, of what takes its time. */
  async wait<T>(check: () => Promise<T>): Promise<T | undefined> {
    try {
      return await check();
    } catch (error) {
      this.#keep(error);
      return undefined;
    }
  }

  /** @throws {WarmError} with every mistake, a sentence each; a single one as it is. */
  throwIfAny(): void {
    const [first, ...others] = this.#found;
    if (first === undefined) return;
    if (others.length === 0) throw first;
    const sentences = this.#found.map(({ message }) => message).join(' ');
    const code = first instanceof WarmError ? first.code : 'ERR_PAGETREE_OPTION';
    throw new WarmError(code, sentences, {
      hint: 'Correct each of them, or leave it out to use its default.',
    });
  }

  #keep(error: unknown): void {
    if (!(error instanceof WarmError || error instanceof PagetreeError)) throw error;
    this.#found.push(error);
  }
}
