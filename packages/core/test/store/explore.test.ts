/** Every order of the file calls of two processes, and as many as there is time for of three. */
import { expect, test, vi } from 'vitest';
import { explore } from '../support/explore.ts';
import { LONG } from '../support/long.ts';
import { scenarios } from '../support/scenarios.ts';
import { playOf } from '../support/world.ts';

vi.mock('node:crypto', async (original) => (await import('../support/staged.ts')).stagedCrypto(original));
vi.mock('../../src/store/owner.ts', async (original) =>
  (await import('../support/staged.ts')).stagedOwner(original),
);
vi.mock('../../src/store/compress.ts', async (original) =>
  (await import('../support/staged.ts')).stagedCompressor(original),
);

/** For each scenario, in milliseconds. What is not tried in this time is tried by the long form. */
const TIME = LONG ? 1_800_000 : Number(process.env.PAGETREE_EXPLORE ?? 1_500);

for (const [name, scenario] of Object.entries(scenarios)) {
  test(`in every order: ${name}`, async () => {
    const { violation, complete, orders, states } = await explore(playOf(scenario), { milliseconds: TIME });
    if (process.env.PAGETREE_EXPLORE) console.log(name, { complete, orders, states });
    if (violation) expect.fail(`${violation.what}\n${violation.trace.slice(-120).join('\n')}`);
    expect(orders).toBeGreaterThan(20);
    if (LONG) expect(complete).toBe(true);
  }, 2_000_000);
}
