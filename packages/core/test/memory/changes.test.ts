/** Whatever is done to a page's file, by whatever means, counts when the page is asked for next. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import { get, newCache, store } from '../support/tree.ts';
import { fromMemory, read, remember, settle } from './support.ts';

const old = '<p>the old page</p>';
const other = '<p>the new page</p>';

/** What is done, and what a look-up finds afterwards. */
const changes: Record<string, { act: (path: string, root: string) => void; found: string | undefined }> = {
  'rm of its file': { act: (path) => fs.rmSync(path), found: undefined },
  'rm in a shell': { act: (path) => void execFileSync('rm', [path]), found: undefined },
  'rm -rf of its folder': {
    act: (_, root) => fs.rmSync(`${root}/blog`, { recursive: true }),
    found: undefined,
  },
  'a folder above that is moved away': {
    act: (_, root) => fs.renameSync(`${root}/blog`, `${root}/moved`),
    found: undefined,
  },
  'another file that is renamed onto it': {
    act: (path) => {
      fs.writeFileSync(`${path}.tmp`, other);
      fs.renameSync(`${path}.tmp`, path);
    },
    found: other,
  },
  'another file of the same size and time that is renamed onto it': {
    act: (path) => {
      fs.writeFileSync(`${path}.tmp`, other);
      fs.utimesSync(`${path}.tmp`, fs.lstatSync(path).atime, fs.lstatSync(path).mtime);
      execFileSync('touch', ['-r', path, `${path}.tmp`]);
      fs.renameSync(`${path}.tmp`, path);
    },
    found: other,
  },
  'a file that is written in place, to the same size': {
    act: (path) => fs.writeFileSync(path, other),
    found: other,
  },
  'a file that is written in place, and its time set back': {
    act: (path) => {
      execFileSync('sh', [
        '-c',
        'cp -p "$1" "$1.old"; printf %s "$2" > "$1"; touch -r "$1.old" "$1"; rm "$1.old"',
        'sh',
        path,
        other,
      ]);
    },
    found: other,
  },
  'cp -p of another file onto it': {
    act: (path, root) => {
      fs.writeFileSync(`${root}/../other`, other);
      execFileSync('touch', ['-r', path, `${root}/../other`]);
      execFileSync('cp', ['-p', `${root}/../other`, path]);
    },
    found: other,
  },
  'a file that is cut to nothing': { act: (path) => fs.truncateSync(path, 0), found: undefined },
  'a link in its place': {
    act: (path, root) => {
      fs.writeFileSync(`${root}/elsewhere`, other);
      fs.rmSync(path);
      fs.symlinkSync(`${root}/elsewhere`, path);
    },
    found: undefined,
  },
  'a folder in its place': {
    act: (path) => {
      fs.rmSync(path);
      fs.mkdirSync(path);
    },
    found: undefined,
  },
  'a file that is removed and put back by a backup, with all its times': {
    act: (path) => execFileSync('sh', ['-c', 'cp -p "$1" "$1.old"; rm "$1"; mv "$1.old" "$1"', 'sh', path]),
    found: old,
  },
};

