/** How a process of the model removes the meta that a publish left which came to nothing. */
import { acquire, end } from './acquire.ts';
import { isThere, remove, seen, unlinkPart } from './files.ts';
import { renamed, type Steps } from './program.ts';
import { NONE, Outcome, type State } from './state.ts';

const isOrphan = (state: State): boolean => state.get('meta') !== NONE && state.get('page') === NONE;

/** Without its page, and under the lock. What comes in between, when the lock is taken, goes as well. */
export const tidy = (overdue: boolean): Steps => ({
  orphanMeta: seen('meta', 'peek meta', 'orphanPage', 'over'),
  orphanPage: seen('page', 'peek page', 'over', 'idlePrepare'),
  over: { eager: true, run: (state) => end(state, Outcome.fenced) },
  ...renamed(acquire('idleMeta', overdue, 'idle'), 'idle'),
  idleMeta: seen('meta', 'peek meta', 'idlePage', 'idleLeave'),
  idlePage: {
    label: 'peek page',
    run: (state) => (isOrphan(state) ? 'idleUnlink' : 'idleLeave'),
  },
  idleUnlink: {
    label: 'unlink meta',
    run(state) {
      const wasThere = state.get('meta') !== NONE;
      state.set('meta', NONE);
      return wasThere ? 'idleOurs' : 'idleLeave';
    },
  },
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
