/** The programs of a process that purges the page: by its key, by a pattern, or by its tag. */
import { isThere, make, placed, seen, unlinkPart } from './files.ts';
import { allThatFill, END, othersThatFill, renamed, type Steps, takeFiles } from './program.ts';
import { bothPlaces, emptyFolders, removeOrphans, removePage } from './remove.ts';
import { holdingMoves } from './sign.ts';
import { ACTORS, NONE, OLD, Outcome, type State } from './state.ts';

/** Where a purge begins: from here on it covers every version that was begun, and is asked for. */
export function called(next: string, covers: number): Steps {
  return {
    call: {
      label: 'purge is called',
      joins: true,
      run(state) {
        state.setOwn('covered', (state.get('begun') | (1 << OLD)) & covers);
        return next;
      },
    },
  };
}

/** Where it resolves. */
export const resolves: Steps = {
  resolve: {
    eager: true,
    run(state) {
      state.set('forbidden', state.get('forbidden') | state.own('covered'));
      state.setOwn('covered', 0);
      state.setOwn('outcome', Outcome.purged);
      return END;
    },
  },
};

/** Removes one page while nobody can store it. `moves`: it may be in its folder. */
function purgePlace(next: string, moves = false): Steps {
  return {
    prepare: {
      label: 'create lock',
      run(state) {
        make(state, 'lock');
        return 'takeNames';
      },
    },
    ...takeFiles(moves ? 'places' : 'size', othersThatFill),
    ...removePage(moves ? 'removed' : 'stillOurs'),
    ...(moves ? bothPlaces : {}),
    stillOurs: {
      label: 'lstat part',
      run: (state) => (isThere(state, 'lock') ? 'abandon' : 'orphan'),
    },
    ...removeOrphans('orphan', moves ? 'nextOrphan' : 'abandon'),
    abandon: {
      label: 'unlink lock part',
      run(state) {
        unlinkPart(state, 'lock');
        return moves ? 'folders' : next;
      },
    },
    ...(moves ? emptyFolders(next) : {}),
  };
}

/** Takes the permission of all fills. */
export function takeAll(next: string, wanted: (state: State) => number = allThatFill): Steps {
  return {
    listFills: { label: 'entries fills', run: () => 'allTakeNames' },
    ...renamed(takeFiles(next, wanted), 'all'),
  };
}

/** Purges the page of the key. */
export const purgeKey: Steps = {
  ...called('prepare', 0xff),
  ...purgePlace('resolve'),
  ...resolves,
};

/** The same where the page may be in its folder. */
export const purgeMoving: Steps = {
  ...called('prepare', 0xff),
  ...purgePlace('resolve', true),
  ...resolves,
};

/** Purges by a pattern that the key matches: by a walk. */
export const purgePattern: Steps = holdingMoves(
  'listFills',
  {
    ...called('listFills', 0xff),
    ...takeAll('walk'),
    walk: seen('page', 'entries root', 'walkLook', 'resolve'),
    walkLook: seen('page', 'lstat page', 'prepare', 'resolve'),
    ...purgePlace('resolve'),
    ...resolves,
  },
  true,
);

/** The same where the page may be in its folder. No page may be moved meanwhile, and those below are not meant. */
export const purgePatternMoving: Steps = holdingMoves('listFills', {
  ...called('listFills', 0xff),
  ...takeAll('walk', othersThatFill),
  walk: {
    label: 'entries root',
    run: (state) =>
      state.get('page') !== NONE ? 'walkLook' : state.get('folder') !== NONE ? 'walkFolder' : 'resolve',
  },
  walkFolder: {
    label: 'entries page',
    run(state) {
      if (state.get('innerPage') === NONE) return 'resolve';
      state.setOwn('at', 1);
      return 'walkLook';
    },
  },
  walkLook: {
    label: placed('lstat page'),
    run(state) {
      const isThere = state.here('page') !== NONE;
      state.setOwn('at', 0);
      return isThere ? 'prepare' : 'resolve';
    },
  },
  ...purgePlace('resolve', true),
  ...resolves,
});

/** Purges by tag. `tagged`: the versions that have it. */
export function purgeTag(tagged: number): Steps {
  const mine = (state: State): number => 1 << state.me;
  const steps: Steps = {
    ...called('takeList', tagged),
    takeList: {
      label: 'rename list',
      run(state) {
        if (state.get('list') === 1) state.set('taken', state.get('taken') | mine(state));
        state.set('list', 0);
        return 'listTags';
      },
    },
    listTags: {
      label: 'entries tags',
      run(state) {
        // Kept to be read, and to be dropped when all is done.
        state.setWide('listed', 0);
        state.setOwn('target', state.get('taken'));
        return 'listFills';
      },
    },
    ...takeAll('readTaken'),
    readTaken: {
      label: (state) => (state.own('target') === 0 ? 'openRead list' : 'openRead taken'),
      run(state) {
        const isListed =
          state.own('target') === 0
            ? state.get('list') === 1
            : (state.get('taken') & state.own('target')) !== 0;
        if (isListed) return 'isThere';
        return state.own('target') === 0 ? 'drop' : 'readList';
      },
    },
    readList: {
      label: 'openRead list',
      run: (state) => (state.get('list') === 1 ? 'isThere' : 'drop'),
    },
    // A key is looked at once, whichever list it is in.
    isThere: seen('page', 'lstat page', 'judge', 'drop'),
    judge: {
      label: 'lstat page',
      run(state) {
        state.setOwn('saw', state.get('page'));
        return 'judgeMeta';
      },
    },
    judgeMeta: {
      label: 'openRead meta',
      run(state) {
        const page = state.own('saw');
        state.setOwn('saw', 0);
        return !state.fits(page) || (tagged & (1 << page)) !== 0 ? 'prepare' : 'drop';
      },
    },
    ...purgePlace('drop'),
    drop: {
      label: (state) => (state.own('target') === 0 ? '' : 'unlink taken'),
      run(state) {
        state.set('taken', state.get('taken') & ~state.own('target'));
        state.setOwn('target', 0);
        return 'resolve';
      },
    },
    ...resolves,
  };
  return holdingMoves('takeList', steps, true);
}

/** All versions that processes of a scenario may render, and the old one. */
export const everyVersion = (1 << (ACTORS + 2)) - 1;
