/** Programs of the model: steps by name, each one file call, or half of one. */
import { lowest, type State, Where } from './state.ts';

/** One atomic step. */
export interface Step {
  /** The file call it stands for, as `trace.ts` words it; none for the second half of a call and for what is no call. */
  readonly label?: string | ((state: State) => string);
  /** It is the second half of the call before it. */
  readonly half?: boolean;
  /** Nobody can tell when it is made, so it is made at once: the search has fewer orders to try, and misses none. */
  readonly eager?: boolean;
  /** The same, while no call has two halves: nobody then finds a way into a folder that is in the trash. */
  readonly eagerIfAtomic?: boolean;
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
 * Empties the folders that were moved into the trash, the lowest first, and the lowest file first: nobody can tell in what
 * order a file system lists them. Who follows a real process says which is next.
 */
export function emptyGraves(next: string): Steps {
  const grave = (state: State): number => {
    const graves = state.own('graves');
    const { folder } = state.hint;
    return (graves & (1 << folder)) !== 0 ? folder : 31 - Math.clz32(graves & -graves);
  };
  return {
    empty: {
      eager: true,
      run: (state) => (state.own('graves') === 0 ? next : 'listGrave'),
    },
    listGrave: {
      eagerIfAtomic: true,
      label: 'names grave',
      run(state) {
        state.setWide('listed', state.wide('holds', grave(state)));
        state.setOwn('tries', state.own('tries') + 1);
        return 'unlinkInGrave';
      },
    },
    unlinkInGrave: {
      eagerIfAtomic: true,
      label: (state) => (state.wide('listed') === 0 ? 'rmdir grave' : 'unlink in grave'),
      run(state) {
        const listed = state.wide('listed');
        if (listed !== 0) {
          const { bit } = lowest((listed & state.hint.bit) === 0 ? listed : state.hint.bit);
          state.drop(grave(state), bit);
          state.setWide('listed', listed & ~bit);
          return 'unlinkInGrave';
        }
        const here = grave(state);
        const isEmpty = state.wide('holds', here) === 0;
        if (isEmpty) state.setOwn('where', Where.gone, here);
        // A file that was being made comes in after the listing; three looks have to do.
        if (!isEmpty && state.own('tries') < 3) return 'listGrave';
        state.setOwn('tries', 0);
        state.setOwn('graves', state.own('graves') & ~(1 << here));
        return 'empty';
      },
    },
  };
}

/** Takes a fill by unlinking its files, the body first, where they stand: whoever comes later finds what is left of them. */
export function takeFiles(next: string): Steps {
  return {
    takeNames: {
      label: 'names fills',
      run(state) {
        state.setWide('listed', state.holder < 0 ? 0 : state.wide('holds', state.holder));
        return state.wide('listed') === 0 ? next : 'takeUnlink';
      },
    },
    takeUnlink: {
      run(state) {
        const listed = state.wide('listed');
        if (listed === 0) return 'takeNames';
        const { bit } = lowest(listed);
        if (state.holder >= 0) state.drop(state.holder, bit);
        state.setWide('listed', listed & ~bit);
        return 'takeUnlink';
      },
    },
  };
}
