/**
 * The program of a process that stores a page below, `/k/x`, and moves the page of the key into its folder when it is in the way.
 * Of its own page there is only what concerns that: the body among the fills, and that it keeps the folder from being empty.
 */
import { acquire, end } from './acquire.ts';
import { isThere, make, placed, removeSeen, take, unlinkPart } from './files.ts';
import { renamed, type Steps } from './program.ts';
import { drop, isMetaFolderThere, makeMetaFolder, put } from './publish.ts';
import { removeOrphans } from './remove.ts';
import { isHeld } from './sign.ts';
import { NONE, Outcome, type State } from './state.ts';
import { removeNewer, tidyBoth } from './tidy.ts';
import { makeFolder, round, way } from './way.ts';

const mine = (state: State): number => 1 << state.me;
const ROUNDS_OVER = 5;

/** The bits of `has`: which parts came along. */
export const VARIANT = 1;
export const META = 2;

/** Takes the page out of the way, with the permission that was taken for that. */
export const takeOut = (next: string): Steps => ({
  sign: { label: 'entries fills', run: (state) => (isHeld(state) ? 'moveBusy' : 'takeVariant') },
  moveBusy: drop('body', 'leaveBelow'),
  takeVariant: {
    label: 'rename variant away',
    run(state) {
      take(state, 'gz', false);
      return 'takeMeta';
    },
  },
  takeMeta: {
    label: 'link meta',
    run(state) {
      take(state, 'meta', true);
      return 'takeLook';
    },
  },
  takeLook: { label: 'lstat page', run: (state) => (state.here('page') === NONE ? 'moved' : 'takePage') },
  takePage: { label: 'link page', run: (state) => (take(state, 'page', true) ? 'dropPage' : 'moved') },
  dropPage: removeSeen('page', 'unlink page', 'dropOldMeta', 'moved'),
  dropOldMeta: removeSeen('meta', 'unlink meta', 'bodyOurs', 'stillOurs'),
  ...removeNewer('body', 'stillOurs'),
  stillOurs: { label: 'lstat part', run: (state) => (isThere(state, 'body') ? next : 'left') },
  ...removeOrphans('left', 'moved'),
});

/** Puts the parts that came along where the page goes. */
export const putMoved: Steps = renamed(
  put({
    body: 'page',
    hasVariant: (state) => (state.own('saw') & VARIANT) !== 0,
    hasMeta: (state) => (state.own('saw') & META) !== 0,
    again: 'innerRound',
    done: 'moved',
    failed: 'moved',
  }),
  'in',
);

/** Puts it into its folder. */
const putIn: Steps = {
  makeFolder: {
    label: 'mkdir page',
    run(state) {
      makeFolder(state);
      return 'hasVariant';
    },
  },
  hasVariant: has('gz', VARIANT, 'hasMeta'),
  hasMeta: has('meta', META, 'mayPut'),
  mayPut: {
    label: 'lstat part',
    run(state) {
      state.setOwn('at', 1);
      return isThere(state, 'body') ? 'place' : 'moved';
    },
  },
  place: { label: placed('peek page'), run: () => 'inPeek' },
  ...way('in', 'inClear', 'conflict'),
  ...putMoved,
  innerRound: round('innerRounds', 'place', 'conflict'),
  conflict: {
    eager: true,
    run(state) {
      state.setOwn('rounds', ROUNDS_OVER);
      return 'moved';
    },
  },
};

/** Gives the permission back, and goes on with the page below. */
export const moved: Steps = {
  moved: {
    eager: true,
    run(state) {
      state.setOwn('at', 0);
      state.setOwn('saw', 0);
      state.setOwn('innerRounds', 0);
      return 'dropBody';
    },
  },
  dropBody: drop('body', 'dropPagePart'),
  dropPagePart: drop('page', 'dropMeta'),
  dropMeta: drop('meta', 'dropGz'),
  dropGz: drop('gz', 'orphanMeta'),
  round: round('rounds', 'wayPeek', 'leaveBelow'),
};

