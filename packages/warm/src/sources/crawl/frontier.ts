import { SpillList } from '../spill.ts';

/** A page that is to be visited, and where its link stands. */
export interface Discovered {
  readonly target: string;
  /** The page with the link. */
  readonly source: string;
  readonly line: number;
}

/**
 * What is still to be visited, level by level: all pages one click away before any that is two clicks away. So the
 * depth of a page is the number of clicks that it takes, however fast which page was answered.
 *
 * Takes little memory: what waits for the next level may go to a temporary file.
 */
export class Frontier {
  #next = new SpillList();
  /** The pages that were handed out and are not settled. */
  readonly #open = new Map<string, number>();
  #quiet = () => {};

  /** The depth of a page that was handed out; `undefined` when it is settled, or was never handed out. */
  depthOf(target: string): number | undefined {
    return this.#open.get(target);
  }

  /** Notes a page for the next level. */
  add({ target, source, line }: Discovered): void {
    this.#next.add(JSON.stringify([target, source, line]));
  }

  /** A page is handed out: the next level waits for it. */
  begin(target: string, depth: number): void {
    this.#open.set(target, depth);
  }

  /** All links of a page are known, or there will never be any. May be called again. */
  settle(target: string): void {
    this.#open.delete(target);
    if (this.#open.size === 0) this.#quiet();
  }

  /** Waits until every page that was handed out is settled, then gives the next level; empty at the end, or after an abort. */
  async *level(signal: AbortSignal): AsyncGenerator<Discovered> {
    await this.#allSettled(signal);
    const level = this.#next;
    this.#next = new SpillList();
    for (const text of level.drain()) {
      if (signal.aborted) return;
      const [target, source, line] = JSON.parse(text) as [string, string, number];
      yield { target, source, line };
    }
  }

  close(): void {
    this.#next.close();
    this.#open.clear();
    this.#quiet();
  }

  async #allSettled(signal: AbortSignal): Promise<void> {
    if (this.#open.size === 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const stop = () => resolve();
      this.#quiet = () => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
      signal.addEventListener('abort', stop, { once: true });
    });
    this.#quiet = () => {};
  }
}
