/** Memory does not grow with the tree. The million is `bench/core/million.js`. */
import { expect, it } from 'vitest';
import { LONG } from '../support/long.ts';
import { Child, inMemory, temporaryFolder } from './processes.ts';

const COUNT = LONG ? 200_000 : 20_000;
/** Megabytes, whatever the number of pages: a hundred bytes kept for each of 20,000 would be two. */
const BOUND = 1.5e6;

it.each(['pool', 'direct'])(
  `filling, listing and purging ${COUNT} pages takes no memory that stays, %s calls`,
  async (io) => {
    const cacheDir = `${temporaryFolder(inMemory)}/tree`;
    const { listed, purged, rest, most } = await new Child('many').call<{
      listed: number;
      purged: number;
      rest: number;
      most: Record<string, number>;
    }>('run', { cacheDir, count: COUNT, folders: 50, io });
    expect({ listed, purged, rest }).toEqual({ listed: COUNT, purged: COUNT / 2, rest: COUNT / 2 });
    for (const [during, bytes] of Object.entries(most)) expect(bytes, during).toBeLessThan(BOUND);
    if (process.env.PAGETREE_TELL === '1') console.log(io, most);
  },
  LONG ? 600_000 : 90_000,
);
