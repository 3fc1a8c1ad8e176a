/** What a cache knows of a request without waiting. */
import type { Flights } from '../coalesce/flights.ts';
import type { Glance, PageRequest } from '../contracts.ts';
import type { Finder } from '../finder.ts';
import type { Memory } from '../memory/memory.ts';
import type { Reader } from '../reader.ts';
import type { Rush } from '../rush.ts';
import type { Judge } from './judge.ts';
import type { Reports } from './report.ts';

/** What glances are made with. */
export interface GlanceContext {
  readonly memory: Memory | undefined;
  readonly judge: Judge;
  readonly reader: Reader;
  readonly finder: Finder;
  readonly flights: Flights;
  readonly rush: Rush;
  readonly reports: Reports;
}

/** The glances of one cache. */
export class Glances {
  readonly #context: GlanceContext;

  constructor(context: GlanceContext) {
    this.#context = context;
  }

  /** A page from memory, for which the tree was asked this very moment, or that the request does not touch the cache. */
  at(request: PageRequest): Glance | undefined {
    const { memory, judge, reports } = this.#context;
    // Every key has one accepted spelling, so a target that is a key in memory is that page's.
    const kept = memory?.get(request.target);
    if (kept === undefined) return this.#atTree(request);
    const key = request.target;
    if (kept.behind !== undefined && !judge.suitsPlace(request, kept.mediaType)) return undefined;
    const reason = judge.reasonToPass(request, key, kept.mediaType, false);
    if (reason !== undefined) return reports.bypass({ kind: 'bypass', reason });
    const accepted = request.headers['accept-encoding'];
    const hit = memory!.answer(key, kept, typeof accepted === 'string' ? accepted : undefined);
    if (hit !== undefined) reports.hit(key, kept.size);
    return hit;
  }

  /** A miss is known at once when it can't be stored anyway: then all there is to ask is whether the place is empty. */
  #atTree(request: PageRequest): Glance | undefined {
    const { judge, reader, finder, flights, rush, reports } = this.#context;
    const judged = judge.judge(request, false);
    if (judged.kind === 'bypass') {
      // A page that is of another type than its place may be just what the client accepts.
      const isOpen = judged.reason === 'accept' && reader.mayBeHidden(judged.place!);
      return isOpen ? undefined : reports.bypass(judged);
    }
    const { place } = judged;
    const { key } = place;
    const reason = finder.reasonNotToStore(request) ?? rush.reason;
    // Who makes the page at the moment is worth waiting for.
    if (reason === undefined || flights.get(key) !== undefined || !reader.isAbsent(place)) return undefined;
    reports.miss(key, reason);
    return { kind: 'miss', key, ticket: undefined, reason };
  }
}
