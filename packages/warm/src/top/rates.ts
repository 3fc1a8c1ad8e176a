/** From counts that only grow to how fast they grow lately. Pure. */
import { numberNames, type ProcessCounts, type ReasonsName, reasonsNames } from './counters.ts';

/** All processes together: since each began, and a second lately. */
export interface Totals {
  readonly processes: number;
  readonly pids: readonly number[];
  readonly numbers: Readonly<Record<Counted, number>>;
  /** `undefined` until there was a second look. */
  readonly rates: Readonly<Record<Counted, number>> | undefined;
  readonly reasons: Readonly<Record<ReasonsName, readonly ReasonTotal[]>>;
}

/** How often one reason was given. */
export interface ReasonTotal {
  readonly reason: string;
  readonly count: number;
}

/** What has a rate: every number, and the sum of the reasons of each kind. */
export type Counted = (typeof numberNames)[number] | ReasonsName;

const counted: readonly Counted[] = [...numberNames, ...reasonsNames];

/** Rates are of the last ten seconds. */
const SPAN = 10_000;

interface Sample {
  readonly at: number;
  readonly numbers: Record<Counted, number>;
}

/**
 * Adds processes up, look after look. What a process has counted before it was first seen is no rate, and one that is gone
 * takes its numbers with it: growth is measured process by process.
 */
export class Growth {
  #known = new Map<string, Record<Counted, number>>();
  readonly #grown: Record<Counted, number> = zero();
  readonly #samples: Sample[] = [];

  /** @param at milliseconds that only grow. */
  look(all: readonly ProcessCounts[], at: number): Totals {
    const numbers = zero();
    const known = new Map<string, Record<Counted, number>>();
    for (const one of all) {
      const now = flat(one);
      const before = this.#known.get(one.name);
      known.set(one.name, now);
      for (const name of counted) {
        numbers[name] += now[name];
        if (before !== undefined) this.#grown[name] += Math.max(0, now[name] - before[name]);
      }
    }
    this.#known = known;
    this.#samples.push({ at, numbers: { ...this.#grown } });
    while (this.#samples.length > 2 && this.#samples[1]!.at <= at - SPAN) this.#samples.shift();
    return {
      processes: all.length,
      pids: all.map(({ pid }) => pid),
      numbers,
      rates: this.#rates(at),
      reasons: {
        bypassed: mostFrequent(all, 'bypassed'),
        refused: mostFrequent(all, 'refused'),
        aborted: mostFrequent(all, 'aborted'),
        unstored: mostFrequent(all, 'unstored'),
        errors: mostFrequent(all, 'errors'),
      },
    };
  }

  #rates(at: number): Totals['rates'] {
    const first = this.#samples[0]!;
    if (at <= first.at) return undefined;
    const rates = zero();
    for (const name of counted)
      rates[name] = ((this.#grown[name] - first.numbers[name]) * 1000) / (at - first.at);
    return rates;
  }
}

function zero(): Record<Counted, number> {
  return Object.fromEntries(counted.map((name) => [name, 0])) as Record<Counted, number>;
}

function flat({ numbers, reasons }: ProcessCounts): Record<Counted, number> {
  const sums = reasonsNames.map((name) => [name, Object.values(reasons[name]).reduce((a, b) => a + b, 0)]);
  return { ...numbers, ...Object.fromEntries(sums) } as Record<Counted, number>;
}

function mostFrequent(all: readonly ProcessCounts[], kind: ReasonsName): ReasonTotal[] {
  const sums = new Map<string, number>();
  for (const { reasons } of all) {
    for (const [reason, times] of Object.entries(reasons[kind])) {
      sums.set(reason, (sums.get(reason) ?? 0) + times);
    }
  }
  return [...sums]
    .map(([reason, count]) => ({ reason, count }))
    .sort((one, other) => other.count - one.count || (one.reason < other.reason ? -1 : 1));
}
