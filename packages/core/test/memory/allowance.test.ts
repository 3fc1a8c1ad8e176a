/** What a server may store beside answering, with clocks and loads that the test holds. */
import { expect, test } from 'vitest';
import { Allowance, costFor, createBusy, elsewhereFor } from '../../src/allowance.ts';

/** A server that is asked for a new page each millisecond, and stores one when it may. Returns how many it stores in a second. */
function storedInASecond(
  load: number,
  cost: number,
  { seconds = 20, share = 1, turn = 0, pace = 1 } = {},
): number[] {
  let now = 0;
  const allowance = new Allowance({
    monotonic: () => now,
    busy: () => load,
    turn: (tell) => tell(turn),
    costOf: (bytes) => (bytes === 0 ? 0 : cost),
    pace: () => pace,
    share,
  });
  return Array.from({ length: seconds }, () => {
    let stored = 0;
    for (let tick = 0; tick < 1000; tick += 1) {
      now += 1;
      if (allowance.isSpent()) continue;
      allowance.begin();
      allowance.stored(1000);
      stored += 1;
    }
    return stored;
  });
}

test('an idle server stores every page, as long as one processor keeps up', () => {
  expect(storedInASecond(0, 0.9)).toEqual(Array.from({ length: 20 }, () => 1000));
});

test('a server that has no time left stores what it saved up, then for a twentieth of its time', () => {
  const [first, ...later] = storedInASecond(1, 2);
  // A quarter of a second of work, and the twentieth of that second.
  expect(Math.abs(first! - 150)).toBeLessThanOrEqual(5);
  for (const stored of later) expect(Math.abs(stored - 25)).toBeLessThanOrEqual(2);
});

test('a server that is half busy stores for half of its time, or for the share of that it has', () => {
  for (const stored of storedInASecond(0.5, 2).slice(5))
    expect(Math.abs(stored - 250)).toBeLessThanOrEqual(25);
  const few = storedInASecond(0.5, 2, { share: 0.2 }).slice(5);
  for (const stored of few) expect(Math.abs(stored - 50)).toBeLessThanOrEqual(5);
});

test('where a page takes three times as long as was reckoned, a third as many are stored', () => {
  for (const stored of storedInASecond(0.5, 2, { pace: 3 }).slice(5))
    expect(Math.abs(stored - 83)).toBeLessThanOrEqual(9);
});

test('a full event loop with long turns stores for one visitor of two hundred, one with short turns as time allows', () => {
  for (const stored of storedInASecond(1, 0.1, { turn: 80 }).slice(1)) expect(stored).toBe(5);
  for (const stored of storedInASecond(1, 0.1, { turn: 1 }).slice(3)) expect(stored).toBeGreaterThan(400);
  for (const stored of storedInASecond(0.5, 0.1, { turn: 80 }).slice(1)) expect(stored).toBe(1000);
});

test('a page that costs more than all there is is paid for afterwards', () => {
  const perSecond = storedInASecond(1, 500, { seconds: 100 }).slice(1);
  const sum = perSecond.reduce((total, stored) => total + stored, 0);
  expect(sum).toBeGreaterThanOrEqual(9);
  expect(sum).toBeLessThanOrEqual(11);
});

test('a page costs more on one processor, with variants, with a flush, and with each byte', () => {
  const plain = { processors: 8, compresses: false, flushes: false };
  const many = costFor(plain);
  const alone = costFor({ ...plain, processors: 1 });
  expect(alone(0)).toBeGreaterThan(many(0));
  expect(many(100_000)).toBeGreaterThan(many(1000));
  for (const more of ['compresses', 'flushes']) {
    expect(costFor({ ...plain, processors: 1, [more]: true })(1000)).toBeGreaterThan(alone(1000));
    // With more processors these are done beside the event loop.
    expect(costFor({ ...plain, [more]: true })(1000)).toBe(many(1000));
    expect(elsewhereFor({ ...plain, [more]: true })(1000)).toBeGreaterThan(elsewhereFor(plain)(1000));
  }
});

test('how busy this process was is told from call to call', async () => {
  const busy = createBusy(1);
  const until = performance.now() + 100;
  while (performance.now() < until);
  expect(busy()).toBeGreaterThan(0.5);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const idle = busy();
  expect(idle).toBeLessThan(0.9);
  expect(idle).toBeGreaterThanOrEqual(0);
});
