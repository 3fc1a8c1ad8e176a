/**
 * How long storing a page really takes. What a page costs was measured on one machine; others, and the same one on another
 * day, take several times as long, and a server that reckons too little slows its visitors down. What the threads of the
 * pool take for a page can be read off: it is the processor time of this process that is not the event loop's.
 */
import { readFileSync } from 'node:fs';

/** What a pace is taken from. */
export interface PaceContext {
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
  /** The processor time of this process beside its event loop so far, in milliseconds; `undefined`: nobody can tell. */
  readonly elsewhere: () => number | undefined;
}

/** So much reckoned work makes a measurement, in milliseconds: some twenty pages. */
const ENOUGH = 20;
/** No machine is taken for slower than so many times the measured one: other work of the process is seen here, too. */
const SLOWEST = 8;

/** How many times longer storing takes than was reckoned. */
export class Pace {
  readonly #context: PaceContext;
  #factor = 1;
  #at: number;
  #elsewhere: number | undefined;
  /** Of the time in which nothing is stored, the part that other threads are busy all the same. */
  #otherwise = 0;
  /** Since the last measurement: what storing took elsewhere, and what was reckoned for it. */
  #took = 0;
  #reckoned = 0;
  #hasStored = false;

  constructor(context: PaceContext) {
    this.#context = context;
    this.#at = context.monotonic();
    this.#elsewhere = context.elsewhere();
  }

  /** A page was stored, for which so many milliseconds of other threads had been reckoned. */
  stored(milliseconds: number): void {
    this.#reckoned += milliseconds;
    this.#hasStored = true;
  }

  /**
   * How many times longer than reckoned a page takes, 1 at least. Asked every now and then.
   *
   * @param isStoring pages are being stored at this moment.
   */
  look(isStoring: boolean): number {
    const now = this.#context.monotonic();
    const elsewhere = this.#context.elsewhere();
    if (elsewhere === undefined || this.#elsewhere === undefined) return this.#factor;
    const time = now - this.#at;
    const used = elsewhere - this.#elsewhere;
    const isPure = !isStoring && !this.#hasStored;
    [this.#at, this.#elsewhere, this.#hasStored] = [now, elsewhere, isStoring];
    if (isPure) this.#otherwise += (used / Math.max(1, time) - this.#otherwise) / 4;
    else this.#took += Math.max(0, used - this.#otherwise * time);
    if (this.#reckoned >= ENOUGH) {
      const seen = Math.min(SLOWEST, Math.max(1, this.#took / this.#reckoned));
      this.#factor += (seen - this.#factor) / 2;
      [this.#took, this.#reckoned] = [0, 0];
    }
    return this.#factor;
  }
}

/** The processor time of this process beside the calling thread, in milliseconds; `undefined` where the system does not tell. */
export function cpuElsewhere(): number | undefined {
  const own = cpuOfThisThread();
  if (own === undefined) return undefined;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 - own;
}

function cpuOfThisThread(): number | undefined {
  // From Node 23.9 on.
  const { threadCpuUsage } = process as { threadCpuUsage?: () => NodeJS.CpuUsage };
  if (threadCpuUsage) {
    const { user, system } = threadCpuUsage.call(process);
    return (user + system) / 1000;
  }
  try {
    // Linux: nanoseconds on a processor, those of waiting for one, and how often (Documentation/scheduler/sched-stats.rst).
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]) / 1e6;
  } catch {
    return undefined;
  }
}
