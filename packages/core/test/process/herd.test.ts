/** A thousand clients miss one page at the same time, in four processes. */
import { describe, expect, it } from 'vitest';
import { Child, fillsIn, temporaryFolder } from './processes.ts';

const PROCESSES = 4;
const EACH = 250;

interface Counts {
  readonly hits: number;
  readonly renders: number;
  readonly stored: number;
  readonly foreign: number;
  readonly together: number;
}

async function herd(io: string, processes: number, storable: boolean): Promise<Record<keyof Counts, number>> {
  const cacheDir = `${temporaryFolder()}/tree`;
  const children = Array.from({ length: processes }, () => new Child('herd'));
  const each = (EACH * PROCESSES) / processes;
  await Promise.all(children.map((child) => child.call('open', { cacheDir, options: { io } })));
  await Promise.all(
    children.map((child, index) => child.call('start', { count: each, first: 1 + index * each, storable })),
  );
  await Promise.all(children.map((child) => child.call('release')));
  const all = await Promise.all(children.map((child) => child.call<Counts>('finish')));
  const sum = (name: keyof Counts): number => all.reduce((total, one) => total + one[name], 0);
  expect(fillsIn(cacheDir)).toEqual([]);
  return {
    hits: sum('hits'),
    renders: sum('renders'),
    stored: sum('stored'),
    foreign: sum('foreign'),
    together: sum('together'),
  };
}

describe.each(['pool', 'direct'])('1,000 concurrent misses of a page, %s calls', (io) => {
  it.each([1, PROCESSES])(
    'make one render in %i processes, and everybody else gets what was stored',
    async (count) => {
      const { hits, renders, stored } = await herd(io, count, true);
      expect({ hits, renders, stored }).toEqual({ hits: 999, renders: 1, stored: 1 });
    },
  );

  it.each([1, PROCESSES])(
    'that cannot be stored: in %i processes nobody gets the response of another, and all render at the same time',
    async (count) => {
      const { hits, renders, stored, foreign, together } = await herd(io, count, false);
      expect({ hits, renders, stored, foreign }).toEqual({ hits: 0, renders: 1000, stored: 0, foreign: 0 });
      expect(together).toBe(1000 - count);
    },
  );
});
