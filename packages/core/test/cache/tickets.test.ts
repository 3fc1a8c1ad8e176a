import diagnostics from 'node:diagnostics_channel';
import fs from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Fill, FillOutcome, ResponseHead, Ticket } from '../../src/contracts.ts';
import { CHANNEL } from '../../src/create.ts';
import type { PageCache } from '../../src/page-cache.ts';
import { bodyAt, get, html, leftovers, newCache, openFiles, pagesIn, store } from '../support/tree.ts';

async function ticketFor(cache: PageCache, target = '/k'): Promise<Ticket> {
  const found = await cache.lookup(get(target));
  if (found.kind !== 'miss' || !found.ticket) throw new Error(found.kind);
  return found.ticket;
}

async function begin(cache: PageCache, head: ResponseHead = html()): Promise<Fill> {
  return (await ticketFor(cache)).begin(head)!;
}

type Act = (fill: Fill) => Promise<FillOutcome>;
const write =
  (...chunks: (string | Uint8Array)[]): Act =>
  (fill) => {
    for (const chunk of chunks) fill.write(Buffer.from(chunk as string));
    return fill.commit();
  };

const refusals: [name: string, reason: string, head: ResponseHead, act: Act][] = [
  ['an empty body', 'empty-body', html(), write()],
  ['only empty chunks', 'empty-body', html(), write('', '')],
  ['fewer bytes than Content-Length says', 'length-mismatch', html({ 'content-length': '5' }), write('four')],
  [
    'more bytes than Content-Length says',
    'length-mismatch',
    html({ 'content-length': '3' }),
    write('fo', 'ur', 'more'),
  ],
  ['more bytes than maxPageSize', 'too-large', html(), write('x'.repeat(600), 'x'.repeat(600), 'more')],
  [
    'text that is no UTF-8',
    'not-utf8',
    { status: 200, headers: { 'content-type': 'text/html' } },
    write(Buffer.from([0xff, 0x41])),
  ],
  [
    'text that ends in half a character',
    'not-utf8',
    { status: 200, headers: { 'content-type': 'text/html' } },
    write('caf', Buffer.from([0xc3])),
  ],
  [
    'a response that is not over',
    'unfinished',
    html(),
    (fill) => {
      fill.write(Buffer.from('half'));
      return fill.abort('unfinished', 'the client left');
    },
  ],
  ['a response that is given up without a word', 'unfinished', html(), (fill) => fill.abort('unfinished')],
];

test.each(refusals)('%s: nothing is stored and nothing is left', async (_, reason, head, act) => {
  const { cache, root, events } = newCache({ maxPageSize: 1000 });
  const before = openFiles();
  const outcome = await act(await begin(cache, head));
  expect(outcome).toMatchObject({ kind: 'refused', key: '/k', reason });
  expect([pagesIn(root), leftovers(root), openFiles()]).toEqual([[], [], before]);
  expect(events.at(-1)).toMatchObject({
    type: reason === 'unfinished' ? 'aborted' : 'refused',
    key: '/k',
    reason,
  });
});

/** Lets no time pass but what the test says. */
function heldTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
}

test('a response that does not end held one of maxFills for ever: after fillTimeout it is not stored any more', async () => {
  heldTimers();
  const { cache, root, events } = newCache({ fillTimeout: 60 });
  const before = openFiles();
  const silent = await ticketFor(cache, '/silent');
  const stream = await ticketFor(cache, '/stream');
  const fill = stream.begin(html())!;
  fill.write(Buffer.from('and so on'));
  await vi.advanceTimersByTimeAsync(59_999);
  expect(leftovers(root)).not.toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  for (const { outcome } of [silent, stream])
    expect(await outcome).toMatchObject({
      kind: 'refused',
      reason: 'too-slow',
      detail: 'no end after 60 s',
    });
  expect([silent.refused, silent.begin(html())]).toEqual(['too-slow', undefined]);
  fill.write(Buffer.from('and so on'));
  await fill.commit();
  expect([pagesIn(root), leftovers(root), openFiles()]).toEqual([[], [], before]);
  expect(events.filter(({ type }) => type === 'refused')).toHaveLength(2);
});

test('a response that has ended in time is stored, however long that takes', async () => {
  heldTimers();
  const { cache } = newCache({ fillTimeout: 60, io: 'pool', variants: ['gzip'] });
  const fill = await begin(cache);
  fill.write(Buffer.alloc(1_000_000, 'x'));
  const stored = fill.commit();
  vi.advanceTimersByTime(60_000);
  expect(await stored).toMatchObject({ kind: 'stored' });
  expect(vi.getTimerCount()).toBe(0);
});

