/** One client must not be able to change what another one gets: targets and hosts, raw and as URLs. */
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { withPageCache } from '../../src/fetch.ts';
import { pageCache } from '../../src/hono.ts';
import { plain, type Site, type SiteOptions, site } from '../support/site.ts';
import { exchange, Line, request } from '../support/wire.ts';
import { html, nodeServer, onNodeServer, onSrvx } from './support.ts';

/** A page that shows everything that an application may believe. */
function told(asked: Request, raw: unknown = ''): Response {
  const fields = [...asked.headers].filter(
    ([name]) =>
      !['host', 'connection', 'accept-encoding', 'content-length', 'transfer-encoding'].includes(name),
  );
  return new Response(`<p>${asked.method} ${asked.url} ${raw} ${JSON.stringify(fields)}`, { headers: html });
}

const onHonoServer = (options: SiteOptions = {}): Promise<Site> =>
  site((pages) => {
    const app = new Hono<{ Bindings: { incoming: { url: string } } }>();
    app.use(pageCache({ cache: pages!.cache }));
    app.all('*', (c) => told(c.req.raw, c.env.incoming.url));
    return nodeServer(app.fetch);
  }, options);

const clean = '<p>GET http://site.test/page /page []';

const poison: Readonly<Record<string, readonly string[]>> = {
  'X-Forwarded-Host': ['X-Forwarded-Host: evil.test'],
  'two of them, the first one true': ['X-Forwarded-Host: site.test', 'X-Forwarded-Host: evil.test'],
  Forwarded: ['Forwarded: host=evil.test'],
  'X-Forwarded-Proto': ['X-Forwarded-Proto: javascript'],
  'X-Original-URL': ['X-Original-URL: /admin'],
  'X-HTTP-Method-Override': ['X-HTTP-Method-Override: DELETE'],
  Authorization: ['Authorization: Bearer secret'],
  'a session cookie': ['Cookie: session=alice'],
  'two lines of cookies': ['Cookie: _ga=1', 'Cookie: session=alice'],
  RSC: ['RSC: 1'],
  'HX-Request': ['HX-Request: true'],
  'Turbo-Frame': ['Turbo-Frame: inner'],
  Accept: ['Accept: application/json'],
  Range: ['Range: bytes=0-2'],
  'a body': ['Content-Length: 4', '', 'evil'],
};

describe('after a poisoned request the clean one is clean', () => {
  for (const [name, lines] of Object.entries(poison)) {
    it(name, async () => {
      const made = await onHonoServer();
      const head = ['GET /page HTTP/1.1', 'Host: site.test', 'Connection: close'];
      const bytes = [...head, ...lines].join('\r\n') + (lines.includes('') ? '' : '\r\n\r\n');
      await exchange(made.port, bytes);
      expect(await made.files()).toEqual([]);
      expect((await made.fill('/page')).text).toBe(clean);
      expect(await made.ask('/page')).toMatchObject({
        text: clean,
        headers: { 'cache-status': 'pagetree; hit' },
      });
    });
  }
});

const spellings: Readonly<Record<string, string | undefined>> = {
  '/x/../page': 'dot-segment',
  '/./page': 'dot-segment',
  '/%2e/page': 'dot-segment',
  '/x/%2E%2e/page': 'dot-segment',
  '/%70age': 'odd-spelling',
  '//page': 'empty-segment',
  '/page%2fx': 'encoded-slash',
  '/page#x': 'fragment',
  '/page?': 'query',
  '/page|x': 'illegal-character',
  '/page"x': 'illegal-character',
  '/p%C3%A4ge': undefined,
  '/p\xc3\xa4ge': 'illegal-character',
  'http://evil.test/page': 'target-form',
  'HTTP://evil.test/page': 'target-form',
};

describe('a target in another spelling', () => {
  it('bypasses the cache, and says why, where the server tells what the client sent', async () => {
    const made = await onHonoServer();
    for (const [target, reason] of Object.entries(spellings)) {
      const raw = (
        await exchange(made.port, Buffer.from(request(target, ['Connection: close']), 'latin1'))
      ).toString();
      // Some of them the server refuses before anybody is asked.
      const said = /^Cache-Status: (.*)\r$/im.exec(raw)?.[1];
      if (said === undefined)
        expect([target, raw]).toEqual([target, expect.stringMatching(/^HTTP\/1\.1 400/)]);
      else
        expect([target, said]).toEqual([
          target,
          reason ? `pagetree; fwd=bypass; detail=${reason}` : expect.any(String),
        ]);
    }
    await made.outcome('/p%C3%A4ge');
    expect(await made.files()).toEqual(['päge']);
    expect((await made.fill('/page')).text).toBe(clean);
  });

  it('is the page of its URL for a handler that sees nothing else', async () => {
    const made = await site(plain((_, res) => void res.end()));
    const handler = withPageCache({ cache: made.pages.cache }, (asked: Request) => told(asked));
    const first = await (await handler(new Request('http://site.test/x/../page'))).text();
    await made.outcome('/page');
    for (const target of ['/page', '/./page', '/x/%2e%2e/page', '\\page', '/pa\tge', '/x\\..\\page']) {
      const answer = await handler(new Request(`http://site.test${target}`));
      expect([target, await answer.text(), answer.headers.get('cache-status')]).toEqual([
        target,
        first,
        'pagetree; hit',
      ]);
    }
    for (const target of ['/page?', '/page#x', '/%70age', '//page', '/page/%2f']) {
      const answer = await handler(new Request(`http://site.test${target}`));
      expect([target, answer.headers.get('cache-status')]).toEqual([
        target,
        expect.stringMatching(/^pagetree; fwd=bypass/),
      ]);
      await answer.text();
    }
    expect(await made.files()).toEqual(['page']);
  });

  it('bypasses for a handler on the same server, which has the raw target beside the request', async () => {
    const made = await site(onNodeServer(true)((asked) => told(asked)));
    await exchange(made.port, request('/x/../page', ['Connection: close']));
    expect(await made.files()).toEqual([]);
  });

  it('bypasses on srvx, which has the raw target in the request', async () => {
    const made = await site(onSrvx((asked) => told(asked)));
    for (const target of ['/x/../page', '/%2e/page', '/p%61ge']) {
      const raw = (await exchange(made.port, request(target, ['Connection: close']))).toString();
      expect([target, /^Cache-Status: (.*)\r$/im.exec(raw)?.[1]]).toEqual([
        target,
        expect.stringMatching(/^pagetree; fwd=bypass; detail=(?:dot-segment|odd-spelling)$/),
      ]);
    }
    expect(await made.files()).toEqual([]);
    await made.fill('/page');
  });

  it("bypasses when somebody put another URL in the place of the client's", async () => {
    const made = await site((pages) => {
      const handler = withPageCache({ cache: pages!.cache }, (asked: Request, _env: unknown) => told(asked));
      return nodeServer((asked, env) => handler(new Request('http://site.test/other', asked), env));
    });
    expect((await made.ask('/page')).headers['cache-status']).toBe(
      'pagetree; fwd=bypass; detail=target-form',
    );
  });
});