describe('a page in memory', () => {
  for (const [what, { act, found }] of Object.entries(changes)) {
    test(`after ${what}: memory is not asked again, and the tree answers`, async () => {
      const { cache, root } = newCache();
      await store(cache, '/blog/post', old);
      const path = `${root}/blog/post`;
      await settle(path);
      await remember(cache, '/blog/post');
      expect(fromMemory(cache, '/blog/post')).toBe(old);
      act(path, root);
      expect(fromMemory(cache, '/blog/post')).toBeUndefined();
      expect(await read(cache, '/blog/post')).toBe(found);
    });
  }

  test('a purge in this process makes room at once, and one in another counts as much', async () => {
    const { cache, root } = newCache();
    const { cache: another } = newCache({ cacheDir: root });
    for (const target of ['/a', '/b/c', '/d']) {
      await store(cache, target, old);
      await settle(root + target);
      await remember(cache, target);
    }
    await cache.purge({ path: '/a' });
    await another.purge({ path: '/b', recursive: true });
    for (const target of ['/a', '/b/c']) {
      expect(fromMemory(cache, target)).toBeUndefined();
      expect(await read(cache, target)).toBeUndefined();
    }
    expect(fromMemory(cache, '/d')).toBe(old);
    await cache.purge({ all: true });
    expect(fromMemory(cache, '/d')).toBeUndefined();
  });

  test('a page that was stored anew is the new one', async () => {
    const { cache, root } = newCache();
    await store(cache, '/page', old);
    await settle(`${root}/page`);
    await remember(cache, '/page');
    await store(cache, '/page', other, undefined, { refresh: true });
    expect(fromMemory(cache, '/page')).toBeUndefined();
    expect((await remember(cache, '/page')).body.bytes.toString()).toBe(other);
  });

  test('a page that moves into its folder, and back, is asked for where it is', async () => {
    const { cache, root } = newCache();
    await store(cache, '/blog', old);
    await settle(`${root}/blog`);
    await remember(cache, '/blog');
    await store(cache, '/blog/post', other);
    expect(fromMemory(cache, '/blog')).toBeUndefined();
    const { page } = await remember(cache, '/blog');
    expect(page.place).toBe('blog/__page.html');
    fs.rmSync(`${root}/blog/__page.html`);
    expect(fromMemory(cache, '/blog')).toBeUndefined();
    expect(await read(cache, '/blog')).toBeUndefined();
  });

  test('a file that was changed a moment ago is not kept: it could change again in the same tick of the clock', async () => {
    const { cache, root } = newCache();
    await store(cache, '/page', old);
    for (let round = 0; round < 200; round += 1) {
      const text = `<p>${String(round).padStart(12, '0')}</p>`;
      fs.writeFileSync(`${root}/page`, text);
      expect(await read(cache, '/page')).toBe(text);
      expect(fromMemory(cache, '/page') ?? text).toBe(text);
    }
  });

  test('variants: one that goes, comes or is made anew is not the one in memory', async () => {
    const text = '<p>a page that shrinks</p>'.repeat(100);
    const { cache, root } = newCache({ variants: ['gzip'] });
    const gzip = { 'accept-encoding': 'gzip' };
    await store(cache, '/page', text);
    await settle(`${root}/page.gz`);
    await remember(cache, '/page', gzip);
    await remember(cache, '/page');
    expect((cache.glance(get('/page', gzip)) as { body: { coding: string } }).body.coding).toBe('gzip');
    const bytes = fs.readFileSync(`${root}/page.gz`);
    fs.rmSync(`${root}/page.gz`);
    expect(cache.glance(get('/page', gzip))).toBeUndefined();
    expect(fromMemory(cache, '/page')).toBe(text);
    // It is remembered that there is none, until there is one.
    expect((await remember(cache, '/page', gzip)).body.coding).toBe('identity');
    fs.writeFileSync(`${root}/page.gz`, bytes);
    // To the nanosecond: a number in milliseconds would round it.
    execFileSync('touch', ['-r', `${root}/page`, `${root}/page.gz`]);
    expect(cache.glance(get('/page', gzip))).toBeUndefined();
    await settle(`${root}/page.gz`);
    expect((await remember(cache, '/page', gzip)).body.coding).toBe('gzip');
  });

  test('a variant of another version is no body, in memory either', async () => {
    const { cache, root } = newCache({ variants: false });
    fs.writeFileSync(`${root}/page`, old);
    fs.writeFileSync(`${root}/page.gz`, 'of another version');
    fs.utimesSync(`${root}/page.gz`, 1, 1);
    for (const suffix of ['', '.gz']) await settle(`${root}/page${suffix}`);
    const hit = await remember(cache, '/page', { 'accept-encoding': 'gzip' });
    expect(hit.body.coding).toBe('identity');
  });
});
