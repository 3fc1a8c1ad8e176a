/**
 * How much a server may store beside answering. Every page that is stored takes processor time from the visitors who wait
 * at that moment, and an application that answers in no time is asked for more pages than any disk takes. So storing
 * gets what the event loop leaves over, and a little in any case: a busy site fills its tree too, more slowly.
 */

/** What an allowance is made from. */
export interface AllowanceContext {
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
  /** Which part of the time since it was asked last this process was busy, from 0 to 1. */
  readonly busy: () => number;
  /** How long a page of so many bytes keeps a processor of ours busy, in milliseconds. */
  readonly costOf: (bytes: number) => number;
}

/** What storing gets of the time, however busy we are. */
const LEAST = 0.05;
/** What an idle server saves up for a rush, in milliseconds of work. */
const MOST = 1000;
/** How often it is asked how busy we are, in milliseconds. */
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

/**
 * The part of the time since the last call that this process was busy: its event loop, or with all its threads the
 * processors it may use. What was stored meanwhile counts, so storing takes about half of what is left over.
 */
export function createBusy(processors: number): () => number {
  let loop = performance.eventLoopUtilization();
  let cpu = process.cpuUsage();
  let at = performance.now();
  return () => {
    const nowLoop = performance.eventLoopUtilization();
    const nowCpu = process.cpuUsage();
    const now = performance.now();
    const { utilization } = performance.eventLoopUtilization(nowLoop, loop);
    const used = (nowCpu.user - cpu.user + nowCpu.system - cpu.system) / 1000;
    const share = used / Math.max(1, now - at) / processors;
    [loop, cpu, at] = [nowLoop, nowCpu, now];
    return Math.min(1, Math.max(utilization, share));
  };
}

/** How pages are stored, as far as it changes what they cost. */
export interface Effort {
  /** How many processors this process may use. */
  readonly processors: number;
  /** Variants are made. */
  readonly compresses: boolean;
  /** Each page is flushed to the disk. */
  readonly flushes: boolean;
}

/** What the event loop does for a page, in milliseconds of processor time. Measured, rounded up, as all of these are. */
const OWN = 0.25;
/** What the threads of the pool do for it: their file calls, a flush, two variants. */
const CALLS = 0.25;
const FLUSH = 0.4;
const VARIANTS = 0.3;
/** What a byte takes, in nanoseconds: to be copied, and to be compressed twice. */
const COPIED = 2;
const COMPRESSED = 20;

/** What a page costs the visitors. With one processor the thread pool takes its time from the event loop. */
export function costFor({ processors, compresses, flushes }: Effort): (bytes: number) => number {
  if (processors > 1) return (bytes) => OWN + (bytes * COPIED) / 1e6;
  const page = OWN + CALLS + (flushes ? FLUSH : 0);
  return (bytes) =>
    page +
    (compresses && bytes > 0 ? VARIANTS : 0) +
    (bytes * (COPIED + (compresses ? COMPRESSED : 0))) / 1e6;
}
