/** What cache-warm is fed with, on the compat site and by the real command: sitemaps, links, logs, reports, patterns. */
import { createReadStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allPaths } from '../support/compat-paths.ts';
import { cacheWarm, type Ended, type Site, startSite } from '../support/processes.ts';
import { leftovers, pagesOf, temporaryFolder } from '../support/tree.ts';

const folder = await temporaryFolder();
const trees = { count: 0 };
let site: Site;

beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.stop());

/** Warms into a tree of its own, as fast as it goes. */
async function warm(...args: string[]): Promise<Ended & { readonly cacheDir: string }> {
  trees.count += 1;
  const cacheDir = join(folder, `cache-${trees.count}`);
  const fast = ['--variants', 'none', '--durability', 'none', '--cache-dir', cacheDir];
  return { ...(await cacheWarm([...args, ...fast], { cwd: folder })), cacheDir };
}

const file = async (name: string, content: string | Buffer) => {
  await writeFile(join(folder, name), content);
  return name;
};

describe('cache-warm', () => {
  test('with --robots finds every page of the site, from the sitemaps that robots.txt names', async () => {
    const named = await sitemapPaths();
    expect(named.length).toBeGreaterThan(10_000);
    const ran = await warm('--robots', '--origin', site.origin, '--dry-run', '--json');
    expect(ran).toMatchObject({ code: 0, signal: null });
    expect(JSON.parse(ran.stdout)).toMatchObject({ urls: named.length, refused: 0, failed: 0 });
  }, 120_000);

  test('stores them in parts, each machine its own', async () => {
    const named = await sitemapPaths();
    const parts: string[] = [];
    for (const shard of ['1/200', '2/200']) {
      const ran = await warm(`${site.origin}/sitemap.xml`, '--shard', shard);
      expect(ran.code).toBe(0);
      expect(await leftovers(ran.cacheDir)).toEqual([]);
      parts.push(...(await pagesOf(ran.cacheDir)));
    }
    expect(new Set(parts).size).toBe(parts.length);
    expect(parts.length).toBeGreaterThan(named.length / 200);
    expect(parts.length).toBeLessThan(named.length / 50);
  }, 120_000);

  test('with --crawl finds what two clicks reach, and only pages of the site', async () => {
    const ran = await warm('--crawl', '--depth', '1', '--origin', site.origin, '--json');
    expect([0, 3]).toContain(ran.code);
    const pages = await pagesOf(ran.cacheDir);
    expect(pages).toContain('__index.html');
    expect(pages).toContain('style.css');
    expect(pages.length).toBeGreaterThan(5);
    const known = new Set(allPaths);
    const paths = pages.map((page) => `/${page.replace(/\/__page\.html$|__index\.html$/, '')}`);
    expect(paths.filter((path) => !known.has(path))).toEqual([]);
  }, 120_000);

  test('takes a pattern of files that the shell left alone, packed or not', async () => {
    await mkdir(join(folder, 'lists'), { recursive: true });
    await file('lists/1.txt', '/style.css\n');
    await file('lists/2.txt.gz', gzipSync('/style.css\n/\n'));
    const ran = await warm('lists/*', '/robots.txt', '--origin', site.origin, '--json');
    expect(JSON.parse(ran.stdout)).toMatchObject({ stored: 3, duplicates: 1 });
    expect(ran.code).toBe(0);
  });

  test('takes its own report of what failed as a list', async () => {
    const first = await warm(
      await file('urls.txt', '/\n/no-such-page\n'),
      '--origin',
      site.origin,
      '--report',
      'r.ndjson',
    );
    expect(first.code).toBe(3);
    const again = await warm('r.ndjson', '--origin', site.origin, '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ urls: 1, refused: 1, reasons: [{ reason: 'status' }] });
  });

  test('takes an access log and asks for the hottest page first', async () => {
    const asked: string[] = [];
    const server: Server = createServer((request, response) => {
      asked.push(request.url!);
      response.setHeader('content-type', 'text/html').end(`page ${request.url}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const line = (target: string, status = 200) =>
      `192.0.2.1 - - [10/Oct/2026:13:55:36 +0000] "GET ${target} HTTP/1.1" ${status} 5 "-" "M"\n`;
    const log = line('/cold') + line('/hot').repeat(3) + line('/warm').repeat(2) + line('/gone', 404);
    const ran = await warm(await file('access.log', log), '--origin', origin, '--concurrency', '1');
    server.close();
    expect(ran.code).toBe(0);
    expect(asked).toEqual(['/hot', '/warm', '/cold']);
    expect(ran.stderr).toContain('left out of 7 lines: 1 not answered 200 (first: line 7)');
  });

  test('names every sitemap that cannot be read, and stores the rest', async () => {
    const index = `<sitemapindex>${['/sitemaps/site.xml', '/sitemaps/no-such.xml', '/'].map((path) => `<sitemap><loc>${site.origin}${path}</loc></sitemap>`).join('')}</sitemapindex>`;
    const ran = await warm(
      await file('index.xml', index),
      '--origin',
      site.origin,
      '--json',
      '--report',
      'why.ndjson',
    );
    expect(ran.code).toBe(3);
    const summary = JSON.parse(ran.stdout);
    expect(summary.stored).toBeGreaterThan(0);
    expect(summary.reasons).toMatchObject([{ reason: 'bad-source', outcome: 'failed', count: 2 }]);
    const lines = createInterface({ input: createReadStream(join(folder, 'why.ndjson')) });
    const details: string[] = [];
    for await (const text of lines) details.push(JSON.parse(text).detail);
    expect(details).toEqual([
      'cannot be read: the site answers 404',
      'cannot be read: it is a page of HTML, not a list',
    ]);
  });

  test('says in one sentence that a sitemap is none', async () => {
    const ran = await warm(`${site.origin}/no-such-sitemap.xml`);
    expect(ran.stderr).toMatch(/^cache-warm: The list http:\S+ cannot be read: the site answers 404\.\n/);
    expect(ran.stderr).not.toContain('    at ');
    expect([2, 5]).toContain(ran.code);
  });

  test('asks nobody but the site, whatever its sitemap says', async () => {
    let asked = 0;
    const other = createServer((_, response) => {
      asked += 1;
      response.end();
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const away = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const text = `<urlset><url><loc>${away}/a</loc></url><url><loc>${site.origin}/style.css</loc></url></urlset>`;
    const ran = await warm(await file('away.xml', text), '--origin', site.origin, '--json');
    other.close();
    expect(JSON.parse(ran.stdout)).toMatchObject({
      stored: 1,
      refused: 1,
      reasons: [{ reason: 'other-origin' }],
    });
    expect(asked).toBe(0);
  });
});

/** Every path that the sitemaps of the site name, each once. */
async function sitemapPaths(): Promise<string[]> {
  const urlsOf = async (path: string) => {
    const { body } = await site.ask(path);
    return [...body.toString().matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, url]) => new URL(url!).pathname);
  };
  const paths = (await Promise.all((await urlsOf('/sitemap.xml')).map(urlsOf))).flat();
  return [...new Set(paths)];
}
