/** Every order of the file calls of two processes, and as many as there is time for of three. */
import { expect, test, vi } from 'vitest';
import { explore } from '../support/explore.ts';
import { playOf, type Scenario, variantOf } from '../support/world.ts';

vi.mock('node:crypto', async (original) => {
  const real = await original<typeof import('node:crypto')>();
  const { chance } = await import('../support/chance.ts');
  return { ...real, randomBytes: (count: number) => chance.bytes?.(count) ?? real.randomBytes(count) };
});
vi.mock('../../src/store/compress.ts', async (original) => ({
  ...(await original<typeof import('../../src/store/compress.ts')>()),
  createCompressor: () => async (bytes: Uint8Array) => variantOf(bytes),
}));
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
};

for (const [name, scenario] of Object.entries(scenarios)) {
  test(`in every order: ${name}`, async () => {
    const began = performance.now();
    const { violation, ...found } = await explore(playOf(scenario), { milliseconds: LONG ? 600_000 : 20_000 });
    console.log(name, found, Math.round(performance.now() - began));
    if (violation) expect.fail(`${violation.what}\n${violation.trace.join('\n')}`);
    expect(found.complete).toBe(true);
  }, 1_000_000);
}
