/** What others do to a tree in the middle of a fill, a move, a purge or a sweep, and what becomes of it. */
import fs from 'node:fs';
import { expect, test } from 'vitest';
import { directIo } from '../../src/store/direct-io.ts';
import { bodyAt, leftovers, newCache, pagesIn, store, watched } from '../support/tree.ts';

const page = (version: string): string => `<p>${version}</p>`.repeat(300);
const failing = (code: string): Error => Object.assign(new Error(code), { code, syscall: 'rename' });

test('a purge of everything does without the folders that somebody removed', async () => {
  const { cache, root } = newCache();
  await store(cache, '/a', 'text');
  fs.rmSync(`${root}/.pagetree/meta`, { recursive: true });
  let tidied = false;
  const other = newCache(
    { cacheDir: root },
    {
      io: watched(directIo, (call, [path, mode]) => {
        if (tidied || call !== 'mkdir' || mode !== 0o700 || !String(path).includes('/trash/')) return;
        tidied = true;
        fs.rmSync(`${root}/.pagetree/trash`, { recursive: true });
      }),
    },
  ).cache;
  expect(await other.purge({ all: true })).toMatchObject({ pages: 1 });
  expect(tidied).toBe(true);
  expect(pagesIn(root)).toEqual([]);
});

test('in a layout without page files a folder in the place of a page is a miss, and refused', async () => {
  const { cache, root } = newCache({ layout: 'html' });
  fs.mkdirSync(`${root}/a.html`);
  expect(await bodyAt(cache, '/a')).toBeUndefined();
  expect(await store(cache, '/a', 'text')).toMatchObject({ kind: 'refused', reason: 'path-conflict' });
  expect(await store(cache, '/b', 'text')).toMatchObject({ kind: 'stored' });
  const other = newCache({ cacheDir: root }).cache;
  let taken = false;
  const purger = newCache(
    { cacheDir: root },
    {
      io: watched(directIo, async (call, [path]) => {
        if (taken || call !== 'unlink' || path !== `${root}/b.html`) return;
        taken = true;
        // Its permission goes to another purge while it removes the page.
        await other.purge({ path: '/b' });
      }),
    },
  ).cache;
  await purger.purge({ path: '/b' });
  expect(taken).toBe(true);
  expect(pagesIn(root)).toEqual(['a.html/']);
  expect(leftovers(root)).toEqual([]);
});

test('what was wrong when a sweep looked and right when it held the page stays', async () => {
  const { cache, root } = newCache({ variants: ['gzip'] });
  await store(cache, '/a', page('a'));
  await store(cache, '/b', page('b'));
  const body = fs.readFileSync(`${root}/a`);
  const { mtime } = fs.statSync(`${root}/a`);
  fs.unlinkSync(`${root}/a`);
  fs.writeFileSync(`${root}/c`, '');
  let mended = 0;
  const io = watched(directIo, (call, [path]) => {
    // The sweep takes the permission for a page that it found fault with; just before, somebody puts it right.
    if (call !== 'create' || !String(path).includes('/fills/')) return;
    if (String(path).includes('%2Fa')) {
      mended += 1;
      fs.copyFileSync(`${root}/b`, `${root}/a`);
      fs.writeFileSync(`${root}/a`, body);
      fs.utimesSync(`${root}/a.gz`, mtime, mtime);
      fs.utimesSync(`${root}/a`, mtime, mtime);
    }
    if (String(path).includes('%2Fc')) {
      mended += 1;
      fs.writeFileSync(`${root}/c`, 'by hand');
    }
  });
  const swept = await newCache({ cacheDir: root }, { io }).cache.sweep();
  expect(mended).toBeGreaterThan(1);
  expect(swept).toMatchObject({ variants: 0, empty: 0 });
  expect(fs.existsSync(`${root}/a.gz`)).toBe(true);
  expect(await bodyAt(cache, '/c')).toBe('by hand');
});

test('a page whose folder is taken again and again gives up, and leaves nothing', async () => {
  const { cache, root } = newCache(
    {},
    {
      io: watched(directIo, (call, [from, to]) => {
        if (call === 'rename' && String(from).endsWith('.body') && to === `${root0()}/d/page`)
          fs.rmSync(`${root0()}/d`, { recursive: true });
      }),
    },
  );
  const root0 = (): string => root;
  expect(await store(cache, '/d/page', 'text')).toMatchObject({ kind: 'refused', reason: 'busy' });
  expect([pagesIn(root), leftovers(root)]).toEqual([[], []]);
});

