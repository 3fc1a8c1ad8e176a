/** How a process of the model puts the parts in their place, and gives back what is left. */
import { end } from './acquire.ts';
import { isThere, move, remove, seen, unlinkPart } from './files.ts';
import type { Steps } from './program.ts';
import { NONE, Outcome } from './state.ts';

function removeVariant(name: string, next: string): Steps {
  return {
    [name]: seen('variant', 'peek variant', `${name}Unlink`, next),
    [`${name}Unlink`]: remove('variant', 'unlink variant', next),
  };
}

/** The renames, in their order. */
export const publish: Steps = {
  ...removeVariant('clear', 'putMeta'),
  putMeta: {
    label: 'rename meta',
    run(state) {
      state.setOwn('target', state.get('metaFolder'));
      return state.get('metaFolder') === NONE ? 'putMetaLook' : 'putMetaMoved';
    },
  },
  putMetaMoved: { half: true, run: (state) => (move(state, 'meta') ? 'putBody' : 'putMetaLook') },
  putMetaLook: {
    label: 'lstat part',
    run(state) {
      state.setOwn('tries', state.own('tries') + 1);
      if (!isThere(state, 'meta')) return 'refuse';
      return 'makeMeta';
    },
  },
  makeMeta: {
    label: 'mkdir meta',
    run(state) {
      if (state.get('metaFolder') === NONE) {
        state.set('metaFolders', state.get('metaFolders') + 1);
        state.set('metaFolder', state.get('metaFolders'));
      }
      return state.own('tries') < 3 ? 'putMeta' : 'refuse';
    },
  },
  refuse: {
    eager: true,
    run(state) {
      state.setOwn('tries', 0);
      return 'dropBody';
    },
  },
  putBody: {
    label: 'rename body',
    run(state) {
      state.setOwn('tries', 0);
      return move(state, 'body') ? 'metaStill' : 'putBodyLook';
    },
  },
  putBodyLook: {
    label: 'lstat part',
    run(state) {
      state.setOwn('tries', 0);
      if (isThere(state, 'body')) throw new Error('the body is there, but could not be renamed');
      return 'dropBody';
    },
  },
  metaStill: seen('meta', 'peek meta', 'putVariant', 'backPage'),
  backPage: remove('page', 'unlink page', 'backLook'),
  backLook: seen('page', 'peek page', 'dropBody', 'backClear'),
  ...removeVariant('backClear', 'dropBody'),
  putVariant: {
    label: 'rename gz',
    run: (state) => (move(state, 'gz') ? 'lookAfter' : 'dropVariant'),
  },
  dropVariant: {
    label: 'unlink gz part',
    run(state) {
      unlinkPart(state, 'gz');
      return 'lookAfter';
    },
  },
  lookAfter: seen('page', 'peek page', 'release', 'clearAfter'),
  ...removeVariant('clearAfter', 'release'),
  release: { eager: true, run: (state) => end(state, Outcome.stored) },
};

/** What a fill that is over without a page removes. */
export const giveBack: Steps = {
  dropBody: drop('body', 'dropMeta'),
  dropMeta: drop('meta', 'dropGz'),
  dropGz: drop('gz', 'leave'),
  leave: { eager: true, run: () => 'orphanMeta' },
};

/** Removes a part from the folder of fills. */
export function drop(part: 'body' | 'gz' | 'meta', next: string): Steps[string] {
  return {
    label: `unlink ${part} part`,
    run(state) {
      unlinkPart(state, part);
      return next;
    },
  };
}
