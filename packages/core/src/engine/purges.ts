/** Removes pages, and what memory and the bounds know of them. */
import type { Bounds } from '../bounds.ts';
import type { Flights } from '../coalesce/flights.ts';
import type { CacheEvent } from '../events.ts';
import type { Memory } from '../memory/memory.ts';
import { type PurgeHow, purge } from '../purge-scope.ts';
import type { PurgeScope, ScopeContext } from '../purge-steps.ts';
import type { Purged } from '../store/purge-pages.ts';
import type { Work } from './work.ts';

/** What purges are made with. */
export interface PurgesContext extends Omit<ScopeContext, 'detach'> {
  readonly flights: Flights;
  readonly memory: Memory | undefined;
  readonly bounds: Bounds;
  readonly work: Work;
  readonly emit: (event: CacheEvent) => void;
}

/** The purges of one cache. */
export class Purges {
  readonly #context: PurgesContext;

  constructor(context: PurgesContext) {
    this.#context = context;
  }

  /** @throws PagetreeError as `purge` of a scope. */
  async purge(scope: PurgeScope, how: PurgeHow): Promise<Purged> {
    const { flights, bounds, work, emit } = this.#context;
    const detach = (inScope: (key: string) => boolean): void => {
      flights.detach(inScope);
      this.#forget(scope, inScope);
    };
    const purging = purge({ ...this.#context, detach }, scope, how);
    work.track(purging);
    const { label, ...purged } = await purging;
    if (how.dryRun === true) return purged;
    bounds.changed(-purged.pages, -purged.bytes);
    emit({ type: 'purged', scope: label, pages: purged.pages, bytes: purged.bytes });
    return purged;
  }

  /** Makes room in memory. Where a scope is not told by keys, pages go when they are asked for next. */
  #forget(scope: PurgeScope, inScope: (key: string) => boolean): void {
    const { memory } = this.#context;
    if ('path' in scope && scope.recursive !== true) memory?.forget(scope.path);
    else if ('path' in scope || 'glob' in scope || 'all' in scope) memory?.forgetAll(inScope);
  }
}
