/** How long storing takes beside what was reckoned, with clocks that the test holds, and once with real threads. */
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { expect, test } from 'vitest';
import { cpuElsewhere, Pace } from '../../src/pace.ts';

/** A server of which a test says what its threads do. */
function server({ knows = true } = {}) {
  let now = 0;
  let elsewhere = 0;
  const pace = new Pace({ monotonic: () => now, elsewhere: () => (knows ? elsewhere : undefined) });
  return {
    /** 50 ms in which other threads are busy for so long, and pages are stored that were reckoned at so much. */
    window(used: number, reckoned = 0, isStoring = false): number {
      now += 50;
      elsewhere += used;
      if (reckoned > 0) pace.stored(reckoned);
      return pace.look(isStoring);
    },
  };
}

test('a machine that takes three times as long is found out within a few measurements', () => {
  const { window } = server();
  let found = 1;
  for (let at = 0; at < 100; at += 1) found = window(15, 5);
  expect(found).toBeCloseTo(3, 1);
});

test('nothing is said before enough was stored', () => {
  const { window } = server();
  for (let at = 0; at < 3; at += 1) expect(window(30, 5)).toBe(1);
  expect(window(30, 5)).toBeGreaterThan(3);
});

test('what other threads do anyway does not count', () => {
  const { window } = server();
  for (let at = 0; at < 40; at += 1) window(20);
  let found = 1;
  for (let at = 0; at < 100; at += 1) {
    found = window(30, 5);
    window(20, 0);
    window(20);
  }
  // Ten of thirty are of storing, for which five were reckoned.
  expect(found).toBeGreaterThan(1.9);
  expect(found).toBeLessThan(2.1);
});

test('what a page takes before it is stored counts, when the window is one of storing', () => {
  const { window } = server();
  let found = 1;
  for (let at = 0; at < 50; at += 1) {
    window(20, 0, true);
    found = window(20, 10);
  }
  expect(found).toBeCloseTo(4, 1);
});

test('it stays between once and eight times', () => {
  const fast = server();
  const slow = server();
  for (let at = 0; at < 100; at += 1) {
    expect(fast.window(1, 10)).toBe(1);
    expect(slow.window(1000, 10)).toBeLessThanOrEqual(8);
  }
});

test('where the system does not tell, the reckoning holds', () => {
  const { window } = server({ knows: false });
  for (let at = 0; at < 100; at += 1) expect(window(15, 5)).toBe(1);
});

test.runIf(cpuElsewhere() !== undefined)(
  'the time of the pool is seen, that of the event loop is not',
  async () => {
    const began = cpuElsewhere()!;
    const until = process.cpuUsage().user + 200_000;
    while (process.cpuUsage().user < until);
    const looped = cpuElsewhere()! - began;
    const noise = Buffer.alloc(
      4_000_000,
      Buffer.from(Array.from({ length: 997 }, (_, at) => (at * at) % 251)),
    );
    const cpu = process.cpuUsage();
    while (process.cpuUsage(cpu).user < 200_000) await promisify(deflate)(noise, { level: 9 });
    const pooled = cpuElsewhere()! - began - looped;
    expect(looped).toBeLessThan(100);
    expect(pooled).toBeGreaterThan(100);
  },
);
