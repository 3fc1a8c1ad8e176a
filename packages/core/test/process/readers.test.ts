/** Invariants 2 and 3 with the eyes of a web server, while a page is stored and purged all the time. */
import { expect, it } from 'vitest';
import { LONG } from '../support/long.ts';
import { Child, temporaryFolder } from './processes.ts';

const TIMES = LONG ? 10_000 : 250;

it.each(['pool', 'direct'])(
  'every read is one whole version, and body and variants of one time agree, %s calls',
  async (io) => {
    const cacheDir = `${temporaryFolder()}/tree`;
    const [reader, other, writer] = [new Child('readers'), new Child('readers'), new Child('readers')];
    const changing = writer.call<Record<string, number>>('change', { cacheDir, times: TIMES, io });
    const reading = [reader, other].map((child) => child.call<Record<string, number>>('read', { cacheDir }));
    const outcomes = await Promise.race([changing, Promise.all(reading).then(() => changing)]);
    await Promise.all([reader, other].map((child) => child.call('stop')));
    const seen = await Promise.all(reading);
    expect(outcomes).toEqual({ stored: TIMES });
    for (const { bodies, pairs } of seen) {
      expect(bodies).toBeGreaterThan(50);
      expect(pairs).toBeGreaterThan(20);
    }
  },
  LONG ? 600_000 : 60_000,
);
