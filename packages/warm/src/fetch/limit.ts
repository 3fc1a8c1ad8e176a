/** How many requests may be open at once: a pure controller that learns it from what the origin does. */

/** Where the search begins: a small server should not be met with a crowd. */
const start = 4;
/** The least responses that a round is judged by. */
const leastSample = 8;
/** Of what more requests should bring in proportion, this share must be seen for them to stay. */
const worthwhile = 0.25;
/** The most rounds between two tries to go higher. */
const longestPatience = 32;
/** How much latency may grow, with no more requests than before, until it is taken for overload. */
const tolerance = 2;
/** Weight of one response in the share of failures. */
const weight = 0.05;
/** From this share of the time on we ourselves are what takes long. */
const mostBusy = 0.8;
/** Over this share of failures the origin is overloaded; below, single pages are broken. */
const mostFailures = 0.15;

interface Measured {
  readonly limit: number;
  /** Mean latency in milliseconds. */
  readonly latency: number;
}

/**
 * Additive and multiplicative increase as long as it pays, multiplicative decrease when the origin says
 * that it is overloaded, or when its latency says so.
 *
 * By Little's law, pages a second are requests at once divided by latency. So a round at a higher limit
 * is compared with the round before it: when latency grew as much as the limit, the origin only queues, and the
 * limit goes back. Latency is measured here, so while this process is busy all the time (code that is not compiled yet, many
 * small pages) it says nothing of the origin: no limit is cut for it, and a higher one is tried again soon. No clock of its
 * own: times come in as arguments, in milliseconds.
 */
export class AdaptiveLimit {
  readonly #ceiling: number;
  readonly #busy: () => number;
  #value: number;
  /** Below it the limit is doubled, above it a quarter is added. */
  #threshold: number;
  /** The round before the limit was raised. */
  #before: Measured | undefined;
  /** The latency at this limit when the limit was found. */
  #usual: number | undefined;
  #rest = 0;
  #patience = 1;
  #settling = 0;
  #answers = 0;
  #latencies = 0;
  #failures = 0;
  #lastCut = Number.NEGATIVE_INFINITY;

  /**
   * @param ceiling The limit is never higher than this.
   * @param busy Which part of the time since it was asked last this process was busy, from 0 to 1.
   */
  constructor(ceiling: number, busy: () => number = () => 0) {
    this.#ceiling = ceiling;
    this.#busy = busy;
    this.#value = Math.min(start, ceiling);
    this.#threshold = ceiling;
  }

  /** Requests that may be open at once: a whole number from 1 to the ceiling. */
  get value(): number {
    return this.#value;
  }

  /** A response came. */
  answered(latency: number): void {
    this.#failures *= 1 - weight;
    if (this.#settling > 0) {
      this.#settling -= 1;
      return;
    }
    this.#answers += 1;
    this.#latencies += latency;
    if (this.#answers < Math.max(leastSample, this.#isRising ? this.#value : 4 * this.#value)) return;
    this.#judge({ limit: this.#value, latency: this.#latencies / this.#answers });
  }

  /** A request came to nothing. One may be the page's fault; many are not. */
  failed(began: number, now: number): void {
    this.#failures = this.#failures * (1 - weight) + weight;
    if (this.#failures > mostFailures) this.overloaded(began, now);
  }

  /** The origin said that it has too much to do. What it says to requests that began before the last cut is no news. */
  overloaded(began: number, now: number): void {
    if (began < this.#lastCut) return;
    this.#lastCut = now;
    this.#failures = 0;
    this.#threshold = Math.max(1, this.#value / 2);
    this.#patience = 2;
    this.#before = undefined;
    this.#hold(Math.floor(this.#value / 2));
  }

  get #isRising(): boolean {
    return this.#value < this.#threshold && this.#rest === 0;
  }

  #judge(round: Measured): void {
    const before = this.#before;
    this.#before = undefined;
    const isBusy = this.#busy() > mostBusy;
    if (before !== undefined && !pays(before, round)) {
      this.#threshold = before.limit;
      this.#usual = before.latency;
      if (isBusy) this.#patience = 1;
      this.#hold(before.limit);
      if (!isBusy) this.#patience = Math.min(this.#patience * 2, longestPatience);
    } else if (before === undefined && this.#isSlower(round) && !isBusy) {
      this.#hold(Math.floor(this.#value * 0.75));
    } else if (this.#rest > 0) {
      this.#rest -= 1;
      this.#nextRound(0);
    } else {
      if (before !== undefined) {
        this.#patience = 1;
        this.#usual = round.latency;
      }
      this.#raise(round);
    }
  }

  #raise(round: Measured): void {
    this.#nextRound(0);
    if (this.#value >= this.#ceiling) return;
    const factor = this.#value < this.#threshold ? 2 : 1.25;
    this.#before = round;
    const higher = Math.max(this.#value + 1, Math.floor(this.#value * factor));
    this.#nextRound(this.#value);
    this.#value = Math.min(this.#ceiling, higher);
  }

  #isSlower({ latency }: Measured): boolean {
    const usual = this.#usual ?? latency;
    // Slowly: an origin that gets slower and slower must not become the usual one; but other pages may be slower.
    this.#usual = usual + (latency - usual) * 0.1;
    return latency > usual * tolerance;
  }

  #hold(limit: number): void {
    this.#value = Math.max(1, limit);
    this.#rest = this.#patience;
    this.#nextRound(this.#value);
  }

  /** Responses to requests that began at the limit before say nothing about this one. */
  #nextRound(settling: number): void {
    this.#settling = settling;
    this.#answers = 0;
    this.#latencies = 0;
  }
}

/** Whether more requests at once brought more pages a second. */
function pays(before: Measured, after: Measured): boolean {
  const more = after.limit / before.limit;
  const faster = more / Math.max(after.latency / Math.max(before.latency, 0.001), 0.001);
  return (faster - 1) / (more - 1) >= worthwhile;
}
