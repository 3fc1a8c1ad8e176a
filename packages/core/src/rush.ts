/** Decides whether one more page may be stored now: so many at once, as the disk keeps up, and as there is time. */
import { availableParallelism } from 'node:os';
import { Allowance, costFor, createBusy, elsewhereFor, measureTurn, shareFor } from './allowance.ts';
import type { ResolvedOptions } from './options.ts';
import { cpuElsewhere, Pace } from './pace.ts';

/** How many responses that have ended may wait for the disk. It does not get faster when more of them do. */
const COMMITS = 8;

interface RushContext {
  readonly options: Pick<ResolvedOptions, 'maxFills' | 'variants' | 'durability'>;
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
  /** How many permissions this process holds. */
  readonly held: () => number;
}

/** What one server stores at the moment. */
export class Rush {
  readonly #context: RushContext;
  readonly #allowance: Allowance;
  /** With more processors than one the threads of the pool take nothing from the event loop. */
  readonly #pace: Pace | undefined;
  readonly #elsewhereOf: (bytes: number) => number;
  /** How many responses have ended and are not stored yet. */
  readonly committing = { count: 0 };

  constructor(context: RushContext) {
    const { options, monotonic } = context;
    const processors = availableParallelism();
    const effort = {
      processors,
      compresses: options.variants.length > 0,
      flushes: options.durability === 'full',
    };
    this.#context = context;
    this.#pace = processors > 1 ? undefined : new Pace({ monotonic, elsewhere: cpuElsewhere });
    this.#elsewhereOf = elsewhereFor(effort);
    this.#allowance = new Allowance({
      monotonic,
      busy: createBusy(processors),
      turn: measureTurn,
      costOf: costFor(effort),
      pace: () => this.#pace?.look(context.held() > 0 || this.committing.count > 0) ?? 1,
      share: shareFor(processors),
    });
  }

  /** Why a page that could be stored is not, at the moment. Asked once for each request that memory can't answer. */
  get reason(): 'too-busy' | undefined {
    const { held, options } = this.#context;
    const isCrowded =
      held() >= options.maxFills || this.committing.count >= COMMITS || this.#allowance.isSpent();
    return isCrowded ? 'too-busy' : undefined;
  }

  /** A page is about to be made and stored. */
  begin(): void {
    this.#allowance.begin();
  }

  /** A page of so many bytes was stored. */
  stored(bytes: number): void {
    this.#allowance.stored(bytes);
    this.#pace?.stored(this.#elsewhereOf(bytes));
  }
}
