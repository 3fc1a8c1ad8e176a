/**
 * Invariant 4, with real processes: three that fill, one that purges, one tree. After a purge resolves, neither a file of
 * the tree nor a lookup of any process has a page whose render began before it.
 */
import fs from 'node:fs';
import { createPageCache } from '@pagetree/core';
import { describe, expect, it } from 'vitest';
import { LONG } from '../support/long.ts';
import { Child, fillsIn, temporaryFolder } from './processes.ts';

const TIMES = { key: 600, prefix: 200, glob: 120, tag: 60, all: 60 };
const FACTOR = LONG ? 20 : 1;
const FILLERS = 3;

type Counts = Record<string, number>;

describe.each(['pool', 'direct'] as const)('a purge is final, %s calls', (io) => {
  it.each(['key', 'prefix', 'glob', 'tag', 'all'] as const)(
    `of hundreds of purges of a %s, beside ${FILLERS} processes that fill, none leaves a stale page`,
    async (kind) => {
      const times = FACTOR * TIMES[kind];
      const folder = temporaryFolder();
      const cacheDir = `${folder}/tree`;
      const options = { io, durability: 'none', variants: ['gzip'] };
      const open = { cacheDir, countersFile: `${folder}/counters`, options };
      const fillers = Array.from({ length: FILLERS }, () => new Child('site'));
      const purger = new Child('site');
      await Promise.all([
        purger.call('open', { ...open, options: { ...options, coalesce: false } }),
        ...fillers.map((child) => child.call('open', open)),
      ]);
      const filling = fillers.map((child, seed) => child.call<Counts>('fill', { seed, loops: 2 }));
      const purging = purger.call<Counts>('purge', { kind, times, from: 1 });
      const counts = await Promise.race([purging, Promise.all(filling).then(() => purging)]);
      await Promise.all(fillers.map((child) => child.call('stop')));
      const filled = await Promise.all(filling);
      await purger.call('check');
      await Promise.all([purger, ...fillers].map((child) => child.call('close')));

      const sum = (name: string): number => filled.reduce((all, one) => all + (one[name] ?? 0), 0);
      if (process.env.PAGETREE_TELL === '1') console.log(io, kind, counts, filled);
      expect(counts.purges).toBe(times);
      // The race was a race: pages were there to be purged, and purges overtook renders.
      expect(counts.pages).toBeGreaterThan(times / 4);
      expect(sum('disk-error')).toBe(0);
      expect(sum('fenced')).toBeGreaterThan(0);
      expect(sum('stored')).toBeGreaterThan(times / 2);
      expect(sum('private')).toBeGreaterThan(times / 20);

      const cache = createPageCache({ cacheDir });
      const findings = [];
      for await (const finding of cache.verify()) findings.push(finding);
      expect(findings).toEqual([]);
      expect(fillsIn(cacheDir)).toEqual([]);
      expect(fs.readdirSync(`${cacheDir}/.pagetree/trash`)).toEqual([]);
      await cache.close();
    },
    LONG ? 600_000 : 60_000,
  );
});
