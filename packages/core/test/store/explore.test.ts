/** Every order of the file calls of two processes, and as many as there is time for of three. */
import { expect, test, vi } from 'vitest';
import { explore } from '../support/explore.ts';
import { playOf, type Scenario, variantOf } from '../support/world.ts';

vi.mock('node:crypto', async (original) => {
  const real = await original<typeof import('node:crypto')>();
  vi.mock('../../src/store/owner.ts', async (original) => {
  const real = await original<typeof import('../../src/store/owner.ts')>();
  const { chance } = await import('../support/chance.ts');
  const stateOf: typeof real.stateOf = ({ pid }, self) =>
    pid === self.pid ? 'self' : chance.dead(pid) ? 'dead' : 'alive';
  const thisOwner: typeof real.thisOwner = () => ({ ...real.thisOwner(), start: '1', pid: chance.pid });
  return { ...real, stateOf, thisOwner };
});
const { chance } = await import('../support/chance.ts');
  return { ...real, randomBytes: (count: number) => chance.bytes?.(count) ?? real.randomBytes(count) };
});
vi.mock('../../src/store/compress.ts', async (original) => ({
  ...(await original<typeof import('../../src/store/compress.ts')>()),
  createCompressor: () => async (bytes: Uint8Array) => variantOf(bytes),
}));
vi.mock('../../src/store/owner.ts', async (original) => {
  const real = await original<typeof import('../../src/store/owner.ts')>();
  const { chance } = await import('../support/chance.ts');
  const stateOf: typeof real.stateOf = ({ pid }, self) =>
    pid === self.pid ? 'self' : chance.dead(pid) ? 'dead' : 'alive';
  const thisOwner: typeof real.thisOwner = () => ({ ...real.thisOwner(), start: '1', pid: chance.pid });
  return { ...real, stateOf, thisOwner };
});
const { chance } = await import('../support/chance.ts');
const { random } = Math;
vi.spyOn(Math, 'random').mockImplementation(() => chance.fraction?.() ?? random());

const LONG = process.env.PAGETREE_LONG !== undefined;
const isAt = (key: string) => (page: { key: string }) => page.key === key;

const scenarios: Record<string, Scenario> = {
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
};

for (const [name, scenario] of Object.entries(scenarios)) {
  test(`in every order: ${name}`, async () => {
    const began = performance.now();
    const { violation, ...found } = await explore(playOf(scenario), { milliseconds: LONG ? 600_000 : 20_000 });
    console.log(name, found, Math.round(performance.now() - began));
    if (violation) expect.fail(`${violation.what}\n${violation.trace.slice(-90).join('\n')}`);
    expect(found.complete).toBe(true);
  }, 1_000_000);
}
