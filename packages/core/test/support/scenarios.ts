/** What two or three processes do at once, for `explore.test.ts`. */
import type { Scenario } from './world.ts';

const isAt = (key: string) => (page: { key: string }) => page.key === key;

/** A purge of two pages by one pattern. */
const twoPages = (filled: string): Scenario => ({
  before: async (stage) => {
    await stage.fill('/k1', 'old');
    await stage.fill('/k2', 'old');
  },
  actors: {
    fill: async (stage) => void (await stage.fill(filled, 'a1', { refresh: true })),
    purge: (stage) => stage.purge({ glob: '/k*' }, () => true),
  },
});

/** By the name of the test. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  'two fills of one key': {
    actors: {
      a: async (stage) => void (await stage.fill('/k', 'a1')),
      b: async (stage) => void (await stage.fill('/k', 'b1')),
    },
  },
  'a fill and a purge of its key': {
    actors: {
      fill: async (stage) => void (await stage.fill('/k', 'a1')),
      purge: (stage) => stage.purge({ path: '/k' }, isAt('/k')),
    },
  },
  'a refresh and a purge of its key': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      fill: async (stage) => void (await stage.fill('/k', 'a1', { refresh: true })),
      purge: (stage) => stage.purge({ path: '/k' }, isAt('/k')),
    },
  },
  'a refresh and a reader': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      fill: async (stage) => void (await stage.fill('/k', 'a1', { refresh: true })),
      reader: async (stage) => void (await stage.read('/k')),
    },
  },
  'a purge of everything below a page that is a file': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      fill: async (stage) => void (await stage.fill('/k', 'a1', { refresh: true })),
      purge: (stage) => stage.purge({ path: '/k', recursive: true }, () => true),
    },
  },
  'a purge of everything and a fill': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      fill: async (stage) => void (await stage.fill('/k', 'a1', { refresh: true })),
      purge: (stage) => stage.purge({ all: true }, () => true),
    },
  },
  'a glob and a fill': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      fill: async (stage) => void (await stage.fill('/k', 'a1', { refresh: true })),
      purge: (stage) => stage.purge({ glob: '/k*' }, () => true),
    },
  },
  'a glob of two pages, and a fill of the first that it finds': twoPages('/k1'),
  'a glob of two pages, and a fill of the second': twoPages('/k2'),
  'two globs of two pages, and a fill': {
    ...twoPages('/k1'),
    actors: {
      ...twoPages('/k1').actors,
      again: (stage) => stage.purge({ glob: '/k*' }, () => true),
    },
  },
  'older than, and a fill': {
    before: async (stage, fs) => {
      await stage.fill('/k', 'old');
      fs.clock += 100_000;
    },
    actors: {
      fill: async (stage) => void (await stage.fill('/k', 'a1', { refresh: true })),
      purge: (stage) => stage.purge({ olderThan: 50 }, ({ version }) => version === 'old'),
    },
  },
  'a newcomer moves a page, and a purge of that page': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      fill: async (stage) => void (await stage.fill('/k/x', 'x1')),
      purge: (stage) => stage.purge({ path: '/k' }, isAt('/k')),
    },
  },
  'a newcomer moves a page, and a purge of everything': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      fill: async (stage) => void (await stage.fill('/k/x', 'x1')),
      purge: (stage) => stage.purge({ all: true }, () => true),
    },
  },
  'a newcomer moves a page, and a glob': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      fill: async (stage) => void (await stage.fill('/k/x', 'x1')),
      purge: (stage) => stage.purge({ glob: '/k' }, isAt('/k')),
    },
  },
  'a newcomer moves a page, and a reader': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      fill: async (stage) => void (await stage.fill('/k/x', 'x1')),
      reader: async (stage) => void (await stage.read('/k')),
    },
  },
  'sweep moves a page back, and a purge of everything': {
    before: async (stage) => {
      await stage.fill('/k/x', 'x0');
      await stage.fill('/k', 'old');
      await stage.purge({ path: '/k/x' }, isAt('/k/x'));
    },
    actors: {
      sweep: async (stage) => void (await stage.cache.sweep()),
      purge: (stage) => stage.purge({ all: true }, () => true),
    },
  },
  'a tagged page is refreshed, and a purge of its tag': {
    before: async (stage) => void (await stage.fill('/k', 'old', { tag: 't' })),
    actors: {
      fill: async (stage) => void (await stage.fill('/k', 'a1', { refresh: true, tag: 't' })),
      purge: (stage) => stage.purge({ tag: 't' }, () => true),
    },
  },
  'a refresh loses the tag, and a purge of that tag': {
    before: async (stage) => void (await stage.fill('/k', 'old', { tag: 't' })),
    actors: {
      fill: async (stage) => void (await stage.fill('/k', 'a1', { refresh: true })),
      purge: (stage) => stage.purge({ tag: 't' }, () => true),
    },
  },
  'a tagged page is stored for the first time, and a purge of its tag': {
    actors: {
      fill: async (stage) => void (await stage.fill('/k', 'a1', { tag: 't' })),
      purge: (stage) => stage.purge({ tag: 't' }, () => true),
    },
  },
  'a tagged page is stored, and two purges of its tag': {
    before: async (stage) => void (await stage.fill('/k', 'old', { tag: 't' })),
    actors: {
      fill: async (stage) => void (await stage.fill('/k', 'a1', { refresh: true, tag: 't' })),
      purge: (stage) => stage.purge({ tag: 't' }, () => true),
      again: (stage) => stage.purge({ tag: 't' }, () => true),
    },
  },
  'two fills and a purge of their key': {
    actors: {
      a: async (stage) => void (await stage.fill('/k', 'a1')),
      b: async (stage) => void (await stage.fill('/k', 'b1', { refresh: true })),
      purge: (stage) => stage.purge({ path: '/k' }, isAt('/k')),
    },
  },
  'a fill and two purges of its key': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      fill: async (stage) => void (await stage.fill('/k', 'a1', { refresh: true })),
      purge: (stage) => stage.purge({ path: '/k' }, isAt('/k')),
      again: (stage) => stage.purge({ path: '/k' }, isAt('/k')),
    },
  },
  'a fill is overdue and taken over': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      slow: async (stage) => void (await stage.fill('/k', 'a1', { refresh: true })),
      quick: async (stage) => {
        await stage.wait();
        await stage.fill('/k', 'b1', { refresh: true });
      },
    },
  },
  'a fill dies and is taken over': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      dying: async (stage) => void (await stage.fill('/k', 'a1', { refresh: true })),
      heir: async (stage) => {
        await stage.kill('dying');
        await stage.fill('/k', 'b1', { refresh: true });
      },
    },
  },
  'a move dies, and a purge of the page': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      dying: async (stage) => void (await stage.fill('/k/x', 'x1')),
      purge: async (stage) => {
        await stage.kill('dying');
        await stage.purge({ path: '/k' }, isAt('/k'));
      },
    },
  },
  'sweep beside a refresh': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      fill: async (stage) => void (await stage.fill('/k', 'a1', { refresh: true })),
      sweep: async (stage) => void (await stage.cache.sweep()),
    },
  },
  'sweep when a refresh is overdue': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      fill: async (stage) => void (await stage.fill('/k', 'a1', { refresh: true })),
      sweep: async (stage) => {
        await stage.wait();
        await stage.cache.sweep();
      },
    },
  },
  'a page is moved, purged and stored anew': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      mover: async (stage) => void (await stage.fill('/k/x', 'x1')),
      fill: async (stage) => void (await stage.fill('/k', 'a1', { refresh: true })),
      purge: (stage) => stage.purge({ path: '/k' }, isAt('/k')),
    },
  },
  'a page is moved while everything is purged and its folder is stored in': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      mover: async (stage) => void (await stage.fill('/k/x', 'x1')),
      other: async (stage) => void (await stage.fill('/k/y', 'y1')),
      purge: (stage) => stage.purge({ all: true }, () => true),
    },
  },
  'a page is moved whose folder becomes a page after a purge': {
    before: async (stage) => void (await stage.fill('/k/x', 'old')),
    actors: {
      mover: async (stage) => void (await stage.fill('/k/x/y', 'y1')),
      purge: (stage) => stage.purge({ path: '/k/x' }, isAt('/k/x')),
      fill: async (stage) => void (await stage.fill('/k', 'a1')),
    },
  },
  'a folder is purged while two pages are stored in it': {
    before: async (stage) => void (await stage.fill('/k/x', 'old')),
    actors: {
      a: async (stage) => void (await stage.fill('/k/x', 'x1', { refresh: true })),
      b: async (stage) => void (await stage.fill('/k/y', 'y1')),
      purge: (stage) => stage.purge({ path: '/k', recursive: true }, () => true),
    },
  },
  'a purge of everything and a reader': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      purge: (stage) => stage.purge({ all: true }, () => true),
      reader: async (stage) => void (await stage.read('/k')),
    },
  },
  'a fill, a purge of everything and a reader': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      fill: async (stage) => void (await stage.fill('/k', 'a1', { refresh: true })),
      purge: (stage) => stage.purge({ all: true }, () => true),
      reader: async (stage) => void (await stage.read('/k')),
    },
  },
  'a page is stored twice, and a reader': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      fill: async (stage) => {
        await stage.fill('/k', 'a1', { refresh: true });
        await stage.fill('/k', 'a2', { refresh: true });
      },
      reader: async (stage) => void (await stage.read('/k')),
    },
  },
  'a refresh, and a purge of a tag that the page does not have': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      fill: async (stage) => void (await stage.fill('/k', 'a1', { refresh: true })),
      purge: (stage) => stage.purge({ tag: 't' }, () => true),
      reader: async (stage) => void (await stage.read('/k')),
    },
  },
  'a page is moved, and a purge of a tag that it does not have': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      fill: async (stage) => void (await stage.fill('/k/x', 'x1')),
      purge: (stage) => stage.purge({ tag: 't' }, () => true),
    },
  },
  'a fill, a purge of everything and one by a glob': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      fill: async (stage) => void (await stage.fill('/k', 'a1', { refresh: true })),
      purge: (stage) => stage.purge({ all: true }, () => true),
      glob: (stage) => stage.purge({ glob: '/k*' }, () => true),
    },
  },
  'a refresh, a purge and a reader': {
    before: async (stage) => void (await stage.fill('/k', 'old')),
    actors: {
      fill: async (stage) => void (await stage.fill('/k', 'a1', { refresh: true })),
      purge: (stage) => stage.purge({ path: '/k' }, isAt('/k')),
      reader: async (stage) => void (await stage.read('/k')),
    },
  },
};
