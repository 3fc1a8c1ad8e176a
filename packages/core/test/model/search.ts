/** Visits every state that a scenario can come to, whatever the order of its steps and whoever dies on the way. */
import { compile, END, type Program, type Step, type Steps } from './program.ts';
import { ACTORS, filesOf, NONE, OLD, Outcome, State } from './state.ts';

/** What a scenario of the model is made of. */
export interface ModelScenario {
  readonly actors: readonly Steps[];
  /** The page is there before, with its variant and its meta. */
  readonly old?: boolean;
  /** It is in the list of its tag. */
  readonly listed?: boolean;
  /** How many of the processes may die, at any step. @default 1 */
  readonly deaths?: number;
  /** Two purges are at work, so a variant may be without its page until both of them are over. */
  readonly loose?: boolean;
  /** No call has two halves. @default false */
  readonly atomic?: boolean;
}

/** What came out. */
export interface Searched {
  readonly states: number;
  readonly outcomes: ReadonlySet<string>;
  /** The first fault, with the steps that lead there. */
  readonly fault: { readonly what: string; readonly trace: readonly string[] } | undefined;
}

interface Frame {
  readonly bytes: Buffer;
  /** How this state came about. */
  readonly step: string;
  actor: number;
  choice: number;
}

/** The first state of a scenario. */
export function firstState(scenario: ModelScenario): State {
  const state = new State();
  state.set('metaFolder', 1);
  state.set('metaFolders', 1);
  if (scenario.old) for (const field of ['page', 'variant', 'meta'] as const) state.set(field, OLD);
  if (scenario.listed) state.set('list', 1);
  return state;
}

/** Searches depth first, so that the way to a fault is what is on the stack. */
export function search(scenario: ModelScenario): Searched {
  const programs = scenario.actors.map(compile);
  const deaths = scenario.deaths ?? 1;
  const first = firstState(scenario);
  const seen = new Set<string>([first.key]);
  const outcomes = new Set<string>();
  const stack: Frame[] = [{ bytes: first.bytes, step: 'begins', actor: 0, choice: 0 }];
  while (stack.length > 0) {
    const frame = stack[stack.length - 1]!;
    if (frame.actor === programs.length * 2) {
      stack.pop();
      continue;
    }
    const next = new State(Buffer.from(frame.bytes));
    const step = take(next, frame, programs, deaths, scenario.atomic ?? false);
    if (step === undefined || seen.has(next.key)) continue;
    seen.add(next.key);
    const isOver = programs.every((program, actor) => hasEnded(next, actor, program) || next.isDead(actor));
    const what =
      faultOf(next, programs, scenario.loose ?? false) ?? (isOver ? faultAtEnd(next, programs) : undefined);
    if (isOver) outcomes.add(programs.map((_, actor) => next.own('outcome', actor)).join());
    if (what !== undefined)
      return { states: seen.size, outcomes, fault: { what, trace: [...stack.map((one) => one.step), step] } };
    if (!isOver) stack.push({ bytes: next.bytes, step, actor: 0, choice: 0 });
  }
  return { states: seen.size, outcomes, fault: undefined };
}

/** Makes the next step that this frame has not tried; `undefined` when there was none to make. */
function take(
  state: State,
  frame: Frame,
  programs: readonly Program[],
  deaths: number,
  atomic: boolean,
): string | undefined {
  const actor = frame.actor % programs.length;
  const program = programs[actor]!;
  const isDeath = frame.actor >= programs.length;
  const isStill = hasEnded(state, actor, program) || state.isDead(actor);
  if (isStill || (isDeath && (dead(state) >= deaths || !isInWay(state, actor)))) {
    frame.actor += 1;
    return undefined;
  }
  if (isDeath) {
    frame.actor += 1;
    state.set('dead', state.get('dead') | (1 << actor));
    return `${actor}: dies`;
  }
  const name = program.names[state.own('step', actor)]!;
  state.choice = frame.choice;
  step(state, actor, program);
  const ways = state.choices;
  runOn(state, actor, program, atomic, name);
  frame.choice += 1;
  if (frame.choice >= ways) {
    frame.choice = 0;
    frame.actor += 1;
  }
  return `${actor}: ${name}`;
}

/** Goes on to where it matters who comes next. */
function runOn(state: State, actor: number, program: Program, atomic: boolean, name: string): void {
  const at = (): Step => program.steps[state.own('step', actor)]!;
  const isEager = (): boolean => at().eager === true || (atomic && at().half === true);
  const run = (): void => {
    while (!hasEnded(state, actor, program) && isEager()) step(state, actor, program);
  };
  run();
  if (!program.steps[program.next(name)]!.joins) return;
  step(state, actor, program);
  run();
}

/** One step of one process. */
export function step(state: State, actor: number, program: Program): void {
  state.me = actor;
  state.choices = 1;
  state.setOwn('step', program.next(program.steps[state.own('step', actor)]!.run(state)), actor);
}

export function hasEnded(state: State, actor: number, program: Program): boolean {
  return program.names[state.own('step', actor)] === END;
}

/** A death is told from a halt by those who find the dead one's files. */
function isInWay(state: State, actor: number): boolean {
  return state.has(filesOf(actor));
}

function dead(state: State): number {
  let count = 0;
  for (let actor = 0; actor < ACTORS; actor += 1) if (state.isDead(actor)) count += 1;
  return count;
}

/** What is wrong with a state, as a reader or a web server beside us sees it. */
function faultOf(state: State, programs: readonly Program[], loose: boolean): string | undefined {
  const [page, variant] = [state.get('page'), state.get('variant')];
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
function faultAtEnd(state: State, programs: readonly Program[]): string | undefined {
  const [page, variant] = [state.get('page'), state.get('variant')];
  const outcomes = programs.map((_, actor) => state.own('outcome', actor));
  // Who puts a page whose meta a purge took removes it with the very next call, and may die before that.
  const isCertain =
    state.get('dead') === 0 || !(outcomes.includes(Outcome.purged) || isPurged(state, programs));
  if (page !== NONE && !state.fits(page) && isCertain) return 'a page is there without its meta';
  if (state.get('dead') !== 0) return undefined;
  // Of three, one may remove what another was about to keep, and find the lock held: `sweep` removes it.
  if (page === NONE && state.get('meta') !== NONE && programs.length === 2)
    return 'meta is there without its page';
  if (state.files !== 0) return 'a file of a fill is left';
  if (state.get('taken') !== 0) return 'a list that was taken is left';
  if (page !== NONE && variant !== page && variant !== NONE) return 'the variant is of another version';
  if (!outcomes.includes(Outcome.purged) && outcomes.includes(Outcome.stored) && page === NONE)
    return 'a stored page is gone';
  return undefined;
}
