/** Every file call of trees with bounds, of pages for the middleware alone, and of what only looks, fails. */
import { expect } from 'vitest';
import type { FillOutcome, ResponseHead } from '../../src/contracts.ts';
import type { PageCache } from '../../src/page-cache.ts';
import { all, get, html, store } from '../support/tree.ts';
import { codes, failEveryCall, type Operation, page } from './faults.ts';

const open = (version: string): ResponseHead => html({ 'content-language': version, 'cache-tag': 'news' });
const own = (version: string): ResponseHead => ({
  status: 200,
  headers: { ...open(version).headers, 'content-type': 'application/xhtml+xml' },
});

const put = (
  cache: PageCache,
  key: string,
  version: string,
  head: (version: string) => ResponseHead,
): Promise<FillOutcome | undefined> => store(cache, key, page(version), head(version), { refresh: true });

const both = async (cache: PageCache): Promise<void> => {
  await put(cache, '/k', 'old', open);
  await put(cache, '/own', 'old', own);
};
const old = { '/k': ['old'], '/own': ['old'] };

const operations: Record<string, Operation> = {
  'evict, and close': {
    options: { maxEntries: 2, whenFull: 'evict' },
    before: both,
    async act(cache) {
      await put(cache, '/new', 'new', open);
      await cache.close();
    },
    closes: true,
    isOwn: true,
    mayVanish: ['/k', '/own'],
    versions: { ...old, '/new': ['new'] },
  },
  'refuse, make room, and close': {
    options: { maxEntries: 2 },
    before: both,
    async act(cache) {
      await put(cache, '/new', 'new', open);
      await cache.purge({ path: '/k' });
      await put(cache, '/new', 'new', open);
      await cache.close();
    },
    closes: true,
    isOwn: true,
    removes: ['/k'],
    versions: { ...old, '/new': ['new'] },
  },
  'store a page for the middleware alone': {
    act: (cache) => put(cache, '/d/new', 'new', own),
    isOwn: true,
    versions: { '/d/new': ['new'] },
  },
  'from public to private': {
    before: both,
    act: (cache) => put(cache, '/k', 'new', own),
    isOwn: true,
    mayVanish: ['/k'],
    versions: { '/k': ['old', 'new'], '/own': ['old'] },
  },
  'from private to public': {
    before: both,
    act: (cache) => put(cache, '/own', 'new', open),
    isOwn: true,
    mayVanish: ['/own'],
    versions: { '/k': ['old'], '/own': ['old', 'new'] },
  },
  'hit of a private page': {
    before: both,
    async act(cache) {
      const found = await cache.lookup(get('/own'));
      if (found.kind === 'miss') {
        found.ticket?.abandon('unfinished');
        await found.ticket?.outcome;
      }
      if (found.kind !== 'hit') return;
      try {
        expect(String(await (await found.page.body())!.bytes())).toBe(page('old'));
      } catch (error) {
        expect(codes).toContain((error as NodeJS.ErrnoException).code);
      }
      await found.page.close();
    },
    isOwn: true,
    versions: old,
  },
  'purge a private page': {
    before: both,
    act: (cache) => cache.purge({ path: '/own' }),
    isOwn: true,
    removes: ['/own'],
    versions: old,
  },
  'purge a tag of public and private pages': {
    before: both,
    act: (cache) => cache.purgeTag('news'),
    isOwn: true,
    removes: ['/k', '/own'],
    versions: old,
  },
  'stats, why, list, verify': {
    before: both,
    async act(cache) {
      const looks = [
        () => cache.stats(),
        () => cache.why('/k'),
        () => cache.why('/own'),
        () => all(cache.list()),
        () => all(cache.verify()),
      ];
      for (const look of looks) {
        try {
          await look();
        } catch (error) {
          expect(codes).toContain((error as NodeJS.ErrnoException).code);
        }
      }
    },
    isOwn: true,
    versions: old,
  },
};

failEveryCall(operations, ['direct']);