test('bytes that wait for the disk are bounded: over it the fill is dropped, not the response', async () => {
  const { cache, root } = newCache({ maxPending: 1000, io: 'pool' });
  const fill = await begin(cache);
  fill.write(Buffer.alloc(900, 'x'));
  fill.write(Buffer.alloc(900, 'x'));
  fill.write(Buffer.alloc(900, 'x'));
  expect(await fill.commit()).toMatchObject({ reason: 'overrun' });
  expect(await store(cache, '/k', 'x'.repeat(900))).toMatchObject({ kind: 'stored' });
  expect(leftovers(root)).toEqual([]);
});

test('a large body that comes faster than the disk takes it is stored whole, in order', async () => {
  const { cache } = newCache({ io: 'pool', durability: 'full' });
  const pieces = Array.from({ length: 400 }, (_, at) =>
    Buffer.alloc(5000, String.fromCharCode(97 + (at % 26))),
  );
  expect(await store(cache, '/k', pieces)).toMatchObject({ kind: 'stored', bytes: 2_000_000 });
  expect(await bodyAt(cache, '/k')).toBe(Buffer.concat(pieces).toString());
});

test('after the end nothing more is taken, and the outcome is the same whoever asks', async () => {
  const { cache } = newCache();
  const ticket = await ticketFor(cache);
  const fill = ticket.begin(html())!;
  expect(ticket.begin(html())).toBeUndefined();
  ticket.abandon('unfinished');
  fill.write(Buffer.from('text'));
  const first = fill.commit();
  fill.write(Buffer.from('more'));
  expect(await fill.abort('unfinished')).toBe(await first);
  expect(await fill.commit()).toBe(await ticket.outcome);
  expect(await bodyAt(cache, '/k')).toBe('text');
});

test('a response that is refused by its head gives the permission back', async () => {
  const { cache, root, events } = newCache();
  const ticket = await ticketFor(cache);
  expect(ticket.begin({ status: 404, headers: {} })).toBeUndefined();
  expect(await ticket.outcome).toEqual({ kind: 'refused', key: '/k', reason: 'status', detail: '404' });
  expect(leftovers(root)).toEqual([]);
  expect(events.at(-1)).toEqual({ type: 'refused', key: '/k', reason: 'status', detail: '404' });
  expect((await ticketFor(cache)).key).toBe('/k');
});

test('the hook has the last word, and one that throws or answers with a promise refuses', async () => {
  const asked: unknown[] = [];
  let answer: () => boolean = () => false;
  const { cache, events } = newCache({
    shouldStore: (request, response) => {
      asked.push([request.target, response.status]);
      return answer();
    },
  });
  expect(await store(cache, '/a', 'text')).toMatchObject({ reason: 'should-store' });
  answer = () => {
    throw new Error('mine');
  };
  expect(await store(cache, '/b', 'text')).toMatchObject({ reason: 'hook-error' });
  answer = (async () => true) as unknown as () => boolean;
  expect(await store(cache, '/c', 'text')).toMatchObject({ reason: 'hook-error' });
  answer = () => true;
  expect(await store(cache, '/d', 'text')).toMatchObject({ kind: 'stored' });
  expect(asked).toEqual(['/a', '/b', '/c', '/d'].map((target) => [target, 200]));
  expect(events.filter((event) => event.type === 'error')).toMatchObject([
    { during: 'hook', key: '/b' },
    { during: 'hook', key: '/c' },
  ]);
});

test('events are told in order, also on the diagnostics channel; a listener that throws harms nobody', async () => {
  const told: unknown[] = [];
  const listen = (event: unknown): void => void told.push((event as { type: string }).type);
  diagnostics.subscribe(CHANNEL, listen);
  const { cache } = newCache({
    onEvent: () => {
      throw new Error('mine');
    },
  });
  await store(cache, '/k', 'text');
  await bodyAt(cache, '/k');
  await cache.lookup(get('/k?x'));
  await cache.purge({ path: '/k' });
  diagnostics.unsubscribe(CHANNEL, listen);
  await bodyAt(cache, '/k');
  expect(told).toEqual(['miss', 'stored', 'hit', 'bypass', 'purged']);
});

test('a listener that is async and rejects harms nobody either', async () => {
  const rejected = vi.fn();
  process.on('unhandledRejection', rejected);
  const { cache } = newCache({
    onEvent: async () => {
      throw new Error('mine');
    },
  });
  await store(cache, '/k', 'text');
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', rejected);
  expect(rejected).not.toHaveBeenCalled();
});

