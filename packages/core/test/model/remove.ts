/** How a process of the model removes the page of a place, and of both places that it may have. */
import { placed, remove, seen } from './files.ts';
import type { Steps } from './program.ts';
import { NONE } from './state.ts';
import { isFree, removeFolder, removeMetaFolder } from './way.ts';

/** Variants, body, meta, and a body that came in between. */
export function removePage(next: string): Steps {
  return {
    size: {
      label: placed('lstat page'),
      run(state) {
        state.setOwn('saw', state.here('page') === NONE ? 0 : 1);
        return 'clear';
      },
    },
    clear: seen('variant', 'peek variant', 'clearUnlink', 'sized'),
    clearUnlink: remove('variant', 'unlink variant', 'sized'),
    sized: {
      eager: true,
      run(state) {
        const isThere = state.own('saw') === 1;
        state.setOwn('saw', 0);
        return isThere ? 'unlinkPage' : 'unlinkMeta';
      },
    },
    unlinkPage: remove('page', 'unlink page', 'unlinkMeta'),
    unlinkMeta: remove('meta', 'unlink meta', 'newer'),
    newer: seen('page', 'peek page', 'newerClear', next),
    newerClear: seen('variant', 'peek variant', 'newerUnlink', 'newerPage'),
    newerUnlink: remove('variant', 'unlink variant', 'newerPage'),
    newerPage: remove('page', 'unlink page', 'newerAfter'),
    newerAfter: seen('page', 'peek page', next, 'newerOrphan'),
    newerOrphan: seen('variant', 'peek variant', 'newerOrphanUnlink', next),
    newerOrphanUnlink: remove('variant', 'unlink variant', next),
  };
}

/** Removes a variant that has no page. */
export function removeOrphans(prefix: string, next: string): Steps {
  return {
    [prefix]: seen('page', 'peek page', next, `${prefix}Variant`),
    [`${prefix}Variant`]: seen('variant', 'peek variant', `${prefix}Unlink`, next),
    [`${prefix}Unlink`]: remove('variant', 'unlink variant', next),
  };
}

/** What a purge found of the folder: there is one, and it led there. */
const FOUND = 1;
const ENTERED = 2;

/** Goes from the one place to the other, where there is a folder. */
export const bothPlaces: Steps = {
  places: {
    label: 'peek page',
    run(state) {
      state.setOwn('rounds', state.get('folder') === NONE ? 0 : FOUND);
      return 'size';
    },
  },
  removed: {
    eager: true,
    run(state) {
      const goesOn = state.own('at') === 0 && state.own('rounds') === FOUND;
      state.setOwn('at', goesOn ? 1 : 0);
      return goesOn ? 'inside' : 'stillOurs';
    },
  },
  inside: {
    label: 'realpath page',
    run(state) {
      if (isFree(state)) return 'metaOnly';
      state.setOwn('rounds', ENTERED);
      return 'size';
    },
  },
  metaOnly: remove('meta', 'unlink meta', 'removed'),
  nextOrphan: {
    eager: true,
    run(state) {
      const goesOn = state.own('at') === 0 && state.own('rounds') !== 0;
      state.setOwn('at', goesOn ? 1 : 0);
      return goesOn ? 'orphan' : 'abandon';
    },
  },
};

/** Removes the folders that are empty by now. */
export function emptyFolders(next: string): Steps {
  return {
    folders: {
      eager: true,
      run: (state) =>
        state.own('rounds') === ENTERED ? 'folder' : state.own('rounds') ? 'metaFolder' : next,
    },
    folder: {
      label: 'rmdir page',
      run(state) {
        removeFolder(state);
        return 'metaFolder';
      },
    },
    metaFolder: {
      label: 'rmdir inner meta',
      run(state) {
        removeMetaFolder(state);
        state.setOwn('rounds', 0);
        return next;
      },
    },
  };
}
