/**
 * The program of a sweep that moves a page out of its folder, where nothing else is left. A sweep does much more that the model has
 * not, so `same-calls.test.ts` shows its calls only as far as a move makes them too.
 */
import { acquire, end } from './acquire.ts';
import { isThere, placed } from './files.ts';
import { has, META, moved, putMoved, takeOut, VARIANT } from './move.ts';
import type { Steps } from './program.ts';
import { drop } from './publish.ts';
import { NONE, Outcome } from './state.ts';
import { tidyBoth } from './tidy.ts';
import { removeFolder, round, way } from './way.ts';

const { round: _, ...givingBack } = moved;

export const moveBack: Steps = {
  holdsOnly: {
    label: 'entries page',
    run: (state) => (state.get('innerPage') === NONE || state.get('below') !== 0 ? 'nothing' : 'prepare'),
  },
  nothing: { eager: true, run: (state) => end(state, Outcome.hit) },
  ...acquire('enter', false, 'body', 'over'),
  enter: {
    eager: true,
    run(state) {
      state.setOwn('at', 1);
      return 'sign';
    },
  },
  ...takeOut('removeFolder'),
  moveBusy: drop('body', 'leave'),
  leave: {
    eager: true,
    run(state) {
      state.setOwn('at', 0);
      return 'over';
    },
  },
  removeFolder: {
    label: 'rmdir page',
    run(state) {
      removeFolder(state);
      state.setOwn('at', 0);
      return 'hasVariant';
    },
  },
  hasVariant: has('gz', VARIANT, 'hasMeta'),
  hasMeta: has('meta', META, 'mayPut'),
  mayPut: { label: 'lstat part', run: (state) => (isThere(state, 'body') ? 'place' : 'moved') },
  place: {
    label: 'peek page',
    run(state) {
      if (state.get('folder') === NONE) return 'inClear';
      state.setOwn('at', 1);
      return 'innerRound';
    },
  },
  placeInner: { label: placed('peek page'), run: () => 'inPeek' },
  ...way('in', 'inClear', 'moved'),
  ...putMoved,
  innerRound: round('innerRounds', 'next', 'moved'),
  next: { eager: true, run: (state) => (state.own('at') === 1 ? 'placeInner' : 'place') },
  ...givingBack,
  ...tidyBoth(false, 'over'),
  over: { eager: true, run: (state) => end(state, Outcome.busy) },
};
