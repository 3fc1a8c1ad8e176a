/** A cache that answers as a test says, where a real tree can't be made to fail at will. */
import type { Lookup, Page, PageBody, PageCache } from '@pagetree/core';
import { shell } from '../../src/node/shell.ts';
import { listen } from './site.ts';

const html = 'text/html; charset=utf-8';

/** A cache that answers each look-up as it is told. */
export function fake(found: () => Promise<Lookup>): PageCache {
  return { glance: () => undefined, lookup: found } as unknown as PageCache;
}

/** A page whose body is what the test says; it notes that it was closed. */
export function page(body: Partial<PageBody> | undefined): Page & { closed: number } {
  const made = {
    key: '/page',
    place: 'page',
    size: 100_000,
    mtimeMs: 1_700_000_000_000,
    contentType: html,
    cacheControl: 'no-cache',
    headers: [],
    stored: undefined,
    codings: [],
    closed: 0,
    body: async () =>
      body && ({ coding: 'identity', size: 100_000, mtimeMs: 1_700_000_000_000, ...body } as PageBody),
    close: async () => {
      made.closed += 1;
    },
  };
  return made;
}

export async function served(cache: PageCache, errors: unknown[] = []): Promise<number> {
  const answer = shell({ cache, report: (error) => errors.push(error) });
  const server = await listen((req, res) =>
    answer(req, res, () => void res.writeHead(200, { 'Content-Type': html }).end('application')),
  );
  return server.port;
}
