/** How a process of the model puts the parts in their place, and gives back what is left. */
import { end } from './acquire.ts';
import { folderOf, isThere, make, move, placed, remove, seen, take, unlinkPart } from './files.ts';
import type { Steps } from './program.ts';
import { NONE, Outcome, type Part, type State } from './state.ts';

/** What is put, and what comes then. */
export interface PutHow {
  /** The part that is the page. */
  readonly body: 'body' | 'page';
  /** Whether there is a variant to put, and a meta. */
  readonly hasVariant: (state: State) => boolean;
  readonly hasMeta: (state: State) => boolean;
  /** No folder stands in the way, or the page has moved there: where it goes then is looked for again. */
  readonly again: string;
  readonly done: string;
  readonly failed: string;
}

function removeVariant(name: string, next: string): Steps {
  return {
    [name]: seen('variant', 'peek variant', `${name}Unlink`, next),
    [`${name}Unlink`]: remove('variant', 'unlink variant', next),
  };
}

/** The renames, in their order. */
export function put({ body, hasVariant, hasMeta, again, done, failed }: PutHow): Steps {
  const toFailed = (state: State): string => {
    state.setOwn('tries', 0);
    return failed;
  };
  const moved = (state: State): string => {
    const isFolder = state.own('at') === 0 && state.get('folder') !== NONE;
    if (isFolder && isThere(state, body)) return 'back';
    return !isFolder && move(state, body) ? 'putBodyDone' : 'putBodyLook';
  };
  return {
    clear: seen('variant', 'peek variant', 'clearUnlink', 'cleared'),
    clearUnlink: remove('variant', 'unlink variant', 'cleared'),
    cleared: { eager: true, run: (state) => (hasMeta(state) ? 'putMeta' : 'dropOldMeta') },
    dropOldMeta: remove('meta', 'unlink meta', 'putBody'),
    putMeta: {
      label: placed('rename meta'),
      run(state) {
        state.setOwn('target', folderOf(state, 'meta'));
        return folderOf(state, 'meta') === NONE ? 'putMetaLook' : 'putMetaMoved';
      },
    },
    putMetaMoved: { half: true, run: (state) => (move(state, 'meta') ? 'putBody' : 'putMetaLook') },
    putMetaLook: {
      label: 'lstat part',
      run(state) {
        state.setOwn('tries', state.own('tries') + 1);
        if (!isThere(state, 'meta')) return 'refuse';
        return state.own('at') === 1 ? 'isMetaThere' : 'makeMeta';
      },
    },
    ...isMetaFolderThere('isMetaThere', 'madeMeta', 'makeMeta'),
    makeMeta: {
      label: placed('mkdir meta'),
      run(state) {
        makeMetaFolder(state, state.own('at') === 1);
        return 'madeMeta';
      },
    },
    madeMeta: { eager: true, run: (state) => (state.own('tries') < 3 ? 'putMeta' : 'refuse') },
    refuse: { eager: true, run: toFailed },
    putBody: {
      label: placed(`rename ${body}`),
      run(state) {
        state.setOwn('tries', 0);
        if (state.own('at') === 0) return moved(state);
        // Where a page stands as a file nothing can be in it, and that is told before the part is looked for.
        if (state.get('page') !== NONE) return 'back';
        state.setOwn('target', state.get('folder'));
        return state.get('folder') === NONE ? 'putBodyLook' : 'putBodyMoved';
      },
    },
    putBodyMoved: { half: true, run: moved },
    putBodyLook: {
      label: 'lstat part',
      run(state) {
        state.setOwn('target', 0);
        if (!isThere(state, body)) return failed;
        if (state.own('at') === 0) throw new Error('the body is there, but could not be renamed');
        return 'back';
      },
    },
    back: {
      label: (state) => (hasMeta(state) ? placed('rename back meta')(state) : ''),
      run(state) {
        state.setOwn('target', 0);
        if (hasMeta(state)) take(state, 'meta', false);
        return again;
      },
    },
    putBodyDone: { eager: true, run: (state) => (hasMeta(state) ? 'metaStill' : 'putVariants') },
    metaStill: seen('meta', 'peek meta', 'putVariants', 'backPage'),
    backPage: remove('page', 'unlink page', 'backLook'),
    backLook: seen('page', 'peek page', failed, 'backClear'),
    ...removeVariant('backClear', failed),
    putVariants: { eager: true, run: (state) => (hasVariant(state) ? 'putVariant' : done) },
    putVariant: {
      label: placed('rename gz'),
      run(state) {
        const isGone = state.own('at') === 1 && state.get('folder') === NONE;
        state.setOwn('target', folderOf(state, 'gz'));
        if (!isGone && move(state, 'gz')) return 'lookAfter';
        state.setOwn('target', 0);
        return 'dropVariant';
      },
    },
    dropVariant: drop('gz', 'lookAfter'),
    lookAfter: seen('page', 'peek page', done, 'clearAfter'),
    ...removeVariant('clearAfter', done),
  };
}

/** The looks for the inner folder of meta: somebody else may have made it by now. */
export function isMetaFolderThere(name: string, there: string, gone: string): Steps {
  const isThere = (state: State): boolean => state.get('innerMetaFolder') !== NONE;
  return {
    [name]: { label: 'realpath metas', run: (state) => (isThere(state) ? `${name}Still` : gone) },
    [`${name}Still`]: { label: 'lstat metas', run: (state) => (isThere(state) ? there : gone) },
  };
}

/** Makes the folder of meta, and the one in it for what is in the page's folder. */
export function makeMetaFolder(state: State, inner: boolean): void {
  state.makeFolder('metaFolder');
  if (inner) state.makeFolder('innerMetaFolder');
}

/** A second name of its meta keeps the lock of a page until it was looked at again. */
export const held: Steps = {
  hold: {
    label: 'link held',
    run(state) {
      if (!isThere(state, 'meta')) return 'dropBody';
      make(state, 'held');
      return 'clear';
    },
  },
  unhold: drop('held', 'release'),
  failHeld: drop('held', 'dropBody'),
};

/** Ends a fill whose page is stored. */
export const release: Steps = {
  release: {
    eager: true,
    run(state) {
      state.setOwn('at', 0);
      state.setOwn('rounds', 0);
      return end(state, Outcome.stored);
    },
  },
};

/** What a fill that is over without a page removes. */
export function giveBack(plain: boolean): Steps {
  return {
    dropBody: drop('body', 'dropMeta'),
    dropMeta: drop('meta', plain ? 'leave' : 'dropGz'),
    dropGz: drop('gz', 'leave'),
    leave: {
      eager: true,
      run(state) {
        state.setOwn('at', 0);
        state.setOwn('rounds', 0);
        return 'orphanMeta';
      },
    },
  };
}

/** Removes a part from the folder of fills. */
export function drop(part: Part, next: string): Steps[string] {
  return {
    label: `unlink ${part} part`,
    run(state) {
      unlinkPart(state, part);
      return next;
    },
  };
}
