/** What Python's `wsgi_cache` promised, kept: the first table of the design, line by line. */
import { access, mkdir, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { pageCache } from '../src/index.ts';
import { folder, plain, type Site, type SiteOptions, site } from './support/site.ts';

const html = 'text/html; charset=utf-8';

async function pages(
  options: SiteOptions = {},
  headers: Record<string, string> = {},
  status = 200,
): Promise<Site> {
  return site(
    plain((req, res) => res.writeHead(status, { 'Content-Type': html, ...headers }).end(`page ${req.url}`)),
    options,
  );
}

async function isHit(made: Site, target: string): Promise<boolean> {
  return (await made.ask(target)).headers['cache-status'] === 'pagetree; hit';
}

describe('the promises of the ancestor', () => {
  it('the tree has the layout of the requests: /foo/bar is the file foo/bar', async () => {
    const made = await pages();
    await made.fill('/foo/bar');
    expect((await made.read('foo/bar')).toString()).toBe('page /foo/bar');
  });

  it('a path that ends in / is kept as __index.html in that folder', async () => {
    const made = await pages();
    await made.fill('/');
    await made.fill('/foo/');
    expect(await made.files()).toEqual(['__index.html', 'foo/__index.html']);
  });

  it('directory_index: another name for that file', async () => {
    const made = await pages({ directoryIndex: 'start.html' });
    await made.fill('/foo/');
    expect(await made.files()).toEqual(['foo/start.html']);
    expect(await isHit(made, '/foo/')).toBe(true);
  });

  it('nothing expires: a page stays until its file is deleted, and rm is a purge', async () => {
    const made = await pages();
    await made.fill('/foo');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 100 * 365 * 86_400_000 });
    try {
      expect(await isHit(made, '/foo')).toBe(true);
    } finally {
      vi.useRealTimers();
    }
    await unlink(join(made.dir, 'foo'));
    expect(await isHit(made, '/foo')).toBe(false);
    await made.outcome('/foo', 2);
  });

  it('a request with a query string is never cached, nor answered from the cache', async () => {
    const made = await pages();
    await made.ask('/foo?a=1');
    await made.ask('/foo?');
    expect(await made.files()).toEqual([]);
    await made.fill('/foo');
    expect((await made.ask('/foo?a=1')).text).toBe('page /foo?a=1');
    expect((await made.ask('/foo?')).headers['cache-status']).toBe('pagetree; fwd=bypass; detail=query');
  });

  it('cache_paths: only paths that start with one of these prefixes are cached', async () => {
    const made = await pages({ cachePaths: ['/blog', '/docs/'] });
    for (const target of ['/blog', '/blog/post', '/docs/a']) await made.fill(target);
    for (const target of ['/', '/about', '/blogger']) await made.ask(target);
    expect((await made.files()).filter((path) => !/^(blog|docs)\//.test(path))).toEqual([]);
    expect(await isHit(made, '/blog')).toBe(true);
    expect((await made.ask('/about')).headers['cache-status']).toBe(
      'pagetree; fwd=bypass; detail=outside-cache-paths',
    );
  });

  it('cache_dir is the one required option', async () => {
    const dir = join(await folder(), 'cache');
    const middleware = pageCache({ cacheDir: dir });
    await access(dir);
    await middleware.close();
    expect(() => pageCache({} as never)).toThrow(expect.objectContaining({ code: 'ERR_PAGETREE_OPTION' }));
  });

  it('cache_dir may not be a file, and a folder of other files is not taken unasked', async () => {
    const root = await folder();
    await writeFile(join(root, 'file'), 'x');
    expect(() => pageCache({ cacheDir: join(root, 'file') })).toThrow(
      expect.objectContaining({ code: 'ERR_PAGETREE_CACHE_DIR' }),
    );
    await mkdir(join(root, 'full'));
    await writeFile(join(root, 'full', 'x'), 'x');
    expect(() => pageCache({ cacheDir: join(root, 'full') })).toThrow(
      expect.objectContaining({ code: 'ERR_PAGETREE_NOT_A_TREE' }),
    );
  });

  it('content_type: the type of a cached page, text/html when nothing is said', async () => {
    const made = await pages();
    await made.fill('/foo');
    expect((await made.ask('/foo')).headers['content-type']).toBe(html);
    const other = await site(
      plain((_, res) => res.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' }).end('plain')),
      { contentType: 'text/plain' },
    );
    await other.fill('/foo');
    expect((await other.ask('/foo')).headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  it('a zero-size file is a miss', async () => {
    const made = await pages();
    await made.put('foo', '');
    expect(await isHit(made, '/foo')).toBe(false);
    await made.outcome('/foo');
    expect(await isHit(made, '/foo')).toBe(true);
  });

  it('only a 200 OK is stored', async () => {
    for (const status of [201, 203, 301, 404, 500, 503]) {
      const made = await pages({}, {}, status);
      expect((await made.ask('/foo')).status).toBe(status);
      await made.outcome('/foo');
      expect(await made.files()).toEqual([]);
    }
  });

  it('Cache-Control: no-cache is not stored', async () => {
    for (const value of ['no-cache', 'no-store', 'private', 'public, No-Cache']) {
      const made = await pages({}, { 'Cache-Control': value });
      await made.ask('/foo');
      expect(await made.outcome('/foo')).toMatchObject({ type: 'refused', reason: 'cache-control' });
      expect(await made.files()).toEqual([]);
    }
  });

  it('a page that somebody else is storing is passed by, never waited on for ever', async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let asked = 0;
    const made = await site(
      plain(async (_, res) => {
        asked += 1;
        if (asked === 1) await held;
        res.writeHead(200, { 'Content-Type': html }).end(`page ${asked}`);
      }),
      { coalesceTimeout: 20 },
    );
    const first = made.ask('/foo');
    await made.seen(['miss'], '/foo');
    expect((await made.ask('/foo')).text).toBe('page 2');
    release();
    await first;
    await made.outcome('/foo');
  });
});

describe('its defects are gone', () => {
  it('other methods than GET do not fill', async () => {
    const made = await pages();
    for (const method of ['POST', 'PUT', 'DELETE', 'HEAD'])
      await made.ask('/foo', ['Content-Length: 0'], method);
    expect(await made.files()).toEqual([]);
  });

  it('/foo and /foo/bar can both be there, in either order', async () => {
    for (const order of [
      ['/foo', '/foo/bar'],
      ['/foo/bar', '/foo'],
    ]) {
      const made = await pages();
      for (const target of order) await made.fill(target);
      for (const target of order) expect(await made.ask(target)).toMatchObject({ text: `page ${target}` });
      expect(await made.files()).toEqual(['foo/__page.html', 'foo/bar']);
    }
  });

  it('a streamed body is whole', async () => {
    const made = await site(
      plain(async (_, res) => {
        res.writeHead(200, { 'Content-Type': html });
        for (const part of ['a', 'b', 'c']) {
          res.write(part);
          await new Promise(setImmediate);
        }
        res.end();
      }),
    );
    await made.fill('/foo');
    expect((await made.ask('/foo')).text).toBe('abc');
  });

  it('paths cannot leave the folder', async () => {
    const made = await pages();
    for (const target of [
      '/../x',
      '/a/../../x',
      '/%2e%2e/x',
      '/..%2fx',
      '/a/%2e%2e%2f%2e%2e%2fx',
      '/..\\x',
    ]) {
      await made.ask(target);
    }
    expect(await made.files()).toEqual([]);
    await expect(access(join(made.dir, '..', 'x'))).rejects.toThrow();
  });
});
