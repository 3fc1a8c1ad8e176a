import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createPageCache, type PageCache } from '@pagetree/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pageCache } from '../src/fastify.ts';
import { http2Client } from './support/clients.ts';
import { appOf, HIT, html, runningOf, type Tail, versions } from './support/fastify.ts';
import { STORED } from './support/parity.ts';
import { folder, site } from './support/site.ts';
import { ask } from './support/wire.ts';

describe.each(versions)('%s', (_name, make) => {
  const app = (...args: Tail<typeof appOf>) => appOf(make, ...args);
  const running = (...args: Tail<typeof runningOf>) => runningOf(make, ...args);

  it('HTTP/2: a miss, a hit and a 304', async () => {
    const { port, stored } = await running(
      (scope) => void scope.get('/page', (_, reply) => void reply.type(html).send('<p>page')),
      { options: { http2: true, forceCloseConnections: undefined } },
    );
    const get = (headers = {}) => http2Client('http')(port, { headers });
    const page = { status: 200, body: '<p>page' };
    expect(await get()).toMatchObject({ ...page, headers: { 'cache-status': STORED } });
    await stored('/page');
    const hit = await get();
    expect(hit).toMatchObject({ ...page, headers: { 'cache-status': HIT } });
    const fresh = await get({ 'if-none-match': hit.headers.etag as string });
    expect(fresh).toMatchObject({ status: 304, body: '', error: undefined });
  });

  it('inside a scope, only the routes of the scope are cached', async () => {
    const dir = join(await folder(), 'cache');
    const made = make({ forceCloseConnections: true });
    made.get('/outside', (_, reply) => void reply.type(html).send('outside'));
    made.register(
      async (scope) => {
        scope.register(pageCache, { cacheDir: dir, durability: 'none' });
        scope.get('/page', (_, reply) => void reply.type(html).send('inside'));
      },
      { prefix: '/blog' },
    );
    await made.listen({ port: 0, host: '127.0.0.1' });
    onTestFinished(() => made.close());
    const { port } = made.server.address() as AddressInfo;
    expect((await ask(port, '/outside')).headers['cache-status']).toBeUndefined();
    expect((await ask(port, '/blog/page')).headers['cache-status']).toBe(STORED);
  });

  it('the key is what the client asked for, also where Fastify rewrites it', async () => {
    const made = await site(
      app((scope) => void scope.get('/inner', (_, reply) => void reply.type(html).send('inner')), {
        rewriteUrl: () => '/inner',
      }),
    );
    await made.fill('/a');
    await made.fill('/b');
    expect(await made.files()).toEqual(['a', 'b']);
  });

  it('another version of a route is neither stored nor answered with a page', async () => {
    const { port, stored } = await running((scope) => {
      scope.get('/page', (_, reply) => void reply.type(html).send('<p>page'));
      const constraints = { version: '2.0.0' };
      scope.get('/page', { constraints }, (_, reply) => void reply.type(html).send('<p>beta'));
    });
    const beta = {
      text: '<p>beta',
      headers: { 'cache-status': 'pagetree; fwd=bypass; detail=routing-header' },
    };
    expect(await ask(port, '/page', ['Accept-Version: 2.x'])).toMatchObject(beta);
    expect(await ask(port, '/page')).toMatchObject({ text: '<p>page', headers: { 'cache-status': STORED } });
    await stored('/page');
    expect(await ask(port, '/page')).toMatchObject({ text: '<p>page', headers: { 'cache-status': HIT } });
    expect(await ask(port, '/page', ['Accept-Version: 2.x'])).toMatchObject(beta);
  });

  it('gives the instance the cache, and closes its own with it, but not a shared one', async () => {
    const own = make();
    own.register(pageCache, { cacheDir: join(await folder(), 'cache') });
    await own.ready();
    const { pageCache: cache } = own;
    expect(await cache.purge({ all: true })).toMatchObject({ pages: 0 });
    await own.close();
    await expect(cache.purge({ all: true })).rejects.toThrow('the cache is closed');

    const shared: PageCache = createPageCache({ cacheDir: join(await folder(), 'cache') });
    const borrower = make();
    borrower.register(pageCache, { cache: shared });
    await borrower.ready();
    await borrower.close();
    expect(await shared.purge({ all: true })).toMatchObject({ pages: 0 });
    await shared.close();
  });

  it('a wrong option is told when Fastify starts', async () => {
    const made = make();
    made.register(pageCache, { cacheDir: join(await folder(), 'cache'), layout: 'flat' as 'html' });
    await expect(made.ready()).rejects.toMatchObject({ code: 'ERR_PAGETREE_OPTION' });
  });

  it('two caches on one instance are an error, since `pageCache` could name but one', async () => {
    const made = make();
    made.register(pageCache, { cacheDir: join(await folder(), 'one') });
    made.register(pageCache, { cacheDir: join(await folder(), 'two') });
    await expect(made.ready()).rejects.toMatchObject({ code: 'FST_ERR_DEC_ALREADY_PRESENT' });
    await made.close();
  });
});
