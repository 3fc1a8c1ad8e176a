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
  /** Tells how long, in milliseconds, what comes next has to wait until the event loop gets to it. */
  readonly turn: (tell: (milliseconds: number) => void) => void;
  /** How long a page of so many bytes keeps a processor of ours busy, in milliseconds, as was reckoned. */
  readonly costOf: (bytes: number) => number;
  /** How many times longer it takes than was reckoned. */
  readonly pace: () => number;
  /** Which part of the time that is left over storing gets. */
  readonly share: number;
}

/** What storing gets of the time, however busy we are. */
const LEAST = 0.05;
/** What an idle server saves up for a rush, in milliseconds of work. */
const MOST = 250;
/** How often it is asked how busy we are, in milliseconds. */
const EVERY = 50;
/** From here on there is no time left. */
const FULL = 0.9;
/** A visitor waits a few turns of the event loop for a permission. A longer one is felt, in milliseconds. */
const LONG_TURN = 5;
/** Of so many visitors one waits for it all the same: fewer than one in a hundred. */
const ONE_IN = 200;

/** The time that one server may spend on storing. */
export class Allowance {
  readonly #context: AllowanceContext;
  #left = MOST;
  #askedAt: number;
  #turn = 0;
  /** The event loop is full, and its turns are long: each page that is stored is one visitor's delay. */
  #isCrammed = false;
  #passed = 0;
  #pace = 1;

  constructor(context: AllowanceContext) {
    this.#context = context;
    this.#askedAt = context.monotonic();
  }

  /** Whether the visitor who comes now is to be answered without storing. Asked once a miss. */
  isSpent(): boolean {
    const now = this.#context.monotonic();
    if (now - this.#askedAt >= EVERY) this.#earn(now);
    if (this.#left <= 0) return true;
    if (!this.#isCrammed) return false;
    this.#passed = (this.#passed + 1) % ONE_IN;
    return this.#passed !== 0;
  }

  #earn(now: number): void {
    const { busy, pace, share, turn } = this.#context;
    const load = busy();
    this.#pace = pace();
    this.#left = Math.min(MOST, this.#left + (now - this.#askedAt) * Math.max(LEAST, share * (1 - load)));
    this.#askedAt = now;
    this.#isCrammed = load >= FULL && this.#turn > LONG_TURN;
    turn((milliseconds) => {
      this.#turn = milliseconds;
    });
  }

  /** A page is about to be stored. */
  begin(): void {
    this.#left -= this.#context.costOf(0) * this.#pace;
  }

  /** A page of so many bytes was stored. */
  stored(bytes: number): void {
    const { costOf } = this.#context;
    this.#left -= (costOf(bytes) - costOf(0)) * this.#pace;
  }
}

/** How long what is asked of the event loop now has to wait. */
export function measureTurn(tell: (milliseconds: number) => void): void {
  const began = performance.now();
  setImmediate(() => tell(performance.now() - began));
}

/** Threads of the pool take their time from the event loop where there is one processor for all, so they get less of it. */
export function shareFor(processors: number): number {
  return processors > 1 ? 1 : 0.15;
}

/**
 * The part of the time since the last call that this process was busy: its event loop, or with all its threads the
 * processors it may use. What was stored meanwhile counts, so storing never takes all that is left over.
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

/** What a page takes on threads beside the event loop. */
export function elsewhereFor({ compresses, flushes }: Effort): (bytes: number) => number {
  const page = CALLS + (flushes ? FLUSH : 0);
  return (bytes) =>
    page + (compresses && bytes > 0 ? VARIANTS : 0) + (compresses ? (bytes * COMPRESSED) / 1e6 : 0);
}

/** What a page costs the visitors. With one processor the thread pool takes its time from the event loop. */
export function costFor(effort: Effort): (bytes: number) => number {
  const elsewhere = effort.processors > 1 ? () => 0 : elsewhereFor(effort);
  return (bytes) => OWN + (bytes * COPIED) / 1e6 + elsewhere(bytes);
}
