/** The program of a process that purges everything. */
import { renamed, type Steps } from './program.ts';
import { called, resolves, takeAll } from './purge.ts';
import { holdingMoves } from './sign.ts';
import { count, NONE, nth } from './state.ts';
import { isFree } from './way.ts';

/** What goes with all meta, and with what is at the name of the page: that may be the page's folder. */
const metas = ['metaFolder', 'meta', 'innerMetaFolder', 'innerMeta', 'belowMeta'] as const;
const pages = ['page', 'folder', 'innerPage', 'innerVariant', 'below'] as const;

/** Passes over a folder that others go on filling. */
const PASSES = 5;

const steps: Steps = {
  ...called('listFills', 0xff),
  ...takeAll('listVariants'),
  listVariants: pass('variants', 'listAll', 'buryVariants'),
  buryVariants: burying('listVariants', 'listAll', 'buryVariants'),
  listAll: pass('all', 'buryMeta', 'buryAll'),
  buryAll: burying('listAll', 'buryMeta', 'buryAll'),
  buryMeta: {
    label: 'rename meta folder',
    run(state) {
      const wasThere = state.get('metaFolder') !== NONE;
      for (const field of metas) state.set(field, NONE);
      return wasThere ? 'againListFills' : 'listNewer';
    },
  },
  ...renamed(takeAll('listNewer'), 'again'),
  listNewer: pass('all', 'newerCame', 'buryNewer'),
  buryNewer: burying('listNewer', 'newerCame', 'buryNewer'),
  newerCame: {
    eager: true,
    run(state) {
      const came = state.own('saw') === 1;
      state.setOwn('saw', 0);
      return came ? 'buryMeta' : 'resolve';
    },
  },
  ...resolves,
};

/**
 * Purges everything: the variants, then what else is there, then meta with one rename; then the permission of who lost its meta so,
 * and what came in between.
 */
export const purgeEverything: Steps = holdingMoves('listFills', steps, true);

/** The same where pages are moved, which they must not be meanwhile. */
export const purgeEverythingMoving: Steps = holdingMoves('listFills', steps);

/** One look at the top folder: what is there is what this pass takes. */
function pass(what: 'variants' | 'all', next: string, take: string): Steps[string] {
  return {
    label: 'entries root',
    run(state) {
      const variant = state.get('variant') === NONE ? 0 : 1;
      const page = what === 'variants' || isFree(state) ? 0 : 2;
      state.setWide('listed', variant | page);
      state.setOwn('tries', state.own('tries') + 1);
      if ((variant | page) !== 0) {
        if (take === 'buryNewer') state.setOwn('saw', 1);
        return take;
      }
      state.setOwn('tries', 0);
      return next;
    },
  };
}

/** Moves what the look found into the trash, in any order. */
function burying(again: string, next: string, more: string): Steps[string] {
  return {
    label: 'rename to grave',
    run(state) {
      const listed = state.wide('listed');
      const bit = nth(listed, state.choose(count(listed)));
      for (const field of bit === 1 ? (['variant'] as const) : pages) state.set(field, NONE);
      state.setWide('listed', listed & ~bit);
      if ((listed & ~bit) !== 0) return more;
      if (state.own('tries') < PASSES) return again;
      state.setOwn('tries', 0);
      return next;
    },
  };
}