/** Puts the page below, or leaves. */
const putBelow: Steps = {
  putBelowMeta: {
    label: 'rename below meta',
    run(state) {
      state.setOwn('target', state.get('innerMetaFolder'));
      if (state.get('innerMetaFolder') === NONE)
        return isThere(state, 'below') ? 'isBelowMetaThere' : 'leaveBelow';
      state.set('belowMeta', state.get('belowMeta') | mine(state));
      state.setOwn('target', 0);
      state.setOwn('tries', 0);
      return 'putBelow';
    },
  },
  ...isMetaFolderThere('isBelowMetaThere', 'madeBelowMeta', 'makeBelowMeta'),
  makeBelowMeta: {
    label: 'mkdir inner meta',
    run(state) {
      makeMetaFolder(state, true);
      return 'madeBelowMeta';
    },
  },
  madeBelowMeta: {
    eager: true,
    run(state) {
      state.setOwn('target', 0);
      state.setOwn('tries', state.own('tries') + 1);
      if (state.own('tries') < 3) return 'putBelowMeta';
      state.setOwn('tries', 0);
      return 'leaveBelow';
    },
  },
  putBelow: {
    label: 'rename below',
    run(state) {
      if (state.get('page') !== NONE) return 'belowBack';
      state.setOwn('target', state.get('folder'));
      return state.get('folder') === NONE ? 'belowLook' : 'putBelowMoved';
    },
  },
  putBelowMoved: {
    half: true,
    run(state) {
      const isSeen = state.own('target') === state.get('folder');
      state.setOwn('target', 0);
      if (!isThere(state, 'below')) return 'leaveBelow';
      unlinkPart(state, 'below');
      if (isSeen) state.set('below', state.get('below') | mine(state));
      return 'belowStill';
    },
  },
  belowLook: {
    label: 'lstat below',
    run: (state) => (isThere(state, 'below') ? 'belowBack' : 'leaveBelow'),
  },
  belowBack: {
    label: 'rename back below meta',
    run(state) {
      state.setOwn('target', 0);
      state.set('belowMeta', state.get('belowMeta') & ~mine(state));
      return 'round';
    },
  },
  belowStill: {
    label: 'peek below meta',
    run: (state) => ((state.get('belowMeta') & mine(state)) === 0 ? 'belowUnlink' : 'stored'),
  },
  belowUnlink: {
    label: 'unlink below',
    run(state) {
      state.set('below', state.get('below') & ~mine(state));
      return 'leaveBelow';
    },
  },
  leaveBelow: {
    label: 'unlink below part',
    run(state) {
      unlinkPart(state, 'below');
      state.set('belowMeta', state.get('belowMeta') & ~mine(state));
      state.setOwn('rounds', 0);
      return end(state, Outcome.busy);
    },
  },
  stored: {
    eager: true,
    run(state) {
      state.setOwn('rounds', 0);
      return end(state, Outcome.stored);
    },
  },
};

/** Stores a page below. `overdue`: as with fills. */
export const newcomerThat = ({ overdue }: { readonly overdue: boolean }): Steps => ({
  begin: {
    label: 'create below',
    run(state) {
      make(state, 'below');
      return 'seal';
    },
  },
  seal: { label: 'utimes below', run: (state) => (isThere(state, 'below') ? 'wayPeek' : 'leaveBelow') },
  ...way('way', 'putBelowMeta', 'prepare'),
  ...acquire('sign', overdue, 'body', 'leaveBelow'),
  ...takeOut('makeFolder'),
  ...putIn,
  ...moved,
  ...tidyBoth(overdue, 'round'),
  ...putBelow,
});

export const newcomer = newcomerThat({ overdue: false });

/** Looks which part came along. */
export function has(part: 'gz' | 'meta', bit: number, next: string): Steps[string] {
  return {
    label: 'lstat part',
    run(state) {
      if (isThere(state, part)) state.setOwn('saw', state.own('saw') | bit);
      return next;
    },
  };
}
