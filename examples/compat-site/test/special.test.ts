import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSite } from '../site.js';
import { serve } from './running.ts';

let site: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  site = await serve(createSite());
});
afterAll(() => site.close());

test('a section has one spelling, with the slash', async () => {
  for (const section of ['api', 'css', 'html', 'javascript', 'webassembly']) {
    const response = await site.get(`/${section}`);
    expect([response.status, response.headers.get('location')]).toEqual([301, `/${section}/`]);
  }
});

test.each([
  ['/api/AbortController/', '/api/AbortController'],
  ['/css/properties/', '/css/properties'],
  ['/api/Headers/%40%40iterator', '/api/Headers/@@iterator'],
  ['/api/%41bortController', '/api/AbortController'],
  ['/api/%41bortController.json', '/api/AbortController.json'],
])('the second spelling %s leads to %s', async (asked, path) => {
  const response = await site.get(asked);
  expect([response.status, response.headers.get('location')]).toEqual([301, path]);
});

test.each([
  '/missing',
  '/api/Nothing',
  '/api/abortcontroller',
  '/api.json',
  '/css/properties.json',
  '/api/AbortController.json/',
  '/api/AbortController.xml',
  '/api%2FAbortController',
  '/api//AbortController',
  '/%E0%A4%A',
  '/__proto__',
  '/api/constructor',
  '/browsers/netscape',
  '/browsers/constructor',
  '/sitemaps/none.xml',
])('%s is not there', async (path) => {
  const response = await site.get(path);
  expect([response.status, response.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
  expect(await response.text()).toContain('Not on the map');
});

test('a path on the 404 page is text', async () => {
  const body = await (await site.get("/<img src=x onerror='alert(1)'>")).text();
  expect(body).not.toContain('<img');
});

test('only GET and HEAD are answered', async () => {
  const post = await site.get('/api/AbortController', { method: 'POST', body: 'x' });
  expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  const head = await site.get('/api/AbortController', { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('/search finds by words and shows the question as text', async () => {
  const body = await (await site.get('/search?q=abort+controller')).text();
  expect(body).toContain('href="/api/AbortController"');
  const hostile = await (await site.get(`/search?q=${encodeURIComponent('"><script>x</script>')}`)).text();
  expect(hostile).not.toContain('<script');
  for (const path of ['/search', '/search?q=', '/search?q=a&q=b', '/search?q[x]=1', '/search?q=%00']) {
    expect((await site.get(path)).status).toBe(200);
  }
});

test('/hello counts visits in a cookie of its own', async () => {
  const first = await site.get('/hello');
  expect(first.headers.get('set-cookie')).toMatch(/^visits=1; Path=\/hello;/);
  const cookie = 'a=b; visits=41';
  const later = await site.get('/hello', { headers: { cookie } });
  expect(later.headers.get('set-cookie')).toMatch(/^visits=42;/);
  expect(await later.text()).toContain('<b>42</b>');
});

test('/private asks for a name and shows it as text', async () => {
  const closed = await site.get('/private');
  expect([closed.status, closed.headers.get('www-authenticate')]).toEqual([
    401,
    expect.stringMatching(/^Basic /),
  ]);
  for (const authorization of ['Bearer x', 'Basic !!!', `Basic ${btoa('nocolon')}`, `Basic ${btoa(':pw')}`]) {
    expect((await site.get('/private', { headers: { authorization } })).status).toBe(401);
  }
  const authorization = `Basic ${btoa('<b>ada:secret')}`;
  const open = await site.get('/private', { headers: { authorization } });
  const body = await open.text();
  expect(open.status).toBe(200);
  expect(body).toContain('<b>&lt;b&gt;ada</b>');
  expect(body).not.toContain('secret');
});

test('/account is private, /latest redirects', async () => {
  expect((await site.get('/account')).headers.get('cache-control')).toBe('private');
  const latest = await site.get('/latest');
  expect(latest.status).toBe(302);
  expect((await site.get(latest.headers.get('location')!)).status).toBe(200);
});

test('a weak ETag answers 304', async () => {
  const etag = (await site.get('/api/AbortController')).headers.get('etag')!;
  expect(etag).toMatch(/^W\//);
  expect(await site.plain('/api/AbortController', { 'if-none-match': etag })).toBe(304);
});

test('middleware in `use` comes before every route', async () => {
  const seen: string[] = [];
  const other = await serve(
    createSite({
      use: [
        (req, _res, next) => {
          seen.push(req.url);
          next();
        },
      ],
    }),
  );
  for (const path of ['/', '/style.css', '/robots.txt', '/hello', '/nothing']) await other.get(path);
  await other.close();
  expect(seen).toEqual(['/', '/style.css', '/robots.txt', '/hello', '/nothing']);
});

test('a Host that names no host gets no absolute URLs', async () => {
  expect(await site.plain('/sitemap.xml', { host: 'a"><b' })).toBe(400);
  expect(await site.plain('/sitemap.xml', { host: '[::1]:80' })).toBe(200);
});
