/** Looks pages up, by the rules and with all events told. */
import type { Bypass, Lookup, PageRequest, Place } from '../contracts.ts';
import type { Finder } from '../finder.ts';
import type { Reader } from '../reader.ts';
import type { Judge } from './judge.ts';
import type { Reports } from './report.ts';

/** How a page is looked up. */
export interface LookupHow {
  /** Ask for a permission to store even though the page is there. @default false */
  readonly refresh?: boolean;
}

/** What look-ups are made with. */
export interface LookupContext {
  readonly judge: Judge;
  readonly reader: Reader;
  readonly finder: Finder;
  readonly reports: Reports;
}

/** The look-ups of one cache. */
export class Lookups {
  readonly #context: LookupContext;

  constructor(context: LookupContext) {
    this.#context = context;
  }

  /** Never rejects because of the disk: then it is a miss without a permission. */
  async lookup(request: PageRequest, { refresh = false }: LookupHow): Promise<Lookup> {
    const { judge, finder, reports } = this.#context;
    const judged = judge.judge(request, refresh);
    const place = judged.place;
    if (place === undefined || (judged.kind === 'bypass' && (refresh || judged.reason !== 'accept')))
      return reports.bypass(judged as Bypass);
    let found: Lookup;
    try {
      found =
        judged.kind === 'bypass'
          ? await this.#findAccepted(request, place, judged)
          : await finder.find(request, place, judged.type, refresh);
    } catch (error) {
      reports.lookupFailed(error, place.key);
      found =
        judged.kind === 'bypass'
          ? judged
          : { kind: 'miss', key: place.key, ticket: undefined, reason: 'disk-error' };
    }
    if (found.kind === 'bypass') return reports.bypass(found);
    if (found.kind === 'hit') reports.hit(place.key, found.page.size);
    else reports.miss(place.key, found.reason);
    return found;
  }

  /** The page of a client that does not take the type of the place: one that is of another type, if it takes that. */
  async #findAccepted(request: PageRequest, place: Place, otherwise: Bypass): Promise<Lookup> {
    const { judge, reader } = this.#context;
    const hidden = reader.mayBeHidden(place) ? await reader.readHidden(place) : undefined;
    if (hidden === undefined) return otherwise;
    const { page, type } = hidden;
    const reason = judge.reasonToPass(request, place.key, type.mediaType, false);
    if (reason === undefined && judge.suitsPlace(request, type.mediaType)) return { kind: 'hit', page };
    await page.close();
    return reason === undefined ? otherwise : { kind: 'bypass', reason };
  }
}
