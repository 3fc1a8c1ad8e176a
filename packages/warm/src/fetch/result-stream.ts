import type { UrlResult } from '../results.ts';

/** Results that may wait for whoever goes through them. */
const most = 100;

/** Hands results to a loop that takes them at its own pace. Without a loop nothing is kept. */
export class ResultStream {
  readonly #stopping = new AbortController();
  #queue: UrlResult[] = [];
  #taken = false;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wakeTaker = () => {};
  /** Those who wait for room: each worker, and who plans. */
  #makers: (() => void)[] = [];

  /** Aborted when the loop was left early. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  add(result: UrlResult): void {
    if (!this.#taken || this.#stopping.signal.aborted) return;
    this.#queue.push(result);
    this.#wakeTaker();
  }

  /** Resolves when there is room for more results, and when none are wanted any more: the loop was left, or `signal` says so. */
  async room(signal: AbortSignal): Promise<void> {
    while (this.#queue.length >= most && !signal.aborted && !this.#stopping.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#makers.push(resolve);
        // The same function for all: it is added once.
        signal.addEventListener('abort', this.#wakeMakers);
      });
      if (this.#makers.length === 0) signal.removeEventListener('abort', this.#wakeMakers);
    }
  }

  end(): void {
    this.#ended = true;
    this.#wakeTaker();
  }

  fail(error: unknown): void {
    this.#failure = { error };
    this.end();
  }

  /** The results from now on. @throws what the run throws. */
  iterate(): AsyncGenerator<UrlResult> {
    // Before the first `next`: results may come in this very turn.
    this.#taken = true;
    return this.#take();
  }

  async *#take(): AsyncGenerator<UrlResult> {
    try {
      for (;;) {
        const next = this.#queue.shift();
        if (next !== undefined) {
          if (this.#queue.length < most) this.#wakeMakers();
          yield next;
        } else if (this.#ended) {
          if (this.#failure !== undefined) throw this.#failure.error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wakeTaker = resolve;
          });
        }
      }
    } finally {
      this.#stopping.abort();
      this.#wakeMakers();
    }
  }

  readonly #wakeMakers = (): void => {
    for (const wake of this.#makers.splice(0)) wake();
  };
}
