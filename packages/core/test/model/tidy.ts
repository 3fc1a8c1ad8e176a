/** How a process of the model removes the meta that a publish left which came to nothing. */
import { acquire, end } from './acquire.ts';
import { isThere, remove, removeSeen, seen, unlinkPart } from './files.ts';
import { renamed, type Steps } from './program.ts';
import { drop } from './publish.ts';
import { removeOrphans, removePage } from './remove.ts';
import { Outcome } from './state.ts';
import { isFree, removeFolder, removeMetaFolder } from './way.ts';

/** Without its page, and under the lock. What comes in between, when the lock is taken, goes as well. */
export const tidy = (overdue: boolean): Steps => ({
  orphanMeta: seen('meta', 'peek meta', 'orphanPage', 'over'),
  orphanPage: seen('page', 'peek page', 'over', 'idlePrepare'),
  over: { eager: true, run: (state) => end(state, Outcome.fenced) },
  ...renamed(acquire('idleMeta', overdue, 'idle'), 'idle'),
  idleMeta: seen('meta', 'peek meta', 'idlePage', 'idleLeave'),
  idlePage: seen('page', 'peek page', 'idleLeave', 'idleUnlink'),
  idleUnlink: removeSeen('meta', 'unlink meta', 'idleOurs', 'idleLeave'),
  idleOurs: {
    label: 'lstat part',
    run: (state) => (isThere(state, 'idle') ? 'idleLeave' : 'newerVariant'),
  },
  newerVariant: seen('variant', 'peek variant', 'newerVariantUnlink', 'newerPage'),
  newerVariantUnlink: remove('variant', 'unlink variant', 'newerPage'),
  newerPage: remove('page', 'unlink page', 'newerMeta'),
  newerMeta: remove('meta', 'unlink meta', 'lastLook'),
  lastLook: seen('page', 'peek page', 'lastVariant', 'lastAfter'),
  lastVariant: seen('variant', 'peek variant', 'lastVariantUnlink', 'lastPage'),
  lastVariantUnlink: remove('variant', 'unlink variant', 'lastPage'),
  lastPage: remove('page', 'unlink page', 'lastAfter'),
  lastAfter: seen('page', 'peek page', 'idleLeave', 'lastOrphan'),
  lastOrphan: seen('variant', 'peek variant', 'lastOrphanUnlink', 'idleLeave'),
  lastOrphanUnlink: remove('variant', 'unlink variant', 'idleLeave'),
  idleLeave: {
    label: 'unlink idle part',
    run(state) {
      unlinkPart(state, 'idle');
      return 'over';
    },
  },
});

/** The same at both places of a page that may be in its folder, one after another. */
export const tidyBoth = (overdue: boolean, next: string): Steps => ({
  orphanMeta: seen('meta', 'peek meta', 'orphanPage', 'nextPlace'),
  orphanPage: seen('page', 'peek page', 'nextPlace', 'idlePrepare'),
  ...renamed(acquire('idleMeta', overdue, 'idle', 'nextPlace'), 'idle'),
  idleMeta: seen('meta', 'peek meta', 'idlePage', 'idleLeave'),
  idlePage: seen('page', 'peek page', 'idleLeave', 'idleUnlink'),
  idleUnlink: removeSeen('meta', 'unlink meta', 'idleOurs', 'idleFolders'),
  ...removeNewer('idle', 'idleFolders'),
  idleFolders: { eager: true, run: (state) => (state.own('at') === 1 ? 'idleMetaFolder' : 'idleLeave') },
  idleMetaFolder: {
    label: 'rmdir inner meta',
    run(state) {
      removeMetaFolder(state);
      return 'idleLeave';
    },
  },
  idleLeave: drop('idle', 'nextPlace'),
  nextPlace: {
    eager: true,
    run(state) {
      const goesOn = state.own('at') === 0;
      state.setOwn('at', goesOn ? 1 : 0);
      return goesOn ? 'orphanMeta' : next;
    },
  },
  over: { eager: true, run: (state) => end(state, Outcome.fenced) },
});

/** What goes when the lock was taken meanwhile: then the meta that was unlinked may have been a newer page's. */
export function removeNewer(part: 'idle' | 'body', next: string): Steps {
  const orphans = `${part}Orphans`;
  return {
    [`${part}Ours`]: {
      label: 'lstat part',
      run: (state) => (isThere(state, part) ? next : state.own('at') === 1 ? `${part}Inside` : `${part}Size`),
    },
    [`${part}Inside`]: {
      label: 'realpath page',
      run: (state) => (isFree(state) ? `${part}MetaOnly` : `${part}Size`),
    },
    [`${part}MetaOnly`]: remove('meta', 'unlink meta', `${part}MetaFolder2`),
    ...renamed(removePage(`${part}After`), part),
    [`${part}After`]: {
      eager: true,
      run: (state) => (state.own('at') === 1 ? `${part}Folder` : orphans),
    },
    [`${part}Folder`]: {
      label: 'rmdir page',
      run(state) {
        removeFolder(state);
        return `${part}MetaFolder2`;
      },
    },
    [`${part}MetaFolder2`]: {
      label: 'rmdir inner meta',
      run(state) {
        removeMetaFolder(state);
        return orphans;
      },
    },
    ...removeOrphans(orphans, next),
  };
}
