/** A tree with a layout that somebody else wrote. */
import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Layout } from '../../src/contracts.ts';
import { createPageCache, openTree } from '../../src/create.ts';
import type { CacheOptions } from '../../src/options.ts';
import type { PurgeScope } from '../../src/purge-steps.ts';
import { checkLayout } from '../../src/testing.ts';
import { sharded } from '../support/sharded.ts';
import {
  all,
  bodyAt,
  filesIn,
  get,
  leftovers,
  newCache,
  pagesIn,
  scratchFolder,
  store,
} from '../support/tree.ts';

const paths = ['/', '/a', '/blog', '/blog/', '/blog/1', '/blog/2/x', '/blog/caf%C3%A9', '/style.css', '/z/'];

async function filled(options: Partial<CacheOptions> = {}) {
  const made = newCache({ layout: sharded, ...options });
  for (const path of paths) {
    const type = path.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/html; charset=utf-8';
    const tags = path.startsWith('/blog') ? { 'cache-tag': 'blog' } : {};
    const head = { status: 200, headers: { 'content-type': type, ...tags } };
    expect(await store(made.cache, path, `the body of ${path}`, head)).toMatchObject({ kind: 'stored' });
  }
  return made;
}

const keys = async (cache: Pick<ReturnType<typeof newCache>['cache'], 'list'>) =>
  (await all(cache.list())).map(({ key }) => key).sort();

