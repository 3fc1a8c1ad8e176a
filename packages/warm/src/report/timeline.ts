import type { Outcome } from '../results.ts';

/** How many results of each kind came within one stretch of time. */
export type Stretch = Readonly<Record<Outcome, number>>;

const mostStretches = 120;

/** When results came: in a hundred stretches or so, however long the run. */
export class Timeline {
  /** Milliseconds of one stretch. */
  width = 100;
  readonly #began: number;
  #stretches: Record<Outcome, number>[] = [];

  /** @param now Milliseconds that only grow. */
  constructor(now: number) {
    this.#began = now;
  }

  get stretches(): readonly Stretch[] {
    return this.#stretches;
  }

  add(outcome: Outcome, now: number): void {
    const passed = now - this.#began;
    while (passed >= this.width * mostStretches) this.#double();
    const at = Math.floor(passed / this.width);
    while (this.#stretches.length <= at) this.#stretches.push(none());
    this.#stretches[at]![outcome] += 1;
  }

  /** Every two stretches become one. */
  #double(): void {
    this.width *= 2;
    const halves = this.#stretches;
    this.#stretches = Array.from({ length: Math.ceil(halves.length / 2) }, (_, at) => {
      const sum = none();
      for (const half of halves.slice(at * 2, at * 2 + 2)) {
        for (const outcome of Object.keys(sum) as Outcome[]) sum[outcome] += half[outcome];
      }
      return sum;
    });
  }
}

function none(): Record<Outcome, number> {
  return { stored: 0, present: 0, refused: 0, failed: 0, planned: 0 };
}
