import { afterAll, beforeAll, expect, test } from 'vitest';
import { compat } from '../data.js';
import { cacheablePaths, htmlPaths, jsonPaths } from '../paths.js';
import { createSite } from '../site.js';
import { serve, spread, textOf } from './running.ts';

let site: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  site = await serve(createSite());
});
afterAll(() => site.close());

const all = [...cacheablePaths()];
const pages = [...htmlPaths()];
const odd = all.filter((path) => !/^[\w/.-]*$/.test(path));
const sample = [...new Set([...spread(all, 400), ...odd, ...pages.slice(0, 20)])];

function typeOf(path: string) {
  if (path.endsWith('.json')) return 'application/json; charset=utf-8';
  if (path === '/style.css') return 'text/css; charset=utf-8';
  return path === '/robots.txt' ? 'text/plain; charset=utf-8' : 'text/html; charset=utf-8';
}

test('there are over 10,000 pages, each path is named once', () => {
  expect(pages.length).toBeGreaterThan(10_000);
  expect(new Set(all).size).toBe(all.length);
  expect([...jsonPaths()].length).toBe([...compat.features.values()].filter((f) => f.compat).length);
});

test('the data has odd keys, and they are in the sample', () => {
  expect(odd).toContain('/api/Headers/@@iterator');
  expect(odd).toContain('/webextensions/api/devtools/inspectedWindow/eval/$0');
  expect(all).toContain('/javascript/builtins/Object/constructor');
});

test(`each of ${sample.length} sampled paths is one answer of its type, the same twice`, async () => {
  for (const path of sample) {
    const response = await site.get(path);
    expect([path, response.status, response.headers.get('content-type')]).toEqual([path, 200, typeOf(path)]);
    expect(response.headers.get('x-powered-by')).toBeNull();
    expect(response.headers.get('set-cookie')).toBeNull();
    const body = await response.text();
    expect(body.length).toBeGreaterThan(0);
    expect(await (await site.get(path)).text()).toBe(body);
    if (path.endsWith('.json')) {
      const feature = compat.features.get(path.slice(0, -5))!;
      expect(JSON.parse(body)).toEqual({ id: feature.id, ...feature.compat });
    }
  }
});

test('links on sampled pages lead to a page', async () => {
  const links = new Set<string>();
  for (const path of [...spread(pages, 60), '/', '/browsers/', '/css/', '/api/Window']) {
    for (const href of hrefsOf(await (await site.get(path)).text())) links.add(href);
  }
  // What the home page shows as not for the cache has other statuses, and its own tests.
  for (const special of ['/private', '/latest', '/missing']) links.delete(special);
  expect(links.size).toBeGreaterThan(1000);
  const known = new Set(all);
  const paths = [...links].filter((href) => href.startsWith('/'));
  for (const path of paths.filter((path) => !known.has(path)).concat(spread(paths, 150))) {
    expect([path, [200, 301].includes((await site.get(path)).status)]).toEqual([path, true]);
  }
});

test('fragments lead to an element of their page, and ids are unique', async () => {
  for (const path of [...spread(pages, 80), '/css/', '/api/', '/api/AbortController', '/webextensions/']) {
    const body = await (await site.get(path)).text();
    const ids = [...body.matchAll(/\sid="([^"]*)"/g)].map((match) => match[1]);
    expect([path, new Set(ids).size]).toEqual([path, ids.length]);
    const targets = hrefsOf(body).filter((href) => href.startsWith('#'));
    for (const target of targets)
      expect([path, ids]).toEqual([path, expect.arrayContaining([target.slice(1)])]);
  }
});

test('a page shows where it is, what it knows and what is around it', async () => {
  const body = await (await site.get('/api/AbortController')).text();
  for (const part of [
    '<title>api.AbortController · Compat Atlas</title>',
    '<nav class="crumbs"',
    '<caption>',
    '<th scope="colgroup" colspan="6">Desktop</th>',
    'href="/api/AbortController/abort"',
    'href="/api/"',
    'href="/api/AbortController.json"',
    'href="https://developer.mozilla.org/docs/Web/API/AbortController"',
    'href="https://dom.spec.whatwg.org/#interface-abortcontroller"',
    'Standards track',
  ]) {
    expect(body).toContain(part);
  }
});

test('every tag that a page opens is closed, in order', async () => {
  const empty = new Set(['meta', 'link', 'input', 'col', 'wbr', 'br', 'path', 'rect']);
  for (const path of [
    ...spread(pages, 150),
    '/',
    '/api/',
    '/css/',
    '/browsers/safari',
    '/search?q=grid',
    '/none',
  ]) {
    const open: string[] = [];
    const body = await (await site.get(path)).text();
    for (const [, slash, name] of body.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
      if (empty.has(name!)) continue;
      if (slash) expect([path, open.pop()]).toEqual([path, name]);
      else open.push(name!);
    }
    expect([path, open]).toEqual([path, []]);
  }
});

function hrefsOf(body: string) {
  return [...body.matchAll(/\shref="([^"]*)"/g)]
    .map((match) => textOf(match[1]!))
    .filter((href) => !/^(?:https?|data):/.test(href));
}
