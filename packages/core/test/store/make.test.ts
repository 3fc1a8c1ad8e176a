/** Opening trees that cannot be used, or that others make or damaged; and who made what, where the system tells little. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { createPageCache } from '../../src/create.ts';
import type { PagetreeError } from '../../src/errors.ts';
import { writeOnce } from '../../src/store/manifest.ts';
import { fillName, readFillName, startOf, thisOwner } from '../../src/store/owner.ts';
import { treePaths } from '../../src/store/tree.ts';
import { bodyAt, get, newCache, scratchFolder, store } from '../support/tree.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

function errorOf(open: () => unknown): PagetreeError {
  try {
    open();
  } catch (error) {
    return error as PagetreeError;
  }
  throw new Error('nothing was thrown');
}

const fails = (code: string) => () => {
  throw Object.assign(new Error(code), { code });
};

/** Names in `.pagetree` that are no part of a tree. */
const unfinished = (root: string): string[] =>
  fs.readdirSync(`${root}/.pagetree`).filter((name) => name.startsWith('new.'));

test('a folder that fails in a way that nobody has a sentence for is told by the code, if there is one', () => {
  const { root } = newCache();
  const stat = vi.spyOn(fs, 'statSync').mockImplementation(fails('EIO'));
  const error = errorOf(() => createPageCache({ cacheDir: root }));
  expect(error.code).toBe('ERR_PAGETREE_CACHE_DIR');
  expect(error.message).toContain('cannot be used (EIO)');
  stat.mockImplementation(() => {
    throw new Error('no code at all');
  });
  expect(errorOf(() => createPageCache({ cacheDir: root })).message).toContain('(unknown error)');
});

test('a file in the place of an internal folder is an error, not a tree', () => {
  const { root } = newCache();
  fs.rmSync(`${root}/.pagetree/meta`, { recursive: true });
  fs.writeFileSync(`${root}/.pagetree/meta`, 'text');
  expect(errorOf(() => createPageCache({ cacheDir: root })).code).toBe('ERR_PAGETREE_CACHE_DIR');
});

test('a token that is too short to be a secret is none', () => {
  const { root } = newCache();
  fs.writeFileSync(`${root}/.pagetree/token`, 'short\n');
  expect(newCache({ cacheDir: root }).cache.token).toBeUndefined();
});

test('rules are the same in whatever order they are written', () => {
  const types = { '/api/': 'application/json', '/feed': 'application/xml', '/b': 'text/plain' };
  const { root } = newCache({ types });
  const turned = Object.fromEntries(Object.entries(types).reverse());
  expect(newCache({ cacheDir: root, types: turned }).cache.manifest.types).toEqual(types);
});

test('a manifest with names that no page may have is refused', () => {
  const { root } = newCache();
  const path = `${root}/.pagetree/tree.json`;
  const manifest = JSON.parse(fs.readFileSync(path, 'utf8')) as object;
  fs.writeFileSync(path, JSON.stringify({ ...manifest, directoryIndex: 'a/b' }));
  const error = errorOf(() => createPageCache({ cacheDir: root }));
  expect(error.code).toBe('ERR_PAGETREE_MANIFEST');
  expect(error.message).toContain('directoryIndex');
});

test('of two who make a file at once, the first wins and the second leaves nothing', () => {
  const { root } = newCache();
  const tree = treePaths(root);
  writeOnce(tree, `${root}/.pagetree/once`, 'first', 0o644);
  writeOnce(tree, `${root}/.pagetree/once`, 'second', 0o644);
  expect(fs.readFileSync(`${root}/.pagetree/once`, 'utf8')).toBe('first');
  expect(unfinished(root)).toEqual([]);
});

test.each(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])(
  'where the file system has no links (%s), a tree is made without them',
  async (code) => {
    vi.spyOn(fs, 'linkSync').mockImplementation(fails(code));
    const { cache, root } = newCache();
    expect(await store(cache, '/a', 'text')).toMatchObject({ kind: 'stored' });
    expect(cache.token).toHaveLength(43);
    expect(unfinished(root)).toEqual([]);
  },
);

test('where a link fails for another reason the tree is not made, and nothing unfinished stays', () => {
  vi.spyOn(fs, 'linkSync').mockImplementation(fails('EIO'));
  const root = scratchFolder();
  expect(errorOf(() => createPageCache({ cacheDir: root })).message).toContain('cannot be used (EIO)');
  expect(unfinished(root)).toEqual([]);
});

test('a tree on a disk that is read-only, where a folder is missing, is read', async () => {
  const { cache, root } = newCache();
  await store(cache, '/a', 'text');
  vi.spyOn(fs, 'mkdirSync').mockImplementation(fails('EROFS'));
  const other = newCache({ cacheDir: root }).cache;
  expect(await bodyAt(other, '/a')).toBe('text');
  expect(await other.lookup(get('/b'))).toMatchObject({ kind: 'miss', reason: 'read-only' });
});

test('an error that is no matter of rights is not taken for a read-only disk', () => {
  const { root } = newCache();
  vi.spyOn(fs, 'mkdirSync').mockImplementation(fails('EIO'));
  expect(errorOf(() => createPageCache({ cacheDir: root })).message).toContain('cannot be used (EIO)');
});

test('where the system does not say when a process began, its number has to do', () => {
  const gone = Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }));
  vi.spyOn(fs, 'readFileSync').mockImplementation(fails('ENOENT'));
  vi.spyOn(fs, 'existsSync').mockReturnValue(false);
  expect(startOf(process.pid)).toBe('0');
  expect(startOf(gone)).toBeUndefined();
  expect(thisOwner().start).toBe('0');
  // Another user's process is there, though it may not be signalled.
  vi.spyOn(process, 'kill').mockImplementation(fails('EPERM'));
  expect(startOf(1)).toBe('0');
});

test('a process that may not even read of itself is still somebody', () => {
  vi.spyOn(fs, 'readFileSync').mockImplementation(fails('EACCES'));
  vi.spyOn(fs, 'existsSync').mockReturnValue(true);
  expect(thisOwner().start).toBe('0');
});

test('a key of many short names does not make a name that no folder takes', () => {
  const key = '/a'.repeat(80);
  const name = `${fillName(thisOwner(), 1, key)}.body`;
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
  expect(readFillName(name)).toMatchObject({ key: undefined });
});
