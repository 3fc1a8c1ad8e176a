import { describe, expect, it } from 'vitest';
import { sampleOf } from '../../src/check/sample.ts';

async function* upTo(count: number): AsyncGenerator<number> {
  for (let at = 0; at < count; at += 1) yield at;
}

/** The same chance every time (Park and Miller). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describe('sampleOf', () => {
  it('takes all of a short list', async () => {
    expect(await sampleOf(upTo(3), 5)).toEqual([0, 1, 2]);
    expect(await sampleOf(upTo(0), 5)).toEqual([]);
  });

  it('takes each item of a long list as often as any other', async () => {
    const taken = new Array<number>(20).fill(0);
    const random = chance(7);
    for (let round = 0; round < 4000; round += 1) {
      const sample = await sampleOf(upTo(20), 5, random);
      expect(new Set(sample).size).toBe(5);
      for (const item of sample) taken[item]! += 1;
    }
    // A thousand times each is expected; five standard deviations are 137.
    for (const times of taken) expect(Math.abs(times - 1000)).toBeLessThan(137);
  });
});
