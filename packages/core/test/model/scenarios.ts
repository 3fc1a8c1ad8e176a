/** What processes of the model do at once. */
import { fill } from './fill.ts';
import type { Steps } from './program.ts';
import { everyVersion, purgeKey, purgePattern, purgeTag } from './purge.ts';
import { purgeEverything } from './purge-everything.ts';
import type { ModelScenario } from './search.ts';
import { OLD } from './state.ts';

export const refresh = fill({ refresh: true });
export const tagged = fill({ refresh: true, tag: true });
export const overdue = fill({ refresh: true, overdue: true });
export const byTag = purgeTag(everyVersion);

const beside = (...actors: Steps[]): ModelScenario => ({ actors, old: true, listed: true });

/** Of two processes, with every call in two halves. */
export const inHalves: Readonly<Record<string, ModelScenario>> = {
  'two fills of a page that is not there': { actors: [fill(), fill()] },
  'two refreshes': beside(refresh, refresh),
  'two refreshes that take each other for overdue': beside(overdue, overdue),
  'a refresh and a purge of the page': beside(refresh, purgeKey),
  'a refresh and a purge by pattern': beside(refresh, purgePattern),
  'a tagged refresh and a purge of the tag': beside(tagged, byTag),
  'a refresh without the tag and a purge of the tag': beside(refresh, purgeTag(1 << OLD)),
  'a refresh and a purge of everything': beside(refresh, purgeEverything),
};

/** Of three processes, with every call in one piece. */
export const inPieces: Readonly<Record<string, ModelScenario>> = {
  'two fills of a page that is not there and a purge of it': { actors: [fill(), fill(), purgeKey] },
  'two refreshes and a purge of the page': beside(refresh, refresh, purgeKey),
  'two refreshes and a purge by pattern': beside(refresh, refresh, purgePattern),
  'two refreshes and a purge of everything': beside(refresh, refresh, purgeEverything),
  'a refresh and two purges of the page': { ...beside(refresh, purgeKey, purgeKey), loose: true },
  'a refresh, a purge of the page and one of everything': {
    ...beside(refresh, purgeKey, purgeEverything),
    loose: true,
  },
};

/** Those that take longer. */
export const longer: Readonly<Record<string, ModelScenario>> = {
  'two tagged refreshes and a purge of the tag': beside(tagged, tagged, byTag),
  'two overdue refreshes and a purge of the page': beside(overdue, overdue, purgeKey),
  'two overdue refreshes and a purge of everything': beside(overdue, overdue, purgeEverything),
  'two overdue refreshes and a purge by pattern': beside(overdue, overdue, purgePattern),
  'a tagged refresh and two purges of the tag': { ...beside(tagged, byTag, byTag), loose: true },
  'three refreshes': beside(refresh, refresh, refresh),
  'three refreshes of which two die': { ...beside(refresh, refresh, refresh), deaths: 2 },
  'two refreshes and a purge of the page, of which two die': {
    ...beside(refresh, refresh, purgeKey),
    deaths: 2,
  },
  'two refreshes and a purge of everything, of which two die': {
    ...beside(refresh, refresh, purgeEverything),
    deaths: 2,
  },
};
