/** The purge endpoint over sockets: what it removes, and what it tells. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PageCache } from '@pagetree/core';
import { describe, expect, it } from 'vitest';
import { purgeHandler, withPageCache } from '../src/index.ts';
import { answered, html, left, plain, purge, stored, token } from './support/purging.ts';
import { site } from './support/site.ts';
import { Line, request } from './support/wire.ts';

describe('a purge endpoint', () => {
  it.each([
    [{ path: '/about' }, { pages: 1 }, ['__index.html', 'blog/one', 'blog/two']],
    [{ path: '/blog', recursive: true }, { pages: 2 }, ['__index.html', 'about']],
    [{ glob: '/blog/t*' }, { pages: 1 }, ['__index.html', 'about', 'blog/one']],
    [{ tag: 'blog' }, { pages: 2 }, ['__index.html', 'about']],
    [{ olderThan: 3600 }, { pages: 0 }, ['__index.html', 'about', 'blog/one', 'blog/two']],
    [{ all: true }, { pages: 4 }, []],
    [{ path: '/none' }, { pages: 0 }, ['__index.html', 'about', 'blog/one', 'blog/two']],
    [{ scopes: [{ path: '/about' }, { tag: 'blog' }] }, { pages: 3 }, ['__index.html']],
  ])('%j is carried out, and counted', async (order, counts, files) => {
    const made = await stored((pages) => plain(pages));
    const answer = await purge(made, order);
    expect(answer.status).toBe(200);
    expect(answered(answer)).toMatchObject({ dryRun: false, ...counts });
    expect(await left(made)).toEqual(files);
  });

  it('counts and names without removing anything in a dry run', async () => {
    const made = await stored((pages) => plain(pages));
    const answer = answered(await purge(made, { path: '/blog', recursive: true, dryRun: true, list: true }));
    expect(answer).toEqual({
      dryRun: true,
      pages: 2,
      bytes: 2 * '<p>/blog/one'.length,
      purged: [
        {
          scope: { path: '/blog', recursive: true },
          pages: 2,
          bytes: 24,
          fills: 0,
          paths: expect.arrayContaining(['/blog/one', '/blog/two']),
        },
      ],
    });
    expect(await left(made)).toHaveLength(4);
  });

  it('names at most a thousand pages, and counts them all', async () => {
    const made = await stored((pages) => plain(pages), []);
    await mkdir(join(made.dir, 'many'));
    await Promise.all(
      Array.from({ length: 1100 }, (_, at) => writeFile(join(made.dir, 'many', `p${at}`), 'page')),
    );
    const answer = answered(await purge(made, { all: true, list: true }));
    expect(answer.pages).toBe(1100);
    expect((answer.purged as [{ paths: string[] }])[0].paths).toHaveLength(1000);
    expect(await left(made)).toEqual([]);
  });

  it('counts the renders that the purge overtook, and their pages are not stored', async () => {
    let finish: () => void = () => {};
    const made = await site((pages) => {
      const answer = purgeHandler({ token, cache: pages!.cache });
      return withPageCache({ cache: pages!.cache }, (req, res) => {
        if (req.url === '/purge') return answer(req, res);
        res.writeHead(200, html).write('<p>');
        finish = () => res.end('old');
      });
    });
    const line = new Line(made.port);
    line.send(request('/slow'));
    await line.until('<p>');
    expect(answered(await purge(made, { path: '/slow' }))).toMatchObject({
      pages: 0,
      purged: [{ fills: 1 }],
    });
    finish();
    await line.until('old');
    line.leave();
    expect(await made.outcome('/slow')).toMatchObject({ type: 'refused', reason: 'fenced' });
    expect(await made.files()).toEqual([]);
  });

  it('a scope that names no page is told, and the others are purged', async () => {
    const made = await stored((pages) => plain(pages));
    const answer = await purge(made, {
      scopes: [{ path: '/a?b' }, { path: '/about' }, { glob: 'x' }, { tag: 'a b' }],
    });
    expect(answer.status).toBe(422);
    expect(answered(answer)).toMatchObject({
      pages: 1,
      purged: [
        { pages: 0, error: { code: 'ERR_PAGETREE_PATH' } },
        { scope: { path: '/about' }, pages: 1 },
        { pages: 0, error: { code: 'ERR_PAGETREE_PATH' } },
        {
          pages: 0,
          error: { code: 'ERR_PAGETREE_PATH', message: expect.stringMatching(/^tag: "a b" is not/) },
        },
      ],
    });
    expect(await left(made)).toEqual(['__index.html', 'blog/one', 'blog/two']);
  });

  it('a cache that is closed is told', async () => {
    const made = await stored((pages) => plain(pages), []);
    await made.pages.close();
    const answer = await purge(made, { all: true });
    expect(answer.status).toBe(503);
    expect(answered(answer)).toMatchObject({ purged: [{ error: { code: 'ERR_PAGETREE_CLOSED' } }] });
  });

  it('what the file system keeps is told, and the rest is purged', async () => {
    const made = await stored((pages) => plain(pages));
    // A folder where a file is expected can't be unlinked, by nobody.
    await mkdir(join(made.dir, 'about.gz', 'in-the-way'), { recursive: true });
    const answer = await purge(made, { scopes: [{ path: '/about' }, { path: '/blog', recursive: true }] });
    expect(answer.status).toBe(500);
    expect(answered(answer)).toMatchObject({
      pages: 2,
      purged: [{ error: { code: 'ERR_PAGETREE_PURGE_INCOMPLETE' } }, { pages: 2 }],
    });
  });

  it('an error of another kind is told without its text, which may name places', async () => {
    const failing = {
      purge: async () => {
        throw new Error("EIO: i/o error, unlink '/hidden/place'");
      },
    } as unknown as PageCache;
    const endpoint = purgeHandler({ token, cache: failing });
    const made = await site(() => (req, res) => endpoint(req, res));
    const answer = await purge(made, { all: true });
    expect(answer.status).toBe(500);
    expect(answered(answer)).toMatchObject({ purged: [{ error: { message: 'The purge failed.' } }] });
    expect(answer.raw).not.toContain('hidden');
  });
});
