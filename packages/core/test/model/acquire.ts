/** How a process of the model looks for the page, and takes the permission to store it. */
import { make, unlinkPart } from './files.ts';
import { END, type Steps, takeFiles } from './program.ts';
import { belows, filesOf, lowest, NONE, Outcome, type State } from './state.ts';

/** Ends a program. */
export const end = (state: State, outcome: number): string => {
  state.setOwn('outcome', outcome);
  return END;
};

/** Looks whether the page is there, and whether its meta fits or is on its way. */
export function look(prefix: string, miss: string, hit: string, alone: boolean): Steps {
  return {
    [prefix]: {
      label: 'openRead page',
      run(state) {
        state.setOwn('saw', state.get('page'));
        return state.get('page') === NONE ? miss : `${prefix}Meta`;
      },
    },
    [`${prefix}Meta`]: {
      label: 'openRead meta',
      run(state) {
        const fits = state.fits(state.own('saw'));
        if (fits) state.setOwn('saw', 0);
        return fits ? hit : alone ? `${prefix}Still` : `${prefix}Busy`;
      },
    },
    [`${prefix}Busy`]: {
      label: 'names fills',
      run: (state) => {
        if ((state.files & ~belows) === 0) return `${prefix}Still`;
        state.setOwn('saw', 0);
        return miss;
      },
    },
    [`${prefix}Still`]: {
      label: 'lstat page',
      run(state) {
        const isStill = state.get('page') === state.own('saw');
        state.setOwn('saw', 0);
        return isStill ? hit : prefix;
      },
    },
  };
}

/** How often a process looks whether it is alone. */
const LOOKS = 4;

/** Takes the permission: makes a file, and looks whether nobody else has one, or nobody who lives. */
export function acquire(
  granted: string,
  overdue: boolean,
  part: 'body' | 'idle' = 'body',
  refused?: string,
): Steps {
  /** Whose files are judged next. */
  const other = (state: State): number => lowest(state.wide('listed')).actor;
  return {
    prepare: {
      label: `create ${part}`,
      run(state) {
        make(state, part);
        return 'isAlone';
      },
    },
    isAlone: {
      label: 'names fills',
      run(state) {
        const others = state.files & ~(filesOf(state.me) | belows);
        state.setWide('listed', others);
        if (others !== 0) return 'judge';
        state.setOwn('tries', 0);
        return granted;
      },
    },
    judge: {
      eager: true,
      run(state) {
        if (state.wide('listed') === 0) return 'lookAgain';
        state.setOwn('saw', other(state) + 1);
        return state.isDead(other(state)) ? 'takeNames' : 'age';
      },
    },
    age: {
      label: 'lstat part',
      run(state) {
        const one = other(state);
        const isHeld = state.has(lowest(state.wide('listed')).bit);
        if (isHeld && overdue && state.choose(2) === 1) return 'takeNames';
        state.setOwn('saw', 0);
        if (isHeld && one < state.me) return 'giveUp';
        state.setWide('listed', state.wide('listed') & ~filesOf(one));
        return 'judge';
      },
    },
    ...takeFiles('lookAgain', (state) => filesOf(state.own('saw') - 1) & ~belows),
    lookAgain: {
      eager: true,
      run(state) {
        state.setOwn('saw', 0);
        state.setOwn('tries', state.own('tries') + 1);
        return state.own('tries') === LOOKS ? 'giveUp' : 'isAlone';
      },
    },
    giveUp: {
      label: `unlink ${part} part`,
      run(state) {
        state.setOwn('tries', 0);
        state.setWide('listed', 0);
        unlinkPart(state, part);
        return refused ?? end(state, Outcome.busy);
      },
    },
  };
}
