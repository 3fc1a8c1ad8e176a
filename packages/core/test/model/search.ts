/** Visits every state that a scenario can come to, whatever the order of its steps and whoever dies on the way. */
import { faultAtEnd, faultOf } from './faults.ts';
import { compile, END, type Program, type Step, type Steps } from './program.ts';
import { ACTORS, filesOf, OLD, State } from './state.ts';

/** What a scenario of the model is made of. */
export interface ModelScenario {
  readonly actors: readonly Steps[];
  /** The page is there before, with its variant and its meta. */
  readonly old?: boolean;
  /** It is in its folder then, and nothing else is. */
  readonly inner?: boolean;
  /** It is in the list of its tag. */
  readonly listed?: boolean;
  /** How many of the processes may die, at any step. @default 1 */
  readonly deaths?: number;
  /** Two purges are at work, so a variant may be without its page until both of them are over. */
  readonly loose?: boolean;
  /**
   * A page is moved by who is overdue, or was stored by such a one. Then a newer page may go and its meta stay, since a miss is always
   * right; and who stored a page may be told that it is not there.
   */
  readonly late?: boolean;
  /** A purge may be taken for overdue. Then a newer page may lose its meta to it, and whoever stored that one may die before it sees. */
  readonly overtaken?: boolean;
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

/** States that were visited: in several sets, since one takes no more than 2^24. */
class States {
  readonly #sets = Array.from({ length: 256 }, () => new Set<string>());
  size = 0;

  /** Returns whether it is new. */
  add(state: State): boolean {
    const { key, bytes } = state;
    let hash = 0;
    for (const byte of bytes) hash = (Math.imul(hash, 31) + byte) | 0;
    const set = this.#sets[(hash ^ (hash >>> 11)) & 255]!;
    if (set.has(key)) return false;
    set.add(key);
    this.size += 1;
    return true;
  }
}

/** The first state of a scenario. */
export function firstState(scenario: ModelScenario): State {
  const state = new State();
  state.set('metaFolder', 1);
  if (scenario.inner) for (const field of ['folder', 'innerMetaFolder'] as const) state.set(field, 1);
  const place = scenario.inner
    ? (['innerPage', 'innerVariant', 'innerMeta'] as const)
    : (['page', 'variant', 'meta'] as const);
  if (scenario.old) for (const field of place) state.set(field, OLD);
  if (scenario.listed) state.set('list', 1);
  return state;
}

/** Searches depth first, so that the way to a fault is what is on the stack. */
export function search(scenario: ModelScenario): Searched {
  const programs = scenario.actors.map(compile);
  const deaths = scenario.deaths ?? 1;
  const first = firstState(scenario);
  const seen = new States();
  seen.add(first);
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
    if (step === undefined) continue;
    if (!seen.add(next)) continue;
    const isOver = programs.every((program, actor) => hasEnded(next, actor, program) || next.isDead(actor));
    const what =
      faultOf(next, programs, scenario.loose ?? false) ??
      (isOver ? faultAtEnd(next, programs, scenario) : undefined);
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
