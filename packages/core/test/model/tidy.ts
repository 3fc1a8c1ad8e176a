/** How a process of the model removes the meta that a publish left which came to nothing. */
import { acquire, end } from './acquire.ts';
import { isThere, unlinkPart } from './files.ts';
import { renamed, type Steps } from './program.ts';
import { NONE, Outcome, type State } from './state.ts';

const isOrphan = (state: State): boolean => state.get('meta') !== NONE && state.get('page') === NONE;

/** Without its page, and under the lock. What comes in between, when the lock is taken, goes as well. */
export const tidy = (overdue: boolean): Steps => ({
  orphanMeta: {
    label: 'peek meta',
    run: (state) => (state.get('meta') === NONE ? 'over' : 'orphanPage'),
  },
  orphanPage: {
    label: 'peek page',
    run: (state) => (state.get('page') === NONE ? 'idlePrepare' : 'over'),
  },
  over: { eager: true, run: (state) => end(state, Outcome.fenced) },
  ...renamed(acquire('idleMeta', overdue, 'idle'), 'idle'),
  idleMeta: {
    label: 'peek meta',
    run: (state) => (state.get('meta') === NONE ? 'idleLeave' : 'idlePage'),
  },
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
  newerVariant: {
    label: 'peek variant',
    run: (state) => (state.get('variant') === NONE ? 'newerPage' : 'newerVariantUnlink'),
  },
  newerVariantUnlink: {
    label: 'unlink variant',
    run(state) {
      state.set('variant', NONE);
      return 'newerPage';
    },
  },
  newerPage: {
    label: 'unlink page',
    run(state) {
      state.set('page', NONE);
      return 'newerMeta';
    },
  },
  newerMeta: {
    label: 'unlink meta',
    run(state) {
      state.set('meta', NONE);
      return 'lastLook';
    },
  },
  lastLook: {
    label: 'peek page',
    run: (state) => (state.get('page') === NONE ? 'lastAfter' : 'lastVariant'),
  },
  lastVariant: {
    label: 'peek variant',
    run: (state) => (state.get('variant') === NONE ? 'lastPage' : 'lastVariantUnlink'),
  },
  lastVariantUnlink: {
    label: 'unlink variant',
    run(state) {
      state.set('variant', NONE);
      return 'lastPage';
    },
  },
  lastPage: {
    label: 'unlink page',
    run(state) {
      state.set('page', NONE);
      return 'lastAfter';
    },
  },
  lastAfter: {
    label: 'peek page',
    run: (state) => (state.get('page') === NONE ? 'lastOrphan' : 'idleLeave'),
  },
  lastOrphan: {
    label: 'peek variant',
    run: (state) => (state.get('variant') === NONE ? 'idleLeave' : 'lastOrphanUnlink'),
  },
  lastOrphanUnlink: {
    label: 'unlink variant',
    run(state) {
      state.set('variant', NONE);
      return 'idleLeave';
    },
  },
  idleLeave: {
    label: 'unlink idle part',
    run(state) {
      unlinkPart(state, 'idle');
      return 'over';
    },
  },
});
