import { count, duration, rate } from './numbers.ts';

/** Where a run stands. */
export interface Progress {
  /** URLs with a result. */
  readonly done: number;
  /** How many were read from the lists. */
  readonly listed: number;
  /** The lists were read to their end: there are no more. */
  readonly complete: boolean;
  readonly refused: number;
  readonly failed: number;
  /** Results a second, lately. */
  readonly perSecond: number;
}

/**
 * One line about a run, no wider than `width`: what does not fit is left out, the least important first.
 *
 * @example '1,204 of 10,432 pages  812/s  3 failed  14 refused  11s left'
 */
export function progressLine(progress: Progress, width: number): string {
  const { done, listed, complete, refused, failed, perSecond } = progress;
  const parts = [`${count(done)} of ${count(listed)}${complete ? '' : '+'} pages`];
  parts.push(`${rate(perSecond)}/s`);
  if (failed > 0) parts.push(`${count(failed)} failed`);
  if (refused > 0) parts.push(`${count(refused)} refused`);
  const left = (listed - done) / perSecond;
  // Below that the guess says nothing: the last pages are those that take long.
  if (complete && Number.isFinite(left) && left >= 1) parts.push(`${duration(left)} left`);
  let line = parts[0]!.slice(0, Math.max(0, width));
  for (const part of parts.slice(1)) {
    if (line.length + 2 + part.length > width) break;
    line += `  ${part}`;
  }
  return line;
}

/** How fast a count grew over the last ten seconds. */
export class RecentRate {
  readonly #span = 10_000;
  readonly #samples: { readonly at: number; readonly done: number }[] = [];

  /** Notes the count at a time in milliseconds; answers the rate a second. */
  sample(at: number, done: number): number {
    this.#samples.push({ at, done });
    while (this.#samples.length > 2 && this.#samples[1]!.at <= at - this.#span) this.#samples.shift();
    const first = this.#samples[0]!;
    return at > first.at ? ((done - first.done) * 1000) / (at - first.at) : 0;
  }
}
