/**
 * Flights: the renders of this process that may end in a stored page. Others who miss the same page wait for the end of
 * the flight and look once more; they never get the render itself, only what was stored.
 */

/** One render that others may wait for. */
export interface Flight {
  readonly key: string;
  /** When it began, in milliseconds of the cache's monotonic clock. */
  readonly began: number;
  /** Resolves when there is nothing to wait for any more. */
  readonly ended: Promise<void>;
}

/** Keys remembered as not worth a wait: the most, and for how long in milliseconds. */
const REMEMBERED = 10_000;
const REFUSED = 10_000;
const SLOW = 60_000;

/** The flights of one cache. `now` is a monotonic clock in milliseconds. */
export class Flights {
  readonly #flights = new Map<string, { flight: Flight; end: () => void }>();
  /** Keys, and until when nobody waits for them. */
  readonly #passed = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The flight of a key that may be joined. */
  get(key: string): Flight | undefined {
    return this.#flights.get(key)?.flight;
  }

  /** Starts the flight of a key. Returns what ends it; calling that twice is harmless. */
  start(key: string): () => void {
    let land!: () => void;
    const ended = new Promise<void>((resolve) => (land = resolve));
    const flight: Flight = { key, began: this.#now(), ended };
    const end = (): void => {
      if (this.#flights.get(key)?.flight === flight) this.#flights.delete(key);
      land();
    };
    this.#flights.set(key, { flight, end });
    return end;
  }

  /** A purge overtook these renders: nobody joins them any more, and who waits is let go. */
  detach(inScope: (key: string) => boolean): void {
    for (const [key, { end }] of this.#flights) if (inScope(key)) end();
  }

  /** The response of a key was refused: for a while nobody waits for it, so that private pages do not queue. */
  rememberUnstorable(key: string): void {
    this.#remember(key, REFUSED);
  }

  /** The render of a key outlasted those who waited: for a while nobody does, so that streams and slow pages do not queue. */
  rememberSlow(key: string): void {
    this.#remember(key, SLOW);
  }

  #remember(key: string, milliseconds: number): void {
    // Put last, so that the first one is the oldest.
    this.#passed.delete(key);
    this.#passed.set(key, this.#now() + milliseconds);
    if (this.#passed.size > REMEMBERED) {
      const oldest = this.#passed.keys().next().value;
      if (oldest !== undefined) this.#passed.delete(oldest);
    }
  }

  /** A page was stored after all. */
  forget(key: string): void {
    this.#passed.delete(key);
  }

  /** Whether a render of the key may end in a page before those who wait give up, as far as is known. */
  isWorthAWait(key: string): boolean {
    const until = this.#passed.get(key);
    if (until === undefined) return true;
    if (this.#now() < until) return false;
    this.#passed.delete(key);
    return true;
  }

  /** Lets everybody go. */
  close(): void {
    this.detach(() => true);
  }
}

/** Waits for a promise, but not longer than some milliseconds. Keeps no process alive. Returns whether it resolved in time. */
export async function within(promise: Promise<void>, milliseconds: number): Promise<boolean> {
  if (milliseconds <= 0) return false;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
