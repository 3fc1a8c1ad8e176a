import { WarmError } from '../errors.ts';

/** Gathers mistakes, so that a person hears of all of them at once. */
export class Problems {
  readonly #found: WarmError[] = [];

  /** Runs a check; its mistake is kept for later. Anything else is thrown. */
  gather<T>(check: () => T): T | undefined {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof WarmError)) throw error;
      this.#found.push(error);
      return undefined;
    }
  }

  /** @throws {WarmError} with every mistake, a sentence each. */
  throwIfAny(): void {
    const [first, ...others] = this.#found;
    if (first === undefined) return;
    if (others.length === 0) throw first;
    const sentences = this.#found.map(({ message }) => message).join(' ');
    throw new WarmError(first.code, sentences, {
      hint: 'Correct each of them, or leave it out to use its default.',
    });
  }
}
