/** Pages that are looked at again in a while, mixed into the stream of those that were not looked at yet. */
import type { FetchStep } from '../plan/plan.ts';
import type { PageResult } from '../results.ts';

/** A page and how often it was tried. */
export interface Attempt {
  readonly step: FetchStep;
  /** Fetches that failed. */
  readonly failed: number;
  /** Looks at which somebody else was storing it. */
  readonly busy: number;
  /** Redirects that were followed since the last try that began anew. */
  readonly way?: readonly string[];
  /** What became of the last try. */
  readonly last?: PageResult;
}

interface Waiting extends Attempt {
  readonly due: number;
}

/** The most pages that wait at once: with more, no new ones are begun. It bounds the memory. */
const most = 10_000;

/** Hands out what is due, else what is new; ends when nothing is left and nothing can come back. */
export class Later {
  /** A heap: the page that is due first is the first. */
  readonly #waiting: Waiting[] = [];
  readonly #now: () => number;
  readonly #working = new Set<Attempt>();
  #wake = () => {};

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The work on what was handed out has ended. */
  done(attempt: Attempt): void {
    this.#working.delete(attempt);
    this.#wake();
  }

  /** It has ended, and the page shall come again, as `next`, in so many milliseconds. */
  again(attempt: Attempt, next: Attempt, milliseconds: number): void {
    push(this.#waiting, { ...next, due: this.#now() + milliseconds });
    this.done(attempt);
  }

  /** What was tried, and has no end, after the stream was ended early. */
  rest(): readonly Attempt[] {
    return [...this.#waiting, ...this.#working];
  }

  /** @throws what the source throws. */
  async *mix(steps: AsyncIterable<FetchStep>, signal: AbortSignal): AsyncGenerator<Attempt> {
    const source = steps[Symbol.asyncIterator]();
    let arrived: IteratorResult<FetchStep> | undefined;
    let failure: { readonly error: unknown } | undefined;
    let asking = false;
    const ask = () => {
      asking = true;
      source.next().then(
        (next) => {
          arrived = next;
          asking = false;
          this.#wake();
        },
        (error: unknown) => {
          failure = { error };
          this.#wake();
        },
      );
    };
    const stop = () => this.#wake();
    signal.addEventListener('abort', stop);
    let ended = false;
    try {
      while (!signal.aborted) {
        if (failure !== undefined) throw failure.error;
        const due = this.#takeDue();
        if (due !== undefined) {
          yield this.#handOut(due);
        } else if (arrived !== undefined) {
          const next = arrived;
          arrived = undefined;
          if (next.done === true) ended = true;
          else yield this.#handOut({ step: next.value, failed: 0, busy: 0 });
        } else if (ended && this.#waiting.length === 0 && this.#working.size === 0) {
          return;
        } else {
          if (!ended && !asking && this.#waiting.length < most) ask();
          await this.#something();
        }
      }
    } finally {
      signal.removeEventListener('abort', stop);
      // Not waited for: the next step may never come.
      Promise.resolve(source.return?.()).catch(() => {});
    }
  }

  #handOut(attempt: Attempt): Attempt {
    this.#working.add(attempt);
    return attempt;
  }

  #takeDue(): Attempt | undefined {
    const first = this.#waiting[0];
    return first !== undefined && first.due <= this.#now() ? pop(this.#waiting) : undefined;
  }

  /** Resolves when a step arrived, a page is due, or work has ended. */
  #something(): Promise<void> {
    return new Promise((resolve) => {
      const first = this.#waiting[0];
      const timer =
        first === undefined ? undefined : setTimeout(() => this.#wake(), Math.ceil(first.due - this.#now()));
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = () => {};
        resolve();
      };
    });
  }
}

function push(heap: Waiting[], item: Waiting): void {
  let at = heap.push(item) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (heap[parent]!.due <= item.due) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = item;
}

function pop(heap: Waiting[]): Waiting {
  const first = heap[0]!;
  const last = heap.pop()!;
  if (heap.length === 0) return first;
  let at = 0;
  for (let child = 1; child < heap.length; child = at * 2 + 1) {
    const right = heap[child + 1];
    if (right !== undefined && right.due < heap[child]!.due) child += 1;
    if (heap[child]!.due >= last.due) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return first;
}
