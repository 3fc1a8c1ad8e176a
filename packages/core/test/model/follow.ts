/** Runs the code and the model side by side: every file call of the code must be the next one of the model. */
import { fillFolderOf, hashOf, treePaths } from '../../src/store/tree.ts';
import type { MemoryFs } from '../store/memory-io.ts';
import { chance } from '../support/chance.ts';
import { type Actor, enter } from '../support/explore.ts';
import { readWhole } from '../support/versions.ts';
import { playOf, type Scenario } from '../support/world.ts';
import { compile, type Program } from './program.ts';
import { firstState, hasEnded, type ModelScenario, step } from './search.ts';
import { bitOf, NONE, OLD, type State } from './state.ts';
import { BELOW, type Idle, KEY, lockOf, partAt, tell } from './trace.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The number of a version: `v1` is that of the first process. */
function numberOf(version: string | undefined): number {
  if (version === undefined) return NONE;
  return version === 'old' ? OLD : Number(version.slice(1));
}

/** What the model says about a state that the files say too. */
function inModel(state: State): string {
  const places = [0, 1].flatMap((at) => [
    state.here('page', at),
    state.here('variant', at),
    state.here('meta', at),
  ]);
  const others = (['folder', 'innerMetaFolder', 'below', 'belowMeta', 'signs', 'list'] as const).map(
    (field) => Math.min(state.get(field), 1),
  );
  return [...places, ...others, state.files.toString(2)].join(' ');
}

/** The same from the files. */
function inFiles(fs: MemoryFs, idle: Idle): string {
  const files = new Map([...fs.lines('/t')].map((line) => [line.path, line]));
  const bytes = (path: string): Buffer | undefined => {
    const line = files.get(path);
    return line?.kind === 'file' ? line.bytes : undefined;
  };
  const places = ['k', 'k/__page.html'].flatMap((path) => {
    const [page, variant] = [bytes(path), bytes(`${path}.gz`)];
    const meta = bytes(`.pagetree/meta/${path}.pagetree`);
    return [
      numberOf(page && readWhole(page)?.version),
      numberOf(variant?.toString().split(' ')[2]),
      numberOf(meta && (JSON.parse(String(meta)) as { headers: string[][] }).headers[0]?.[1]),
    ];
  });
  const begin = `${fillFolderOf(treePaths('/t'), hashOf(KEY)).slice('/t/'.length)}/`;
  let holds = 0;
  for (const path of files.keys()) {
    const found = path.startsWith(begin) ? partAt(path, idle) : undefined;
    if (found) holds |= bitOf(found.actor, found.part);
  }
  const others = [
    files.get('k')?.kind === 'folder',
    files.has('.pagetree/meta/k'),
    files.has(BELOW.slice(1)),
    files.has(`.pagetree/meta${BELOW}.pagetree`),
    [...files.keys()].some((path) => path.endsWith('.purge')),
    [...files.keys()].some((path) => path.endsWith('.list')),
  ];
  return [...places, ...others.map(Number), holds.toString(2)].join(' ');
}

/** One run, in an order by chance. Returns how the code and the model came apart; `undefined` when they did not. */
export async function follow(
  scenario: Scenario,
  model: ModelScenario,
  random: (below: number) => number,
): Promise<string | undefined> {
  const play = await playOf(scenario)();
  const programs = model.actors.map(compile);
  const state = firstState(model);
  const idle: Idle = new Set();
  const trace: string[] = [];
  try {
    for (const { actor, run } of play.actors) {
      enter(actor);
      void run().then(
        () => (actor.done = true),
        (error) => Object.assign(actor, { done: true, failure: error }),
      );
      await turn();
    }
    for (;;) {
      const running = play.actors.flatMap(({ actor }, index) => (actor.done ? [] : [index]));
      if (running.length === 0) break;
      const index = running[random(running.length)]!;
      const { actor } = play.actors[index]!;
      const apart = advance(state, index, programs[index]!, actor, idle);
      enter(actor);
      trace.push(actor.take());
      await turn();
      if (actor.failure)
        return `${actor.name} failed: ${(actor.failure as Error).stack}\n${trace.join('\n')}`;
      if (apart !== undefined) return `${apart}\n${trace.join('\n')}`;
      if (inModel(state) !== inFiles(play.fs, idle))
        return `model ${inModel(state)}, files ${inFiles(play.fs, idle)}\n${trace.join('\n')}`;
    }
  } finally {
    chance.bytes = undefined;
    chance.fraction = undefined;
  }
  for (const [index, program] of programs.entries()) {
    finish(state, index, program);
    if (!hasEnded(state, index, program))
      return `${index} has ended, the model wants ${labelOf(state, index, program)}\n${trace.join('\n')}`;
  }
  return undefined;
}

/** Makes the step that a call stands for. Returns why that can't be. */
function advance(
  state: State,
  index: number,
  program: Program,
  actor: Actor,
  idle: Idle,
): string | undefined {
  finish(state, index, program);
  const call = actor.pending[0]!.label;
  const wanted = labelOf(state, index, program);
  const lock = lockOf(call);
  if (lock !== undefined && wanted === 'create idle') idle.add(lock);
  const { label, isLook, hint, way } = tell(call, index, idle);
  if (label === undefined || (isLook && label !== wanted)) return undefined;
  if (label !== wanted)
    return `${actor.name} calls ${call} (${label}), the model wants ${wanted ?? 'nothing'}`;
  state.hint = hint ?? { bit: 0 };
  const both = state.wide('listed', index) === 3;
  state.choice = way === 'page' && both ? 1 : 0;
  step(state, index, program);
  state.choice = 0;
  finish(state, index, program);
  return undefined;
}

/** Goes past all that is no call. */
function finish(state: State, index: number, program: Program): void {
  while (!hasEnded(state, index, program) && labelOf(state, index, program) === undefined)
    step(state, index, program);
}

function labelOf(state: State, index: number, program: Program): string | undefined {
  const { label } = program.steps[state.own('step', index)]!;
  state.me = index;
  return (typeof label === 'function' ? label(state) : label) || undefined;
}
