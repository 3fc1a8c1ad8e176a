/** Every file call of what changes public pages, and of a hit, fails. */
import fs from 'node:fs';
import { expect } from 'vitest';
import type { PageCache } from '../../src/page-cache.ts';
import { get, html, store } from '../support/tree.ts';
import { failEveryCall, type Operation, page } from './faults.ts';

const tagged = html({ 'cache-tag': 'news' });

const oldPages = async (cache: PageCache): Promise<void> => {
  await store(cache, '/k', page('old'), tagged);
  await store(cache, '/d/x', page('old'), tagged);
};
const old = { '/k': ['old'], '/d/x': ['old'] };

const operations: Record<string, Operation> = {
  store: { act: (cache) => store(cache, '/d/new', page('new'), tagged), versions: { '/d/new': ['new'] } },
  refresh: {
    before: oldPages,
    act: (cache) => store(cache, '/k', page('new'), tagged, { refresh: true }),
    versions: { '/k': ['old', 'new'], '/d/x': ['old'] },
  },
  move: {
    before: oldPages,
    act: (cache) => store(cache, '/k/x', page('new')),
    mayVanish: ['/k'],
    versions: { ...old, '/k/x': ['new'] },
  },
  hit: {
    before: oldPages,
    async act(cache) {
      const found = await cache.lookup(get('/k'));
      if (found.kind === 'miss') {
        found.ticket?.abandon('unfinished');
        await found.ticket?.outcome;
      }
      if (found.kind !== 'hit') return;
      try {
        const small = await found.page.body('gzip');
        await small?.bytes();
        const body = await found.page.body();
        expect(String(await body!.bytes())).toBe(page('old'));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      }
      await found.page.close();
    },
    versions: old,
  },
  'purge one': {
    before: oldPages,
    act: (cache) => cache.purge({ path: '/d/x' }),
    removes: ['/d/x'],
    versions: old,
  },
  'purge below': {
    before: oldPages,
    act: (cache) => cache.purge({ path: '/d', recursive: true }),
    removes: ['/d/x'],
    versions: old,
  },
  'purge glob': {
    before: oldPages,
    act: (cache) => cache.purge({ glob: '/**' }),
    removes: ['/k', '/d/x'],
    versions: old,
  },
  'purge tag': {
    before: oldPages,
    act: (cache) => cache.purge({ tag: 'news' }),
    removes: ['/k', '/d/x'],
    versions: old,
  },
  'purge older': {
    before: oldPages,
    act: (cache) => cache.purge({ olderThan: 0 }),
    removes: ['/k', '/d/x'],
    versions: old,
  },
  'purge everything': {
    before: oldPages,
    act: (cache) => cache.purge({ all: true }),
    removes: ['/k', '/d/x'],
    versions: old,
  },
  sweep: {
    async before(cache, root) {
      await oldPages(cache);
      await store(cache, '/d', page('old'));
      fs.unlinkSync(`${root}/d/x`);
      fs.mkdirSync(`${root}/empty/folder`, { recursive: true });
      fs.writeFileSync(`${root}/zero`, '');
      fs.mkdirSync(`${root}/.pagetree/trash/abc/def`, { recursive: true });
    },
    act: (cache) => cache.sweep(),
    fails: 'as the file system',
    mayVanish: ['/d'],
    versions: { '/k': ['old'], '/d': ['old'] },
  },
};

failEveryCall(operations, ['direct', 'pool']);
