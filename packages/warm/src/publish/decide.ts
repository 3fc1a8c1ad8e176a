/** What is decided about numbered trees. Pure. */

/** Which tree the link leads to, and which were there. */
export interface Switched {
  /** Every whole tree. */
  readonly whole: readonly number[];
  /** The one that the link leads to now. */
  readonly live: number;
  /** The one that it led to before. */
  readonly previous: number | undefined;
  /** How many older ones are kept for a rollback. */
  readonly keep: number;
}

/**
 * The trees that go after a switch. What is newer than the previous tree was rolled back from, or never got so far as to
 * be switched to: nobody goes back to that.
 */
export function treesToRemove({ whole, live, previous = live, keep }: Switched): number[] {
  const older = whole.filter((number) => number !== live);
  const kept = older
    .filter((number) => number <= previous)
    .sort((one, other) => other - one)
    .slice(0, keep);
  return older.filter((number) => !kept.includes(number));
}

/** The tree that a rollback goes to: the newest that is older than the live one; `undefined` when none is. */
export function treeBefore(whole: readonly number[], live: number): number | undefined {
  return whole.filter((number) => number < live).at(-1);
}

/** The number of the next tree: higher than every one that was. */
export function nextNumber(names: readonly string[], live: number | undefined): number {
  return Math.max(live ?? 0, ...names.map((name) => Number.parseInt(name, 10))) + 1;
}
