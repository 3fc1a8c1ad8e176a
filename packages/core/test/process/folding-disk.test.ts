/** A real disk that takes `Foo` and `foo` for one name: NTFS as Linux mounts it for Windows' programs. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { expect, it } from 'vitest';
import { all, bodyAt, get, html, newCache, store } from '../support/tree.ts';
import { temporaryFolder } from './processes.ts';

const SIZE = 16 * 1024 * 1024;

/** Makes such a disk and mounts it. Returns what unmounts it. */
function mountFolding(image: string, folder: string, options: string): () => void {
  if (!fs.existsSync(image)) {
    fs.writeFileSync(image, '');
    fs.truncateSync(image, SIZE);
    execFileSync('mkntfs', ['-F', '-Q', image], { stdio: 'ignore' });
  }
  execFileSync('lowntfs-3g', ['-o', `ignore_case,${options}`, image, folder], { stdio: 'ignore' });
  return () => void execFileSync('umount', [folder]);
}

function mounts(): boolean {
  const folder = fs.mkdtempSync('/tmp/pagetree-folding-');
  try {
    fs.mkdirSync(`${folder}/disk`);
    mountFolding(`${folder}/image`, `${folder}/disk`, 'rw')();
    return true;
  } catch {
    return false;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** Why no such disk can be had here. A run in which nothing may be skipped fails by it. */
function whyNot(): string | undefined {
  if (!fs.existsSync('/dev/fuse')) return 'the kernel has no FUSE: there is no /dev/fuse';
  if (process.getuid?.() !== 0) return 'only root mounts disks';
  return mounts() ? undefined : 'mkntfs and lowntfs-3g (Debian: ntfs-3g) do not make one';
}

const reason = whyNot();
const onFolding = (name: string, run: () => Promise<void>): void =>
  it.skipIf(reason !== undefined)(reason === undefined ? name : `${name} (skipped: ${reason})`, run);

async function withFolding(
  folder: string,
  options: string,
  run: (cacheDir: string) => Promise<void>,
): Promise<void> {
  fs.mkdirSync(`${folder}/disk`, { recursive: true });
  const unmount = mountFolding(`${folder}/image`, `${folder}/disk`, options);
  try {
    await run(`${folder}/disk/tree`);
  } finally {
    unmount();
  }
}

const keysOf = async (cache: ReturnType<typeof newCache>['cache']): Promise<string[]> =>
  (await all(cache.list())).map(({ key }) => key).sort();

onFolding('on a disk that folds names no page answers for another, stored or purged', async () => {
  await withFolding(temporaryFolder(), 'rw', async (cacheDir) => {
    const { cache } = newCache({ cacheDir, variants: ['gzip'], durability: 'full', io: 'pool' });
    const stored = ['/foo', '/foo/bar', '/api/x', '/caf%C3%A9'];
    for (const target of stored)
      expect(await store(cache, target, `page of ${target}`), target).toMatchObject({ kind: 'stored' });
    for (const target of ['/Foo', '/FOO', '/foo/Bar', '/Foo/bar', '/Api/x', '/API/new', '/CAF%C3%89']) {
      expect(await store(cache, target, `page of ${target}`), target).toMatchObject({
        kind: 'refused',
        reason: 'name-folds',
      });
      expect(await bodyAt(cache, target), target).toBeUndefined();
    }
    for (const target of stored) expect(await bodyAt(cache, target), target).toBe(`page of ${target}`);
    expect(await all(cache.verify())).toEqual([]);
    expect(await keysOf(cache)).toEqual(['/api/x', '/caf%C3%A9', '/foo', '/foo/bar']);
    expect(await cache.purge({ path: '/foo', recursive: true })).toMatchObject({ pages: 2 });
    expect(await cache.purge({ glob: '/a*/**' })).toMatchObject({ pages: 1 });
    expect(await keysOf(cache)).toEqual(['/caf%C3%A9']);
    const found = await cache.lookup(get('/late'));
    expect(await cache.purge({ glob: '/l*' })).toMatchObject({ fills: 1 });
    const fill = found.kind === 'miss' && found.ticket?.begin(html());
    if (fill) fill.write(Buffer.from('late'));
    expect(fill && (await fill.commit())).toMatchObject({ kind: 'refused', reason: 'fenced' });
    await cache.close();
  });
});

onFolding('a tree on such a disk that is read-only is known for one that folds', async () => {
  const folder = temporaryFolder();
  await withFolding(folder, 'rw', async (cacheDir) => {
    const { cache } = newCache({ cacheDir });
    expect(await store(cache, '/foo', 'page of /foo')).toMatchObject({ kind: 'stored' });
    await cache.close();
  });
  await withFolding(folder, 'ro', async (cacheDir) => {
    const { cache } = newCache({ cacheDir });
    expect(await bodyAt(cache, '/foo')).toBe('page of /foo');
    expect(await cache.lookup(get('/Foo'))).toMatchObject({ kind: 'miss', reason: 'read-only' });
    await cache.close();
  });
});

onFolding(
  'a page whose name the disk does not keep is not stored, and no other page is served for it',
  async () => {
    await withFolding(temporaryFolder(), 'rw', async (cacheDir) => {
      const { cache } = newCache({ cacheDir, variants: ['gzip'] });
      expect(await store(cache, '/New', 'page of /New')).toMatchObject({
        kind: 'refused',
        reason: 'name-folds',
      });
      expect(await bodyAt(cache, '/new')).toBeUndefined();
      expect(await all(cache.verify())).toEqual([]);
      await cache.purge({ all: true });
      expect(fs.existsSync(`${cacheDir}/CACHEDIR.TAG`)).toBe(true);
      await cache.close();
    });
  },
);
