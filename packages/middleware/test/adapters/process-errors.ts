/** Sees what nobody caught, and what was printed of errors, in place of the test runner, for as long as a case runs. */

const kinds = ['uncaughtException', 'unhandledRejection'] as const;

export class ProcessErrors {
  /** `kind: message`, in order; warnings of leaks too. */
  readonly seen: string[] = [];
  /** Resolves with the first one. */
  readonly first: Promise<string>;
  readonly #print = console.error;
  readonly #others: [kind: string, listeners: NodeJS.UncaughtExceptionListener[]][] = [];
  #found: (error: string) => void = () => {};

  constructor() {
    this.first = new Promise((resolve) => {
      this.#found = resolve;
    });
    for (const kind of kinds) {
      const listeners = process.listeners(kind as 'uncaughtException');
      this.#others.push([kind, listeners]);
      process.removeAllListeners(kind);
      process.on(kind, (error: unknown) => this.#see(kind, error));
    }
    process.on('warning', this.#warned);
    console.error = (...printed) => this.seen.push(`console.error: ${printed.map(textOf).join(' ')}`);
  }

  readonly #warned = (warning: Error): void => {
    if (warning.name === 'MaxListenersExceededWarning') this.#see('warning', warning);
  };

  #see(kind: string, error: unknown): void {
    this.seen.push(`${kind}: ${textOf(error)}`);
    this.#found(this.seen[0]!);
  }

  /** Gives the process back to the test runner. */
  stop(): void {
    console.error = this.#print;
    process.off('warning', this.#warned);
    for (const [kind, listeners] of this.#others) {
      process.removeAllListeners(kind);
      for (const listener of listeners) process.on(kind, listener);
    }
  }
}

function textOf(said: unknown): string {
  return said instanceof Error ? said.message : String(said);
}
