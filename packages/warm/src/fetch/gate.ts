/** The gate that every request goes through: how many are open at once, how often one begins, and pauses. */
import { AdaptiveLimit } from './limit.ts';
import { longestRetryAfter } from './retry.ts';

/** How polite a run is. */
export interface GateOptions {
  /** The most requests that are open at once; fewer, when the origin cannot do with so many. */
  readonly concurrency: number;
  /** The most requests that begin in a second; `undefined`: no limit. */
  readonly rate: number | undefined;
  /** Seconds for which a connection rests after each response. */
  readonly delay: number;
  readonly signal: AbortSignal;
  /** Milliseconds that only grow. */
  readonly now?: () => number;
  /** Which part of the time since it was asked last this process was busy, from 0 to 1. */
  readonly busy?: () => number;
}

/** What was heard of the origin while a request had its turn. */
export type Heard =
  /** Nothing was asked after all. */
  | { readonly kind: 'unused' }
  /** `latency`: the milliseconds from the request to the last byte. @default all of the turn */
  | { readonly kind: 'answered'; readonly latency?: number }
  /** Something else than a page came: it says nothing of how many pages go at once. */
  | { readonly kind: 'aside' }
  /** The request came to nothing. */
  | { readonly kind: 'failed' }
  /** 429 or 503; `retryAfter`: the milliseconds that were asked for (RFC 9110, 10.2.3). */
  | { readonly kind: 'overloaded'; readonly retryAfter: number | undefined };

/** A turn of one request. */
export interface Turn {
  readonly began: number;
}

/** Lets requests through, in the order in which they came. */
export class Gate {
  readonly #limit: AdaptiveLimit;
  readonly #interval: number;
  readonly #delay: number;
  readonly #now: () => number;
  readonly #signal: AbortSignal;
  readonly #resting = new Set<NodeJS.Timeout>();
  #waiting: ((turn: Turn | undefined) => void)[] = [];
  #open = 0;
  /** No request begins before this time. */
  #next = 0;
  #pausedUntil = 0;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(options: GateOptions) {
    const { concurrency, rate, delay, signal, now = () => performance.now(), busy = createBusy() } = options;
    this.#limit = new AdaptiveLimit(concurrency, busy);
    this.#interval = rate === undefined ? 0 : 1000 / rate;
    this.#delay = delay * 1000;
    this.#now = now;
    this.#signal = signal;
    signal.addEventListener('abort', this.#giveUp, { once: true });
  }

  /** How many requests may be open at the moment. */
  get limit(): number {
    return this.#limit.value;
  }

  /** Waits for a turn; `undefined` when the run was stopped, and after `end`. */
  enter(): Promise<Turn | undefined> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#letThrough();
    });
  }

  /** Gives the turn back, and learns from it. */
  leave({ began }: Turn, heard: Heard): void {
    const now = this.#now();
    if (heard.kind === 'unused') this.#next = Math.max(0, this.#next - this.#interval);
    else if (heard.kind === 'answered') this.#limit.answered(heard.latency ?? now - began);
    else if (heard.kind === 'failed') this.#limit.failed(began, now);
    else if (heard.kind === 'overloaded') {
      this.#limit.overloaded(began, now);
      const { retryAfter: pause = 0 } = heard;
      // A page that asks for more has failed, and the others do not stand still for it.
      if (pause <= longestRetryAfter) this.#pausedUntil = Math.max(this.#pausedUntil, now + pause);
    }
    if (heard.kind === 'unused' || this.#delay === 0 || this.#isOver) this.#close();
    else this.#restThenClose();
  }

  /** Lets nobody through any more, and leaves no timer behind. */
  end(): void {
    this.#ended = true;
    this.#signal.removeEventListener('abort', this.#giveUp);
    this.#giveUp();
  }

  get #isOver(): boolean {
    return this.#ended || this.#signal.aborted;
  }

  readonly #giveUp = (): void => {
    clearTimeout(this.#timer);
    for (const timer of this.#resting) clearTimeout(timer);
    this.#resting.clear();
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  };

  #restThenClose(): void {
    const timer = setTimeout(() => {
      this.#resting.delete(timer);
      this.#close();
    }, this.#delay);
    this.#resting.add(timer);
  }

  #close(): void {
    this.#open -= 1;
    this.#letThrough();
  }

  #letThrough(): void {
    if (this.#isOver) this.#giveUp();
    while (this.#waiting.length > 0 && this.#open < this.#limit.value) {
      const now = this.#now();
      const from = Math.max(this.#next, this.#pausedUntil);
      if (from > now) {
        this.#lookAgainIn(from - now);
        return;
      }
      this.#open += 1;
      if (this.#interval > 0) this.#next = Math.max(now, this.#next) + this.#interval;
      this.#waiting.shift()!({ began: now });
    }
  }

  #lookAgainIn(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#letThrough(), Math.ceil(milliseconds));
  }
}

/** The part of the time since the last call that the event loop of this thread was busy. */
function createBusy(): () => number {
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  };
}
