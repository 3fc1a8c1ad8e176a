/** The same as `wrong.test.ts`, of pages without variants and of those that move into their folder. */
import { expect, it } from 'vitest';
import { take } from './files.ts';
import { newcomer } from './move.ts';
import { moveBack } from './move-back.ts';
import type { Steps } from './program.ts';
import { drop } from './publish.ts';
import { purgeMoving, purgePatternMoving } from './purge.ts';
import { purgeEverythingMoving } from './purge-everything.ts';
import { moving, plainMoving } from './scenarios.ts';
import { type ModelScenario, search } from './search.ts';
import { sent } from './sign.ts';
import { NONE, Outcome } from './state.ts';

const old = { old: true, listed: true, atomic: true } as const;

/** Moves a page whatever signs are up. */
const heedless: Steps = { ...newcomer, sign: { label: 'entries fills', run: () => 'takeVariant' } };
/** Moves it by a rename, as it was done once. */
const renaming: Steps = {
  ...newcomer,
  takePage: {
    label: 'rename page',
    run(state) {
      if (state.get('folder') !== NONE) state.setOwn('outcome', Outcome.failed);
      return take(state, 'page', false) ? 'dropOldMeta' : 'moved';
    },
  },
};

/** Takes permissions in the beginning alone, as a purge does that finds no meta. */
const takingOnce = sent(purgeEverythingMoving, { buryMeta: { againListFills: 'listNewer' } });

const wrong: Readonly<Record<string, { finds: RegExp; scenario: ModelScenario }>> = {
  'a page without variants has no second name of its meta, so that its lock ends with its body': {
    finds: /a page is there whose fill says that it is not/,
    scenario: {
      ...old,
      actors: [newcomer, sent(plainMoving, { placeTop: { hold: 'clear' }, wayPeek: { hold: 'clear' } })],
    },
  },
  'a page without variants gives its lock back before it looks whether its meta is still there': {
    finds: /a page is there whose fill says that it is not/,
    scenario: {
      ...old,
      actors: [
        newcomer,
        { ...sent(plainMoving, { putBody: { putBodyDone: 'early' } }), early: drop('held', 'putBodyDone') },
      ],
    },
  },
  'a page is moved although a purge by pattern looks for it': {
    finds: /a purged page is there/,
    scenario: { ...old, loose: true, actors: [heedless, purgePatternMoving] },
  },
  'a page is moved although everything is purged': {
    finds: /a purged page is there/,
    scenario: { ...old, loose: true, actors: [heedless, takingOnce] },
  },
  'a page is moved back although everything is purged': {
    finds: /a purged (page|variant) is there/,
    scenario: {
      ...old,
      inner: true,
      loose: true,
      actors: [{ ...moveBack, sign: heedless.sign! }, takingOnce],
    },
  },
  'a purge puts its sign up after it took the permissions': {
    finds: /a purged page is there/,
    scenario: {
      ...old,
      loose: true,
      actors: [
        newcomer,
        sent(purgePatternMoving, {
          call: { any: 'listFills' },
          allTakeNames: { walk: 'putUp' },
          allTakeMore: { walk: 'putUp' },
          putUp: { any: 'walk' },
        }),
      ],
    },
  },
  'a page is moved without its permission': {
    finds: /a purged page is there/,
    scenario: {
      ...old,
      loose: true,
      actors: [
        sent(newcomer, {
          wayFound: { prepare: 'takeVariant' },
          stillOurs: { left: 'makeFolder' },
          mayPut: { moved: 'place' },
        }),
        purgeMoving,
      ],
    },
  },
  'a move whose permission was taken goes on': {
    finds: /a purged page is there/,
    scenario: {
      ...old,
      loose: true,
      actors: [
        sent(newcomer, { stillOurs: { left: 'makeFolder' }, mayPut: { moved: 'place' } }),
        purgeMoving,
      ],
    },
  },
  'a move looks for the sign before it makes its file': {
    finds: /a purged page is there/,
    scenario: {
      ...old,
      loose: true,
      actors: [
        sent(newcomer, {
          wayFound: { prepare: 'sign' },
          sign: { takeVariant: 'prepare', moveBusy: 'leaveBelow' },
          isAlone: { sign: 'takeVariant' },
        }),
        purgePatternMoving,
      ],
    },
  },
  'a move leaves the variants where the page was': {
    finds: /is there without its page/,
    scenario: { ...old, actors: [sent(newcomer, { sign: { takeVariant: 'takeMeta' } }), purgeMoving] },
  },
  'a move takes the meta away before the page': {
    finds: /a page is there without its meta/,
    scenario: {
      ...old,
      actors: [
        sent(newcomer, {
          takeMeta: { takeLook: 'dropOldMeta' },
          dropOldMeta: { bodyOurs: 'takeLook', stillOurs: 'takeLook' },
          dropPage: { dropOldMeta: 'stillOurs' },
        }),
        moving,
      ],
    },
  },
  'a move takes by a rename what is at the name of the page, be it a folder': {
    finds: /a folder is taken for the page/,
    scenario: { ...old, loose: true, actors: [renaming, purgeMoving, newcomer] },
  },
  'a purge looks for a folder before it takes the permission': {
    finds: /a purged page is there/,
    scenario: {
      ...old,
      loose: true,
      actors: [
        newcomer,
        sent(purgeMoving, {
          prepare: { takeNames: 'places' },
          places: { size: 'takeNames' },
          takeNames: { places: 'size' },
          takeMore: { places: 'size' },
        }),
      ],
    },
  },
};

it.each(Object.entries(wrong))('the search finds what goes wrong when %s', (_, { finds, scenario }) => {
  expect(search(scenario).fault?.what).toMatch(finds);
});