test('a page on its way into a folder whose page file is taken is lost, and the newcomer is refused', async () => {
  const { cache, root } = newCache();
  await store(cache, '/a', 'text');
  const io = watched(directIo, (call, [path]) => {
    if (call === 'peek' && path === `${root}/a/__page.html`) fs.mkdirSync(String(path), { recursive: true });
  });
  const other = newCache({ cacheDir: root }, { io }).cache;
  expect(await store(other, '/a/b', 'text')).toMatchObject({ kind: 'refused', reason: 'path-conflict' });
  expect([pagesIn(root), leftovers(root)]).toEqual([['a/', 'a/__page.html/'], []]);
});

test('a page on its way into a folder that is removed again and again gives up, and so does the newcomer', async () => {
  const { cache, root } = newCache();
  await store(cache, '/a', 'text');
  const io = watched(directIo, (call, [, to]) => {
    if (call === 'rename' && to === `${root}/a/__page.html`) fs.rmSync(`${root}/a`, { recursive: true });
  });
  const other = newCache({ cacheDir: root }, { io }).cache;
  expect(await store(other, '/a/b', 'text')).toMatchObject({ kind: 'refused', reason: 'busy' });
  expect([pagesIn(root), leftovers(root)]).toEqual([[], []]);
});

test('when a page put there by hand cannot be moved, the newcomer is refused and the disk is told of', async () => {
  let on = false;
  const { cache, root, events } = newCache(
    {},
    {
      io: watched(directIo, (call, [, to]) => {
        if (on && call === 'rename' && String(to).endsWith('/a/__page.html')) throw failing('EIO');
      }),
    },
  );
  fs.writeFileSync(`${root}/a`, 'by hand');
  on = true;
  expect(await store(cache, '/a/b', 'text')).toMatchObject({ kind: 'refused', reason: 'disk-error' });
  expect(events.filter((event) => event.type === 'error')).toHaveLength(1);
  expect(leftovers(root)).toEqual([]);
});

test('a variant that cannot be put in its place goes, and the key is not held by it', async () => {
  // The folder of the page was removed by a purge between the renames; the part stayed, and was the lock.
  const { cache, root } = newCache(
    { variants: ['gzip'] },
    {
      io: watched(directIo, (call, [, to]) => {
        if (call === 'rename' && String(to) === `${here()}/d/a.gz`)
          fs.rmSync(`${here()}/d`, { recursive: true });
      }),
    },
  );
  const here = (): string => root;
  expect(await store(cache, '/d/a', page('first'))).toMatchObject({ kind: 'stored' });
  expect(leftovers(root)).toEqual([]);
  const other = newCache({ cacheDir: root, variants: ['gzip'] }).cache;
  expect(await store(other, '/d/a', page('second'))).toMatchObject({ kind: 'stored' });
  expect(pagesIn(root)).toEqual(['d/', 'd/a', 'd/a.gz']);
});

test('a body that is cut on the disk before its variants are made is not published', async () => {
  const { cache, root } = newCache(
    { variants: ['gzip'] },
    {
      io: watched(directIo, (call, [path]) => {
        if (call === 'openRead' && String(path).endsWith('.body')) fs.truncateSync(String(path), 10);
      }),
    },
  );
  const pieces = [Buffer.alloc(100_000, '<p>one</p>'), Buffer.alloc(100_000, '<p>two</p>')];
  expect(await store(cache, '/a', pieces)).toMatchObject({ kind: 'refused', reason: 'disk-error' });
  expect([pagesIn(root), leftovers(root)]).toEqual([[], []]);
});

test('a file that comes up where a folder is being made is in the way like one that was there', async () => {
  const { cache, root } = newCache(
    {},
    {
      io: watched(directIo, (call, [path]) => {
        if (call === 'mkdir' && path === `${here()}/d.css`) fs.writeFileSync(String(path), 'p {}');
      }),
    },
  );
  const here = (): string => root;
  expect(await store(cache, '/d.css/a', 'text')).toMatchObject({ kind: 'refused', reason: 'path-conflict' });
  expect([pagesIn(root), leftovers(root)]).toEqual([['d.css'], []]);
});
