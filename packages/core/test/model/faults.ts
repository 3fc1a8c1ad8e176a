/** What is wrong with a state of the model. */
import type { Program } from './program.ts';
import { hasEnded, type ModelScenario } from './search.ts';
import { NONE, Outcome, type State } from './state.ts';

/** The place of the key, and the one in its folder. */
const places = [0, 1] as const;

/** What is wrong with a state, as a reader or a web server beside us sees it. */
export function faultOf(state: State, programs: readonly Program[], loose: boolean): string | undefined {
  if (programs.some((_, actor) => state.own('outcome', actor) === Outcome.failed))
    return 'a folder is taken for the page';
  for (const at of places) {
    const fault = faultAt(state, at, programs, loose);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultAt(state: State, at: number, programs: readonly Program[], loose: boolean): string | undefined {
  const [page, variant] = [state.here('page', at), state.here('variant', at)];
  const isForbidden = (version: number): boolean => (state.get('forbidden') & (1 << version)) !== 0;
  if (page !== NONE && isForbidden(page)) return `a purged page is there: version ${page}`;
  if (variant === NONE || variant === page || (loose && isPurged(state, programs))) return undefined;
  if (isForbidden(variant)) return `a purged variant is there: version ${variant}`;
  if (page !== NONE) return `version ${page} has the variant of version ${variant}`;
  // A newer page lost its body to a purge on its way: that purge or its fill removes this next.
  const isCovered = programs.some((_, actor) => (state.own('covered', actor) & (1 << variant)) !== 0);
  const isTended = programs.some((program, actor) => state.isDead(actor) || !hasEnded(state, actor, program));
  return isCovered || !isTended ? `the variant of version ${variant} is there without its page` : undefined;
}

/** A purge is under way, or was when it died. */
function isPurged(state: State, programs: readonly Program[]): boolean {
  return programs.some((_, actor) => state.own('covered', actor) !== 0);
}

/** What is wrong when all are at their end: with nobody dead, nothing is left and nothing is lost. */
export function faultAtEnd(
  state: State,
  programs: readonly Program[],
  scenario: ModelScenario,
): string | undefined {
  const outcomes = programs.map((_, actor) => state.own('outcome', actor));
  // A purge that died half-way promises nothing.
  const isLoose = isPurged(state, programs) || scenario.late === true || scenario.overtaken === true;
  const isCertain = state.get('dead') === 0 || !isLoose;
  for (const at of places) {
    const [page, variant] = [state.here('page', at), state.here('variant', at)];
    if (page !== NONE && !state.fits(page, at) && isCertain) return 'a page is there without its meta';
    if (state.get('dead') !== 0) continue;
    // Of three, or beside who takes the lock, one may leave what it finds locked: `sweep` removes it.
    if (page === NONE && state.here('meta', at) !== NONE && programs.length === 2 && !scenario.late)
      return 'meta is there without its page';
    if (page !== NONE && variant !== page && variant !== NONE) return 'the variant is of another version';
    if (outcomes[page - 1] === Outcome.fenced && !scenario.late)
      return 'a page is there whose fill says that it is not';
  }
  return state.get('dead') === 0 ? leftOrLost(state, outcomes, scenario) : undefined;
}

function leftOrLost(
  state: State,
  outcomes: readonly number[],
  { old = false, late = false }: ModelScenario,
): string | undefined {
  if (state.files !== 0) return 'a file of a fill is left';
  if (state.get('taken') !== 0) return 'a list that was taken is left';
  if (state.get('signs') !== 0) return 'a sign is left';
  const isGone = state.get('page') === NONE && state.get('innerPage') === NONE;
  const isExpected =
    old || outcomes.some((outcome, actor) => outcome === Outcome.stored && hasPage(state, actor));
  if (isGone && isExpected && !late && !outcomes.includes(Outcome.purged)) return 'a stored page is gone';
  return undefined;
}

/** Who stores a page below has none of the key. */
function hasPage(state: State, actor: number): boolean {
  return (state.get('begun') & (1 << (actor + 1))) !== 0;
}
