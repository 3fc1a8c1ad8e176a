/** Protocols that are wrong: what shows that the search in `model.test.ts` would find a mistake. */
import { expect, it } from 'vitest';
import { allThatFill, renamed, type Steps } from './program.ts';
import { purgeKey, purgePattern, takeAll } from './purge.ts';
import { purgeEverything } from './purge-everything.ts';
import { byTag, overdue, refresh, tagged } from './scenarios.ts';
import { type ModelScenario, search } from './search.ts';
import { sent } from './sign.ts';
import { bitOf, NONE } from './state.ts';

const { render, ...afterRender } = refresh;
const { isAlone, ...afterLook } = refresh;
const lookingFirst = sent(
  { isAlone: isAlone!, ...afterLook },
  { isAlone: { render: 'prepare' }, prepare: { isAlone: 'render' } },
);
const old = { old: true, listed: true, atomic: true } as const;
/** Nothing is there, and only pages are judged while a purge is at work. */
const pages = { old: false, listed: false, loose: true } as const;

const forgetting: Steps[string] = {
  label: 'openRead meta',
  run(state) {
    state.setOwn('saw', 0);
    return 'writeMeta';
  },
};
const removingMeta: Steps[string] = {
  label: 'unlink meta',
  run(state) {
    state.set('meta', NONE);
    return 'failHeld';
  },
};

/** A purge that also takes the locks of who tidies up. */
function losing(purge: Steps): Steps {
  const idles = [0, 1, 2].reduce((mask, actor) => mask | bitOf(actor, 'idle'), 0);
  const takes = takeAll('listNewer', (state) => allThatFill(state) | idles);
  return { ...purge, ...renamed(takes, 'again') };
}

const wrong: Readonly<Record<string, { finds: RegExp; scenario: ModelScenario }>> = {
  'a purge deletes the page before it takes the permission': {
    finds: /a purged (page|variant) is there/,
    scenario: {
      ...old,
      loose: true,
      actors: [
        refresh,
        sent(purgeKey, {
          call: { any: 'size' },
          stillOurs: { any: 'prepare' },
          takeNames: { size: 'abandon' },
          takeMore: { size: 'abandon' },
        }),
      ],
    },
  },
  'a purge takes no permission': {
    finds: /a purged (page|variant) is there/,
    scenario: {
      ...old,
      loose: true,
      actors: [refresh, sent(purgeKey, { call: { any: 'size' }, stillOurs: { any: 'resolve' } })],
    },
  },
  'a page is rendered before its permission is taken': {
    finds: /a purged (page|variant) is there/,
    scenario: {
      ...old,
      actors: [
        sent(
          { render: render!, ...afterRender },
          { render: { any: 'prepare' }, isAlone: { render: 'makeVariant' } },
        ),
        purgeKey,
      ],
    },
  },
  'a purge by pattern looks for pages before it takes the permissions': {
    finds: /a purged (page|variant) is there/,
    scenario: {
      ...old,
      ...pages,
      actors: [
        refresh,
        sent(purgePattern, {
          call: { any: 'walk' },
          walk: { resolve: 'listFills' },
          walkLook: { resolve: 'listFills' },
          abandon: { resolve: 'listFills' },
          allTakeNames: { walk: 'resolve' },
          allTakeMore: { walk: 'resolve' },
        }),
      ],
    },
  },
  'a purge of everything takes no permission': {
    finds: /a purged (page|variant) is there/,
    scenario: {
      ...old,
      loose: true,
      actors: [
        refresh,
        sent(purgeEverything, { call: { any: 'listVariants' }, buryMeta: { againListFills: 'listNewer' } }),
      ],
    },
  },
  'a purge of everything takes no permission of those whose meta it took': {
    finds: /a page is there without its meta/,
    scenario: {
      ...old,
      actors: [refresh, sent(purgeEverything, { buryMeta: { againListFills: 'listNewer' } })],
    },
  },
  'who tidies up behind a fill loses its lock to a purge': {
    finds: /a page is there without its meta/,
    scenario: { ...old, actors: [refresh, refresh, losing(purgeEverything)] },
  },
  'a purge of a tag does not read the list that is written meanwhile': {
    finds: /a purged (page|variant) is there/,
    scenario: { ...old, actors: [tagged, sent(byTag, { readTaken: { readList: 'drop' } })], listed: false },
  },
  'a purge of a tag takes the list after the permissions': {
    finds: /a purged (page|variant) is there/,
    scenario: {
      ...old,
      ...pages,
      actors: [
        tagged,
        sent(byTag, {
          call: { any: 'listFills' },
          allTakeNames: { readTaken: 'takeList' },
          allTakeMore: { readTaken: 'takeList' },
          listTags: { any: 'readTaken' },
        }),
        byTag,
      ],
    },
  },
  'a refresh leaves the old variant': {
    finds: /has the variant of/,
    scenario: { ...old, actors: [sent(refresh, { hold: { clear: 'putMeta' } })] },
  },
  'a variant is put before its page': {
    finds: /has the variant of|without its page/,
    scenario: {
      ...old,
      actors: [
        sent(refresh, {
          putMetaMoved: { putBody: 'putVariant' },
          putVariantMoved: { any: 'putBody' },
          metaStill: { putVariant: 'unhold' },
        }),
      ],
    },
  },
  'a purge deletes the page before its variant': {
    finds: /without its page/,
    scenario: {
      ...old,
      actors: [
        sent(purgeKey, {
          size: { any: 'unlinkPage' },
          unlinkPage: { any: 'clear' },
          clear: { sized: 'unlinkMeta' },
          clearUnlink: { sized: 'unlinkMeta' },
        }),
      ],
    },
  },
  'a purge goes on although somebody else holds the permission': {
    finds: /a purged (page|variant) is there/,
    scenario: { ...old, loose: true, actors: [refresh, sent(purgeKey, { prepare: { takeNames: 'size' } })] },
  },
  'a process looks whether it is alone before it makes its file': {
    finds: /has the variant of/,
    scenario: {
      ...old,
      actors: [lookingFirst, lookingFirst],
    },
  },
  'of two who come at once both stay': {
    finds: /has the variant of/,
    scenario: {
      ...old,
      actors: [
        sent(refresh, { age: { giveUp: 'render', judge: 'render' } }),
        sent(refresh, { age: { giveUp: 'render', judge: 'render' } }),
      ],
    },
  },
  'a purge takes what its first look shows, and looks no more': {
    finds: /a purged (page|variant) is there|a file of a fill is left|meta is there without its page/,
    scenario: {
      ...old,
      loose: true,
      actors: [refresh, sent(purgeKey, { takeUnlink: { takeMore: 'size' } })],
    },
  },
  'a refresh does not keep the meta of the page that it replaces': {
    finds: /a page is there without its meta/,
    scenario: { ...old, actors: [{ ...refresh, standingMeta: forgetting }, refresh] },
  },
  'a publish whose permission was taken removes the meta that it put': {
    finds: /a page is there without its meta/,
    scenario: {
      ...old,
      actors: [
        { ...sent(overdue, { putBodyLook: { failHeld: 'unlinkMeta' } }), unlinkMeta: removingMeta },
        overdue,
      ],
    },
  },
  'a publish does not look whether its meta is still there': {
    finds: /a page is there without its meta/,
    scenario: {
      ...old,
      loose: true,
      deaths: 0,
      actors: [sent(overdue, { metaStill: { backPage: 'putVariant' } }), purgeKey],
    },
  },
};

it.each(Object.entries(wrong))('the search finds what goes wrong when %s', (_, { finds, scenario }) => {
  expect(search(scenario).fault?.what).toMatch(finds);
});
