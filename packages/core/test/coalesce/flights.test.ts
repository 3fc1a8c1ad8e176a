import { setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Flights, within } from '../../src/coalesce/flights.ts';
import type { Ticket } from '../../src/contracts.ts';
import type { PageCache } from '../../src/page-cache.ts';
import { bodyAt, get, html, leftovers, newCache } from '../support/tree.ts';

test('a flight ends once, and a newer one of the same key is another', async () => {
  const flights = new Flights(() => 0);
  const endFirst = flights.start('/k');
  const first = flights.get('/k')!;
  flights.detach((key) => key === '/k');
  await first.ended;
  expect(flights.get('/k')).toBeUndefined();
  const endSecond = flights.start('/k');
  endFirst();
  expect(flights.get('/k')).toBeDefined();
  endSecond();
  expect(flights.get('/k')).toBeUndefined();
});

test('a key that was refused is not waited for ten seconds long, or until it is stored; the oldest of many are forgotten', () => {
  let now = 0;
  const flights = new Flights(() => now);
  flights.rememberUnstorable('/k');
  now = 9_999;
  expect(flights.isWorthAWait('/k')).toBe(false);
  now = 10_000;
  expect(flights.isWorthAWait('/k')).toBe(true);
  flights.rememberUnstorable('/k');
  flights.forget('/k');
  expect(flights.isWorthAWait('/k')).toBe(true);
  for (let at = 0; at <= 10_000; at += 1) flights.rememberUnstorable(`/${at}`);
  expect([flights.isWorthAWait('/0'), flights.isWorthAWait('/1')]).toEqual([true, false]);
});

test('a key whose render outlasted those who waited is not waited for a minute long', () => {
  let now = 0;
  const flights = new Flights(() => now);
  flights.rememberSlow('/k');
  now = 59_999;
  expect(flights.isWorthAWait('/k')).toBe(false);
  now = 60_000;
  expect(flights.isWorthAWait('/k')).toBe(true);
});

test('a wait ends with the promise or with the time', async () => {
  expect(await within(Promise.resolve(), 1000)).toBe(true);
  expect(await within(new Promise(() => {}), 1)).toBe(false);
  expect(await within(Promise.resolve(), 0)).toBe(false);
});

/** Asks for a page many times at once; what the leader does is up to the test. */
async function crowd(
  cache: PageCache,
  many: number,
): Promise<{ leader: Ticket; tickets: Ticket[]; others: Promise<string>[] }> {
  const tickets: Ticket[] = [];
  let lead!: (ticket: Ticket) => void;
  const leader = new Promise<Ticket>((resolve) => (lead = resolve));
  const asked = Array.from({ length: many }, async () => {
    const found = await cache.lookup(get('/k'));
    if (found.kind === 'hit') {
      const body = await found.page.body();
      return `hit ${await body!.bytes()}`;
    }
    if (found.kind !== 'miss') return found.kind;
    if (!found.ticket) return `renders: ${found.reason}`;
    tickets.push(found.ticket);
    lead(found.ticket);
    return 'leads';
  });
  return { leader: await leader, tickets, others: asked };
}

function countOf(results: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const result of results) counts[result] = (counts[result] ?? 0) + 1;
  return counts;
}

for (const coalesce of ['process', 'tree'] as const) {
  test(`coalesce ${coalesce}: a thousand misses at once make one render, and all get what it stored`, async () => {
    const { cache } = newCache({ coalesce });
    const { leader, others } = await crowd(cache, 1000);
    const fill = leader.begin(html())!;
    fill.write(Buffer.from('the page'));
    await fill.commit();
    expect(countOf(await Promise.all(others))).toEqual({ leads: 1, 'hit the page': 999 });
  });

  test(`coalesce ${coalesce}: a refused response lets all waiters go at once, and nobody gets it`, async () => {
    const { cache } = newCache({ coalesce, coalesceTimeout: 600_000 });
    const { leader, others } = await crowd(cache, 300);
    expect(leader.begin(html({ 'set-cookie': 'session=1' }))).toBeUndefined();
    const counts = countOf(await Promise.all(others));
    expect(Object.keys(counts).filter((result) => result.startsWith('hit'))).toEqual([]);
    // One more may have asked for the permission anew; it holds up nobody.
    expect(counts['renders: busy']).toBeGreaterThanOrEqual(298);
  });
}

test('without coalescing everyone but the first renders at once', async () => {
  const { cache } = newCache({ coalesce: false });
  const { leader, others } = await crowd(cache, 10);
  leader.abandon('unfinished');
  expect(countOf(await Promise.all(others))).toEqual({ leads: 1, 'renders: busy': 9 });
});

