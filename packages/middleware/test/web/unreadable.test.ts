/** Trees and caches that fail: the application answers, and no client takes a part for the whole. */
import type { Lookup, PageCache } from '@pagetree/core';
import { describe, expect, it } from 'vitest';
import { plainResponse } from '../../src/web/page.ts';
import { webShell } from '../../src/web/shell.ts';
import { fake, page } from '../support/fake-cache.ts';
import { html } from './support.ts';

/** Asks a cache that answers as it is told; gives the response, or the error, and what was reported. */
async function asked(cache: PageCache, next = () => new Response('application', { headers: html })) {
  const errors: unknown[] = [];
  const shell = webShell({ cache, report: (error) => errors.push(error) });
  const request = new Request('http://site.test/page');
  const response = await shell({ request, node: {}, next, respond: plainResponse });
  return { response, errors };
}

const hit = (found: ReturnType<typeof page>): Promise<Lookup> =>
  Promise.resolve({ kind: 'hit', page: found });

describe('a hit that can not be read', () => {
  it('has no body, or one that fails before the head: the application answers', async () => {
    const gone = page(undefined);
    const small = { size: 10, bytes: () => Promise.reject(new Error('EIO')) };
    const failing = page(small);
    for (const found of [gone, failing]) {
      const { response, errors } = await asked(fake(() => hit(found)));
      expect(await response.text()).toBe('application');
      expect(response.headers.get('cache-status')).toBe('pagetree; fwd=uri-miss; detail=disk-error');
      expect([found.closed, errors.length]).toEqual([1, found === gone ? 0 : 1]);
    }
  });

  it('fails after the head: the body fails, and the page is closed', async () => {
    async function* broken() {
      yield Buffer.alloc(50_000);
      throw new Error('EIO');
    }
    const found = page({ stream: () => broken() as never });
    const { response } = await asked(fake(() => hit(found)));
    expect(response.headers.get('content-length')).toBe('100000');
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect(found.closed).toBe(1);
  });

  it('ends early: the same', async () => {
    async function* short() {
      yield Buffer.alloc(50_000);
    }
    const found = page({ stream: () => short() as never });
    const { response } = await asked(fake(() => hit(found)));
    await expect(response.arrayBuffer()).rejects.toThrow('a page was cut while it was read');
    expect(found.closed).toBe(1);
  });

  it('is not read to its end: the page is closed', async () => {
    async function* endless() {
      for (;;) yield Buffer.alloc(10);
    }
    const unread = page({ stream: () => endless() as never });
    await (await asked(fake(() => hit(unread)))).response.body!.cancel();
    expect(unread.closed).toBe(1);
    const begun = page({ stream: () => endless() as never });
    const reader = (await asked(fake(() => hit(begun)))).response.body!.getReader();
    await reader.read();
    await reader.cancel();
    expect(begun.closed).toBe(1);
  });
});

describe('a cache that fails', () => {
  it('when it is asked: the application answers, and it is reported', async () => {
    const rejects = fake(() => Promise.reject(new Error('broken')));
    const throws = fake(() => {
      throw new Error('broken');
    });
    const glances = {
      glance: () => {
        throw new Error('broken');
      },
    } as unknown as PageCache;
    for (const cache of [rejects, throws, glances]) {
      const { response, errors } = await asked(cache);
      expect([await response.text(), errors.length]).toEqual(['application', 1]);
    }
  });

  it('when the head is judged: the response is as the application made it', async () => {
    const abandoned: unknown[] = [];
    const ticket = {
      key: '/page',
      outcome: new Promise<never>(() => {}),
      refused: undefined,
      begin: () => {
        throw new Error('broken');
      },
      abandon: (...why: unknown[]) => void abandoned.push(why),
    };
    const cache = fake(async () => ({ kind: 'miss', key: '/page', ticket, reason: undefined }));
    const made = new Response('application', { headers: html });
    const { response, errors } = await asked(cache, () => made);
    expect([response, await response.text(), errors.length]).toEqual([made, 'application', 1]);
    expect(abandoned).toEqual([['unfinished', 'internal error']]);
  });
});
