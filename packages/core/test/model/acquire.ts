/** How a process of the model looks for the page, and takes the permission to store it. */
import { lock, prepare } from './files.ts';
import { END, type Steps, takeFiles } from './program.ts';
import { ACTORS, bitOf, NONE, Outcome, type State, Where } from './state.ts';

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
      label: 'lstat fills',
      run: (state) => {
        if (state.holder < 0) return `${prefix}Still`;
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

/** Takes the permission: the folder of the key, if nobody has it, or nobody who lives. */
export function acquire(granted: string, overdue: boolean): Steps {
  return {
    prepare: {
      eager: true,
      label: 'create draft',
      run(state) {
        prepare(state);
        return 'lock';
      },
    },
    lock: {
      label: 'lock',
      run(state) {
        if (lock(state)) return granted;
        state.setOwn('saw', state.own('saw') + 1);
        return 'names';
      },
    },
    names: {
      label: 'names fills',
      run(state) {
        const { holder } = state;
        const isGone = holder < 0;
        const isDead = !isGone && state.wide('holds', holder) !== 0 && deadIn(state, holder);
        return isGone ? 'again' : isDead ? 'take' : 'age';
      },
    },
    age: {
      label: 'lstat fills',
      run(state) {
        if (state.holder < 0) return 'again';
        return overdue && state.choose(2) === 1 ? 'take' : 'giveUp';
      },
    },
    take: { eager: true, run: () => 'takeNames' },
    ...takeFiles('again'),
    again: {
      eager: true,
      run: (state) => (state.own('saw') < 3 ? 'lock' : 'giveUp'),
    },
    giveUp: {
      eager: true,
      run(state) {
        state.setOwn('saw', 0);
        state.setWide('holds', 0);
        state.setOwn('where', Where.gone);
        return end(state, Outcome.busy);
      },
    },
  };
}

/** A folder is a dead process's when a file in it is. */
function deadIn(state: State, folder: number): boolean {
  for (let actor = 0; actor < ACTORS; actor += 1) {
    const all = bitOf(actor, 'body') | bitOf(actor, 'gz') | bitOf(actor, 'meta');
    if (state.isDead(actor) && state.has(folder, all)) return true;
  }
  return false;
}
