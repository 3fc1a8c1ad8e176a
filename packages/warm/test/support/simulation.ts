/** An origin that exists in arithmetic only, with a clock of its own: what the limit does to it is the same every time. */
import { AdaptiveLimit } from '../../src/fetch/limit.ts';

export interface Model {
  /** Milliseconds that a request takes when so many are open as it begins. */
  readonly latency: (open: number) => number;
  /** Whether it is answered with 503. */
  readonly refuses?: (open: number) => boolean;
  /** Milliseconds that we ourselves need for a response when so many are done: one after the other, as an event loop does. */
  readonly own?: (done: number) => number;
}

export interface Simulated {
  /** The limit after each response. */
  readonly limits: readonly number[];
  readonly pages: number;
  readonly refused: number;
  readonly milliseconds: number;
  /** When the limit was first so high. */
  reached(limit: number): number;
}

interface Request {
  readonly began: number;
  readonly ends: number;
  readonly refused: boolean;
}

/** Asks for so many pages, as many at once as the limit says. Latencies differ by a tenth, always in the same way. */
export function simulate(
  { latency, refuses = () => false, own = () => 0 }: Model,
  ceiling: number,
  pages: number,
): Simulated {
  let worked = 0;
  let asked = { worked, now: 0 };
  const busy = (): number => {
    const share = (worked - asked.worked) / Math.max(1, now - asked.now);
    asked = { worked, now };
    return share;
  };
  const limit = new AdaptiveLimit(ceiling, busy);
  const open: Request[] = [];
  const limits: number[] = [];
  const firsts = new Map<number, number>();
  let now = 0;
  let seed = 1;
  let done = 0;
  let refused = 0;
  const jitter = () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return 0.9 + (0.2 * seed) / 2_147_483_647;
  };
  while (done < pages) {
    while (open.length < limit.value) {
      const no = refuses(open.length + 1);
      open.push({ began: now, ends: now + (no ? 1 : latency(open.length + 1) * jitter()), refused: no });
    }
    open.sort((one, other) => one.ends - other.ends);
    const request = open.shift()!;
    // It is heard of when we get to it.
    now = Math.max(now, request.ends) + own(done);
    worked += own(done);
    if (request.refused) {
      refused += 1;
      limit.overloaded(request.began, now);
    } else {
      done += 1;
      limit.answered(now - request.began);
    }
    limits.push(limit.value);
    if (!firsts.has(limit.value)) firsts.set(limit.value, now);
  }
  return {
    limits,
    pages: done,
    refused,
    milliseconds: now,
    reached: (value) => firsts.get(value) ?? Number.POSITIVE_INFINITY,
  };
}
