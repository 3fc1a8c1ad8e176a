/** kill -9 at random, over and over, of processes that fill and purge one tree: it stays a tree of whole, fresh pages. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createPageCache } from '@pagetree/core';
import { expect, it } from 'vitest';
import { LONG } from '../support/long.ts';
import { Child, fillsIn, inMemory, temporaryFolder } from './processes.ts';

const CYCLES = LONG ? 600 : 60;
const LANES = 3;

it(
  `a tree survives ${CYCLES} times that its processes are killed at random`,
  async () => {
    const folder = temporaryFolder(inMemory);
    const cacheDir = `${folder}/tree`;
    const options = { durability: 'none', variants: ['gzip'], coalesce: false };
    const open = (io: string): object => ({
      cacheDir,
      countersFile: `${folder}/counters`,
      options: { ...options, io },
    });
    const wrong: unknown[] = [];
    let killed = 0;
    /** A job that never ends by itself: only what the process found wrong counts. */
    const begin = (child: Child, job: string, args: object): void => {
      child.call(job, args).catch((error: Error) => {
        if (!error.message.includes('ended (SIGKILL)')) wrong.push(error.message);
      });
    };
    const kinds = ['key', 'prefix', 'glob', 'tag', 'all'];
    let cycle = 0;
    const fillLane = async (): Promise<void> => {
      while (cycle < CYCLES) {
        const seed = cycle++;
        const child = new Child('site');
        await child.call('open', open(seed % 2 === 0 ? 'pool' : 'direct'));
        begin(child, 'fill', { seed, loops: 3 });
        await sleep(Math.random() * 60);
        await child.kill();
        killed += 1;
      }
    };
    // One purger at a time, since it counts the versions up; its successor starts above all that it can have counted.
    const purgeLane = async (): Promise<void> => {
      for (let round = 1; cycle < CYCLES; round += 1) {
        const child = new Child('site');
        await child.call('open', open('direct'));
        begin(child, 'purge', { kind: kinds[round % kinds.length], times: 1e6, from: round * 1e6 });
        await sleep(Math.random() * 120);
        await child.kill();
        killed += 1;
      }
    };
    await Promise.all([...Array.from({ length: LANES - 1 }, fillLane), purgeLane()]);
    expect(wrong).toEqual([]);
    expect(killed).toBeGreaterThan(CYCLES);

    const witness = new Child('site');
    await witness.call('open', open('pool'));
    await witness.call('check');
    const cache = createPageCache({ cacheDir });
    await cache.sweep();
    expect(fillsIn(cacheDir)).toEqual([]);
    const findings = [];
    for await (const finding of cache.verify()) findings.push(finding);
    expect(findings).toEqual([]);
    await witness.call('check');
    await cache.close();
  },
  LONG ? 600_000 : 90_000,
);
