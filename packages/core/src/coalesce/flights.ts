/**
 * Flights: the renders of this process that may end in a stored page. Others who miss the same page wait for the end of
 * the flight and look once more; they never get the render itself, only what was stored.
 */

/** One render that others may wait for. */
export interface Flight {
  readonly key: string;
  /** Resolves when there is nothing to wait for any more. */
  readonly ended: Promise<void>;
}

/** Keys remembered as not storable: the most, and for how long in milliseconds. */
const REMEMBERED = 10_000;
const REMEMBER = 10_000;

/** The flights of one cache. `now` is a monotonic clock in milliseconds. */
export class Flights {
  readonly #flights = new Map<string, { flight: Flight; end: () => void }>();
  readonly #unstorable = new Map<string, number>();
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
    const flight: Flight = { key, ended: new Promise((resolve) => (land = resolve)) };
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
    this.#unstorable.delete(key);
    this.#unstorable.set(key, this.#now());
    if (this.#unstorable.size > REMEMBERED) {
      const oldest = this.#unstorable.keys().next().value;
      if (oldest !== undefined) this.#unstorable.delete(oldest);
    }
  }

  /** A page was stored after all. */
  forgetUnstorable(key: string): void {
    this.#unstorable.delete(key);
  }

  /** The response of a key was refused a short while ago. */
  isUnstorable(key: string): boolean {
    const at = this.#unstorable.get(key);
    if (at === undefined) return false;
    if (this.#now() - at < REMEMBER) return true;
    this.#unstorable.delete(key);
    return false;
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
