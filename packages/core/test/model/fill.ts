/** The program of a process that stores the page: from the lookup to the last file that it removes. */
import { acquire, end, look } from './acquire.ts';
import { isThere, make } from './files.ts';
import type { Steps } from './program.ts';
import { drop, giveBack, publish } from './publish.ts';
import { NONE, Outcome } from './state.ts';
import { tidy } from './tidy.ts';

/** How a page is stored. */
export interface FillHow {
  /** Also when the page is there. */
  readonly refresh?: boolean;
  readonly tag?: boolean;
  /** Its owner may be taken for overdue by others, and it takes others for that: ages are not in the model. */
  readonly overdue?: boolean;
}

function create(name: string, part: 'gz' | 'meta', next: string): Steps {
  return {
    [name]: {
      label: `create ${part}`,
      run(state) {
        make(state, part);
        return next;
      },
    },
  };
}

function touch(name: string, part: 'gz' | 'body', next: string): Steps {
  return {
    [name]: { label: `utimes ${part}`, run: (state) => (isThere(state, part) ? next : 'dropBody') },
  };
}

/** The steps of a fill. A page that has no variant yet when the permission goes says nothing of one. */
export function fill({ refresh = false, tag = false, overdue = false }: FillHow = {}): Steps {
  const first: Steps = refresh ? {} : look('look', 'prepare', 'hit', false);
  const second: Steps = refresh ? {} : look('lookOnce', 'render', 'hitBody', true);
  return {
    ...first,
    ...acquire(refresh ? 'render' : 'lookOnce', overdue),
    hit: { eager: true, run: (state) => end(state, Outcome.hit) },
    ...second,
    hitBody: drop('body', 'hit'),
    render: {
      eager: true,
      label: 'render',
      run(state) {
        state.set('begun', state.get('begun') | (1 << (state.me + 1)));
        state.setOwn('saw', 0);
        return 'makeVariant';
      },
    },
    ...create('makeVariant', 'gz', 'touchVariant'),
    ...touch('touchVariant', 'gz', tag ? 'note' : 'standing'),
    note: {
      label: 'append list',
      run(state) {
        state.set('list', 1);
        return 'standing';
      },
    },
    standing: {
      label: 'peek page',
      run(state) {
        state.setOwn('saw', state.get('page'));
        return state.get('page') === NONE ? 'writeMeta' : 'standingMeta';
      },
    },
    standingMeta: {
      label: 'openRead meta',
      run(state) {
        const page = state.own('saw');
        state.setOwn('saw', 0);
        if (state.fits(page)) state.setOwn('before', page);
        return 'writeMeta';
      },
    },
    ...create('writeMeta', 'meta', 'seal'),
    ...touch('seal', 'body', 'clear'),
    ...publish,
    ...giveBack,
    ...tidy(overdue),
  };
}
