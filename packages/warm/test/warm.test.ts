import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPageCache } from '@pagetree/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { run } from './support/bins.ts';
import { leftovers, newFolder } from './support/folders.ts';
import { bodyOf, type Origin, startOrigin } from './support/origin.ts';

let origin: Origin;
let cwd: string;
let cacheDir: string;

beforeAll(async () => {
  origin = await startOrigin();
});
afterAll(() => origin.close());
beforeEach(() => {
  cwd = newFolder();
  cacheDir = join(cwd, 'cache');
  origin.asked.clear();
  origin.latency = 0;
  origin.widest = 0;
});

function list(...lines: string[]): string {
  writeFileSync(join(cwd, 'urls.txt'), `${lines.join('\n')}\n`);
  return 'urls.txt';
}

const warm = (...args: string[]) => run('cache-warm', args, { cwd });
const page = (place: string) => readFileSync(join(cacheDir, place), 'utf8');
const pages = () =>
  (readdirSync(cacheDir, { recursive: true, withFileTypes: true }) as import('node:fs').Dirent[])
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(cacheDir.length + 1))
    .filter((file) => !/^\.pagetree|^CACHEDIR|\.(gz|br|zst)$/.test(file))
    .sort();

describe('cache-warm', () => {
  it('stores every page of a list, byte for byte, and ends with 0', async () => {
    const ran = await warm(
      list('/', '/about', '/blog', '/blog/first', '/blog/', '/caf%C3%A9'),
      '--cache-dir',
      './cache',
      '--origin',
      origin.url,
    );
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.stdout).toMatch(/^Done: http:.* into .*cache\n {2}stored {3}6 {2}\d+ bytes\n/);
    expect(pages()).toEqual([
      '__index.html',
      'about',
      'blog/__index.html',
      'blog/__page.html',
      'blog/first',
      'café',
    ]);
    expect(page('about')).toBe(bodyOf('/about'));
    expect(page('blog/__page.html')).toBe(bodyOf('/blog'));
    expect(page('blog/__index.html')).toBe(bodyOf('/blog/'));
    expect(page('café')).toBe(bodyOf('/caf%C3%A9'));
    expect(leftovers(cacheDir)).toEqual([]);
  });

  it('stores what a web server could not serve as it is only when it is told to, and says that it did', async () => {
    const args = [list('/about', '/json'), '--cache-dir', 'cache', '--origin', origin.url];
    expect((await warm(...args)).stdout).toContain('1 type-mismatch');
    const { code, stdout } = await warm(...args, '--private-pages');
    expect(code).toBe(0);
    expect(stdout).toMatch(/stored {3}1 {2}\d+ bytes, 1 of them for the middleware alone\n/);
    expect(pages()).toEqual(['about']);
    expect(existsSync(join(cacheDir, '.pagetree/private/pages/json/.page'))).toBe(true);
  });

  it('needs no --origin when the URLs are absolute', async () => {
    const ran = await warm(list(`${origin.url}/a`, `${origin.url}/b?`, '/c'), '--cache-dir', './cache');
    expect(ran.code).toBe(3);
    expect(pages()).toEqual(['a', 'c']);
  });

  it('fetches a page once: what is there is not asked for again', async () => {
    const args = [
      list('/a', '/b', '/a', '', '# comment', `${origin.url}/b`),
      '--cache-dir',
      'cache',
      '--origin',
      origin.url,
    ];
    expect((await warm(...args)).stdout).toContain('2 URLs in');
    const again = await warm(...args);
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/present +2 {2}there already, not fetched/);
    expect(again.stdout).toContain('2 repetitions left out');
    expect([...origin.asked]).toEqual([
      ['/a', 1],
      ['/b', 1],
    ]);
  });

  it('does not ask an origin at all when everything is there', async () => {
    const urls = list('/a');
    await warm(urls, '--cache-dir', 'cache', '--origin', origin.url);
    const stopped = await warm(urls, '--cache-dir', 'cache', '--origin', 'http://127.0.0.1:1');
    expect(stopped.code).toBe(0);
  });

  it('reads standard input, and lists one after the other', async () => {
    writeFileSync(join(cwd, 'more.txt'), '/c\n');
    const args = ['-', 'more.txt', '--cache-dir', 'cache', '--origin', origin.url];
    const ran = await run('cache-warm', args, { cwd, input: '\ufeff/a\r\n  /b  \r\n' });
    expect(ran.code).toBe(0);
    expect(pages()).toEqual(['a', 'b', 'c']);
  });

  it('asks politely, under its own name, and shows the token of the tree', async () => {
    await warm(list('/a'), '--cache-dir', 'cache', '--origin', origin.url, '--host', 'www.example.org');
    const { token } = createPageCache({ cacheDir });
    expect(token).toBeDefined();
    expect(origin.lastHeaders).toMatchObject({
      host: 'www.example.org',
      accept: 'text/html,*/*;q=0.8',
      'accept-encoding': 'identity',
      'pagetree-token': token,
    });
    expect(origin.lastHeaders['user-agent']).toMatch(/^pagetree-warm\/\d+\.\d+\.\d+$/);
    expect(origin.lastHeaders.cookie).toBeUndefined();
  });

  it('never asks for more at once than --concurrency says', async () => {
    origin.latency = 50;
    const urls = list(...Array.from({ length: 100 }, (_, at) => `/${at}`));
    await warm(urls, '--cache-dir', 'cache', '--origin', origin.url, '-c', '3');
    expect(origin.widest).toBe(3);
    // Beside that what a busy machine adds is little, so it does not count as a site that slows down.
    origin.latency = 300;
    await warm(urls, '--cache-dir', 'cache', '--origin', origin.url, '-c', '20', '--refresh');
    expect(origin.widest).toBeGreaterThan(10);
    expect(origin.widest).toBeLessThanOrEqual(20);
  });

  it('fetches what is there again with --refresh, and keeps it when that fails', async () => {
    const urls = list('/news', '/gone');
    const args = [urls, '--cache-dir', 'cache', '--origin', origin.url];
    origin.routes['/news'] = (response) => response.setHeader('content-type', 'text/html').end('old news');
    await warm(...args);
    origin.routes['/news'] = (response) => response.setHeader('content-type', 'text/html').end('new news');
    origin.routes['/gone'] = (response) => response.writeHead(500).end();
    const ran = await warm(...args, '--refresh');
    delete origin.routes['/news'];
    delete origin.routes['/gone'];
    expect(ran.code).toBe(3);
    expect(page('news')).toBe('new news');
    expect(page('gone')).toBe(bodyOf('/gone'));
    expect(leftovers(cacheDir)).toEqual([]);
  });

  it('does not take the old page for a new one when a middleware that does not know its token answers', async () => {
    const args = [list('/old'), '--cache-dir', 'cache', '--origin', origin.url];
    await warm(...args);
    origin.routes['/old'] = (response) =>
      response
        .writeHead(200, { 'content-type': 'text/html', 'cache-status': 'pagetree; hit' })
        .end('from the cache');
    const ran = await warm(...args, '--refresh');
    delete origin.routes['/old'];
    expect(ran.code).toBe(3);
    expect(ran.stdout).toContain('from-cache');
    expect(page('old')).toBe(bodyOf('/old'));
    expect(leftovers(cacheDir)).toEqual([]);
  });

  it('names every URL that may not be stored, and counts the reasons', async () => {
    const urls = list(
      ...[
        '/ok',
        '/status/404',
        '/status/500',
        '/redirect',
        '/cookie',
        '/private',
        '/vary',
        '/json',
        '/latin',
      ],
      ...['/empty', '/trailers', '/a?b', '/a%2Fb', '/.git/config', '/a//b', '/x.php'],
      ...['http://other.example/', 'not a path', `/${'x'.repeat(9000)}`, '/tab\there'],
    );
    const ran = await warm(
      urls,
      '--cache-dir',
      'cache',
      '--origin',
      origin.url,
      '--json',
      '--report',
      'why.ndjson',
    );
    expect(ran.code).toBe(3);
    const summary = JSON.parse(ran.stdout);
    expect(summary).toMatchObject({ urls: 20, stored: 1, present: 0, refused: 19, failed: 0, exitCode: 3 });
    const counted = Object.fromEntries(
      summary.reasons.map(({ reason, count }: { reason: string; count: number }) => [reason, count]),
    );
    expect(counted).toEqual({
      status: 2,
      redirect: 1,
      'bad-line': 3,
      'set-cookie': 1,
      'cache-control': 1,
      vary: 1,
      'type-mismatch': 1,
      charset: 1,
      'empty-body': 1,
      trailers: 1,
      query: 1,
      'encoded-slash': 1,
      'hidden-segment': 1,
      'empty-segment': 1,
      'executable-name': 1,
      'other-origin': 1,
    });
    const report = readFileSync(join(cwd, 'why.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(report).toHaveLength(19);
    const of = (end: string) => report.find(({ url }) => url.endsWith(end));
    expect(of('/redirect')).toMatchObject({
      reason: 'redirect',
      detail: expect.stringContaining('302'),
      line: 4,
    });
    expect(of('/redirect').detail).toContain('/elsewhere');
    expect(report.find(({ line }) => line === 19)).toMatchObject({
      reason: 'bad-line',
      detail: 'line 19 of urls.txt: longer than 8192 bytes',
    });
    expect(pages()).toEqual(['ok']);
    expect(leftovers(cacheDir)).toEqual([]);
    expect(existsSync(join(cwd, '.git'))).toBe(false);
  });

  it('decodes a page that came compressed though nobody asked for that', async () => {
    const ran = await warm(list('/gzip', '/bad-gzip'), '--cache-dir', 'cache', '--origin', origin.url);
    expect(ran.code).toBe(3);
    expect(page('gzip')).toBe('zipped page');
    expect(pages()).toEqual(['gzip']);
  });

  it('passes the options of the tree on, and later tools read them from the tree', async () => {
    const urls = list('/a', '/a/', '/feed/x', '/data.webfont', '/private/x');
    origin.routes['/feed/x'] = (response) =>
      response.setHeader('content-type', 'application/rss+xml').end('<rss/>');
    origin.routes['/data.webfont'] = (response) => response.setHeader('content-type', 'font/woff2').end('w');
    const args = ['--layout', 'html', '--type', '/feed=application/rss+xml', '--type', '.webfont=font/woff2'];
    const more = ['--exclude-paths', '/private', '--directory-index', 'start.html'];
    const ran = await warm(urls, '--cache-dir', 'cache', '--origin', origin.url, ...args, ...more, '--json');
    delete origin.routes['/feed/x'];
    delete origin.routes['/data.webfont'];
    expect(JSON.parse(ran.stdout)).toMatchObject({ stored: 4, reasons: [{ reason: 'excluded-path' }] });
    expect(pages()).toEqual(expect.arrayContaining(['a.html', 'a/start.html']));
    const purged = await run('cache-purge', ['/a', '/a/', '--cache-dir', 'cache'], { cwd });
    expect(purged.stdout).toContain('2 pages');
  });

  it('takes what it needs from the configuration file', async () => {
    const config = {
      cacheDir: '../cache',
      contentType: 'text/html',
      warm: { origin: origin.url, concurrency: 2 },
    };
    mkdirSync(join(cwd, 'etc'));
    mkdirSync(join(cwd, '.git'));
    writeFileSync(join(cwd, 'pagetree.config.json'), JSON.stringify({ ...config, cacheDir: 'cache' }));
    mkdirSync(join(cwd, 'deep', 'er'), { recursive: true });
    list('/a');
    const ran = await run('cache-warm', ['../../urls.txt'], { cwd: join(cwd, 'deep', 'er') });
    expect(ran).toMatchObject({ code: 0 });
    expect(pages()).toEqual(['a']);
    const env = { PAGETREE_CACHE_DIR: '../cache' };
    const purged = await run('cache-purge', ['/a'], { cwd: join(cwd, 'deep'), env });
    expect(purged.stdout).toMatch(/^\/a: removed, 1 page/);
  });

  it('keeps standard output for the summary, and everything else out of it', async () => {
    const ran = await warm(list('/a', '/status/404'), '--cache-dir', 'cache', '--origin', origin.url);
    expect(ran.stdout).toMatch(/^Done: /);
    expect(ran.stderr).toBe(`refused ${origin.url}/status/404: status (404)\n`);
    const quiet = await warm('urls.txt', '--cache-dir', 'cache', '--origin', origin.url, '--quiet', '--json');
    expect(quiet.stderr).toBe('');
    expect(JSON.parse(quiet.stdout)).toMatchObject({ present: 1, refused: 1 });
  });

  it('prints nothing that a terminal would obey', async () => {
    const ran = await warm(
      list('/\u202egnp.exe', 'x\u001b]0;owned\u0007'),
      '--cache-dir',
      'cache',
      '--origin',
      origin.url,
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(ran.stdout + ran.stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f\u202e]/);
    expect(ran.stderr).toContain('x\\u{1b}]0;owned\\u{7}: bad-line');
  });

  it('streams a list that does not fit into memory', async () => {
    const line = `/${'long/'.repeat(400)}`;
    const urls = list(...Array.from({ length: 30_000 }, (_, at) => `${line}${at}?q`));
    const args = [urls, '--cache-dir', 'cache', '--origin', origin.url, '-q'];
    const ran = await run('cache-warm', args, { cwd, nodeArgs: ['--max-old-space-size=64'] });
    expect(ran.code).toBe(3);
    expect(ran.stdout).toContain('  refused  30,000');
  });

  it('draws its line on a terminal', async () => {
    origin.latency = 20;
    const urls = list(...Array.from({ length: 120 }, (_, at) => `/${at}`), '/status/404');
    const bin = new URL('../bin/cache-warm.js', import.meta.url).pathname;
    const command = `stty cols 30; ${process.execPath} ${bin} ${urls} --cache-dir cache --origin ${origin.url}`;
    const terminal = spawn('/usr/bin/script', ['-qec', command, '/dev/null'], {
      cwd,
      env: { ...process.env, TERM: 'xterm' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ran = (await terminal.stdout.toArray()).join('');
    const drawn = ran.split('\r\u001b[K').slice(1);
    expect(drawn.length).toBeGreaterThan(1);
    for (const line of drawn.slice(0, -1)) expect(line.split('\n').at(-1)!.length).toBeLessThan(30);
    expect(ran).toMatch(/\d+ of 121 pages/);
    expect(ran).toContain('Done: ');
  });
});
