/** The cache among other middleware of Hono. */
import { Hono } from 'hono';
import { compress } from 'hono/compress';
import { methodOverride } from 'hono/method-override';
import { stream } from 'hono/streaming';
import { describe, expect, it } from 'vitest';
import { noStore, pageCache } from '../../src/hono.ts';
import { pageCache as nodePageCache } from '../../src/index.ts';
import { openFiles, until } from '../support/counting.ts';
import { site } from '../support/site.ts';
import { exchange, Line, parse, request } from '../support/wire.ts';
import {
  barrier,
  built,
  compareBuilt,
  html,
  inTurns,
  type Mount,
  nodeServer,
  STORED,
  served,
} from './support.ts';

const HIT = 'pagetree; hit';

describe('above other parts of an application', () => {
  it('compression below: the page is stored as it was before', async () => {
    const mount: Mount = (app, pages) => {
      if (pages) app.use(pages);
      app.use(compress({ threshold: 1 }));
      app.get('*', (c) => c.html('<p>page</p>'.repeat(200)));
    };
    const made = await compareBuilt(built(mount), {
      send: request('/page', ['Accept-Encoding: gzip', 'Connection: close']),
    });
    await made.site.outcome('/page');
    expect((await made.site.ask('/page')).text).toBe('<p>page</p>'.repeat(200));
  });

  it('streaming: each write reaches the client before the next', async () => {
    const steps = [barrier(), barrier()];
    const made = await served((app, pages) => {
      app.use(pages!);
      app.get('*', (c) => {
        c.header('content-type', html['content-type']);
        return stream(c, async (out) => {
          await out.write('<p>first');
          await steps[0]!.opened;
          await out.write('second');
          await steps[1]!.opened;
        });
      });
    });
    const line = new Line(made.port);
    line.send(request('/page', ['Connection: close']));
    await line.until('<p>first');
    steps[0]!.open();
    await line.until('second');
    steps[1]!.open();
    await line.closed();
    await made.outcome('/page');
    expect((await made.ask('/page')).text).toBe('<p>firstsecond');
  });

  it('what onError makes of an error is not a page, whatever its status', async () => {
    const mount: Mount = (app, pages) => {
      app.onError((_, c) => c.html('<p>something went wrong'));
      if (pages) app.use(pages);
      app.get('*', () => {
        throw new Error('wrong');
      });
    };
    const made = await compareBuilt(built(mount), { status: 'pagetree; fwd=uri-miss; detail=unfinished' });
    expect(await made.site.files()).toEqual([]);
  });

  it('a route that is not there, and a middleware that forgets to answer', async () => {
    await compareBuilt(
      built((app, pages) => void (pages && app.use(pages))),
      {
        status: 'pagetree; fwd=uri-miss; detail=status',
      },
    );
    const forgetful: Mount = (app, pages) => {
      app.onError((error, c) => c.text(error.message, 500));
      // With a single handler Hono goes another way.
      app.use((_, next) => next());
      if (pages) app.use(pages);
      app.use(async () => {});
    };
    await compareBuilt(built(forgetful), { status: null });
  });

  it('noStore(c), at once and while the page streams', async () => {
    const made = await served((app, pages) => {
      app.use(pages!);
      app.get('/now', (c) => {
        noStore(c);
        return c.html('<p>page');
      });
      app.get('/later', (c) => {
        setTimeout(() => noStore(c), 1);
        return c.body(inTurns('<p>', 'page', '</p>'), 200, html);
      });
    });
    for (const path of ['/now', '/later']) {
      await made.ask(path);
      expect(await made.outcome(path)).toMatchObject({
        type: 'refused',
        reason: 'should-store',
        detail: 'noStore(c)',
      });
    }
  });

  it('a form that overrides its method passes, and its page is not stored', async () => {
    const made = await served((app, pages) => {
      app.use(pages!);
      app.use(methodOverride({ app }));
      app.all('*', (c) => c.html(`<p>${c.req.method}`));
    });
    const form = '_method=DELETE';
    const type = 'Content-Type: application/x-www-form-urlencoded';
    const bytes = `POST /page HTTP/1.1\r\nHost: site.test\r\n${type}\r\nContent-Length: ${form.length}\r\nConnection: close\r\n\r\n${form}`;
    expect(parse(await exchange(made.port, bytes)).text).toBe('<p>DELETE');
    expect(await made.files()).toEqual([]);
    expect((await made.fill('/page')).text).toBe('<p>GET');
  });

  it('an application that asks itself for a part: the part is not the page', async () => {
    const made = await served((app, pages) => {
      app.use('/parts/*', pages!);
      app.get('/parts/nav', (c) => c.html('<nav>'));
      app.get('/page', async (c) =>
        c.html(`<p>${await (await app.request('/parts/nav', {}, c.env)).text()}`),
      );
      app.get('/parts/page', async (c) =>
        c.html(`<p>${await (await app.request('/parts/nav', {}, c.env)).text()}`),
      );
    });
    expect((await made.ask('/page')).text).toBe('<p><nav>');
    expect(await made.files()).toEqual([]);
    expect((await made.fill('/parts/page')).text).toBe('<p><nav>');
    expect(await made.files()).toEqual(['parts/page']);
  });

  it("an application that is mounted with a cache of its own is passed by: its URL is not the client's", async () => {
    const made = await served((app, pages) => {
      const inner = new Hono();
      inner.use(pages!);
      inner.get('*', (c) => c.html(`<p>${c.req.path}`));
      app.mount('/inner', inner.fetch);
    });
    const answer = await made.ask('/inner/page');
    expect(answer).toMatchObject({
      text: '<p>/page',
      headers: { 'cache-status': 'pagetree; fwd=bypass; detail=target-form' },
    });
    expect(await made.files()).toEqual([]);
  });

  it('routes of another application share the cache of the outer one', async () => {
    const made = await served((app, pages) => {
      app.use(pages!);
      const inner = new Hono();
      inner.get('*', (c) => c.html(`<p>${c.req.path}`));
      app.route('/inner', inner);
    });
    await made.fill('/inner/page');
    expect(await made.files()).toEqual(['inner/page']);
  });

  it('below the Node shell of the same cache: asked once', async () => {
    const made = await site((pages) => {
      const app = new Hono();
      app.use(pageCache({ cache: pages!.cache }));
      app.get('*', (c) => c.html('<p>page'));
      const listener = nodeServer(app.fetch);
      const node = nodePageCache({ cache: pages!.cache });
      return (req, res) => node(req, res, () => listener(req, res));
    });
    expect((await made.fill('/page')).headers['cache-status']).toBe(STORED);
    expect((await made.ask('/page')).headers['cache-status']).toBe(HIT);
  });

  it('a large hit that middleware above throws away leaves no open file in the end', async () => {
    const made = await served((app, pages) => {
      app.use(async (c, next) => {
        await next();
        await c.res.body?.cancel();
        c.res = undefined;
        c.res = new Response('<p>no', { status: 503 });
      });
      app.use(pages!);
    });
    await made.put('large', 'x'.repeat(1_000_000));
    const before = await openFiles(made.dir);
    expect((await made.ask('/large')).status).toBe(503);
    await until(async () => (await openFiles(made.dir)) === before);
  });
});