test('who waits for too long renders for himself', async () => {
  const { cache } = newCache({ coalesceTimeout: 20 });
  const { leader, others } = await crowd(cache, 5);
  const counts = countOf((await Promise.all(others)).filter((result) => result !== 'leads'));
  expect(counts).toEqual({ 'renders: busy': 4 });
  leader.abandon('unfinished');
});

/** A clock that stands still, for what is measured and for what waits. */
function heldClock(): { monotonic: () => number; pass: (milliseconds: number) => Promise<unknown> } {
  let now = 1_000_000;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  return {
    monotonic: () => now,
    pass: (milliseconds) => {
      now += milliseconds;
      return vi.advanceTimersByTimeAsync(milliseconds);
    },
  };
}

test('a stream that stays open made each of its visitors wait: nobody waits for who was waited for in vain', async () => {
  const { pass, ...internals } = heldClock();
  const { cache } = newCache({}, internals);
  const { leader, others } = await crowd(cache, 2);
  const fill = leader.begin(html())!;
  fill.write(Buffer.from('and so on'));
  await pass(5000);
  expect(countOf(await Promise.all(others))).toEqual({ leads: 1, 'renders: busy': 1 });
  // No clock goes on from here: these are answered at once, or never.
  const busy = { kind: 'miss', ticket: undefined, reason: 'busy' };
  expect(await cache.lookup(get('/k'))).toMatchObject(busy);
  await fill.abort('unfinished');
  const next = await cache.lookup(get('/k'));
  expect(next).toMatchObject({ kind: 'miss', reason: undefined });
  expect(await cache.lookup(get('/k'))).toMatchObject(busy);
  if (next.kind === 'miss') next.ticket!.abandon('unfinished');
});

test('the stream of another process is waited for once, not by each visitor', async () => {
  const { pass, ...internals } = heldClock();
  const first = newCache({}, internals);
  const { leader } = await crowd(first.cache, 1);
  const second = newCache({ cacheDir: first.root }, internals);
  const waiting = second.cache.lookup(get('/k'));
  for (let passed = 0; passed <= 5100; passed += 100) await pass(100);
  const busy = { kind: 'miss', ticket: undefined, reason: 'busy' };
  expect(await waiting).toMatchObject(busy);
  expect(await second.cache.lookup(get('/k'))).toMatchObject(busy);
  leader.abandon('unfinished');
});

test('a page that was made late is waited for as ever the next time', async () => {
  const { pass, ...internals } = heldClock();
  const { cache } = newCache({}, internals);
  const { leader } = await crowd(cache, 1);
  await pass(6000);
  const fill = leader.begin(html())!;
  fill.write(Buffer.from('late'));
  await fill.commit();
  await cache.purge({ path: '/k' });
  const again = await crowd(cache, 2);
  const newer = again.leader.begin(html())!;
  newer.write(Buffer.from('newer'));
  await newer.commit();
  expect(countOf(await Promise.all(again.others))).toEqual({ leads: 1, 'hit newer': 1 });
});

test('a render that a purge overtook is not joined, and its page is not stored', async () => {
  const { cache, root } = newCache({ coalesceTimeout: 600_000 });
  const { leader, tickets, others } = await crowd(cache, 3);
  const fill = leader.begin(html())!;
  fill.write(Buffer.from('from before'));
  await cache.purge({ path: '/k' });
  expect(await fill.commit()).toMatchObject({ kind: 'refused', reason: 'fenced' });
  // One of those that waited has the permission now, and the other waits for that one.
  while (tickets.length < 2) await turn();
  const newer = tickets[1]!.begin(html())!;
  newer.write(Buffer.from('from after'));
  await newer.commit();
  expect(countOf(await Promise.all(others))).toEqual({ leads: 2, 'hit from after': 1 });
  await cache.close();
  expect(leftovers(root)).toEqual([]);
});

test('the page of another process is waited for, and taken when it is there', async () => {
  const first = newCache();
  const second = newCache({ cacheDir: first.root });
  const { leader } = await crowd(first.cache, 1);
  const waiting = bodyAt(second.cache, '/k');
  const fill = leader.begin(html())!;
  fill.write(Buffer.from('the page'));
  await fill.commit();
  expect(await waiting).toBe('the page');
});

test('a process that does not wait for others renders at once', async () => {
  const first = newCache();
  const { leader } = await crowd(first.cache, 1);
  const second = newCache({ cacheDir: first.root, coalesce: 'process' });
  expect(await second.cache.lookup(get('/k'))).toMatchObject({ kind: 'miss', reason: 'busy' });
  leader.abandon('unfinished');
});
