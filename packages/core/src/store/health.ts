/**
 * Turns failures of the disk into few events and, when they repeat, into a pause of writing: a full disk
 * must cost the visitors nothing and the log a line a minute.
 */
import type { CacheEvent } from '../events.ts';
import { codeOf } from './io.ts';

/** How many failures in a row start a pause. */
const FAILURES = 5;
/** How long writing then pauses, in milliseconds. */
const PAUSE = 10_000;
/** How often one cause is told, in milliseconds. */
const EVERY = 60_000;
/** Causes that are remembered. Codes are few; this bounds what a strange file system can do. */
const CAUSES = 64;

/** The health of one cache's disk. `now` is a monotonic clock in milliseconds. */
export class Health {
  #failures = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  readonly #told = new Map<string, { at: number; suppressed: number }>();
  readonly #now: () => number;
  readonly #emit: (event: CacheEvent) => void;

  constructor(now: () => number, emit: (event: CacheEvent) => void) {
    this.#now = now;
    this.#emit = emit;
  }

  /** Writing pauses at the moment. */
  get paused(): boolean {
    return this.#now() < this.#pausedUntil;
  }

  /** A write went well: failures before it no longer count. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** A write failed. */
  failed(during: string, error: Error, key?: string): void {
    this.#failures += 1;
    if (this.#failures >= FAILURES) {
      this.#failures = 0;
      this.#pausedUntil = this.#now() + PAUSE;
    }
    this.tell(during, error, key);
  }

  /** Tells of an error without counting it against writing. */
  tell(during: string, error: Error, key?: string): void {
    const cause = `${during} ${codeOf(error) ?? error.name}`;
    const now = this.#now();
    const last = this.#told.get(cause);
    if (last && now - last.at < EVERY) {
      last.suppressed += 1;
      return;
    }
    if (!last && this.#told.size >= CAUSES) this.#told.clear();
    this.#told.set(cause, { at: now, suppressed: 0 });
    this.#emit({
      type: 'error',
      during,
      ...(key === undefined ? {} : { key }),
      error,
      suppressed: last?.suppressed ?? 0,
    });
  }
}
