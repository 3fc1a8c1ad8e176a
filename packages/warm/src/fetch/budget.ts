import { WarmError } from '../errors.ts';

/** Ends a run after its time. What can't go on without an answer by then throws the reason of its signal. */
export class Budget {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(seconds: number | undefined) {
    if (seconds === undefined) return;
    // The longest timer that Node knows; nobody waits longer than 24 days.
    const milliseconds = Math.min(seconds * 1000, 2 ** 31 - 1);
    this.#timer = setTimeout(() => this.#controller.abort(tooEarly(seconds)), milliseconds);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

function tooEarly(seconds: number): WarmError {
  return new WarmError(
    'ERR_PAGETREE_MAX_TIME',
    `The time of the run (${seconds} s) was over before it was known what to fetch.`,
  );
}
