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
  #wakeMaker = () => {};

  /** Aborted when the loop was left early. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  add(result: UrlResult): void {
    if (!this.#taken || this.#stopping.signal.aborted) return;
    this.#queue.push(result);
    this.#wakeTaker();
  }

  /** Resolves when there is room for more results. */
  async room(): Promise<void> {
    while (this.#queue.length >= most && !this.#stopping.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wakeMaker = resolve;
      });
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
          this.#wakeMaker();
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
      this.#wakeMaker();
    }
  }
}
