import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { Page } from '../../src/contracts.ts';
import type { PageCache } from '../../src/page-cache.ts';
import { directIo } from '../../src/store/direct-io.ts';
import {
  bodyAt,
  get,
  html,
  newCache,
  openFiles,
  pagesIn,
  scratchFolder,
  store,
  watched,
} from '../support/tree.ts';

async function hit(cache: PageCache, target: string): Promise<Page> {
  const found = await cache.lookup(get(target));
  if (found.kind !== 'hit') throw new Error(`${target} is a ${found.kind}`);
  return found.page;
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

test('a file put there by hand is served, with what its name says', async () => {
  const { cache, root } = newCache();
  fs.mkdirSync(`${root}/d`);
  fs.writeFileSync(`${root}/d/a.css`, 'p {}');
  const page = await hit(cache, '/d/a.css');
  expect(page).toMatchObject({
    contentType: 'text/css; charset=utf-8',
    cacheControl: 'no-cache',
    headers: [],
    stored: undefined,
  });
  await page.close();
});

test('what is no file of some bytes is a miss: nothing, an empty file, a folder, a link, a pipe', async () => {
  const { cache, root } = newCache();
  const before = openFiles();
  fs.writeFileSync(`${root}/empty`, '');
  fs.mkdirSync(`${root}/folder/__page.html`, { recursive: true });
  fs.writeFileSync(`${root}/real`, 'text');
  fs.symlinkSync('real', `${root}/link`);
  fs.symlinkSync('/etc/hostname', `${root}/out`);
  execFileSync('mkfifo', [`${root}/pipe`]);
  for (const target of ['/none', '/none/deep', '/real/below', '/empty', '/folder', '/link', '/out', '/pipe'])
    expect(await bodyAt(cache, target), target).toBeUndefined();
  expect(openFiles()).toBe(before);
});

test('rm is a purge, at the very next request', async () => {
  const { cache, root } = newCache();
  await store(cache, '/a', 'text');
  expect(await bodyAt(cache, '/a')).toBe('text');
  fs.rmSync(`${root}/a`);
  expect(await bodyAt(cache, '/a')).toBeUndefined();
});

test.each([
  ['of another size', (root: string) => fs.appendFileSync(`${root}/a`, 'more')],
  ['of another time', (root: string) => fs.utimesSync(`${root}/a`, 1000, 1000)],
  ['damaged', (root: string) => fs.writeFileSync(`${root}/.pagetree/meta/a.pagetree`, '{"format":1')],
  ['gone', (root: string) => fs.rmSync(`${root}/.pagetree/meta/a.pagetree`)],
  [
    'a folder',
    (root: string) => {
      fs.rmSync(`${root}/.pagetree/meta/a.pagetree`);
      fs.mkdirSync(`${root}/.pagetree/meta/a.pagetree`);
    },
  ],
  [
    'of another key',
    (root: string) => {
      const path = `${root}/.pagetree/meta/a.pagetree`;
      fs.writeFileSync(path, fs.readFileSync(path, 'utf8').replace('"/a"', '"/b"'));
    },
  ],
] as const)('meta that is %s is ignored, and the page is served', async (_, spoil) => {
  const { cache, root } = newCache();
  await store(cache, '/a', 'text', html({ 'content-language': 'en', 'cache-control': 'max-age=60' }));
  const before = await hit(cache, '/a');
  expect([before.headers, before.cacheControl, before.stored?.by]).toEqual([
    [['content-language', 'en']],
    'max-age=60',
    'middleware',
  ]);
  await before.close();
  spoil(root);
  const page = await hit(cache, '/a');
  expect([page.headers, page.cacheControl, page.stored]).toEqual([[], 'no-cache', undefined]);
  await page.close();
});

test('a tree that was copied with whole seconds keeps its meta', async () => {
  const { cache, root } = newCache();
  await store(cache, '/a', 'text', html({ 'content-language': 'en' }));
  const second = Math.floor(fs.statSync(`${root}/a`).mtimeMs / 1000);
  fs.utimesSync(`${root}/a`, second, second);
  const page = await hit(cache, '/a');
  expect(page.headers).toEqual([['content-language', 'en']]);
  await page.close();
});

test('a header that meta must not have is not replayed, whoever wrote it there', async () => {
  const { cache, root } = newCache();
  await store(cache, '/a', 'text', html({ 'content-language': 'en' }));
  const path = `${root}/.pagetree/meta/a.pagetree`;
  fs.writeFileSync(path, fs.readFileSync(path, 'utf8').replace('"content-language"', '"set-cookie"'));
  const page = await hit(cache, '/a');
  expect(page.headers).toEqual([]);
  await page.close();
});

test('a page whose meta says no-store is not served', async () => {
  const { cache, root } = newCache();
  await store(cache, '/a', 'text', html({ 'cache-control': 'max-age=60' }));
  const path = `${root}/.pagetree/meta/a.pagetree`;
  fs.writeFileSync(path, fs.readFileSync(path, 'utf8').replace('max-age=60', 'no-store'));
  expect(await bodyAt(cache, '/a')).toBeUndefined();
});

test('a page is streamed whole and in part, and its file is closed', async () => {
  const { cache } = newCache();
  const before = openFiles();
  const text = 'abcdefghij'.repeat(30_000);
  await store(cache, '/a', text);
  const page = await hit(cache, '/a');
  expect(await textOf((await page.body())!.stream())).toBe(text);
  await page.close();
  const again = await hit(cache, '/a');
  expect(await textOf((await again.body())!.stream({ start: 3, end: 12 }))).toBe('defghijabc');
  await again.close();
  await again.close();
  expect(openFiles()).toBe(before);
});

test('a file that was cut while it is read fails: half a page never looks whole', async () => {
  const { cache, root } = newCache();
  const before = openFiles();
  await store(cache, '/a', 'x'.repeat(300_000));
  const [one, two] = [await hit(cache, '/a'), await hit(cache, '/a')];
  fs.truncateSync(`${root}/a`, 100);
  await expect((await one.body())!.bytes()).rejects.toThrow('cut');
  await expect(textOf((await two.body())!.stream())).rejects.toThrow('cut');
  await one.close();
  await two.close();
  expect(openFiles()).toBe(before);
});

test('a stream that nobody reads, or that its client leaves, loses no file handle', async () => {
  const { cache } = newCache();
  await store(cache, '/a', 'x'.repeat(300_000));
  const before = openFiles();
  for (const reads of [false, true]) {
    const page = await hit(cache, '/a');
    const stream = (await page.body())!.stream() as NodeJS.ReadableStream & {
      destroy(): void;
      closed: boolean;
    };
    if (reads) await new Promise((resolve) => stream.once('data', resolve));
    stream.destroy();
    while (!stream.closed) await turn();
    await page.close();
  }
  await vi.waitFor(() => expect(openFiles()).toBeLessThanOrEqual(before));
});

test('a variant of another time belongs to another version, and an empty or missing one is none', async () => {
  const { cache, root } = newCache({ variants: ['gzip', 'br'] });
  await store(cache, '/a', '<p>text</p>'.repeat(300));
  const page = await hit(cache, '/a');
  expect(page.codings).toEqual(['br', 'gzip']);
  expect((await page.body('gzip'))!.coding).toBe('gzip');
  fs.utimesSync(`${root}/a.gz`, 1000, 1000);
  expect(await page.body('gzip')).toBeUndefined();
  fs.writeFileSync(`${root}/a.gz`, '');
  expect(await page.body('gzip')).toBeUndefined();
  fs.rmSync(`${root}/a.gz`);
  fs.mkdirSync(`${root}/a.gz`);
  expect(await page.body('gzip')).toBeUndefined();
  expect(await page.body('zstd')).toBeUndefined();
  await page.close();
});

test('beside a page put there by hand, variants put there by hand are found', async () => {
  const { cache, root } = newCache();
  fs.writeFileSync(`${root}/a`, 'text');
  fs.writeFileSync(`${root}/a.gz`, 'small');
  for (const name of ['a', 'a.gz']) fs.utimesSync(`${root}/${name}`, 1000, 1000);
  const page = await hit(cache, '/a');
  expect(String(await (await page.body('gzip'))!.bytes())).toBe('small');
  await page.close();
  fs.writeFileSync(`${root}/b.png`, 'picture');
  const picture = await hit(cache, '/b.png');
  expect(picture.codings).toEqual([]);
  await picture.close();
});

test('a disk that cannot be read makes a miss with the reason, and one event', async () => {
  const io = watched(directIo, (call) => {
    if (call === 'fstat') throw Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'fstat' });
  });
  const { cache, root, events } = newCache({}, { io });
  fs.writeFileSync(`${root}/a`, 'text');
  const before = openFiles();
  for (let round = 0; round < 3; round += 1)
    expect(await cache.lookup(get('/a'))).toMatchObject({ kind: 'miss', reason: 'disk-error' });
  expect(events.filter(({ type }) => type === 'error')).toHaveLength(1);
  expect(openFiles()).toBe(before);
});

