/** The program of a process that stores the page: from the lookup to the last file that it removes. */
import { acquire, end, look } from './acquire.ts';
import { isThere, make, placed } from './files.ts';
import type { Steps } from './program.ts';
import { drop, giveBack, held, put, release } from './publish.ts';
import { NONE, Outcome } from './state.ts';
import { tidy, tidyBoth } from './tidy.ts';
import { round, way } from './way.ts';

/** How a page is stored. */
export interface FillHow {
  /** Also when the page is there. */
  readonly refresh?: boolean;
  readonly tag?: boolean;
  /** Its owner may be taken for overdue by others, and it takes others for that: ages are not in the model. */
  readonly overdue?: boolean;
  /** The page has no variants. */
  readonly plain?: boolean;
  /** It may be in its folder. */
  readonly moves?: boolean;
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
export function fill({
  refresh = false,
  tag = false,
  overdue = false,
  plain = false,
  moves = false,
}: FillHow = {}): Steps {
  const first: Steps = refresh ? {} : look('look', 'prepare', 'hit', false);
  const second: Steps = refresh ? {} : look('lookOnce', 'render', 'hitBody', true);
  const making: Steps = plain
    ? {}
    : {
        ...create('makeVariant', 'gz', 'touchVariant'),
        ...touch('touchVariant', 'gz', tag ? 'note' : 'standing'),
      };
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
        return plain ? (tag ? 'note' : 'standing') : 'makeVariant';
      },
    },
    ...making,
    note: {
      label: 'append list',
      run(state) {
        state.set('list', 1);
        return 'standing';
      },
    },
    standing: standing(moves ? 'standingIn' : 'writeMeta'),
    standingIn: {
      eager: true,
      run(state) {
        state.setOwn('at', 1);
        return 'standingInner';
      },
    },
    standingInner: standing('writeMeta'),
    standingMeta: {
      label: placed('openRead meta'),
      run(state) {
        const page = state.own('saw');
        state.setOwn('saw', 0);
        if (state.fits(page)) state.setOwn('before', page);
        return 'writeMeta';
      },
    },
    ...create('writeMeta', 'meta', 'seal'),
    ...touch('seal', 'body', moves ? 'place' : 'hold'),
    ...(moves ? places('hold') : {}),
    ...put({
      body: 'body',
      hasVariant: () => !plain,
      hasMeta: () => true,
      again: 'unholdAgain',
      done: 'unhold',
      failed: 'failHeld',
    }),
    ...held,
    unholdAgain: drop('held', 'round'),
    ...release,
    ...giveBack(plain),
    ...(moves ? tidyBoth(overdue, 'over') : tidy(overdue)),
  };
}

/** Looks for the page that is there, whose meta its own keeps. */
function standing(none: string): Steps[string] {
  return {
    label: placed('peek page'),
    run(state) {
      state.setOwn('saw', state.here('page'));
      if (state.here('page') !== NONE) return 'standingMeta';
      return state.get('folder') === NONE ? 'writeMeta' : none;
    },
  };
}

/** Where the page goes: in its folder, when that is there. It is not moved itself, so a page that is in the way is one too many. */
function places(puts: string): Steps {
  return {
    place: {
      eager: true,
      run(state) {
        state.setOwn('at', 0);
        return 'placeTop';
      },
    },
    round: round('rounds', 'next', 'dropBody'),
    next: { eager: true, run: (state) => (state.own('at') === 1 ? 'placeInner' : 'placeTop') },
    placeTop: {
      label: 'peek page',
      run(state) {
        if (state.get('folder') === NONE) return puts;
        state.setOwn('at', 1);
        return 'round';
      },
    },
    placeInner: { label: placed('peek page'), run: () => 'wayPeek' },
    ...way('way', puts, 'dropBody'),
  };
}
