/** A page is served with its own headers, or not at all: whatever becomes of what is stored in its place. */
import fs from 'node:fs';
import { expect, test } from 'vitest';
import type { PageCache } from '../../src/page-cache.ts';
import { directIo } from '../../src/store/direct-io.ts';
import { all, get, html, leftovers, newCache, store, watched } from '../support/tree.ts';

const csp = (version: string) => html({ 'content-security-policy': `script-src /${version}/` });

/** The body of a page and the policy it comes with; `undefined` when it is not there. */
async function pageAt(cache: PageCache): Promise<string | undefined> {
  const found = await cache.lookup(get('/page'));
  if (found.kind === 'miss') {
    found.ticket?.abandon('unfinished');
    await found.ticket?.outcome;
  }
  if (found.kind !== 'hit') return undefined;
  const policy = found.page.headers.find(([name]) => name === 'content-security-policy')?.[1];
  const body = await found.page.body();
  return `${await body!.bytes()} ${policy}`;
}

const failing = (call: string, isMeant: (path: string) => boolean) => {
  const state = { fails: false };
  const io = watched(directIo, (name, [from]) => {
    if (state.fails && name === call && isMeant(String(from)))
      throw Object.assign(new Error('EIO'), { code: 'EIO', syscall: call });
  });
  return { io, state };
};

test('a refresh whose last rename fails for good leaves the old page with its headers', async () => {
  const { io, state } = failing('rename', (path) => path.endsWith('.body'));
  const { cache, root } = newCache({}, { io });
  await store(cache, '/page', 'old', csp('old'));
  state.fails = true;
  const outcome = await store(cache, '/page', 'new', csp('new'), { refresh: true });
  expect(outcome).toMatchObject({ kind: 'refused', reason: 'disk-error' });
  expect(await pageAt(cache)).toBe('old script-src /old/');
  expect(await all(cache.verify())).toEqual([]);
  expect(leftovers(root)).toEqual([]);
});

test('a first fill whose last rename fails for good leaves nothing', async () => {
  const { io, state } = failing('rename', (path) => path.endsWith('.body'));
  const { cache, root } = newCache({}, { io });
  state.fails = true;
  expect(await store(cache, '/d/page', 'new', csp('new'))).toMatchObject({ reason: 'disk-error' });
  expect(await all(cache.verify())).toEqual([]);
  expect(fs.readdirSync(`${root}/.pagetree/meta`)).toEqual([]);
  expect(leftovers(root)).toEqual([]);
});

test('a purge of another tag that overtakes a refresh between its renames leaves the old page with its headers', async () => {
  const other: { cache?: PageCache } = {};
  const io = watched(directIo, async (name, [from]) => {
    if (name === 'rename' && String(from).endsWith('.body')) await other.cache?.purge({ tag: 'none' });
  });
  const { cache, root } = newCache({}, { io });
  await store(cache, '/page', 'old', csp('old'));
  other.cache = newCache({ cacheDir: root }).cache;
  expect(await store(cache, '/page', 'new', csp('new'), { refresh: true })).toMatchObject({
    reason: 'fenced',
  });
  expect(await pageAt(cache)).toBe('old script-src /old/');
  expect(await all(cache.verify())).toEqual([]);
  expect(leftovers(root)).toEqual([]);
});

test('a process that died between its renames leaves the old page with its headers', async () => {
  const { cache, root } = newCache();
  await store(cache, '/page', 'old', csp('old'));
  const meta = `${root}/.pagetree/meta/page.pagetree`;
  const { before: _, ...kept } = JSON.parse(fs.readFileSync(meta, 'utf8'));
  const newer = {
    ...kept,
    headers: [['content-security-policy', 'script-src /new/']],
    size: 99,
    before: kept,
  };
  fs.writeFileSync(meta, JSON.stringify(newer));
  expect(await pageAt(newCache({ cacheDir: root }).cache)).toBe('old script-src /old/');
  expect(await all(cache.verify())).toEqual([]);
});

test('a reader that opened a page before it was stored twice has the newest with its headers', async () => {
  let between: (() => Promise<void>) | undefined;
  const io = watched(directIo, async (name, [path]) => {
    if (name !== 'openRead' || !String(path).endsWith('.pagetree')) return;
    const act = between;
    between = undefined;
    await act?.();
  });
  const { cache: writer, root } = newCache();
  const { cache: reader } = newCache({ cacheDir: root }, { io });
  await store(writer, '/page', 'one', csp('one'));
  between = async () => {
    await store(writer, '/page', 'two', csp('two'), { refresh: true });
    await store(writer, '/page', 'three', csp('three'), { refresh: true });
  };
  expect(await pageAt(reader)).toBe('three script-src /three/');
  between = () => store(writer, '/page', 'four', csp('four'), { refresh: true }).then(() => {});
  expect(await pageAt(reader)).toBe('three script-src /three/');
  expect(await pageAt(reader)).toBe('four script-src /four/');
});

test('a reader that opened a page before it was purged misses it', async () => {
  let between: (() => Promise<unknown>) | undefined;
  const io = watched(directIo, async (name, [path]) => {
    if (name !== 'openRead' || !String(path).endsWith('.pagetree')) return;
    const act = between;
    between = undefined;
    await act?.();
  });
  for (const scope of [{ path: '/page' }, { all: true }, { glob: '/p*' }] as const) {
    const { cache: writer, root } = newCache();
    const { cache: reader } = newCache({ cacheDir: root }, { io });
    await store(writer, '/page', 'one', csp('one'));
    between = () => writer.purge(scope);
    expect(await pageAt(reader)).toBeUndefined();
  }
});
