/** What processes of the model do at once. */
import { fill } from './fill.ts';
import { newcomer, newcomerThat } from './move.ts';
import { moveBack } from './move-back.ts';
import type { Steps } from './program.ts';
import { everyVersion, purgeKey, purgeMoving, purgePattern, purgePatternMoving, purgeTag } from './purge.ts';
import { purgeEverything, purgeEverythingMoving } from './purge-everything.ts';
import type { ModelScenario } from './search.ts';
import { OLD } from './state.ts';

export const refresh = fill({ refresh: true });
export const tagged = fill({ refresh: true, tag: true });
export const overdue = fill({ refresh: true, overdue: true });
export const byTag = purgeTag(everyVersion);
/** Of a page without variants. */
export const plain = fill({ refresh: true, plain: true });
const plainOverdue = fill({ refresh: true, plain: true, overdue: true });
/** Of a page that may be in its folder. */
export const moving = fill({ refresh: true, moves: true });
export const plainMoving = fill({ refresh: true, plain: true, moves: true });

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
  'two refreshes without variants': beside(plain, plain),
  'two refreshes, one without variants': beside(plain, refresh),
  'two refreshes without variants that take each other for overdue': beside(plainOverdue, plainOverdue),
  'a refresh without variants and a purge of the page': beside(plain, purgeKey),
  'a refresh without variants and a purge by pattern': beside(plain, purgePattern),
  'a refresh without variants and a purge of everything': beside(plain, purgeEverything),
  'a move and a refresh': beside(newcomer, moving),
  'a move and a refresh without variants': beside(newcomer, plainMoving),
  'a move that a refresh takes for overdue': {
    ...beside(newcomer, fill({ refresh: true, moves: true, overdue: true })),
    late: true,
  },
  'a move that a refresh without variants takes for overdue': {
    ...beside(newcomer, fill({ refresh: true, plain: true, moves: true, overdue: true })),
    late: true,
  },
  'a refresh that a move takes for overdue': {
    ...beside(newcomerThat({ overdue: true }), moving),
    late: true,
  },
  'a refresh without variants that a move takes for overdue': {
    ...beside(newcomerThat({ overdue: true }), plainMoving),
    late: true,
  },
  'a move and a purge of the page': beside(newcomer, purgeMoving),
  'a move and a purge by pattern': beside(newcomer, purgePatternMoving),
  'a move and a purge of everything': beside(newcomer, purgeEverythingMoving),
  'two that move one page': beside(newcomer, newcomer),
  'a move back and a refresh': { ...beside(moveBack, moving), inner: true },
  'a move back and a refresh without variants': { ...beside(moveBack, plainMoving), inner: true },
  'a move back and a page below': { ...beside(moveBack, newcomer), inner: true },
  'a move back and a purge of the page': { ...beside(moveBack, purgeMoving), inner: true },
  'a move back and a purge by pattern': { ...beside(moveBack, purgePatternMoving), inner: true },
  'a move back and a purge of everything': { ...beside(moveBack, purgeEverythingMoving), inner: true },
};

/** Of three processes, with every call in one piece. */
export const inPieces: Readonly<Record<string, ModelScenario>> = {
  'two fills of a page that is not there and a purge of it': { actors: [fill(), fill(), purgeKey] },
  'two refreshes and a purge of the page': beside(refresh, refresh, purgeKey),
  'two refreshes and a purge by pattern, of which none dies': {
    ...beside(refresh, refresh, purgePattern),
    deaths: 0,
  },
  'two refreshes without variants and a purge of everything, of which none dies': {
    ...beside(plain, plain, purgeEverything),
    deaths: 0,
  },
  'a refresh and two purges of the page': { ...beside(refresh, purgeKey, purgeKey), loose: true },
  'a refresh, a purge of the page and one of everything': {
    ...beside(refresh, purgeKey, purgeEverything),
    loose: true,
  },
  'a refresh with variants, one without, and a purge of the page': beside(plain, refresh, purgeKey),
  'a move, a refresh without variants and a purge of the page, of which none dies': {
    ...beside(newcomer, plainMoving, purgeMoving),
    deaths: 0,
  },
};

/** Those that take longer. */
export const longer: Readonly<Record<string, ModelScenario>> = {
  'two tagged refreshes and a purge of the tag': beside(tagged, tagged, byTag),
  'two overdue refreshes and a purge of the page': { ...beside(overdue, overdue, purgeKey), overtaken: true },
  'two overdue refreshes and a purge of everything': {
    ...beside(overdue, overdue, purgeEverything),
    overtaken: true,
  },
  'two overdue refreshes and a purge by pattern': {
    ...beside(overdue, overdue, purgePattern),
    overtaken: true,
  },
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
  'a refresh with variants, one without, and a purge by pattern': beside(plain, refresh, purgePattern),
  'two refreshes and a purge by pattern': beside(refresh, refresh, purgePattern),
  'two refreshes and a purge of everything': beside(refresh, refresh, purgeEverything),
  'two refreshes without variants and a purge of everything': beside(plain, plain, purgeEverything),
  'a move, a refresh and a purge of the page': beside(newcomer, moving, purgeMoving),
  'a move, a refresh without variants and a purge of the page': beside(newcomer, plainMoving, purgeMoving),
  'a move, a refresh and a purge by pattern': beside(newcomer, moving, purgePatternMoving),
  'a move, a refresh without variants and a purge by pattern': beside(
    newcomer,
    plainMoving,
    purgePatternMoving,
  ),
  'a move, a refresh without variants and a purge of everything, of which none dies': {
    ...beside(newcomer, plainMoving, purgeEverythingMoving),
    deaths: 0,
  },
  'two that move one page and a purge of it, of which none dies': {
    ...beside(newcomer, newcomer, purgeMoving),
    deaths: 0,
  },
};
