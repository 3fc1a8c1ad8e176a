/**
 * Middleware above the cache that holds the response back when the application has ended it, as one does that saves a session
 * first: what it adds then is what the client gets, so it counts.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { PageCacheMiddleware } from '../src/index.ts';
import { site } from './support/site.ts';

const type = 'text/html; charset=utf-8';

type End = (this: ServerResponse, ...args: unknown[]) => ServerResponse;

/** Puts the application below the cache, and `finish` above it: it gets what ends the response for good. */
const build =
  (
    finish: (res: ServerResponse, end: () => void) => void,
    answer = (res: ServerResponse): void => void res.end('words'),
  ) =>
  (pages: PageCacheMiddleware | undefined): RequestListener =>
  (req: IncomingMessage, res: ServerResponse) => {
    const end = res.end as End;
    res.end = function held(this: ServerResponse, ...args: unknown[]) {
      setImmediate(() => finish(res, () => void end.apply(res, args)));
      return this;
    } as never;
    res.setHeader('Content-Type', type);
    const app = (): void => answer(res);
    if (pages) pages(req, res, app);
    else app();
  };

const setting = (name: string, value: string) =>
  build((res, end) => {
    res.setHeader(name, value);
    end();
  });

describe('a response that is held back above the cache', () => {
  it.each([
    ['set-cookie', 'Set-Cookie', 'sid=1'],
    ['cache-control', 'Cache-Control', 'private'],
    ['vary', 'Vary', 'Cookie'],
  ])('and gets what makes it private (%s) is not stored', async (reason, name, value) => {
    const made = await site(setting(name, value));
    expect((await made.ask('/page')).headers[name.toLowerCase()]).toBe(value);
    expect(await made.outcome('/page')).toMatchObject({ type: 'refused', reason });
    expect(await made.files()).toEqual([]);
  });

  it('and gets a tag has it', async () => {
    const made = await site(setting('Cache-Tag', 'post-42'));
    expect((await made.ask('/page')).headers['cache-status']).toMatch(/; stored/);
    expect(await made.outcome('/page')).toMatchObject({ type: 'stored' });
    expect(await made.pages.cache.purgeTag('post-42')).toMatchObject({ pages: 1 });
  });

  it.each([
    ['Cache-Tag', 'past', { type: 'stored' }],
    ['Set-Cookie', 'sid=1', { type: 'refused', reason: 'set-cookie' }],
  ])('is judged with %s when its head goes past the wrappers of the cache', async (name, value, outcome) => {
    const raw = build((res, end) => {
      Object.getPrototypeOf(res).writeHead.call(res, 200, { [name]: value });
      end();
    });
    const made = await site(raw);
    expect(`${(await made.ask('/page')).body}`).toBe('words');
    expect(await made.outcome('/page')).toMatchObject(outcome);
    expect(await made.pages.cache.purgeTag('past')).toMatchObject({ pages: name === 'Cache-Tag' ? 1 : 0 });
  });

  it('is stored whole when the application writes in pieces', async () => {
    const made = await site(
      build(
        (_, end) => end(),
        (res) => {
          res.write('some ');
          res.end('words');
        },
      ),
    );
    expect(`${(await made.ask('/page')).body}`).toBe('some words');
    expect(await made.outcome('/page')).toMatchObject({ type: 'stored', bytes: 10 });
  });

  it('whose client leaves before is not stored', async () => {
    let leave = (): void => {};
    const made = await site(
      build((res) => {
        res.on('close', () => res.destroy());
        leave();
      }),
    );
    const socket = connect(made.port, '127.0.0.1');
    leave = () => void socket.destroy();
    socket.write('GET /page HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await made.outcome('/page')).toMatchObject({ reason: 'unfinished' });
    expect(await made.files()).toEqual([]);
  });
});
