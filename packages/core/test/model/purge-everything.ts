/** The program of a process that purges everything. */
import type { Steps } from './program.ts';
import { called, resolves, takeAll } from './purge.ts';
import { count, NONE, nth } from './state.ts';

/** Passes over a folder that others go on filling. */
const PASSES = 5;

/** Purges everything: meta with one rename, then the variants, then what else is there. */
export const purgeEverything: Steps = {
  ...called('listFills', 0xff),
  ...takeAll('buryMeta'),
  buryMeta: {
    label: 'rename meta folder',
    run(state) {
      state.set('metaFolder', NONE);
      state.set('meta', NONE);
      return 'listVariants';
    },
  },
  listVariants: pass('variants', 'listAll'),
  buryVariants: burying('listVariants', 'listAll'),
  listAll: pass('all', 'resolve'),
  buryAll: burying('listAll', 'resolve'),
  ...resolves,
};

/** One look at the top folder: what is there is what this pass takes. */
function pass(what: 'variants' | 'all', next: string): Steps[string] {
  return {
    label: 'entries root',
    run(state) {
      const variant = state.get('variant') === NONE ? 0 : 1;
      const page = what === 'variants' || state.get('page') === NONE ? 0 : 2;
      state.setWide('listed', variant | page);
      state.setOwn('tries', state.own('tries') + 1);
      if ((variant | page) !== 0) return what === 'variants' ? 'buryVariants' : 'buryAll';
      state.setOwn('tries', 0);
      return next;
    },
  };
}

/** Moves what the look found into the trash, in any order. */
function burying(again: string, next: string): Steps[string] {
  return {
    label: 'rename to grave',
    run(state) {
      const listed = state.wide('listed');
      const bit = nth(listed, state.choose(count(listed)));
      state.set(bit === 1 ? 'variant' : 'page', NONE);
      state.setWide('listed', listed & ~bit);
      if ((listed & ~bit) !== 0) return again === 'listAll' ? 'buryAll' : 'buryVariants';
      if (state.own('tries') < PASSES) return again;
      state.setOwn('tries', 0);
      return next;
    },
  };
}
