/** A glance says what a look-up says, or nothing. */
import fs from 'node:fs';
import { expect, test } from 'vitest';
import type { PageRequest } from '../../src/contracts.ts';
import { TOKEN_HEADER } from '../../src/engine/judge.ts';
import { bodyAt, get, html, leftovers, newCache, store } from '../support/tree.ts';
import { remember, settle } from './support.ts';

const requests: Record<string, Partial<PageRequest>> = {
  'as a browser sends it': {
    headers: {
      host: 'example.org',
      accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
      'accept-encoding': 'gzip, deflate, br',
      cookie: '_ga=1',
    },
  },
  HEAD: { method: 'HEAD' },
  POST: { method: 'POST' },
  'with a query': { target: '/page?a' },
  'in another spelling': { target: '/%70age' },
  'of another form': { target: 'http://example.org/page' },
  'below it': { target: '/page/' },
  'with a cookie': { headers: { cookie: 'session=1' } },
  'with Authorization': { headers: { authorization: 'Basic x' } },
  'for a part': { headers: { range: 'bytes=0-1' } },
  'with a body': { headers: { 'content-length': '3' } },
  'for JSON': { headers: { accept: 'application/json' } },
  'by htmx': { headers: { 'hx-request': 'true' } },
  'for another host': { headers: { host: 'a.test', 'x-forwarded-host': 'b.test' } },
  'of another scheme': { headers: { 'x-forwarded-proto': 'javascript' } },
  'with a header that Connection names': { headers: { connection: 'x-user' } },
  'to upgrade': { headers: { upgrade: 'websocket' } },
  'with no cache wanted': { headers: { 'cache-control': 'no-cache', pragma: 'no-cache' } },
  'outside the paths': { target: '/private/page' },
};

for (const [what, part] of Object.entries(requests)) {
  test(`a request ${what}: memory judges it as the tree does`, async () => {
    const { cache, root, events } = newCache({ excludePaths: ['/private'] });
    await store(cache, '/page', '<p>page</p>');
    await settle(`${root}/page`);
    await remember(cache, '/page');
    const request = { ...get('/page'), ...part };
    events.length = 0;
    const glanced = cache.glance(request);
    const told = [...events];
    events.length = 0;
    const looked = await cache.lookup(request);
    if (looked.kind === 'hit') {
      await looked.page.close();
      const { body: _, close: __, ...head } = looked.page;
      expect(glanced).toMatchObject({ kind: 'hit', page: head });
    } else if (looked.kind === 'miss' && looked.ticket) {
      looked.ticket.abandon('unfinished');
      await looked.ticket.outcome;
      expect(glanced).toBeUndefined();
      events.length = 0;
    } else {
      expect(glanced).toEqual(looked);
    }
    expect(told).toEqual(events);
  });
}

test('whoever shows the token of the tree is sent to the application', async () => {
  const { cache, root } = newCache();
  await store(cache, '/page', '<p>page</p>');
  await settle(`${root}/page`);
  await remember(cache, '/page');
  expect(cache.glance(get('/page', { [TOKEN_HEADER]: cache.token! }))).toEqual({
    kind: 'bypass',
    reason: 'warmer',
  });
  expect(cache.glance(get('/page', { [TOKEN_HEADER]: 'guessed' }))?.kind).toBe('hit');
});

test('a glance at a page that is only in the tree says nothing, whatever can not be stored', async () => {
  const { cache } = newCache({ maxFills: 1 });
  await store(cache, '/page', '<p>page</p>');
  await store(cache, '/page/below', '<p>below</p>');
  await cache.close();
  for (const target of ['/page', '/page/below']) expect(cache.glance(get(target))).toBeUndefined();
  expect(cache.glance(get('/none'))).toMatchObject({ kind: 'miss', reason: 'closed', ticket: undefined });
});

test('over maxFills a miss is told at once with its reason; the same page is waited for; later pages are stored again', async () => {
  const { cache, root, events } = newCache({ maxFills: 2, variants: false });
  const tickets = [];
  for (const target of ['/a', '/b']) {
    expect(cache.glance(get(target))).toBeUndefined();
    const found = await cache.lookup(get(target));
    if (found.kind !== 'miss' || !found.ticket) throw new Error(found.kind);
    tickets.push(found.ticket);
  }
  events.length = 0;
  expect(cache.glance(get('/c'))).toEqual({ kind: 'miss', key: '/c', ticket: undefined, reason: 'too-busy' });
  expect(events).toEqual([{ type: 'miss', key: '/c', reason: 'too-busy' }]);
  expect(cache.glance(get('/a'))).toBeUndefined();
  fs.writeFileSync(`${root}/by-hand`, '<p>by hand</p>');
  expect(cache.glance(get('/by-hand'))).toBeUndefined();
  const waiting = bodyAt(cache, '/a');
  const [first, second] = tickets;
  const fill = first!.begin(html())!;
  fill.write(Buffer.from('<p>a</p>'));
  await fill.commit();
  expect(await waiting).toBe('<p>a</p>');
  expect(cache.glance(get('/c'))).toBeUndefined();
  expect((await store(cache, '/c', '<p>c</p>'))?.kind).toBe('stored');
  second!.abandon('unfinished');
  await second!.outcome;
  expect(leftovers(root)).toEqual([]);
});

test('in a rush a private page is found at once, by the process that stored it and by others on its tree', async () => {
  const { cache, root } = newCache({ maxFills: 1, variants: false });
  const other = newCache({ maxFills: 1, variants: false, cacheDir: root }).cache;
  const tickets = [];
  for (const [one, target] of [
    [cache, '/a'],
    [other, '/b'],
  ] as const) {
    const found = await one.lookup(get(target));
    if (found.kind !== 'miss' || !found.ticket) throw new Error(found.kind);
    tickets.push(found.ticket);
    expect(one.glance(get('/feed'))).toMatchObject({ kind: 'miss', reason: 'too-busy' });
  }
  const json = { status: 200, headers: { 'content-type': 'application/json' } };
  expect(await store(cache, '/feed', '{}', json)).toMatchObject({ kind: 'stored', isPrivate: true });
  expect(cache.glance(get('/feed'))).toBeUndefined();
  expect(other.glance(get('/feed'))).toBeUndefined();
  for (const ticket of tickets) {
    ticket.abandon('unfinished');
    await ticket.outcome;
  }
  expect(leftovers(root)).toEqual([]);
});

test('a thousand glances and look-ups of new pages at once take no more than maxFills permissions', async () => {
  const { cache, root } = newCache({ maxFills: 8, io: 'pool' });
  let most = 0;
  let [stored, busy] = [0, 0];
  await Promise.all(
    Array.from({ length: 1000 }, async (_, index) => {
      const request = get(`/page-${index}`);
      const found = cache.glance(request) ?? (await cache.lookup(request));
      if (found.kind !== 'miss') throw new Error(found.kind);
      if (!found.ticket) {
        busy += found.reason === 'too-busy' ? 1 : 0;
        return;
      }
      most = Math.max(most, leftovers(root).filter((path) => path.endsWith('.body')).length);
      const fill = found.ticket.begin(html())!;
      fill.write(Buffer.from(`<p>${index}</p>`));
      const { kind } = await fill.commit();
      if (kind === 'stored') stored += 1;
    }),
  );
  expect(most).toBeLessThanOrEqual(8);
  expect(stored + busy).toBe(1000);
  expect(stored).toBeGreaterThanOrEqual(8);
  expect(leftovers(root)).toEqual([]);
});
