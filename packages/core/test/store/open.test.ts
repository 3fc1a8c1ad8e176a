import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { expect, test, vi } from 'vitest';
import { createPageCache, openTree } from '../../src/create.ts';
import { PagetreeError } from '../../src/errors.ts';
import { directIo } from '../../src/store/direct-io.ts';
import { manifestFrom, parseManifest } from '../../src/store/manifest.ts';
import { bodyAt, filesIn, newCache, scratchFolder, store } from '../support/tree.ts';

function errorOf(run: () => unknown): PagetreeError {
  try {
    run();
  } catch (error) {
    if (error instanceof PagetreeError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

test('a new tree has a manifest, a tag for backup tools, a token that only its owner reads, and its folders', () => {
  const { root, cache } = newCache();
  expect(filesIn(root)).toEqual([
    '.pagetree/',
    '.pagetree/fills/',
    '.pagetree/meta/',
    '.pagetree/private/',
    '.pagetree/private/meta/',
    '.pagetree/private/pages/',
    '.pagetree/tags/',
    '.pagetree/token',
    '.pagetree/trash/',
    '.pagetree/tree.json',
    '.pagetree/usage/',
    'CACHEDIR.TAG',
  ]);
  expect(fs.statSync(`${root}/.pagetree/token`).mode & 0o777).toBe(0o600);
  expect(fs.readFileSync(`${root}/CACHEDIR.TAG`, 'utf8')).toMatch(
    /^Signature: 8a477f597d28d172789f06886806bc55\n/,
  );
  expect(cache.manifest).toEqual(manifestFrom({}));
});

test('who opens a tree later takes its manifest, and need not know the layout', () => {
  const root = scratchFolder();
  newCache({ cacheDir: root, layout: 'html', types: { '/feed': 'application/xml' } });
  const second = newCache({ cacheDir: root }).cache;
  expect(second.manifest).toMatchObject({ layout: 'html', directoryIndex: 'index.html' });
  const third = newCache({ cacheDir: root, types: { '/feed': 'application/xml' } }).cache;
  expect(third.manifest).toEqual(second.manifest);
});

test('an option that contradicts the manifest is an error that names both values', () => {
  const root = scratchFolder();
  newCache({ cacheDir: root });
  const error = errorOf(() => newCache({ cacheDir: root, layout: 'html' }));
  expect(error.code).toBe('ERR_PAGETREE_MANIFEST_MISMATCH');
  expect(error.message).toContain('layout');
  expect(error.message).toContain('"mirror"');
  expect(error.message).toContain('"html"');
  expect(error.hint).toMatch(/Leave the option out/);
});

test.each([
  ['', 'it is not JSON'],
  ['{"format":1', 'it is not JSON'],
  ['null', 'it is not an object'],
  ['[]', 'its format is undefined, this version reads 1'],
  [JSON.stringify({ ...manifestFrom({}), format: 2 }), 'its format is 2, this version reads 1'],
  [JSON.stringify({ ...manifestFrom({}), layout: 'The Tower' }), 'its layout is "The Tower"'],
  [JSON.stringify({ ...manifestFrom({}), trailingSlash: 1 }), 'its trailingSlash is 1'],
  [
    JSON.stringify({ ...manifestFrom({}), pageFile: 1 }),
    'directoryIndex, pageFile or contentType is not a string',
  ],
  [JSON.stringify({ ...manifestFrom({}), types: [] }), 'types or cacheControl is not an object of strings'],
  [
    JSON.stringify({ ...manifestFrom({}), cacheControl: { '/': 1 } }),
    'types or cacheControl is not an object of strings',
  ],
  [
    JSON.stringify({ ...manifestFrom({}), cacheControl: { '/': 'no-cache\r\nx: y' } }),
    'contentType, types or cacheControl has a character that no field of a response has',
  ],
])('a manifest that cannot be used says why: %s', (text, why) => {
  const { root } = newCache();
  fs.writeFileSync(`${root}/.pagetree/tree.json`, text);
  const error = errorOf(() => openTree(root));
  expect(error.code).toBe('ERR_PAGETREE_MANIFEST');
  expect(error.message).toContain(why);
});

test('a manifest from the future with fields that we do not know is read', () => {
  expect(parseManifest(JSON.stringify({ ...manifestFrom({}), more: true }))).toEqual(manifestFrom({}));
});

test('a manifest that is a folder is an error, not a new tree', () => {
  const { root } = newCache();
  fs.rmSync(`${root}/.pagetree/tree.json`);
  fs.mkdirSync(`${root}/.pagetree/tree.json`);
  expect(errorOf(() => openTree(root)).message).toContain('EISDIR');
});

test('a file where a folder of ours belongs is named', () => {
  const { root } = newCache();
  fs.rmSync(`${root}/.pagetree/meta`, { recursive: true });
  fs.writeFileSync(`${root}/.pagetree/meta`, '');
  const error = errorOf(() => openTree(root));
  expect(error.code).toBe('ERR_PAGETREE_CACHE_DIR');
  expect(error.message).toContain('has something else at .pagetree/meta, where a folder belongs');
});

test('a folder with other files is not taken as a tree unless it is adopted', async () => {
  const root = scratchFolder();
  fs.writeFileSync(`${root}/about`, 'by hand');
  const error = errorOf(() => createPageCache({ cacheDir: root }));
  expect(error.code).toBe('ERR_PAGETREE_NOT_A_TREE');
  expect(error.message).toContain('"about"');
  expect(fs.readdirSync(root)).toEqual(['about']);
  const { cache } = newCache({ cacheDir: root, adopt: true });
  expect(await bodyAt(cache, '/about')).toBe('by hand');
});

test('what version control and file systems leave in an empty folder is no stranger', () => {
  const root = scratchFolder();
  fs.writeFileSync(`${root}/.gitkeep`, '');
  fs.mkdirSync(`${root}/lost+found`);
  expect(newCache({ cacheDir: root }).cache.cacheDir).toBe(root);
});

test('a folder that is missing is made, with those above it', () => {
  const root = `${scratchFolder()}/a/b`;
  newCache({ cacheDir: root });
  expect(fs.existsSync(`${root}/.pagetree/tree.json`)).toBe(true);
});

test('a file as cacheDir, or above it, is an error that says so', () => {
  const root = scratchFolder();
  fs.writeFileSync(`${root}/file`, '');
  expect(errorOf(() => createPageCache({ cacheDir: `${root}/file` })).message).toContain('is a file');
  expect(errorOf(() => createPageCache({ cacheDir: `${root}/file/x` })).message).toContain('is below a file');
  fs.symlinkSync('loop', `${root}/loop`);
  expect(errorOf(() => createPageCache({ cacheDir: `${root}/loop` })).message).toContain(
    'loop of symbolic links',
  );
  expect(errorOf(() => createPageCache({ cacheDir: `${root}/${'x'.repeat(300)}` })).message).toContain(
    'too long',
  );
});

test('openTree makes nothing: no folder, no tree', () => {
  const root = scratchFolder();
  expect(errorOf(() => openTree(`${root}/none`)).code).toBe('ERR_PAGETREE_NO_TREE');
  expect(errorOf(() => openTree(root)).code).toBe('ERR_PAGETREE_NO_TREE');
  expect(fs.readdirSync(root)).toEqual([]);
});

test('a link as cacheDir leads to the real folder', () => {
  const root = scratchFolder();
  fs.mkdirSync(`${root}/real`);
  fs.symlinkSync('real', `${root}/link`);
  expect(newCache({ cacheDir: `${root}/link` }).cache.cacheDir).toBe(`${root}/real`);
});

test('a token that is a link is none: what it leads to may be a secret of somebody else, and a token is shown to sites', () => {
  const { root } = newCache({});
  const secret = `${scratchFolder()}/secret`;
  fs.writeFileSync(secret, 'somebody-elses-secret-of-forty-characters\n');
  fs.rmSync(`${root}/.pagetree/token`);
  fs.symlinkSync(secret, `${root}/.pagetree/token`);
  expect(newCache({ cacheDir: root }).cache.token).toBeUndefined();
});

test('all who open a folder agree on one manifest and one token', () => {
  const root = scratchFolder();
  const tokens = new Set<string | undefined>();
  for (let round = 0; round < 20; round += 1) tokens.add(newCache({ cacheDir: root }).cache.token);
  expect(tokens.size).toBe(1);
});

test('where the mask takes rights away, pages and folders still get their modes', async () => {
  const before = process.umask(0o077);
  try {
    const { cache, root } = newCache({ variants: ['gzip'] });
    await store(cache, '/a/b', '<p>text</p>'.repeat(300));
    await store(cache, '/a/b/c', 'deeper');
    for (const path of ['a', 'a/b']) expect(fs.statSync(`${root}/${path}`).mode & 0o777, path).toBe(0o755);
    for (const path of ['a/b/__page.html', 'a/b/__page.html.gz', 'a/b/c'])
      expect(fs.statSync(`${root}/${path}`).mode & 0o777, path).toBe(0o644);
  } finally {
    process.umask(before);
  }
});

test('a tree that this user may not write is read, and nothing is stored', async () => {
  const { cache, root } = newCache();
  await store(cache, '/page', 'text');
  fs.chmodSync(root, 0o755);
  const script = `
    process.setgid(65534); process.setuid(65534);
    const { createPageCache } = await import(${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)});
    const cache = createPageCache({ cacheDir: ${JSON.stringify(root)} });
    const ask = (target) => cache.lookup({ method: 'GET', target, headers: {} });
    const [hit, miss] = [await ask('/page'), await ask('/other')];
    console.log(hit.kind, miss.kind, miss.reason, cache.token);
  `;
  if (process.getuid?.() !== 0 || !fs.existsSync(new URL('../../dist/index.js', import.meta.url))) return;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(out.trim()).toBe('hit miss read-only undefined');
});

test('when somebody tidied up .pagetree/trash, a purge still takes pages and permissions away', async () => {
  const { cache, root } = newCache();
  await store(cache, '/a', 'text');
  await store(cache, '/d/b', 'text');
  const late = await cache.lookup({ method: 'GET', target: '/late', headers: {} });
  fs.rmSync(`${root}/.pagetree/trash`, { recursive: true });
  expect(await cache.purge({ all: true })).toMatchObject({ pages: 2, fills: 1 });
  expect(await bodyAt(cache, '/a')).toBeUndefined();
  if (late.kind !== 'miss') throw new Error(late.kind);
  const fill = late.ticket!.begin({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } })!;
  fill.write(Buffer.from('from before the purge'));
  expect(await fill.commit()).toMatchObject({ kind: 'refused', reason: 'fenced' });
});

test('a fill is not taken for an abandoned one because .pagetree/trash is gone', async () => {
  const { cache, root } = newCache({ coalesce: false });
  const first = await cache.lookup({ method: 'GET', target: '/a', headers: {} });
  fs.rmSync(`${root}/.pagetree/trash`, { recursive: true });
  const other = newCache({ cacheDir: root, coalesce: false }).cache;
  fs.rmSync(`${root}/.pagetree/trash`, { recursive: true });
  expect(await other.lookup({ method: 'GET', target: '/a', headers: {} })).toMatchObject({ reason: 'busy' });
  if (first.kind === 'miss') first.ticket!.abandon('unfinished');
});

test('who works on the tree of another user is told so, and not to name another folder', async () => {
  const denied = (): never => {
    throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
  };
  const { root } = newCache();
  const read = vi.spyOn(fs, 'readFileSync').mockImplementation(denied);
  try {
    expect(errorOf(() => openTree(root))).toMatchObject({
      code: 'ERR_PAGETREE_CACHE_DIR',
      hint: 'Run this as the user that the tree belongs to, or let this user read it.',
    });
  } finally {
    read.mockRestore();
  }
  const { cache } = newCache({ cacheDir: root }, { io: { ...directIo, mkdir: denied } });
  await expect(cache.purge('/page')).rejects.toMatchObject({
    code: 'ERR_PAGETREE_PURGE_INCOMPLETE',
    hint: 'Purge as the user that the tree belongs to, or let this user write to it.',
  });
});
