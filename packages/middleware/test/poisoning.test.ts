/** One client must not be able to change what another one gets: after each attempt the clean request is clean. */
import { describe, expect, it } from 'vitest';
import { plain, type SiteOptions, site } from './support/site.ts';
import { exchange, parse, request } from './support/wire.ts';

/** An application that believes everything it is told, and puts it into the page. */
const gullible = plain(async (req, res) => {
  let body = '';
  for await (const chunk of req) body += chunk;
  const told = Object.entries(req.headers)
    .filter(
      ([name]) =>
        !['host', 'connection', 'content-length', 'transfer-encoding', 'accept-encoding'].includes(name),
    )
    .map(([name, value]) => `${name}=${value}`);
  if (req.headers.host !== 'site.test') told.push(`host=${req.headers.host}`);
  res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
  res.end(`<p>${req.method} ${req.url} ${told.join(';')} ${body}</p>`);
});

const clean = '<p>GET /page  </p>';

const fields: Record<string, readonly string[]> = {
  'X-Forwarded-Host': ['X-Forwarded-Host: evil.test'],
  'X-Forwarded-Host twice, the first one true': [
    'X-Forwarded-Host: site.test',
    'X-Forwarded-Host: evil.test',
  ],
  'X-Host': ['X-Host: evil.test'],
  Forwarded: ['Forwarded: host=evil.test'],
  'X-Forwarded-Proto that is no scheme': ['X-Forwarded-Proto: javascript'],
  'X-Forwarded-Prefix': ['X-Forwarded-Prefix: //evil.test'],
  'X-Original-URL': ['X-Original-URL: /admin'],
  'X-Rewrite-URL': ['X-Rewrite-URL: /admin'],
  'X-HTTP-Method-Override': ['X-HTTP-Method-Override: DELETE'],
  'X-Method-Override': ['X-Method-Override: POST'],
  Authorization: ['Authorization: Bearer secret'],
  'Proxy-Authorization': ['Proxy-Authorization: Basic YTpi'],
  'Accept-Version': ['Accept-Version: 2.x'],
  'a key of an API gateway': ['apikey: secret'],
  'a name from a gateway': ['X-Consumer-Username: alice'],
  'a certificate that a proxy tells of': ['SSL-Client-Subject-DN: CN=alice'],
  'a session cookie': ['Cookie: session=alice'],
  'a session cookie among harmless ones': ['Cookie: _ga=1; session=alice; _gid=2'],
  'HX-Request': ['HX-Request: true'],
  'HX-Boosted': ['HX-Boosted: true'],
  RSC: ['RSC: 1'],
  'Next-Router-State-Tree': ['Next-Router-State-Tree: x'],
  'Next-Router-Prefetch': ['Next-Router-Prefetch: 1'],
  'Turbo-Frame': ['Turbo-Frame: inner'],
  'X-PJAX': ['X-PJAX: true'],
  'X-Requested-With': ['X-Requested-With: XMLHttpRequest'],
  'X-Inertia': ['X-Inertia: true'],
  'X-Middleware-Subrequest': ['X-Middleware-Subrequest: middleware'],
  'Accept of another type': ['Accept: application/json'],
  Range: ['Range: bytes=0-2'],
  'Connection that names an end-to-end header': ['Connection: close, Accept-Encoding'],
  Upgrade: ['Connection: upgrade', 'Upgrade: websocket'],
  'a body with a length': ['Content-Length: 4', '', 'evil'],
  'a body in chunks': ['Transfer-Encoding: chunked', '', '4', 'evil', '0'],
};

describe('after a poisoned request the clean one is clean', () => {
  for (const [name, lines] of Object.entries(fields)) {
    it(name, async () => {
      const made = await site(gullible);
      const bytes = lines.includes('')
        ? `GET /page HTTP/1.1\r\nHost: site.test\r\nConnection: close\r\n${lines.join('\r\n')}${lines.includes('0') ? '\r\n\r\n' : ''}`
        : request(
            '/page',
            lines.some((line) => line.startsWith('Connection')) ? lines : [...lines, 'Connection: close'],
          );
      await exchangeOrHang(made.port, bytes);
      expect(await made.files()).toEqual([]);
      expect((await made.fill('/page')).text).toBe(clean);
      expect(await made.ask('/page')).toMatchObject({
        text: clean,
        headers: { 'cache-status': 'pagetree; hit' },
      });
    });
  }

  const targets = [
    '//page',
    '/./page',
    '/x/../page',
    '/page/.',
    '/page/..',
    '/%70age',
    '/page%00',
    '/page%0d%0aX: y',
    '/page;v=1',
    '/page%3f',
    '/page?x',
    '/page#x',
    '/PAGE',
    '/page%20',
    '/page.',
    '/page/',
    '/%2fpage',
    '/%5cpage',
    '\\page',
    '/page.gz',
    '/page.br',
    '/.pagetree/tree.json',
    '/__index.html',
    '/__page.html',
    '/page/__page.html',
    '/%c0%afpage',
    '/%ef%bc%8fpage',
    '/%252fpage',
    'http://evil.test/page',
    'http://site.test/page',
    '/page.pagetree',
    '/CACHEDIR.TAG',
  ];
  it('paths in every spelling: none of them is the page', async () => {
    const made = await site(gullible);
    for (const target of targets) {
      if (target.includes('\r')) continue;
      await exchange(made.port, request(target, ['Connection: close']));
    }
    expect((await made.fill('/page')).text).toBe(clean);
    expect((await made.ask('/page')).text).toBe(clean);
    const index = await made.ask('/page/');
    expect(index.text).toBe('<p>GET /page/  </p>');
  });

  it('the host of another site, when the names of this one are known', async () => {
    const options: SiteOptions = { hosts: ['site.test'] };
    const made = await site(gullible, options);
    for (const host of ['evil.test', 'site.test:81', 'site.test.evil.test', 'SITE.test@evil.test', '']) {
      await exchange(made.port, request('/page', [`Host: ${host}`, 'Connection: close']));
    }
    expect((await made.fill('/page')).text).toBe(clean);
  });

  it('the clean page is a hit for the poisoned request only where it may be', async () => {
    const made = await site(gullible);
    await made.fill('/page');
    for (const [name, lines] of Object.entries(fields)) {
      if (lines.includes('') || lines.some((line) => line.startsWith('Connection'))) continue;
      const answer = parse(await exchange(made.port, request('/page', [...lines, 'Connection: close'])));
      expect([name, answer.headers['cache-status']]).toEqual([
        name,
        name === 'Range' ? 'pagetree; hit' : expect.stringMatching(/^pagetree; fwd=bypass; detail=/),
      ]);
    }
    expect((await made.ask('/page')).text).toBe(clean);
  });

  it('two requests in one packet, one of them poisoned', async () => {
    const made = await site(gullible);
    await exchange(
      made.port,
      request('/page', ['X-Forwarded-Host: evil.test']) + request('/page', ['Connection: close']),
    );
    expect(await made.outcome('/page')).toMatchObject({ type: 'stored' });
    expect((await made.read('page')).toString()).toBe(clean);
  });
});

/** Sends, and reads the answer; a connection that is asked to upgrade stays open. */
async function exchangeOrHang(port: number, bytes: string): Promise<void> {
  const { Line } = await import('./support/wire.ts');
  const line = new Line(port);
  line.send(bytes);
  await line.until('</p>');
  line.leave();
}
