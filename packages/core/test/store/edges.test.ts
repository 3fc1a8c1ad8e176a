/** Trees that somebody changed by hand or that others change at this moment, and what purge, sweep and fill make of them. */
import fs from 'node:fs';
import { expect, test } from 'vitest';
import { directIo } from '../../src/store/direct-io.ts';
import { hashOf } from '../../src/store/tree.ts';
import {
  all,
  bodyAt,
  get,
  html,
  leftovers,
  newCache,
  openFiles,
  pagesIn,
  store,
  watched,
} from '../support/tree.ts';

const page = (version: string): string => `<p>${version}</p>`.repeat(300);
const failing = (code: string): Error => Object.assign(new Error(code), { code, syscall: 'rename' });

test('a link in the place of a folder is purged as a link, and what it leads to stays', async () => {
  const { cache, root } = newCache();
  const outside = `${root}-outside`;
  fs.mkdirSync(outside);
  fs.writeFileSync(`${outside}/page`, 'text');
  fs.symlinkSync(outside, `${root}/d`);
  try {
    await cache.purge({ path: '/d', recursive: true });
    expect(fs.readdirSync(outside)).toEqual(['page']);
    expect(pagesIn(root)).toEqual([]);
    expect(leftovers(root)).toEqual([]);
  } finally {
    fs.rmSync(outside, { recursive: true });
  }
});

test('a purge below what is not there removes nothing and says so', async () => {
  const { cache } = newCache();
  const none = { pages: 0, bytes: 0, fills: 0 };
  expect(await cache.purge({ path: '/none/deep', recursive: true })).toMatchObject(none);
  expect(await cache.purge({ path: '/none/deep/', recursive: true })).toMatchObject(none);
});

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

test('an empty file is no page, for a glob as for a reader', async () => {
  const { cache, root } = newCache();
  await store(cache, '/a', 'text');
  fs.writeFileSync(`${root}/empty`, '');
  expect(await cache.purge({ glob: '/*' })).toMatchObject({ pages: 1, bytes: 4 });
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

test('folders by the thousand in one folder are listed and purged, each once', async () => {
  const { cache, root } = newCache();
  for (let at = 0; at < 1100; at += 1) {
    fs.mkdirSync(`${root}/many/${at}`, { recursive: true });
    fs.writeFileSync(`${root}/many/${at}/page`, 'x');
  }
  const keys = (await all(cache.list())).map(({ key }) => key);
  expect(new Set(keys).size).toBe(1100);
  expect(keys).toHaveLength(1100);
  expect(await cache.purge({ path: '/many', recursive: true })).toMatchObject({ pages: 1100 });
  expect([pagesIn(root), leftovers(root)]).toEqual([[], []]);
});

test('meta of several thousand bytes is read to its end', async () => {
  const { cache } = newCache();
  const policy = `default-src 'self' ${'https://example.com/path '.repeat(200)}`.trim();
  await store(cache, '/a', 'text', html({ 'content-security-policy': policy }));
  const found = await cache.lookup(get('/a'));
  if (found.kind !== 'hit') throw new Error(found.kind);
  expect(found.page.headers).toContainEqual(['content-security-policy', policy]);
  const before = openFiles();
  await found.page.close();
  await found.page.close();
  expect(openFiles()).toBe(before - 1);
});

test('an error that no system has is a miss, an event, and no open file', async () => {
  let strange = false;
  const { cache, events } = newCache(
    {},
    {
      io: watched(directIo, (call) => {
        if (strange && call === 'openRead') throw new Error('strange');
      }),
    },
  );
  await store(cache, '/a', 'text');
  strange = true;
  const before = openFiles();
  expect(await cache.lookup(get('/a'))).toMatchObject({ kind: 'miss', reason: 'disk-error' });
  expect(openFiles()).toBe(before);
  expect(events.some((event) => event.type === 'error' && event.error.message === 'strange')).toBe(true);
});

test('lists of tags that were edited by hand are read, empty lines and all', async () => {
  const { cache, root } = newCache();
  const tagged = html({ 'cache-tag': 'news' });
  await store(cache, '/a', 'text', tagged);
  await store(cache, '/b', 'text', tagged);
  fs.writeFileSync(`${root}/.pagetree/tags/${hashOf('news')}.list`, '\n\n/a\n\nno key\n/a\n/b');
  await cache.purge({ tag: 'news' });
  // A line that was not ended is one that a crash cut: `/b` may be the beginning of another key.
  expect(pagesIn(root)).toEqual(['b']);
});

test('a key that is too long to be written out may be of any purge, so its fill is taken by all of them', async () => {
  const { cache } = newCache();
  const deep = '/a'.repeat(80);
  const ticketOf = async (target: string) => {
    const found = await cache.lookup(get(target));
    if (found.kind !== 'miss' || !found.ticket) throw new Error(found.kind);
    return found.ticket;
  };
  const tickets = [await ticketOf(deep), await ticketOf('/b')];
  expect(await cache.purge({ glob: '/elsewhere/**' })).toMatchObject({ fills: 1 });
  const outcomes = await Promise.all(
    tickets.map(async (ticket) => {
      const fill = ticket.begin(html())!;
      fill.write(Buffer.from('text'));
      const outcome = await fill.commit();
      return outcome.kind === 'stored' ? 'stored' : outcome.reason;
    }),
  );
  expect(outcomes).toEqual(['fenced', 'stored']);
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
  const io = watched(directIo, (call, [from, to]) => {
    // The sweep takes the permission for a page that it found fault with; just before, somebody puts it right.
    if (call !== 'rename' || !String(from).endsWith('.new') || !String(to).includes('/fills/')) return;
    if (String(from).includes('%2Fa')) {
      mended += 1;
      fs.copyFileSync(`${root}/b`, `${root}/a`);
      fs.writeFileSync(`${root}/a`, body);
      fs.utimesSync(`${root}/a.gz`, mtime, mtime);
      fs.utimesSync(`${root}/a`, mtime, mtime);
    }
    if (String(from).includes('%2Fc')) {
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