test('nothing is written through a link in the tree', async () => {
  const { cache, root } = newCache();
  const outside = scratchFolder();
  fs.writeFileSync(`${outside}/page`, 'theirs');
  fs.symlinkSync(outside, `${root}/d`);
  expect(await store(cache, '/d/new', 'text')).toMatchObject({ kind: 'refused', reason: 'path-conflict' });
  expect(await store(cache, '/d/deep/new', 'text')).toMatchObject({
    kind: 'refused',
    reason: 'path-conflict',
  });
  fs.symlinkSync(`${outside}/page`, `${root}/leaf`);
  expect(await store(cache, '/leaf', 'ours')).toMatchObject({ kind: 'stored' });
  expect(fs.lstatSync(`${root}/leaf`).isFile()).toBe(true);
  // The page behind the link is still served, so a purge of it must not say that all is well.
  expect(await bodyAt(cache, '/d/page')).toBe('theirs');
  await expect(cache.purge({ path: '/d/page' })).rejects.toMatchObject({
    code: 'ERR_PAGETREE_PURGE_INCOMPLETE',
    message: expect.stringContaining('a symbolic link stands on the way'),
  });
  await cache.purge({ path: '/d', recursive: true });
  expect(fs.readdirSync(outside)).toEqual(['page']);
  expect(fs.readFileSync(`${outside}/page`, 'utf8')).toBe('theirs');
  expect(pagesIn(root)).toEqual(['leaf']);
});
