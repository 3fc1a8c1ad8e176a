/** Meta that cannot be read at the moment, or is another version's: a page never goes out without the headers it was stored with. */
import { expect, test } from 'vitest';
import { lookNow } from '../../src/memory/identity.ts';
import { directIo } from '../../src/store/direct-io.ts';
import type { Io } from '../../src/store/io.ts';
import { fromMemory, settle } from '../memory/support.ts';
import { bodyAt, get, html, newCache, openFiles, store, watched } from '../support/tree.ts';

const policy = html({ 'content-security-policy': "default-src 'self'", 'cache-tag': 'news' });
const isMeta = (call: string, path: unknown): boolean =>
  call === 'openRead' && String(path).includes('/meta/');

/** A page with headers, and another cache on its tree whose reads of meta go through `before`. */
async function pageWithHeaders(before: () => void | Promise<void>) {
  const { cache, root } = newCache({});
  await store(cache, '/page', '<p>one', policy);
  await settle(`${root}/page`);
  const io = watched(directIo, async (call, [path]) => {
    if (isMeta(call, path)) await before();
  });
  const { cache: reader, events } = newCache({ cacheDir: root }, { io, look: lookNow });
  return { cache, reader, events };
}

test.each(['EMFILE', 'ENFILE', 'EIO'])(
  '%s while the meta of a page is opened is a miss, not a page without its headers',
  async (code) => {
    let fails = true;
    const { cache, reader, events } = await pageWithHeaders(() => {
      if (fails) throw Object.assign(new Error(code), { code, syscall: 'open' });
    });
    const before = openFiles();
    const found = await reader.lookup(get('/page'));
    if (found.kind === 'hit') await found.page.close();
    expect(found).toMatchObject({ kind: 'miss', reason: 'disk-error' });
    expect(events).toMatchObject([{ type: 'error', during: 'open' }, { type: 'miss' }]);
    fails = false;
    expect(await bodyAt(reader, '/page')).toBe('<p>one');
    const hit = reader.glance(get('/page'));
    expect(hit?.kind === 'hit' && hit.page.headers).toEqual([
      ['content-security-policy', "default-src 'self'"],
    ]);
    expect(openFiles()).toBe(before);
    await Promise.all([cache.close(), reader.close()]);
  },
);

test('a page that was stored anew while its meta was read comes with the headers of its own version', async () => {
  let isStale = true;
  const { cache, reader } = await pageWithHeaders(async () => {
    if (!isStale) return;
    isStale = false;
    const other = html({ 'content-security-policy': "default-src 'none'" });
    await store(cache, '/page', '<p>another', other, { refresh: true });
  });
  const found = await reader.lookup(get('/page'));
  if (found.kind !== 'hit') throw new Error(found.kind);
  expect(found.page.headers).toEqual([['content-security-policy', "default-src 'self'"]]);
  expect(String(await (await found.page.body())!.bytes())).toBe('<p>one');
  expect(fromMemory(reader, '/page')).toBeUndefined();
  await found.page.close();
  await Promise.all([cache.close(), reader.close()]);
});

test('a sweep that cannot read the meta of a page leaves the page in the list of its tag', async () => {
  let isLater = false;
  let fails = false;
  const io: Io = {
    ...watched(directIo, (call, [path]) => {
      // From the moment on that the list is read: what comes before in a sweep would end it.
      fails ||= isLater && call === 'openRead' && String(path).includes('/tags/');
      if (fails && isMeta(call, path)) throw Object.assign(new Error('EMFILE'), { code: 'EMFILE' });
    }),
    async lstat(path) {
      const facts = await directIo.lstat(path);
      return isLater && path.includes('/tags/') ? { ...facts, ctimeMs: facts.ctimeMs - 3_600_000 } : facts;
    },
  };
  const { cache } = newCache({}, { io });
  const long = 'a-name-that-fills-the-list-'.repeat(8);
  for (let at = 0; at < 30; at += 1) await store(cache, `/${at}-${long}`, '<p>text', policy);
  // The list is taken for writing it anew.
  await cache.sweep();
  isLater = true;
  await cache.sweep().catch(() => {});
  expect(fails).toBe(true);
  isLater = false;
  fails = false;
  expect(await cache.purgeTag('news')).toMatchObject({ pages: 30 });
  await cache.close();
});
