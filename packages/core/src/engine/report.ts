/** Tells what became of lookups and fills: as events, and to the health of the cache. */
import type { Bypass, FillOutcome, Writer } from '../contracts.ts';
import type { CacheEvent } from '../events.ts';
import type { Reason } from '../policy/reasons.ts';
import type { Health } from '../store/health.ts';
import { codeOf } from '../store/io.ts';

/** What the reports of a cache are made with. */
export interface ReportContext {
  readonly emit: (event: CacheEvent) => void;
  readonly health: Health;
  readonly by: Writer;
  /** A page was stored. */
  readonly onStored: (bytes: number) => void;
}

/** The reports of one cache. */
export class Reports {
  readonly #context: ReportContext;

  constructor(context: ReportContext) {
    this.#context = context;
  }

  hit(key: string, bytes: number): void {
    this.#context.emit({ type: 'hit', key, bytes });
  }

  miss(key: string, reason: Reason | undefined): void {
    this.#context.emit(reason === undefined ? { type: 'miss', key } : { type: 'miss', key, reason });
  }

  /** @returns what is told to the caller, without what only the cache has to know. */
  bypass({ reason }: Bypass): Bypass {
    this.#context.emit({ type: 'bypass', reason });
    return { kind: 'bypass', reason };
  }

  lookupFailed(error: unknown, key: string): void {
    this.#context.health.failed(during(error, 'lookup'), error as Error, key);
  }

  filled(outcome: FillOutcome): void {
    const { emit, health, by, onStored } = this.#context;
    const { key } = outcome;
    if (outcome.kind === 'stored') {
      health.succeeded();
      onStored(outcome.bytes);
      emit({ type: 'stored', key, place: outcome.place, bytes: outcome.bytes, by });
      return;
    }
    const { reason, detail, error } = outcome;
    if (error) health.failed(during(error, 'store'), error, key);
    const told = { key, reason, ...(detail === undefined ? {} : { detail }) };
    emit(reason === 'unfinished' ? { type: 'aborted', ...told } : { type: 'refused', ...told });
  }
}

/** The file call that failed. */
function during(error: unknown, otherwise: string): string {
  return (error as NodeJS.ErrnoException).syscall ?? codeOf(error) ?? otherwise;
}
