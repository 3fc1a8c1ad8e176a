/** The program of a process that stores the page: from the lookup to the last file that it removes. */
import { bury, find, isThere, lock, make, move, prepare, removeFolder, unlinkPart } from './files.ts';
import { END, emptyGraves, type Steps } from './program.ts';
import { bitOf, NONE, Outcome, type State } from './state.ts';

/** How a page is stored. */
export interface FillHow {
  /** Also when the page is there. */
  readonly refresh?: boolean;
  readonly tag?: boolean;
  /** Its owner may be taken for overdue by others, and it takes others for that: ages are not in the model. */
  readonly overdue?: boolean;
}

const end = (state: State, outcome: number): string => {
  state.setOwn('outcome', outcome);
  return END;
};

/** Looks whether the page is there, and whether its meta fits or is on its way. */
function look(prefix: string, miss: string, hit: string, alone: boolean): Steps {
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
        const fits = state.get('meta') === state.own('saw');
        state.setOwn('saw', 0);
        return fits || alone ? hit : `${prefix}Busy`;
      },
    },
    [`${prefix}Busy`]: {
      label: 'lstat fills',
      run: (state) => (state.holder >= 0 ? miss : hit),
    },
  };
}

/** Takes the permission: the folder of the key, if nobody has it, or nobody who lives. */
function acquire(granted: string, overdue: boolean): Steps {
  return {
    prepare: {
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
        return isGone || isDead ? 'take' : 'age';
      },
    },
    age: {
      label: 'lstat fills',
      run: (state) => (state.holder < 0 || (overdue && state.choose(2) === 1) ? 'take' : 'giveUp'),
    },
    take: {
      label: 'bury',
      run: (state) => (bury(state) ? 'empty' : 'takeLook'),
    },
    takeLook: { label: 'lstat fills', run: (state) => (state.holder < 0 ? 'empty' : 'take') },
    ...emptyGraves('again'),
    again: {
      run: (state) => (state.own('saw') < 3 ? 'lock' : 'giveUp'),
    },
    giveUp: {
      run(state) {
        state.setOwn('saw', 0);
        state.setWide('holds', 0);
        state.setOwn('where', 4);
        return end(state, Outcome.busy);
      },
    },
  };
}

/** A folder is a dead process's when a file in it is. */
function deadIn(state: State, folder: number): boolean {
  for (let actor = 0; actor < 4; actor += 1) {
    const all = bitOf(actor, 'body') | bitOf(actor, 'gz') | bitOf(actor, 'meta');
    if (state.isDead(actor) && state.has(folder, all)) return true;
  }
  return false;
}

/** Makes a part in the folder, by its path. */
function create(name: string, part: 'gz' | 'meta', next: string): Steps {
  return {
    [name]: {
      label: `create ${part}`,
      run: (state) => (find(state) ? `${name}Made` : 'dropBody'),
    },
    [`${name}Made`]: { run: (state) => (make(state, part) ? next : 'dropBody') },
  };
}

function touch(name: string, part: 'gz' | 'body', next: string): Steps {
  return {
    [name]: { label: `utimes ${part}`, run: (state) => (isThere(state, part) ? next : 'dropBody') },
  };
}

function removeVariant(name: string, next: string): Steps {
  return {
    [name]: {
      label: 'peek variant',
      run: (state) => (state.get('variant') === NONE ? next : `${name}Unlink`),
    },
    [`${name}Unlink`]: {
      label: 'unlink variant',
      run(state) {
        state.set('variant', NONE);
        return next;
      },
    },
  };
}

/** The renames, in their order. */
const publish: Steps = {
  ...removeVariant('clear', 'putMeta'),
  putMeta: {
    label: 'rename meta',
    run(state) {
      if (!find(state)) return 'putMetaLook';
      state.setOwn('target', state.get('metaFolder'));
      return state.get('metaFolder') === NONE ? 'putMetaLost' : 'putMetaMoved';
    },
  },
  putMetaMoved: { run: (state) => (move(state, 'meta') ? 'putBody' : 'putMetaLook') },
  putMetaLost: {
    run(state) {
      state.setOwn('source', 0);
      return 'putMetaLook';
    },
  },
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
    run(state) {
      state.setOwn('tries', 0);
      return 'dropBody';
    },
  },
  putBody: { label: 'rename body', run: (state) => (find(state) ? 'putBodyMoved' : 'putBodyLook') },
  putBodyMoved: {
    run(state) {
      state.setOwn('tries', 0);
      return move(state, 'body') ? 'putVariant' : 'putBodyLook';
    },
  },
  putBodyLook: {
    label: 'lstat part',
    run(state) {
      state.setOwn('tries', 0);
      if (isThere(state, 'body')) throw new Error('the body is there, but could not be renamed');
      return 'takeMetaBack';
    },
  },
  takeMetaBack: {
    label: 'unlink meta',
    run(state) {
      state.set('meta', NONE);
      return 'dropBody';
    },
  },
  putVariant: {
    label: 'rename gz',
    run: (state) => (find(state) ? 'putVariantMoved' : 'dropVariant'),
  },
  putVariantMoved: { run: (state) => (move(state, 'gz') ? 'lookAfter' : 'dropVariant') },
  dropVariant: {
    label: 'unlink gz',
    run(state) {
      unlinkPart(state, 'gz');
      return 'lookAfter';
    },
  },
  lookAfter: {
    label: 'peek page',
    run: (state) => (state.get('page') === NONE ? 'clearAfter' : 'release'),
  },
  ...removeVariant('clearAfter', 'release'),
  release: {
    label: 'rmdir fills',
    run(state) {
      removeFolder(state);
      return end(state, Outcome.stored);
    },
  },
};

/** What a fill that is over without a page removes. */
const giveBack: Steps = {
  dropBody: drop('body', 'dropMeta'),
  dropMeta: drop('meta', 'dropGz'),
  dropGz: drop('gz', 'leave'),
  leave: {
    label: 'rmdir fills',
    run(state) {
      removeFolder(state);
      return end(state, Outcome.fenced);
    },
  },
};

function drop(part: 'body' | 'gz' | 'meta', next: string): Steps[string] {
  return {
    label: `unlink ${part}`,
    run(state) {
      unlinkPart(state, part);
      return next;
    },
  };
}

/** The steps of a fill. A page that has no variant yet when the permission goes says nothing of one. */
export function fill({ refresh = false, tag = false, overdue = false }: FillHow = {}): Steps {
  const first: Steps = refresh ? {} : look('look', 'prepare', 'hit', false);
  const second: Steps = refresh ? {} : look('lookAgain', 'render', 'hitBody', true);
  return {
    ...first,
    ...acquire(refresh ? 'render' : 'lookAgain', overdue),
    hit: { run: (state) => end(state, Outcome.hit) },
    ...second,
    hitBody: drop('body', 'hitLeave'),
    hitLeave: {
      label: 'rmdir fills',
      run(state) {
        removeFolder(state);
        return end(state, Outcome.hit);
      },
    },
    render: {
      label: 'render',
      run(state) {
        state.set('begun', state.get('begun') | (1 << (state.me + 1)));
        state.setOwn('saw', 0);
        return 'makeVariant';
      },
    },
    ...create('makeVariant', 'gz', 'touchVariant'),
    ...touch('touchVariant', 'gz', tag ? 'note' : 'writeMeta'),
    note: {
      label: 'append list',
      run(state) {
        state.set('list', 1);
        return 'writeMeta';
      },
    },
    ...create('writeMeta', 'meta', 'seal'),
    ...touch('seal', 'body', 'clear'),
    ...publish,
    ...giveBack,
  };
}
