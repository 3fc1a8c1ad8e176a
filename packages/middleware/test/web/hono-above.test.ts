/** The cache below other middleware of Hono. */
import { Hono } from 'hono';
import { compress } from 'hono/compress';
import { cors } from 'hono/cors';
import { etag } from 'hono/etag';
import { logger } from 'hono/logger';
import { secureHeaders } from 'hono/secure-headers';
import { describe, expect, it } from 'vitest';
import { pageCache } from '../../src/hono.ts';
import { plain, site } from '../support/site.ts';
import { request } from '../support/wire.ts';
import { built, compareBuilt, html, type Mount, served } from './support.ts';

const HIT = 'pagetree; hit';

describe('below other middleware', () => {
  const above = {
    logger: logger(() => {}),
    'secure headers': secureHeaders(),
    compress: compress({ threshold: 1 }),
    etag: etag(),
  };
  for (const [name, middleware] of Object.entries(above)) {
    it(`${name}: a miss is as without the cache, and a hit has what it adds`, async () => {
      const mount: Mount = (app, pages) => {
        app.use(middleware);
        if (pages) app.use(pages);
        app.get('*', (c) => c.html('<p>page</p>'.repeat(200)));
      };
      const made = await compareBuilt(built(mount), {
        send: request('/page', ['Accept-Encoding: gzip', 'Connection: close']),
      });
      await made.site.outcome('/page');
      expect((await made.site.read('page')).toString()).toBe('<p>page</p>'.repeat(200));
      const hit = await made.site.ask('/page');
      expect(hit.text).toBe('<p>page</p>'.repeat(200));
      expect(hit.headers['cache-status']).toBe(HIT);
      if (name === 'secure headers') expect(hit.headers['x-frame-options']).toBe('SAMEORIGIN');
    });
  }

  it('cors: a hit has the origin of its own client, and says that it varies', async () => {
    const made = await served((app, pages) => {
      app.use(cors({ origin: (origin) => (origin.endsWith('.test') ? origin : null) }));
      app.use(pages!);
      app.get('*', (c) => c.html('<p>page'));
    });
    // `Vary: Origin`, added above, keeps the page out: another cache may not know that the page is the same.
    await made.ask('/page', ['Origin: http://a.test']);
    expect(await made.outcome('/page')).toMatchObject({ type: 'refused', reason: 'vary' });
    await made.put('page', '<p>by hand');
    const hit = await made.ask('/page', ['Origin: http://b.test']);
    expect(hit).toMatchObject({
      text: '<p>by hand',
      headers: { 'access-control-allow-origin': 'http://b.test' },
    });
    expect(hit.headers.vary?.toLowerCase().split(', ').sort()).toEqual(['accept-encoding', 'origin']);
  });

  const session: Mount = (app, pages) => {
    app.use(async (c, next) => {
      await next();
      await new Promise(setImmediate);
      c.header('set-cookie', 'session=alice');
    });
    app.use(pages!);
    app.get('*', (c) => c.html('<p>page'));
  };

  it('a session that starts there keeps the page out of the cache', async () => {
    const made = await served(session);
    expect((await made.ask('/page')).headers['set-cookie']).toBe('session=alice');
    expect(await made.outcome('/page')).toMatchObject({ type: 'refused', reason: 'set-cookie' });
  });

  it('a session that starts there does so without a server, too', async () => {
    const made = await site(plain((_, res) => void res.end()));
    const app = new Hono();
    session(app, pageCache({ cache: made.pages.cache }));
    const response = await app.request('/page');
    expect([await response.text(), response.headers.get('set-cookie')]).toEqual(['<p>page', 'session=alice']);
    expect(await made.outcome('/page')).toMatchObject({ type: 'refused', reason: 'set-cookie' });
  });

  const tagging: Mount = (app, pages) => {
    app.use(async (c, next) => {
      await next();
      c.header('cache-tag', 'post-42');
    });
    app.use(pages!);
    app.get('*', (c) => c.html('<p>page'));
  };

  it('a tag that is added there is one of the page', async () => {
    const made = await served(tagging);
    expect((await made.fill('/page')).headers['cache-tag']).toBe('post-42');
    expect(await made.pages.cache.purgeTag('post-42')).toMatchObject({ pages: 1 });
  });

  it('a tag that is added there is one of the page without a server, too', async () => {
    const made = await site(plain((_, res) => void res.end()));
    const app = new Hono();
    tagging(app, pageCache({ cache: made.pages.cache }));
    const response = await app.request('/page');
    expect([await response.text(), response.headers.get('cache-tag')]).toEqual(['<p>page', 'post-42']);
    expect(await made.outcome('/page')).toMatchObject({ type: 'stored' });
    expect(await made.pages.cache.purgeTag('post-42')).toMatchObject({ pages: 1 });
  });

  it('a response that is replaced there is not stored', async () => {
    const made = await served((app, pages) => {
      app.use(async (c, next) => {
        await next();
        c.res = undefined;
        c.res = new Response('<p>no', { status: 503, headers: html });
      });
      app.use(pages!);
      app.get('*', (c) => c.html('<p>page'));
    });
    expect((await made.ask('/page')).status).toBe(503);
    expect(await made.outcome('/page')).toMatchObject({ type: 'refused', reason: 'status' });
  });

  it('headers that are set on the context come with a hit, and those of the page win', async () => {
    const made = await served((app, pages) => {
      app.use(async (c, next) => {
        c.header('x-above', 'yes');
        c.header('cache-control', 'public');
        c.header('set-cookie', 'seen=1', { append: true });
        c.header('set-cookie', 'seen=2', { append: true });
        await next();
      });
      app.use(pages!);
    });
    await made.put('page', '<p>by hand');
    const hit = await made.ask('/page');
    expect(hit.headers).toMatchObject({ 'x-above': 'yes', 'cache-control': 'no-cache', 'cache-status': HIT });
    expect(hit.lines.filter((line) => /^set-cookie/i.test(line))).toHaveLength(2);
  });
});