describe('the host of the URL', () => {
  async function asked(
    url: string,
    headers: Record<string, string>,
    options: SiteOptions = {},
  ): Promise<string | null> {
    const made = await site(
      plain((_, res) => void res.end()),
      options,
    );
    const handler = withPageCache({ cache: made.pages.cache }, (request: Request) => told(request));
    const answer = await handler(new Request(url, { headers }));
    await answer.text();
    const said = answer.headers.get('cache-status');
    if (said?.endsWith('stored')) await made.outcome('/page');
    return said;
  }
  const stored = 'pagetree; fwd=uri-miss; stored';

  it('must be that of Host, because an application may put either into links', async () => {
    expect(await asked('http://site.test/page', { host: 'site.test' })).toBe(stored);
    expect(await asked('http://site.test/page', { host: 'SITE.test' })).toBe(stored);
    expect(await asked('http://evil.test/page', { host: 'site.test' })).toBe(
      'pagetree; fwd=bypass; detail=forwarded-host',
    );
    expect(await asked('http://site.test:81/page', { host: 'site.test' })).toBe(
      'pagetree; fwd=bypass; detail=forwarded-host',
    );
    const forwarded = { host: 'site.test', 'x-forwarded-host': 'site.test' };
    expect(await asked('http://evil.test/page', forwarded)).toBe(
      'pagetree; fwd=bypass; detail=forwarded-host',
    );
  });

  it('stands for Host where there is none', async () => {
    expect(await asked('http://site.test/page', {}, { hosts: ['site.test'] })).toBe(stored);
    expect(await asked('http://evil.test/page', {}, { hosts: ['site.test'] })).toBe(
      'pagetree; fwd=bypass; detail=host',
    );
  });

  it('may be another name of the site, where the names are known', async () => {
    const hosts = ['site.test', 'localhost:3000'];
    expect(await asked('http://localhost:3000/page', { host: 'site.test' }, { hosts })).toBe(stored);
    expect(await asked('http://localhost:3001/page', { host: 'site.test' }, { hosts })).toBe(
      'pagetree; fwd=bypass; detail=host',
    );
  });

  it('of a URL that is not one of the web leads nowhere', async () => {
    expect(await asked('blob:http://site.test/page', {})).toBe('pagetree; fwd=bypass; detail=target-form');
  });
});

describe('the fields of the request', () => {
  it('are those that the application sees: two lines of Host are two hosts', async () => {
    const made = await onHonoServer();
    await exchange(made.port, request('/page', ['Host: site.test', 'Host: evil.test', 'Connection: close']));
    expect(await made.files()).toEqual([]);
    expect((await made.fill('/page')).text).toBe(clean);
  });

  it('are those that middleware above has made of them', async () => {
    const made = await site((pages) => {
      const app = new Hono();
      app.use((c, next) => {
        if (c.req.header('x-badge')) c.req.raw.headers.set('x-user-id', 'alice');
        return next();
      });
      app.use(pageCache({ cache: pages!.cache }));
      app.all('*', (c) => c.html(`<p>${c.req.header('x-user-id')}`));
      return nodeServer(app.fetch);
    });
    for (let round = 0; round < 2; round += 1) {
      const answer = await made.ask('/page', ['X-Badge: 1']);
      expect(answer).toMatchObject({
        text: '<p>alice',
        headers: { 'cache-status': 'pagetree; fwd=bypass; detail=authorization' },
      });
      if (round === 0) expect((await made.fill('/page')).text).toBe('<p>undefined');
    }
  });

  it('hide nothing from a client that knows how we look at them', async () => {
    const made = await onHonoServer();
    const fields = ['Pagetree-Probe: yes', 'X-Forwarded-Host: evil.test'];
    expect((await made.ask('/page', fields)).headers['cache-status']).toBe(
      'pagetree; fwd=bypass; detail=forwarded-host',
    );
    const seen = await made.ask('/page');
    expect(seen.text).toBe(clean);
    await made.outcome('/page');
  });
});

describe('two clients on one connection', () => {
  it('one poisoned, one clean, in one packet', async () => {
    const made = await onHonoServer();
    const line = new Line(made.port);
    line.send(request('/page', ['X-Forwarded-Host: evil.test']) + request('/page', ['Connection: close']));
    await line.closed();
    expect(await made.outcome('/page')).toMatchObject({ type: 'stored' });
    expect((await made.read('page')).toString()).toBe(clean);
  });
});
