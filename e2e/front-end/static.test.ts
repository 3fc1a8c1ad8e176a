/** Each server alone, for a tree that was made beforehand: what is there is answered, everything else is not found. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../../packages/middleware/test/support/wire.ts';
import { temporaryFolder } from '../support/tree.ts';
import { aged, plantTree } from './planted.ts';
import { type FrontEnd, kinds, startServer } from './servers.ts';

const text = 'words and words and words '.repeat(50);
const files = {
  mirror: {
    '__index.html': 'front',
    page: { text, variants: true },
    'blog/__page.html': 'blog',
    'blog/post': 'post',
  },
  html: {
    'index.html': 'front',
    'page.html': { text, variants: true },
    'blog.html': 'blog',
    'blog/post.html': 'post',
  },
  index: {
    'index.html': 'front',
    'page/index.html': { text, variants: true },
    'blog/index.html': 'blog',
    'blog/post/index.html': 'post',
  },
} as const;
const others = {
  '404.html': 'there is no such page',
  'feed.rss': '<rss/>',
  'assets/app.js': 'let a;',
  'data/x.json': '{}',
};

describe.each(kinds)('$name', (kind) => {
  describe.each(['mirror', 'html', 'index'] as const)('layout %s', async (layout) => {
    const folder = await temporaryFolder();
    const cacheDir = join(folder, 'public');
    const slash = layout === 'index' ? '/' : '';
    let front: FrontEnd;

    beforeAll(async () => {
      const options = {
        layout,
        types: { '/data': 'application/ld+json' },
        cacheControl: { '/assets': 'public, max-age=31536000' },
      };
      await plantTree(cacheDir, options, { ...files[layout], ...others });
      front = await startServer(kind, cacheDir, join(folder, 'server'), ['--static']);
    });
    afterAll(() => front?.stop());

    test('pages, whatever else the request says', async () => {
      for (const [path, body] of [
        ['/', 'front'],
        [`/page${slash}`, text],
        [`/blog${slash}`, 'blog'],
        [`/blog/post${slash}`, 'post'],
      ] as const) {
        for (const fields of [[], ['Cookie: session=1'], ['Authorization: Basic x'], ['Accept: text/html']]) {
          const answer = await ask(front.port, path, fields);
          expect([answer.status, answer.text, answer.headers['content-type']], path).toEqual([
            200,
            body,
            'text/html; charset=utf-8',
          ]);
        }
        for (const query of ['?', '?utm=x', '?a=/x.php', '?..'])
          expect((await ask(front.port, path + query)).text, path + query).toBe(body);
      }
      const { headers } = await ask(front.port, `/page${slash}?x`, ['Accept-Encoding: gzip']);
      expect(headers['content-encoding']).toBe('gzip');
    });

    test('types and Cache-Control', async () => {
      const headersOf = async (path: string) => (await ask(front.port, path)).headers;
      expect(await headersOf('/feed.rss?x')).toMatchObject({
        'content-type': 'application/rss+xml; charset=utf-8',
        'cache-control': 'no-cache',
      });
      expect(await headersOf('/assets/app.js?v=1')).toMatchObject({
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': 'public, max-age=31536000',
      });
      expect(await headersOf('/data/x.json')).toMatchObject({
        'content-type': 'application/ld+json; charset=utf-8',
      });
    });

    test('a client keeps what it has', async () => {
      const { headers } = await ask(front.port, `/page${slash}`);
      const back = [`If-None-Match: ${headers.etag}`, `If-Modified-Since: ${headers['last-modified']}`];
      expect(headers['last-modified']).toBe(aged.toUTCString());
      expect((await ask(front.port, `/page${slash}`, back)).status).toBe(304);
      expect((await ask(front.port, `/page${slash}`, ['If-None-Match: "other"'])).status).toBe(200);
    });

    test('what is not there is a 404, with the page for it', async () => {
      const paths = [
        '/none',
        '/blog/none',
        '/.pagetree/tree.json',
        '/CACHEDIR.TAG',
        '/page.gz',
        '//page',
        '/%70age',
        '/none?x',
      ];
      for (const path of paths) {
        const answer = await ask(front.port, path);
        expect([answer.status, answer.text], path).toEqual([404, 'there is no such page']);
      }
      const { status, text: said } = await ask(front.port, `/page${slash}`, ['Content-Length: 0'], 'POST');
      expect([404, 405]).toContain(status);
      expect(said).not.toContain('words');
    });
  });
});
