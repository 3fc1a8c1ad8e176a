/** The code makes the file calls of the model, in its order, and they do to the tree what they do there. */
import { expect, it, vi } from 'vitest';
import { LONG } from '../support/long.ts';
import type { Scenario, Stage } from '../support/world.ts';
import { fill } from './fill.ts';
import { follow } from './follow.ts';
import { newcomer } from './move.ts';
import { purgeKey, purgeMoving, purgePattern, purgePatternMoving } from './purge.ts';
import { purgeEverything } from './purge-everything.ts';
import { byTag, moving, plain, plainMoving, refresh, tagged } from './scenarios.ts';
import type { ModelScenario } from './search.ts';
import { BELOW } from './trace.ts';

vi.mock('node:crypto', async (original) => (await import('../support/staged.ts')).stagedCrypto(original));
vi.mock('../../src/store/owner.ts', async (original) =>
  (await import('../support/staged.ts')).stagedOwner(original),
);
vi.mock('../../src/store/compress.ts', async (original) =>
  (await import('../support/staged.ts')).stagedCompressor(original),
);

const ORDERS = LONG ? 5000 : 150;

type Act = (stage: Stage) => Promise<void>;

const isAny = (): boolean => true;
const stores =
  (version: string, how: Parameters<Stage['fill']>[2] = { refresh: true }): Act =>
  async (stage) =>
    void (await stage.fill('/k', version, how));
const before = (tag?: string): Act => stores('old', tag === undefined ? {} : { tag });
const purges =
  (scope: Parameters<Stage['purge']>[0]): Act =>
  (stage) =>
    stage.purge(scope, isAny);

const below: Act = async (stage) => void (await stage.fill(BELOW, 'p0', { refresh: true }));

const [a, b] = [stores('v1'), stores('v2')];
/** Without variants. */
const [p, q] = [stores('p1'), stores('p2')];
const tag = { refresh: true, tag: 't' };

const pairs: Readonly<Record<string, readonly [Scenario, ModelScenario]>> = {
  'two fills of a page that is not there': [
    { actors: { a: stores('v1', {}), b: stores('v2', {}) } },
    { actors: [fill(), fill()] },
  ],
  'two refreshes': [
    { before: before(), actors: { a, b } },
    { actors: [refresh, refresh], old: true },
  ],
  'two refreshes and a purge of the page': [
    { before: before(), actors: { a, b, purge: purges({ path: '/k' }) } },
    { actors: [refresh, refresh, purgeKey], old: true },
  ],
  'two refreshes and a purge by pattern': [
    { before: before(), actors: { a, b, purge: purges({ glob: '/k*' }) } },
    { actors: [refresh, refresh, purgePattern], old: true },
  ],
  'two tagged refreshes and a purge of the tag': [
    {
      before: before('t'),
      actors: { a: stores('v1', tag), b: stores('v2', tag), purge: purges({ tag: 't' }) },
    },
    { actors: [tagged, tagged, byTag], old: true, listed: true },
  ],
  'two refreshes and a purge of everything': [
    { before: before(), actors: { a, b, purge: purges({ all: true }) } },
    { actors: [refresh, refresh, purgeEverything], old: true },
  ],
  'two refreshes without variants': [
    { before: before(), actors: { p, q } },
    { actors: [plain, plain], old: true },
  ],
  'refreshes with and without variants, and a purge of the page': [
    { before: before(), actors: { p, b, purge: purges({ path: '/k' }) } },
    { actors: [plain, refresh, purgeKey], old: true },
  ],
  'a refresh without variants and a purge of everything': [
    { before: before(), actors: { p, purge: purges({ all: true }) } },
    { actors: [plain, purgeEverything], old: true },
  ],
  'a move and a refresh': [
    { before: before(), actors: { below, b } },
    { actors: [newcomer, moving], old: true },
  ],
  'a move and a refresh without variants': [
    { before: before(), actors: { below, q } },
    { actors: [newcomer, plainMoving], old: true },
  ],
  'a move, a refresh and a purge of the page': [
    { before: before(), actors: { below, b, purge: purges({ path: '/k' }) } },
    { actors: [newcomer, moving, purgeMoving], old: true },
  ],
  'a move, a refresh without variants and a purge by pattern': [
    { before: before(), actors: { below, q, purge: purges({ glob: '/k' }) } },
    { actors: [newcomer, plainMoving, purgePatternMoving], old: true },
  ],
};

function dice(): (below: number) => number {
  let seed = 20_261_122;
  return (below) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (seed >> 8) % below;
  };
}

it.each(Object.entries(pairs))(
  'in orders by chance the code and the model go the same way: %s',
  async (_, [scenario, model]) => {
    const random = dice();
    for (let order = 0; order < ORDERS; order += 1)
      expect(await follow(scenario, model, random)).toBeUndefined();
  },
  600_000,
);

it('a model whose calls are others comes apart from the code', async () => {
  const [scenario] = pairs['two refreshes']!;
  const { clear, ...others } = refresh;
  const skipping = { ...others, clear: { run: () => 'putMeta' } };
  expect(clear).toBeDefined();
  const apart = await follow(scenario, { actors: [skipping, skipping], old: true }, dice());
  expect(apart).toMatch(/calls unlink .*\(unlink variant\), the model wants rename meta/);
});
