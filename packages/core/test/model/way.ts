/** How a process of the model looks for what is in the way of a page in a folder, and makes that folder. */
import type { Steps } from './program.ts';
import { NONE, type State } from './state.ts';

/** Nothing is at the name of the folder. */
export const isFree = (state: State): boolean => state.get('page') === NONE && state.get('folder') === NONE;

/** Makes the folder, where nothing is. Returns whether it did. */
export function makeFolder(state: State): boolean {
  if (!isFree(state)) return false;
  state.makeFolder('folder');
  return true;
}

/** Removes the folder when nothing is in it. */
export function removeFolder(state: State): void {
  if ((state.get('innerPage') | state.get('innerVariant') | state.get('below')) === 0)
    state.set('folder', NONE);
}

/** The same of its folder of meta. */
export function removeMetaFolder(state: State): void {
  if ((state.get('innerMeta') | state.get('belowMeta')) === 0) state.set('innerMetaFolder', NONE);
}

/**
 * The looks at the name of the folder.
 *
 * @param free nothing is in the way.
 * @param taken a page stands there.
 */
export function way(prefix: string, free: string, taken: string): Steps {
  const name = (step: string): string => `${prefix}${step}`;
  const isPage = (state: State): boolean => state.get('page') !== NONE;
  return {
    [name('Peek')]: {
      label: 'peek page',
      run(state) {
        if (isFree(state)) return name('Real');
        return isPage(state) ? name('Found') : free;
      },
    },
    [name('Real')]: { label: 'realpath page', run: (state) => name(isFree(state) ? 'Missing' : 'Kind') },
    [name('Kind')]: {
      label: 'lstat page',
      run: (state) => (state.get('folder') === NONE ? name('Missing') : free),
    },
    [name('Missing')]: { label: 'peek page', run: (state) => name(isPage(state) ? 'Found' : 'Make') },
    [name('Make')]: { label: 'mkdir page', run: (state) => (makeFolder(state) ? free : name('Late')) },
    [name('Late')]: { label: 'lstat page', run: (state) => (isPage(state) ? name('Found') : free) },
    [name('Found')]: { label: 'peek page', run: (state) => (isPage(state) ? taken : free) },
  };
}

/** Rounds of a publish: each mends one obstacle. */
const ROUNDS = 6;

/** Counts a round, and says where to look next. */
export function round(field: 'rounds' | 'innerRounds', again: string, over: string): Steps[string] {
  return {
    eager: true,
    run(state) {
      state.setOwn(field, state.own(field) + 1);
      if (state.own(field) < ROUNDS) return again;
      state.setOwn(field, 0);
      return over;
    },
  };
}
