import { expect, test } from 'vitest';
import type { CacheEvent } from '../../src/events.ts';
import { directIo } from '../../src/store/direct-io.ts';
import { Health } from '../../src/store/health.ts';
import { get, newCache, store, watched } from '../support/tree.ts';

const error = (code: string): Error => Object.assign(new Error(code), { code });

function health(): { health: Health; events: CacheEvent[]; wait: (ms: number) => void } {
  const events: CacheEvent[] = [];
  let now = 0;
  return {
    health: new Health(
      () => now,
      (event) => events.push(event),
    ),
    events,
    wait: (ms) => (now += ms),
  };
}

test('one cause is told once a minute, with how often it was held back', () => {
  const { health: disk, events, wait } = health();
  for (let round = 0; round < 4; round += 1) disk.tell('open', error('EIO'), '/k');
  disk.tell('open', error('ENOSPC'));
  disk.tell('rename', new TypeError('odd'));
  wait(60_000);
  disk.tell('open', error('EIO'));
  expect(
    events.map(
      (event) => event.type === 'error' && [event.during, event.key, event.error.message, event.suppressed],
    ),
  ).toEqual([
    ['open', '/k', 'EIO', 0],
    ['open', undefined, 'ENOSPC', 0],
    ['rename', undefined, 'odd', 0],
    ['open', undefined, 'EIO', 3],
  ]);
});

test('however many causes a strange disk has, few are remembered', () => {
  const { health: disk, events } = health();
  for (let round = 0; round < 200; round += 1) disk.tell(`call ${round}`, error('EIO'));
  expect(events).toHaveLength(200);
});

test('five failures in a row pause writing for ten seconds, a success in between does not', () => {
  const { health: disk, wait } = health();
  for (let round = 0; round < 4; round += 1) disk.failed('open', error('EIO'));
  disk.succeeded();
  disk.failed('open', error('EIO'));
  expect(disk.paused).toBe(false);
  for (let round = 0; round < 4; round += 1) disk.failed('open', error('EIO'));
  expect(disk.paused).toBe(true);
  wait(9_999);
  expect(disk.paused).toBe(true);
  wait(1);
  expect(disk.paused).toBe(false);
});

test('while writing is paused pages are still read, and a miss says why it is not stored', async () => {
  let full = false;
  let now = 0;
  const io = watched(directIo, (call) => {
    if (full && call === 'write')
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' });
  });
  const { cache, events } = newCache({}, { io, monotonic: () => now });
  await store(cache, '/old', 'text');
  full = true;
  for (let round = 0; round < 5; round += 1)
    expect(await store(cache, `/${round}`, 'text')).toMatchObject({
      reason: 'disk-error',
      detail: 'write ENOSPC',
    });
  expect(events.filter(({ type }) => type === 'error')).toHaveLength(1);
  expect(await cache.lookup(get('/new'))).toMatchObject({
    kind: 'miss',
    ticket: undefined,
    reason: 'paused',
  });
  const old = await cache.lookup(get('/old'));
  expect(old.kind).toBe('hit');
  if (old.kind === 'hit') await old.page.close();
  [full, now] = [false, 10_001];
  expect(await store(cache, '/new', 'text')).toMatchObject({ kind: 'stored' });
});
