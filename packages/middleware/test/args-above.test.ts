/** Middleware above the cache that puts its fields into the call of `writeHead` itself: the client gets them, so they count. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { PageCacheMiddleware } from '../src/index.ts';
import { site } from './support/site.ts';

const type = 'text/html; charset=utf-8';

/** Adds fields to the call, whatever form it has. */
const adding =
  (fields: Record<string, string>) =>
  (res: ServerResponse): void => {
    const { writeHead } = res;
    res.writeHead = function late(this: ServerResponse, status: number, given: object) {
      return writeHead.call(this, status, { ...given, ...fields } as never);
    } as never;
  };

const build =
  (above: (res: ServerResponse) => void, answer: (res: ServerResponse) => void) =>
  (pages: PageCacheMiddleware | undefined): RequestListener =>
  (req: IncomingMessage, res: ServerResponse) => {
    above(res);
    const app = (): void => answer(res);
    if (pages) pages(req, res, app);
    else app();
  };

const answers: Record<string, (res: ServerResponse) => void> = {
  'fields in the call': (res) => void res.writeHead(200, { 'Content-Type': type }).end('personal'),
  'fields set before': (res) => {
    res.setHeader('Content-Type', type);
    res.end('personal');
  },
};

describe.each(Object.entries(answers))('a page with its %s', (_, answer) => {
  it.each([
    ['set-cookie', { 'Set-Cookie': 'session=1' }],
    ['cache-control', { 'Cache-Control': 'private' }],
    ['cache-control', { 'CDN-Cache-Control': 'private' }],
    ['cache-control', { 'Surrogate-Control': 'no-store' }],
    ['cache-control', { Pragma: 'no-cache' }],
    ['trailers', { Trailer: 'X-Sum' }],
    ['endless', { 'Content-Type': 'text/event-stream' }],
    ['vary', { Vary: 'Cookie' }],
  ])('is not stored for %s: %j', async (reason, fields) => {
    const made = await site(build(adding(fields as Record<string, string>), answer));
    const got = await made.ask('/page');
    const [name] = Object.keys(fields);
    expect(got.headers[name!.toLowerCase()]).toBe(Object.values(fields)[0]);
    expect(await made.outcome('/page')).toMatchObject({ type: 'refused', reason });
    expect(await made.files()).toEqual([]);
  });
});

describe('tags that are added above the cache', () => {
  const tagged = (res: ServerResponse) =>
    void res.writeHead(200, { 'Content-Type': type, 'Surrogate-Key': 'own' }).end('words');

  it.each(['news', 'own'])(
    'are those of the page, beside its own: a purge by the tag %s takes it',
    async (tag) => {
      const made = await site(build(adding({ 'Cache-Tag': 'post-42, news' }), tagged));
      await made.fill('/page');
      expect((await made.pages.cache.why('/page')).stored?.tags).toEqual(['own', 'post-42', 'news']);
      expect(await made.pages.cache.purgeTag(tag)).toMatchObject({ pages: 1 });
    },
  );

  it('and hide those of the page take none of them', async () => {
    const made = await site(build(adding({ 'Surrogate-Key': 'other' }), tagged));
    await made.fill('/page');
    expect(await made.pages.cache.purgeTag('own')).toMatchObject({ pages: 1 });
  });

  it('are never cut: too many keep the page out', async () => {
    const many = Array.from({ length: 1000 }, (_, index) => `t${index}`).join(' ');
    const made = await site(build(adding({ 'Cache-Tag': many }), tagged));
    await made.ask('/page');
    const refused = { type: 'refused', reason: 'too-many-headers', detail: 'tags' };
    expect(await made.outcome('/page')).toMatchObject(refused);
  });
});

describe('a Content-Type that is spelt anew above the cache', () => {
  const answer = (res: ServerResponse) =>
    void res.writeHead(200, { 'Content-Type': 'text/html' }).end('words');

  it.each(['text/html; charset=utf-8', 'text/html;charset=UTF-8', 'Text/HTML'])(
    'as %s is the same type: the page is stored',
    async (sent) => {
      const made = await site(build(adding({ 'Content-Type': sent }), answer));
      expect((await made.ask('/page')).headers['content-type']).toBe(sent);
      expect(await made.outcome('/page')).toMatchObject({ type: 'stored' });
      expect((await made.ask('/page')).headers['cache-status']).toBe('pagetree; hit');
    },
  );

  it.each(['text/html; charset=iso-8859-1', 'text/plain', 'html'])('as %s is another one', async (sent) => {
    const made = await site(build(adding({ 'Content-Type': sent }), answer));
    expect((await made.ask('/page')).headers['content-type']).toBe(sent);
    expect(await made.outcome('/page')).toMatchObject({ type: 'refused', reason: 'type-mismatch' });
    expect(await made.files()).toEqual([]);
  });
});
