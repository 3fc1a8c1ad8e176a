/**
 * How much a server may store beside answering. Every page that is stored takes processor time from the visitors who wait
 * at that moment, and an application that answers in no time is asked for more pages than any disk takes. So storing
 * gets what the event loop leaves over, and a little in any case: a busy site fills its tree too, more slowly.
 */

/** What an allowance is made from. */
export interface AllowanceContext {
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
  /** Which part of the time since it was asked last the event loop was busy, from 0 to 1. */
  readonly busy: () => number;
  /** How long a page of so many bytes keeps a processor of ours busy, in milliseconds. */
  readonly costOf: (bytes: number) => number;
}

/** What storing gets of the time, however busy the event loop is. */
const LEAST = 0.05;
/** What an idle server saves up for a rush, in milliseconds of work. */
const MOST = 1000;
/** How often the event loop is asked, in milliseconds. */
const EVERY = 50;

/** The time that one server may spend on storing. */
export class Allowance {
  readonly #context: AllowanceContext;
  #left = MOST;
  #askedAt: number;

  constructor(context: AllowanceContext) {
    this.#context = context;
    this.#askedAt = context.monotonic();
  }

  /** Nothing is left at the moment. */
  get isSpent(): boolean {
    const { monotonic, busy } = this.#context;
    const now = monotonic();
    const passed = now - this.#askedAt;
    if (passed >= EVERY) {
      this.#askedAt = now;
      this.#left = Math.min(MOST, this.#left + passed * Math.max(LEAST, 1 - busy()));
    }
    return this.#left <= 0;
  }

  /** A page is about to be stored. */
  begin(): void {
    this.#left -= this.#context.costOf(0);
  }

  /** A page of so many bytes was stored. */
  stored(bytes: number): void {
    const { costOf } = this.#context;
    this.#left -= costOf(bytes) - costOf(0);
  }
}

/** The part of the time since the last call that this thread's event loop was busy. */
export function createBusy(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}

/** Milliseconds that the event loop spends on a page, beside what the thread pool does. Measured, rounded up. */
const OWN = 0.25;
/** The same for a thread of the pool. */
const POOL = 0.25;
/** Nanoseconds that a byte takes: copied, written, and compressed twice. */
const COPIED = 2;
const COMPRESSED = 60;

/**
 * What a page costs the visitors. On a machine with one processor the thread pool takes its time from the event loop.
 *
 * @param processors how many this process may use.
 */
export function costFor(processors: number, compresses: boolean): (bytes: number) => number {
  const alone = processors === 1;
  const perByte = COPIED + (alone && compresses ? COMPRESSED : 0);
  return (bytes) => OWN + (alone ? POOL : 0) + (bytes * perByte) / 1e6;
}
