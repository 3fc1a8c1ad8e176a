/** Trees, pages and keys that are out of the ordinary, and what fill, purge and sweep make of them. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { expect, test } from 'vitest';
import { directIo } from '../../src/store/direct-io.ts';
import { Tags } from '../../src/store/tags.ts';
import { hashOf, treePaths } from '../../src/store/tree.ts';
import { all, get, html, leftovers, newCache, openFiles, pagesIn, store, watched } from '../support/tree.ts';

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

test('an empty file is no page, for a glob as for a reader', async () => {
  const { cache, root } = newCache();
  await store(cache, '/a', 'text');
  fs.writeFileSync(`${root}/empty`, '');
  expect(await cache.purge({ glob: '/*' })).toMatchObject({ pages: 1, bytes: 4 });
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

test('a body that does not shrink has no variant', async () => {
  const { cache, root } = newCache({ variants: ['gzip'] });
  expect(await store(cache, '/a', randomBytes(4000))).toMatchObject({ kind: 'stored' });
  expect(pagesIn(root)).toEqual(['a']);
});

test('a list of tags of any length is written anew whole, and one that goes meanwhile is passed by', async () => {
  const { root } = newCache();
  const list = `${root}/.pagetree/tags/${hashOf('news')}.list`;
  const keys = Array.from({ length: 100_100 }, (_, at) => `/${at}`);
  fs.writeFileSync(list, `${keys.join('\n')}\n${keys[0]}\n`);
  const context = { tree: treePaths(root), io: directIo, fileMode: 0o644, dirMode: 0o755 };
  const tags = new Tags(context);
  const isTagged = async (key: string): Promise<boolean> => key !== '/7';
  expect(await tags.tidy(-1000, isTagged)).toBe(0);
  expect(await tags.tidy(-1000, isTagged)).toBe(2);
  const found = fs.readFileSync(list, 'utf8').trim().split('\n');
  expect(found).toHaveLength(keys.length - 1);
  expect(new Set(found)).toEqual(new Set(keys.filter((key) => key !== '/7')));
  const gone = watched(directIo, (call, [path]) => {
    if (call === 'lstat' && path === list) fs.rmSync(list);
  });
  expect(await new Tags({ ...context, io: gone }).tidy(-1000, isTagged)).toBe(0);
});