describe('a layout of somebody else', () => {
  it('is one that checkLayout takes', () => {
    expect(checkLayout(sharded, { runs: 5000 }).places).toBeGreaterThan(1000);
  });

  it('stores, finds, lists, explains and verifies', async () => {
    const { cache, root } = await filled({ variants: ['gzip'] });
    for (const path of paths) expect(await bodyAt(cache, path)).toBe(`the body of ${path}`);
    expect(await keys(cache)).toEqual([...paths].sort());
    const { place, stored } = await cache.why('/blog/1');
    expect(place).toMatch(/^shard-[0-9a-f]\/blog\/1\/__page\.html$/);
    expect(stored?.tags).toEqual(['blog']);
    expect(fs.readFileSync(join(root, place!), 'utf8')).toBe('the body of /blog/1');
    expect(await all(cache.verify())).toEqual([]);
    expect((await cache.stats()).pages).toBe(paths.length);
    expect(await cache.lookup(get('/never/mind'))).toEqual({ kind: 'bypass', reason: 'no-place' });
    fs.writeFileSync(join(root, 'stray.html'), 'put by hand');
    expect(await all(cache.verify())).toEqual([
      { fault: 'unmapped-name', path: 'stray.html', key: undefined },
    ]);
    await cache.close();
    expect(leftovers(root)).toEqual([]);
  });

  it.each<[string, PurgeScope, string[]]>([
    ['a path', { path: '/blog' }, ['/blog']],
    ['a folder', { path: '/blog/', recursive: true }, ['/blog/', '/blog/1', '/blog/2/x', '/blog/caf%C3%A9']],
    [
      'a path and below',
      { path: '/blog', recursive: true },
      paths.filter((path) => path.startsWith('/blog')),
    ],
    ['a glob', { glob: '/blog/*' }, ['/blog/1', '/blog/caf%C3%A9']],
    ['a deep glob', { glob: '/{a,blog/**}' }, ['/a', '/blog/', '/blog/1', '/blog/2/x', '/blog/caf%C3%A9']],
    ['a tag', { tag: 'blog' }, paths.filter((path) => path.startsWith('/blog'))],
    ['everything', { all: true }, paths],
  ])('purges %s, wherever the pages are', async (_, scope, gone) => {
    const { cache, root } = await filled();
    const seen: string[] = [];
    const how = { onPage: ({ key }: { key: string }) => void seen.push(key) };
    expect((await cache.purge(scope, { ...how, dryRun: true })).pages).toBe(gone.length);
    expect(seen.sort()).toEqual([...gone].sort());
    await cache.purge(scope);
    expect(await keys(cache)).toEqual(paths.filter((path) => !gone.includes(path)).sort());
    for (const path of gone) expect(await bodyAt(cache, path)).toBeUndefined();
    expect(await all(cache.verify())).toEqual([]);
    await cache.close();
    expect(leftovers(root)).toEqual([]);
  });

  it('takes the permission of a fill away whose page would be elsewhere than its section', async () => {
    const { cache, root } = newCache({ layout: sharded });
    const found = await cache.lookup(get('/blog/late'));
    if (found.kind !== 'miss') throw new Error('expected a miss');
    const fill = found.ticket!.begin({ status: 200, headers: { 'content-type': 'text/html' } })!;
    fill.write(Buffer.from('rendered before the purge'));
    await cache.purge('/blog/', { recursive: true });
    expect(await fill.commit()).toMatchObject({ kind: 'refused', reason: 'fenced' });
    expect(pagesIn(root)).toEqual([]);
    await cache.close();
  });

  it('keeps pages for the middleware alone', async () => {
    const { cache, root } = newCache({ layout: sharded });
    const feed = { status: 200, headers: { 'content-type': 'application/rss+xml; charset=utf-8' } };
    expect(await store(cache, '/feed', '<rss/>', feed)).toMatchObject({ kind: 'stored', isPrivate: true });
    expect(await bodyAt(cache, '/feed')).toBe('<rss/>');
    expect(await all(cache.verify())).toEqual([]);
    await cache.purge('/feed', { recursive: true });
    expect(await bodyAt(cache, '/feed')).toBeUndefined();
    expect(pagesIn(root)).toEqual([]);
    await cache.close();
  });

  it('is known by its name in the tree, and needed again by whoever opens it', async () => {
    const { cache, root } = await filled();
    await cache.close();
    const manifest = JSON.parse(fs.readFileSync(join(root, '.pagetree/tree.json'), 'utf8'));
    expect(manifest).toMatchObject({ layout: 'sharded', directoryIndex: 'index.html' });
    const again = openTree(root, { layout: sharded, io: 'direct' });
    expect(await keys(again)).toEqual([...paths].sort());
    expect(await bodyAt(again, '/blog/1')).toBe('the body of /blog/1');
    expect(again.manifest.layout).toBe('sharded');
    await again.close();

    const before = filesIn(root);
    for (const open of [() => openTree(root), () => createPageCache({ cacheDir: root })]) {
      expect(open).toThrowError(
        expect.objectContaining({
          code: 'ERR_PAGETREE_LAYOUT',
          message: expect.stringMatching(
            /a layout of its own, "sharded" \(.*tree\.json\), and no layout was given/,
          ),
          hint: expect.stringContaining('pagetree.config.js'),
        }),
      );
    }
    for (const layout of ['html', { ...sharded, name: 'other' }] as const) {
      expect(() => openTree(root, { layout })).toThrowError(
        expect.objectContaining({
          code: 'ERR_PAGETREE_MANIFEST_MISMATCH',
          message: expect.stringMatching(/made with "sharded" .* says "(html|other)"/),
        }),
      );
    }
    expect(filesIn(root)).toEqual(before);
  });

  it('is no layout for a tree that was made with a built-in one', async () => {
    const { cache, root } = newCache();
    await cache.close();
    expect(() => createPageCache({ cacheDir: root, layout: sharded })).toThrowError(/"mirror".*"sharded"/);
  });

  it('takes the names that the options say', async () => {
    const { cache, root } = newCache({ layout: sharded, directoryIndex: 'home.html' });
    await store(cache, '/', 'home');
    expect(pagesIn(root).filter((path) => !path.endsWith('/'))).toEqual([
      expect.stringMatching(/^shard-.\/home\.html$/),
    ]);
    await cache.close();
  });

  it('never gets a page on the place of another, nor out of the tree, however wrong it is', async () => {
    const one: Layout = { ...sharded, name: 'one-file', place: () => ({ path: 'page.html' }) };
    const out: Layout = {
      ...sharded,
      name: 'outside',
      place: (parts) => ({ path: `../x/${parts.join('/')}` }),
    };
    const throwing: Layout = {
      ...sharded,
      name: 'throws',
      place: () => {
        throw new TypeError('a mistake');
      },
    };
    for (const layout of [one, out, throwing]) {
      const { cache, root } = newCache({ layout, cacheDir: join(scratchFolder(), 'tree') });
      expect(await cache.lookup(get('/a'))).toEqual({ kind: 'bypass', reason: 'no-place' });
      expect((await cache.why('/a')).bypass).toBe('no-place');
      expect(pagesIn(root)).toEqual([]);
      expect(fs.readdirSync(dirname(root))).toEqual(['tree']);
      await cache.close();
    }
  });

  it.each<[string, unknown, RegExp]>([
    [
      'its name',
      'sharded',
      /layout: expected one of 'mirror', 'html', 'index', or a layout of your own, but got "sharded"/,
    ],
    ['a function', () => sharded, /layout: expected .* but got a function/],
    ['nothing', null, /layout: expected .* but got null/],
    ['a list', [], /a layout whose name has .* but got undefined/],
    ['a built-in name', { ...sharded, name: 'mirror' }, /a name of its own .* but got "mirror"/],
    ['a name of two lines', { ...sharded, name: 'a\nb' }, /whose name has .* but got "a\\nb"/],
    ['no way back', { ...sharded, target: undefined }, /a function target, but got undefined/],
    ['no index', { ...sharded, directoryIndex: 1 }, /with a directoryIndex, .* but got 1/],
    [
      'an index that is none',
      { ...sharded, directoryIndex: 'a/b' },
      /directoryIndex: expected a plain file name/,
    ],
  ])('is refused as an option when it is %s', (_, layout, message) => {
    const cacheDir = join(scratchFolder(), 'tree');
    const options = { cacheDir, layout } as CacheOptions;
    expect(() => createPageCache(options)).toThrowError(
      expect.objectContaining({ code: 'ERR_PAGETREE_OPTION', message: expect.stringMatching(message) }),
    );
    expect(fs.existsSync(cacheDir)).toBe(false);
  });
});
