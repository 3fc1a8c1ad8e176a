/** Pages that only the middleware serves, over real sockets: of another type than their name says. */
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { plain, type Site, site } from './support/site.ts';

const feed = `<rss>${'<item/>'.repeat(300)}</rss>`;
const PLACE = '.pagetree/private/pages/feed/.page';

async function feedSite(): Promise<Site> {
  const made = await site(
    plain((_, res) => {
      res.setHeader('Content-Type', 'application/rss+xml; charset=utf-8');
      res.setHeader('Link', '</next>; rel=next');
      res.end(feed);
    }),
    { variants: ['gzip'] },
  );
  const first = await made.ask('/feed');
  expect(first.headers['cache-status']).toBe('pagetree; fwd=uri-miss; stored');
  await made.seen(['stored']);
  return made;
}

it('answers a feed whose name says that it is a page, with its own type, as it answers any hit', async () => {
  const made = await feedSite();
  const hit = await made.ask('/feed');
  expect(hit.headers).toMatchObject({
    'cache-status': 'pagetree; hit',
    'content-type': 'application/rss+xml; charset=utf-8',
    link: '</next>; rel=next',
    'cache-control': 'no-cache',
    vary: 'Accept-Encoding',
  });
  expect(`${hit.body}`).toBe(feed);
  const small = await made.ask('/feed', ['Accept-Encoding: gzip']);
  expect(small.headers['content-encoding']).toBe('gzip');
  expect(`${gunzipSync(small.body)}`).toBe(feed);
  const known = await made.ask('/feed', [`If-None-Match: ${hit.headers.etag}`]);
  expect([known.status, known.body.length]).toEqual([304, 0]);
  const part = await made.ask('/feed', ['Range: bytes=0-4']);
  expect([part.status, `${part.body}`]).toEqual([206, '<rss>']);
  const head = await made.ask('/feed', [], 'HEAD');
  expect(head.headers['content-length']).toBe(`${feed.length}`);
});

it('answers who takes the type, and leaves who would rather have a page to the application', async () => {
  const made = await feedSite();
  const status = async (accept: string): Promise<unknown> =>
    (await made.ask('/feed', [`Accept: ${accept}`])).headers['cache-status'];
  expect(await status('application/rss+xml, application/xml;q=0.9')).toBe('pagetree; hit');
  expect(await status('*/*')).toBe('pagetree; hit');
  expect(await status('text/html,*/*;q=0.8')).toBe('pagetree; fwd=bypass; detail=accept');
  expect(await status('text/html')).toBe('pagetree; fwd=bypass; detail=accept');
});

it('nobody gets its file by its name, and to delete the file is to purge it', async () => {
  const made = await feedSite();
  expect((await made.ask(`/${PLACE}`)).headers['cache-status']).toBe(
    'pagetree; fwd=bypass; detail=hidden-segment',
  );
  await unlink(join(made.dir, PLACE));
  expect((await made.ask('/feed')).headers['cache-status']).toBe('pagetree; fwd=uri-miss; stored');
});
