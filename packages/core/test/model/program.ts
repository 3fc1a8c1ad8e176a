/** Programs of the model: steps by name, each one file call, or half of one. */
import { belows, filesOf, fillsOf, locks, lowest, type State } from './state.ts';

/** One atomic step. */
export interface Step {
  /** The file call it stands for, as `trace.ts` words it; none for the second half of a call and for what is no call. */
  readonly label?: string | ((state: State) => string);
  /** It is the second half of the call before it. */
  readonly half?: boolean;
  /** Nobody can tell when it is made, so it is made at once: the search has fewer orders to try, and misses none. */
  readonly eager?: boolean;
  /** The next step belongs to it: what comes between them only makes the proof weaker. */
  readonly joins?: boolean;
  /** Changes the state and returns the name of the next step. */
  readonly run: (state: State) => string;
}

export type Steps = Readonly<Record<string, Step>>;

/** A program, ready to run: its steps have numbers. */
export interface Program {
  readonly steps: readonly Step[];
  readonly names: readonly string[];
  next(name: string): number;
}

/** The step at which a program has ended. */
export const END = 'end';

/** Numbers the steps of a program; the first that is written is the first that is made. */
export function compile(steps: Steps): Program {
  const names = [...Object.keys(steps), END];
  const numbers = new Map(names.map((name, index) => [name, index]));
  return {
    names,
    steps: names.map((name) => steps[name] ?? { run: () => END }),
    next(name) {
      const number = numbers.get(name);
      if (number === undefined) throw new Error(`no step is called ${name}`);
      return number;
    },
  };
}

/**
 * Takes fills by unlinking their files, the body first. Only those that the first look shows, and never the file of who
 * removes the page; who follows a real process says which file is next.
 *
 * @param wanted the files of fills that are meant.
 */
export function takeFiles(next: string, wanted: (state: State) => number): Steps {
  const look = (state: State, isFirst: boolean): boolean => {
    let taking = state.wide('taking');
    let files = 0;
    for (const [fill, mask] of fillsOf.entries()) {
      if (isFirst && (state.files & wanted(state) & mask) !== 0) taking |= 1 << fill;
      if ((taking & (1 << fill)) !== 0) files |= state.files & mask;
    }
    state.setWide('listed', files);
    state.setWide('taking', files === 0 ? 0 : taking);
    return files === 0;
  };
  return {
    takeNames: { label: 'names fills', run: (state) => (look(state, true) ? next : 'takeUnlink') },
    takeUnlink: {
      label: (state) => (state.wide('listed') === 0 ? '' : 'unlink in fills'),
      run(state) {
        const listed = state.wide('listed');
        if (listed === 0) return 'takeMore';
        const { bit } = lowest((listed & state.hint.bit) === 0 ? listed : state.hint.bit);
        state.drop(bit);
        state.setWide('listed', listed & ~bit);
        return 'takeUnlink';
      },
    },
    takeMore: { label: 'names fills', run: (state) => (look(state, false) ? next : 'takeUnlink') },
  };
}

/** The same steps under other names, so that a program can have them twice. */
export function renamed(steps: Steps, prefix: string): Steps {
  const names = new Set(Object.keys(steps));
  const name = (old: string): string =>
    names.has(old) ? `${prefix}${old[0]!.toUpperCase()}${old.slice(1)}` : old;
  return Object.fromEntries(
    Object.entries(steps).map(([old, step]) => [
      name(old),
      { ...step, run: (state: State) => name(step.run(state)) },
    ]),
  );
}

/** The files of all others who store the page. */
export function othersThatFill(state: State): number {
  return ~(filesOf(state.me) | locks | belows);
}

/** The same, and of those who store a page below. */
export function allThatFill(state: State): number {
  return ~(filesOf(state.me) | locks);
}
