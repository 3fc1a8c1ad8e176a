/** The engine of the tree that a path leads to: from one moment to the next that may be another tree, or none. */
import type { Engine } from './engine.ts';
import { PagetreeError } from './errors.ts';
import { compareTree, leadsTo, removeBareFolders, treeIn } from './store/link.ts';

/** How often a link is read, in milliseconds. A purge reads it in any case. */
const LOOK_EVERY = 250;

/**
 * How often a tree is opened again, in milliseconds: one whose disk was full, until it can be tried out, and one that was removed
 * by hand. A purge opens the latter in any case.
 */
const TRY_EVERY = 10_000;

/** What a cache is made from. */
export interface Making {
  /** The folder as it was named, absolute. */
  readonly path: string;
  /** Opens the tree in a folder. `mustExist`: it is not made. */
  readonly open: (path: string, mustExist: boolean) => Engine;
  readonly mustExist: boolean;
  /** A tree that was removed by hand is made again, and one that somebody put in its place is taken for what it is. */
  readonly remakes: boolean;
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
}

/** Follows the path of one cache. */
export class Live {
  readonly #making: Making;
  readonly #leaving = new Set<Promise<void>>();
  #engine: Engine;
  /** Which tree that is. */
  #tree: string | undefined;
  #looked: number;
  #tried: number;
  #closed = false;
  #fault: Error | undefined;

  constructor(making: Making) {
    this.#making = making;
    this.#engine = making.open(making.path, making.mustExist);
    this.#tree = treeIn(this.#engine.cacheDir);
    this.#looked = making.monotonic();
    this.#tried = this.#looked;
    this.#tellUntried(this.#engine);
  }

  /** The engine of the tree that was found last. */
  get engine(): Engine {
    return this.#engine;
  }

  /** Why nothing may be read or stored: what is in the folder now is not the tree that was opened, and cannot be opened itself. */
  get fault(): Error | undefined {
    return this.#fault;
  }

  /** Does something in the live tree; in the one that took its place when it was removed meanwhile. */
  async inTree<T>(act: (engine: Engine) => Promise<T>): Promise<readonly [engine: Engine, result: T]> {
    for (;;) {
      const engine = this.follow(true);
      if (this.#fault) throw incomplete(this.#fault);
      try {
        return [engine, await act(engine)];
      } catch (error) {
        if (leadsTo(engine.cacheDir) !== undefined || this.follow(true) === engine) throw error;
      }
    }
  }

  /** The live engine, for who can be told why there is none. */
  sound(): Engine {
    const engine = this.follow(true);
    if (this.#fault) throw this.#fault;
    return engine;
  }

  /** The engine of the tree that the path leads to. What the one before it is storing ends there. */
  follow(now = false): Engine {
    const { path, remakes, monotonic, open } = this.#making;
    const at = monotonic();
    if (this.#closed || (!now && at - this.#looked < LOOK_EVERY)) return this.#engine;
    this.#looked = at;
    const before = this.#engine;
    const found = compareTree(path, { root: before.cacheDir, tree: this.#tree });
    const isDue = at - this.#tried >= TRY_EVERY;
    const isOther = found === 'elsewhere' || (found === 'replaced' && remakes);
    const isGone = found === 'gone' && remakes;
    if (found === 'same') this.#fault = undefined;
    const isUntried = found === 'same' && before.untried !== undefined;
    if (!isOther && !(isGone && (now || isDue)) && !(isUntried && isDue)) {
      if (isGone) this.#fault ??= new Error(`the tree at ${before.cacheDir} was removed`);
      return before;
    }
    this.#tried = at;
    try {
      if (isGone) removeBareFolders(before.cacheDir);
      const opened = open(path, !isGone);
      this.#tellUntried(opened);
      // Its disk is still full: what the one before it is doing need not end.
      if (isUntried && opened.untried !== undefined) return before;
      this.#engine = opened;
      this.#tree = treeIn(opened.cacheDir);
      this.#fault = undefined;
    } catch (error) {
      // It may be a tree in a moment. Until then pages of the tree before are better than none, where that is still there.
      if (found !== 'elsewhere' && found !== 'same') this.#fault = error as Error;
      before.tell('open', error as Error);
      return before;
    }
    const leaving: Promise<void> = before.close().finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
    return this.#engine;
  }

  /** A line a minute at most. */
  #tellUntried({ untried }: Engine): void {
    if (untried !== undefined) this.#engine.tell('open', untried);
  }

  /** Closes the engine, and waits for those before it. Nothing is followed from here on. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#engine.close(), ...this.#leaving]);
  }
}

function incomplete(cause: Error): PagetreeError {
  return new PagetreeError('ERR_PAGETREE_PURGE_INCOMPLETE', `purge: ${cause.message}`, { cause });
}
