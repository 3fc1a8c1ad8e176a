/** What a cache is doing at the moment, so that closing it can wait. */
import { PagetreeError } from '../errors.ts';

/** The open work of one cache. */
export class Work {
  readonly #open = new Set<Promise<unknown>>();
  #closed = false;

  /** Nothing may be begun any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Waits for a piece of work when the cache is closed. What becomes of it is for others to see. */
  track(work: Promise<unknown>): void {
    const settled: Promise<void> = work
      .then(
        () => {},
        () => {},
      )
      .then(() => void this.#open.delete(settled));
    this.#open.add(settled);
  }

  /** @throws PagetreeError ERR_PAGETREE_CLOSED when the cache is closed. */
  refuseWhenClosed(call: string): void {
    if (this.#closed) throw new PagetreeError('ERR_PAGETREE_CLOSED', `${call}: the cache is closed.`);
  }

  /** Nothing is begun from now on. */
  close(): void {
    this.#closed = true;
  }

  /** Resolves when nothing is open. */
  async settled(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open);
  }
}
