/** Polka and Connect: mounts, errors, and everything that is not a hit as without the cache. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import connect from 'connect';
import polka from 'polka';
import polkaNext from 'polka-next';
import { describe, expect, it } from 'vitest';
import type { PageCacheMiddleware } from '../src/index.ts';
import { noStore } from '../src/index.ts';
import { compareBuilt, GET, STORED } from './support/parity.ts';
import { type Build, site } from './support/site.ts';
import { Line, request } from './support/wire.ts';

type Next = (error?: unknown) => void;
type Handler = (req: IncomingMessage, res: ServerResponse, next: Next) => unknown;

/** What the three have in common. */
interface App {
  use(handler: Handler): void;
  mount(base: string, handler: Handler): void;
  page(path: string, handler: Handler): void;
  listener(): RequestListener;
}

function overConnect(): App {
  const made = connect();
  return {
    use: (handler) => void made.use(handler as connect.NextHandleFunction),
    mount: (base, handler) => void made.use(base, handler as connect.NextHandleFunction),
    page: (path, handler) =>
      void made.use((req, res, next) => (req.url?.split('?')[0] === path ? handler(req, res, next) : next())),
    listener: () => made,
  };
}

function overPolka(make: typeof polka): App {
  const made = make();
  return {
    use: (handler) => void made.use(handler as polka.Middleware),
    mount: (base, handler) => void made.use(base, handler as polka.Middleware),
    page: (path, handler) => void made.get(path, handler as polka.Middleware),
    listener: () => made.handler as unknown as RequestListener,
  };
}

const frameworks: readonly [name: string, make: () => App][] = [
  ['Connect', overConnect],
  ['Polka 0.5', () => overPolka(polka)],
  ['Polka 1.0', () => overPolka(polkaNext as unknown as typeof polka)],
];

const html = { 'Content-Type': 'text/html; charset=utf-8' };
const HIT = 'pagetree; hit';
const refused = (reason: string) => `pagetree; fwd=uri-miss; detail=${reason}`;

/** Connect answers with the stack, which is another one with the cache on the way. */
function broken(status: number): Error {
  return Object.assign(new Error('broken'), { stack: 'broken', status, code: status });
}

describe.each(frameworks)('%s', (_name, make) => {
  const app =
    (handler: Handler): Build =>
    (pages: PageCacheMiddleware | undefined) => {
      const made = make();
      // Polka 0.5 gives a route no `next` when there is nothing else.
      made.use((_req, _res, next) => next());
      if (pages) made.use(pages as Handler);
      made.page('/page', handler);
      return made.listener();
    };

  const routes: Record<string, [handler: Handler, status?: string]> = {
    'a page': [(_, res) => res.writeHead(200, html).end('<p>page')],
    'a page in parts': [
      (_, res) => {
        res.setHeader('Content-Type', html['Content-Type']);
        res.write('<p>');
        setImmediate(() => res.end('page'));
      },
    ],
    'another status': [(_, res) => res.writeHead(404, html).end('<p>none'), refused('status')],
    'a cookie': [
      (_, res) => res.writeHead(200, { ...html, 'Set-Cookie': 'a=b' }).end('<p>page'),
      refused('set-cookie'),
    ],
    'noStore(res)': [
      (_, res) => {
        noStore(res);
        res.writeHead(200, html).end('<p>page');
      },
      refused('should-store'),
    ],
    'next(error)': [(_, __, next) => next(broken(500)), refused('status')],
    'an error with a status': [(_, __, next) => next(broken(403)), refused('status')],
    'no answer of the route': [(_, res) => res.writeHead(204).end(), refused('status')],
  };
  for (const [title, [handler, status]] of Object.entries(routes)) {
    it(`${title} is answered as without the cache`, async () => {
      const { site: made, raw } = await compareBuilt(app(handler), { send: GET, status: status ?? STORED });
      const outcome = await made.outcome('/page');
      expect(outcome.type).toBe(status === undefined ? 'stored' : 'refused');
      expect(raw.length).toBeGreaterThan(0);
    });
  }

  it('HEAD, POST and a query are answered as without the cache', async () => {
    const build = app((req, res) => res.writeHead(200, html).end(`<p>${req.method} ${req.url}`));
    const asks: [string, string][] = [
      [request('/page', ['Connection: close'], 'POST'), 'pagetree; fwd=method'],
      [request('/page?a', ['Connection: close']), 'pagetree; fwd=bypass; detail=query'],
    ];
    for (const [send, status] of asks) await compareBuilt(build, { send, status });
  });

  it('the second request is a hit, a conditional one a 304, a range a 206, and a purge counts at once', async () => {
    let asked = 0;
    const made = await site(
      app((_, res) => {
        asked += 1;
        res.writeHead(200, html).end(`<p>page ${asked}`);
      }),
    );
    expect((await made.fill('/page')).headers['cache-status']).toBe(STORED);
    const hit = await made.ask('/page');
    expect(hit).toMatchObject({ text: '<p>page 1', headers: { 'cache-status': HIT } });
    expect((await made.ask('/page', [`If-None-Match: ${hit.headers.etag}`])).status).toBe(304);
    expect(await made.ask('/page', ['Range: bytes=3-6'])).toMatchObject({ status: 206, text: 'page' });
    expect(await made.ask('/page', [], 'HEAD')).toMatchObject({
      text: '',
      headers: { 'cache-status': HIT, 'content-length': '9' },
    });
    await made.pages.cache.purge({ path: '/page' });
    expect((await made.fill('/page')).text).toBe('<p>page 2');
  });

  it('a mounted cache keeps a page under the path that the client asked for', async () => {
    const made = await site((pages) => {
      const outer = make();
      for (const base of ['/one', '/two']) {
        outer.mount(base, pages as Handler);
        outer.mount(base, (req, res) => res.writeHead(200, html).end(`<p>${base} ${req.url}`));
      }
      return outer.listener();
    });
    expect((await made.fill('/one/page')).text).toBe('<p>/one /page');
    expect((await made.fill('/two/page')).text).toBe('<p>/two /page');
    expect(await made.files()).toEqual(['one/page', 'two/page']);
    expect(await made.ask('/two/page')).toMatchObject({
      text: '<p>/two /page',
      headers: { 'cache-status': HIT },
    });
  });

  it('a response that fails midway is cut, and not stored', async () => {
    const { site: made, raw } = await compareBuilt(
      app((_, res) => {
        res.writeHead(200, html).write('half');
        setImmediate(() => setImmediate(() => res.destroy()));
      }),
      { send: GET },
    );
    expect(raw).toContain('half');
    expect(await made.outcome('/page')).toMatchObject({ type: 'aborted', reason: 'unfinished' });
  });

  it('requests in one packet are answered in order', async () => {
    const made = await site(app((_, res) => res.writeHead(200, html).end('<p>page</p>')));
    await made.fill('/page');
    const line = new Line(made.port);
    line.send(request('/page') + request('/page?a') + request('/page', ['Connection: close']));
    await line.closed();
    const said = [...line.received.matchAll(/Cache-Status: (.*)\r/gi)].map((match) => match[1]);
    expect(said).toEqual([HIT, 'pagetree; fwd=bypass; detail=query', HIT]);
  });
});