test('close waits for what is under way, then nothing is stored any more, and pages are still found', async () => {
  const { cache, root } = newCache();
  const fill = await begin(cache);
  let isClosed = false;
  const closing = cache.close().then(() => {
    isClosed = true;
  });
  fill.write(Buffer.from('text'));
  expect(isClosed).toBe(false);
  expect(await fill.commit()).toMatchObject({ kind: 'stored' });
  await closing;
  expect(await bodyAt(cache, '/k')).toBe('text');
  expect(await cache.lookup(get('/other'))).toMatchObject({ kind: 'miss', reason: 'closed' });
  await expect(cache.purge({ all: true })).rejects.toMatchObject({ code: 'ERR_PAGETREE_CLOSED' });
  await expect(cache.sweep()).rejects.toMatchObject({ code: 'ERR_PAGETREE_CLOSED' });
  expect(leftovers(root)).toEqual([]);
});

test('a warmer shows the token of the tree and is let through; any other token is not', async () => {
  const { cache } = newCache();
  await store(cache, '/k', 'text');
  expect(await cache.lookup(get('/k', { 'pagetree-token': cache.token! }))).toEqual({
    kind: 'bypass',
    reason: 'warmer',
  });
  for (const token of ['x', `${cache.token}x`, cache.token!.replace(/^./, '~')]) {
    const found = await cache.lookup(get('/k', { 'pagetree-token': token }));
    expect(found.kind).toBe('hit');
    if (found.kind === 'hit') await found.page.close();
  }
});

test('a refresh asks for a permission though the page is there, and replaces it', async () => {
  const { cache } = newCache();
  await store(cache, '/k', 'one');
  expect(await store(cache, '/k', 'two')).toBeUndefined();
  expect(await store(cache, '/k', 'two', html(), { refresh: true })).toMatchObject({ kind: 'stored' });
  expect(await bodyAt(cache, '/k')).toBe('two');
});

test('the time of a page is what the application said, but never the future nor before 1970', async () => {
  const now = 1_700_000_000_500;
  const { cache, root } = newCache({}, { wall: () => now });
  const cases: [string, number][] = [
    ['Tue, 14 Nov 2023 00:00:00 GMT', 1_699_920_000],
    ['Tue, 14 Nov 2033 00:00:00 GMT', 1_700_000_000],
    ['Tue, 14 Nov 1933 00:00:00 GMT', 1_700_000_000],
    ['yesterday', 1_700_000_000],
  ];
  for (const [index, [said, seconds]] of cases.entries()) {
    await store(cache, `/${index}`, 'text', html({ 'last-modified': said }));
    expect(Math.floor(fs.statSync(`${root}/${index}`).mtimeMs / 1000), said).toBe(seconds);
  }
});

test('a page moves into the folder that its name becomes, with its variants and meta, and back', async () => {
  const { cache, root } = newCache({ variants: ['gzip'] });
  const text = '<p>text</p>'.repeat(300);
  await store(cache, '/k', text, html({ 'content-language': 'en' }));
  await store(cache, '/k/x/y', text);
  expect(pagesIn(root)).toEqual(['k/', 'k/__page.html', 'k/__page.html.gz', 'k/x/', 'k/x/y', 'k/x/y.gz']);
  const found = await cache.lookup(get('/k'));
  expect(found.kind === 'hit' && found.page.headers).toEqual([['content-language', 'en']]);
  if (found.kind === 'hit') await found.page.close();
  await store(cache, '/k', text, html(), { refresh: true });
  await cache.purge({ path: '/k/x', recursive: true });
  expect(await cache.sweep()).toMatchObject({ movedBack: 1 });
  expect(pagesIn(root)).toEqual(['k', 'k.gz']);
  expect(await bodyAt(cache, '/k')).toBe(text);
  expect(fs.readdirSync(`${root}/.pagetree/meta`)).toEqual(['k.pagetree']);
});

test('a page that is no HTML stays where it is, and the newcomer is refused', async () => {
  const { cache, root } = newCache();
  await store(cache, '/a.css', 'p {}', {
    status: 200,
    headers: { 'content-type': 'text/css; charset=utf-8' },
  });
  expect(await store(cache, '/a.css/x', 'text')).toMatchObject({
    reason: 'path-conflict',
    detail: 'a file stands at a.css',
  });
  expect(pagesIn(root)).toEqual(['a.css']);
  await fs.promises.mkdir(`${root}/b/__page.html`, { recursive: true });
  expect(await store(cache, '/b', 'text')).toMatchObject({
    reason: 'path-conflict',
    detail: 'a folder stands at b/__page.html',
  });
});

test('while the page in the way is being stored, the newcomer is not', async () => {
  const { cache, root } = newCache();
  await store(cache, '/k', 'text');
  const found = await cache.lookup(get('/k'), { refresh: true });
  expect(await store(cache, '/k/x', 'text')).toMatchObject({ reason: 'busy' });
  if (found.kind === 'miss') found.ticket!.abandon('unfinished');
  expect(pagesIn(root)).toEqual(['k']);
});
