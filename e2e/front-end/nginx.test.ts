/** A real nginx with a configuration written by hand serves the tree that cache-warm made. */
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { somePaths } from '../support/compat-paths.ts';
import { type FrontEnd, hasProgram, startNginx } from '../support/nginx.ts';
import { cachePurge, cacheWarm, type Site, startSite } from '../support/processes.ts';
import { filesOf, placesFor, temporaryFolder } from '../support/tree.ts';

const FROM_TREE = 'nginx; hit';

describe.runIf(hasProgram('nginx', '-v'))('nginx in front of a warmed tree', async () => {
  const folder = await temporaryFolder();
  const cacheDir = join(folder, 'cache');
  const places = placesFor(somePaths);
  /** Behind nginx: the site with the middleware on the same tree. */
  let site: Site;
  /** The application alone. */
  let plain: Site;
  let nginx: FrontEnd;

  beforeAll(async () => {
    plain = await startSite();
    site = await startSite({ cacheDir });
    nginx = await startNginx({
      configuration: new URL('./', import.meta.url),
      root: cacheDir,
      upstream: site.port,
      temp: join(folder, 'nginx'),
    });
    const list = join(folder, 'urls.txt');
    await writeFile(list, somePaths.join('\n'));
    const args = [list, '--cache-dir', cacheDir, '--origin', plain.origin, '--compression', 'fast'];
    const { code, stderr } = await cacheWarm(args);
    if (code !== 0) throw new Error(stderr);
  });

  afterAll(async () => {
    await nginx?.stop();
    await site?.stop();
    await plain?.stop();
  });

  test.each([
    ['a page', '/api/AbortController/signal', 'api/AbortController/signal', 'text/html'],
    ['an index page', '/api/', 'api/__index.html', 'text/html'],
    ['the front page', '/', '__index.html', 'text/html'],
    [
      'a page whose folder exists too',
      '/api/AbortController',
      'api/AbortController/__page.html',
      'text/html',
    ],
    ['JSON beside a page', '/api/AbortController.json', 'api/AbortController.json', 'application/json'],
    ['a style sheet', '/style.css', 'style.css', 'text/css'],
    ['plain text', '/robots.txt', 'robots.txt', 'text/plain'],
  ])('%s: 200, the right type, byte for byte the page of the application', async (_, path, place, type) => {
    const answer = await nginx.ask(path);
    expect(answer).toMatchObject({ status: 200, type: `${type}; charset=utf-8`, cacheStatus: FROM_TREE });
    expect(answer.body.equals(await readFile(join(cacheDir, place)))).toBe(true);
    expect(answer.body.equals((await plain.ask(path)).body)).toBe(true);
    expect(await nginx.ask(path, { method: 'HEAD' })).toMatchObject({ status: 200, cacheStatus: FROM_TREE });
  });

  test('every page of the tree comes from the tree, as the middleware would serve it', async () => {
    for (const path of places.keys()) {
      const [front, node] = [await nginx.ask(path), await site.ask(path)];
      expect(front, path).toMatchObject({ status: 200, cacheStatus: FROM_TREE });
      expect(node.cacheStatus, path).toBe('pagetree; hit');
      expect(front.type, path).toBe(node.type?.toLowerCase());
      expect(front.body.equals(node.body), path).toBe(true);
      expect(front.headers['last-modified'], path).toBe(node.headers['last-modified']);
      expect(front.headers.etag, path).toBe(node.headers.etag);
    }
  });

  test('a page that nginx gave is not modified for the middleware, and the other way round', async () => {
    const { headers } = await nginx.ask('/api/');
    const validators = { 'if-none-match': headers.etag!, 'if-modified-since': headers['last-modified']! };
    expect((await site.ask('/api/', { headers: validators })).status).toBe(304);
    expect((await nginx.ask('/api/', { headers: validators })).status).toBe(304);
  });

  test('a client that takes gzip gets the variant that cache-warm made', async () => {
    const answer = await nginx.ask('/api/', { headers: { 'accept-encoding': 'gzip' } });
    expect(answer.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
    expect(gunzipSync(answer.body).equals((await plain.ask('/api/')).body)).toBe(true);
  });

  test.each([
    ['/api/?', 'query'],
    ['/api/?x=1', 'query'],
    ['/search?q=grid', 'query'],
    ['/api/%41bortController', 'odd-spelling'],
    ['//api/AbortController', 'empty-segment'],
  ])('%s goes to the application as it came', async (path, reason) => {
    expect((await nginx.ask(path)).cacheStatus).toBe(`pagetree; fwd=bypass; detail=${reason}`);
  });

  test('so do a page that is not there, another method, a name and a cookie', async () => {
    const unknown = await nginx.ask('/no/such/page');
    expect(unknown.status).toBe(404);
    expect(unknown.cacheStatus).toMatch(/^pagetree; fwd=uri-miss/);
    const post = await nginx.ask('/api/', { method: 'POST' });
    expect(post).toMatchObject({ status: 405, cacheStatus: 'pagetree; fwd=method' });
    for (const [name, value] of Object.entries({ authorization: 'Basic YTpi', cookie: 'visits=1' })) {
      const answer = await nginx.ask('/api/', { headers: { [name]: value } });
      expect(answer.cacheStatus).toMatch(/^pagetree; fwd=bypass/);
    }
  });

  test('what is in the tree and is no page is never served', async () => {
    const inside = (await filesOf(cacheDir)).filter((file) => file.startsWith('.pagetree/'));
    expect(inside.length).toBeGreaterThan(places.size);
    const names = [
      'api/__index.html',
      'api/AbortController/__page.html',
      'api/__index.html.gz',
      'style.css.br',
    ];
    for (const file of [...inside.slice(0, 20), '.pagetree/tree.json', 'CACHEDIR.TAG', ...names]) {
      const answer = await nginx.ask(`/${file}`);
      expect(answer.status, file).toBe(404);
      expect(answer.cacheStatus, file).toMatch(/^pagetree; fwd=/);
    }
    for (const path of [
      '/api/../.pagetree/tree.json',
      '/%2epagetree/tree.json',
      '/.pagetree',
      '/.pagetree/',
    ]) {
      expect((await nginx.ask(path)).cacheStatus, path).not.toBe(FROM_TREE);
    }
  });

  test('a link in the tree does not show what is outside', async () => {
    await writeFile(join(folder, 'secret'), 'outside the tree');
    await symlink(join(folder, 'secret'), join(cacheDir, 'link'));
    expect(`${(await nginx.ask('/link')).body}`).not.toContain('outside');
  });

  test.each(['/api/AbortSignal/abort_static', '/api/AbortSignal/reason', '/css/', '/api/AbortSignal.json'])(
    'cache-purge %s is seen at the very next request',
    async (path) => {
      expect((await nginx.ask(path)).cacheStatus).toBe(FROM_TREE);
      expect((await cachePurge([path, '--cache-dir', cacheDir])).code).toBe(0);
      expect((await nginx.ask(path)).cacheStatus).toBe('pagetree; fwd=uri-miss; stored');
      // The application filled the tree again, and nginx takes over.
      for (let tries = 0; (await nginx.ask(path)).cacheStatus !== FROM_TREE; tries += 1) {
        expect(tries).toBeLessThan(100);
        await sleep(20);
      }
      expect((await nginx.ask(path)).body.equals((await plain.ask(path)).body)).toBe(true);
    },
  );
});
