/** `cache-purge --rewarm`: what is removed is fetched again, and nothing that was made before is left. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createPageCache } from '@pagetree/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { run, stackTrace } from './support/bins.ts';
import { leftovers, newFolder } from './support/folders.ts';
import { runHere } from './support/in-process.ts';
import { bodyOf, type Origin, startOrigin } from './support/origin.ts';
import { samples, storeAll } from './tree/trees.ts';

let origin: Origin;
let cwd: string;
let cacheDir: string;

beforeAll(async () => {
  origin = await startOrigin();
});
afterAll(() => origin.close());
beforeEach(async () => {
  cwd = newFolder();
  cacheDir = join(cwd, 'cache');
  await storeAll(cacheDir);
  origin.asked.clear();
  origin.latency = 0;
  for (const name of Object.keys(origin.routes)) delete origin.routes[name];
  origin.routes['/style.css'] = (response) =>
    response.writeHead(200, { 'content-type': 'text/css' }).end('p {}');
});

const purge = (...args: string[]) => run('cache-purge', args, { cwd });
const again = (...args: string[]) => purge(...args, '--rewarm', '--origin', origin.url);
const at = (place: string) => join(cacheDir, place);
const textAt = (place: string) => readFileSync(at(place), 'utf8');
const all = samples.map(({ path }) => path).sort();

async function left(): Promise<string[]> {
  const cache = createPageCache({ cacheDir });
  const keys: string[] = [];
  for await (const { key } of cache.list()) keys.push(key);
  await cache.close();
  return keys.sort();
}

describe('cache-purge --rewarm', () => {
  it('puts new pages in the place of the old ones, and asks for nothing else', async () => {
    const { code, stdout, stderr } = await again('-r', '/blog');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      `/blog: to be fetched again, 4 pages, 9.5 kB\n4 pages fetched again from ${origin.url}, 0 removed\n`,
    );
    expect([...origin.asked.keys()].sort()).toEqual(['/blog', '/blog/', '/blog/a', '/blog/b/c']);
    expect(textAt('blog/a')).toBe(bodyOf('/blog/a'));
    expect(textAt('blog/__page.html')).toBe(bodyOf('/blog'));
    expect(textAt('about')).toContain('the page /about');
    expect(await left()).toEqual(all);
    expect(leftovers(cacheDir)).toEqual([]);
  });

  it.each([
    [['/blog/**'], ['/blog/', '/blog/a', '/blog/b/c']],
    [
      ['--tag', 'news'],
      ['/', '/blog', '/blog/a'],
    ],
    [['--all', '--yes'], all],
    [
      ['/about', '/café'],
      ['/about', '/caf%C3%A9'],
    ],
    [['-r', '/blog', '--older-than', '1h'], []],
    [['/about', '--older-than', '0s'], ['/about']],
    [['--older-than', '0s', '--yes'], all],
  ])('%j fetches %j', async (args, expected) => {
    const { code, stderr } = await again(...args);
    expect([code, stderr]).toEqual([0, '']);
    expect([...origin.asked.keys()].sort()).toEqual([...expected].sort());
    expect(await left()).toEqual(all);
    for (const key of expected) expect(await newOf(key)).toBe(true);
  });

  async function newOf(key: string): Promise<boolean> {
    const { stdout } = await run('pagetree', ['why', key, '--json'], { cwd });
    return JSON.parse(stdout).stored.by === 'warm';
  }

  it('reads lists, and names the lines that are wrong', async () => {
    writeFileSync(
      join(cwd, 'list.txt'),
      `/about\n${origin.url}/blog/a\nhttps://other.example/blog\nnonsense\n`,
    );
    const { code, stderr, stdout } = await again('--list', 'list.txt');
    expect(code).toBe(2);
    expect(stderr).toBe(
      `line 3: "https://other.example/blog" is not a page of ${origin.url}.\n` +
        'line 4: "nonsense" is neither a path nor a URL.\n',
    );
    expect(stdout).toContain('2 pages fetched again');
    expect([...origin.asked.keys()].sort()).toEqual(['/about', '/blog/a']);
  });

  it('removes what the site does not give any more, names it, and ends with 3', async () => {
    origin.routes['/blog/a'] = (response) => response.writeHead(404).end('gone');
    origin.routes['/about'] = (response) =>
      response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'a=b' }).end('mine');
    const { code, stdout, stderr } = await again('/blog/a', '/about', '/blog');
    expect(code).toBe(3);
    expect(stderr).toContain(`refused ${origin.url}/blog/a: status`);
    expect(stderr).toContain(`refused ${origin.url}/about: set-cookie`);
    expect(stdout).toContain(`1 page fetched again from ${origin.url}, 2 removed\nNot stored, and why:\n`);
    expect(await left()).toEqual(all.filter((key) => !['/blog/a', '/about'].includes(key)));
    expect(
      ['about.gz', 'about.br', '.pagetree/meta/about.pagetree'].filter((name) => existsSync(at(name))),
    ).toEqual([]);
    expect(textAt('blog/__page.html')).toBe(bodyOf('/blog'));
  });

  it('keeps the old page until the new one is there', async () => {
    const seen: boolean[] = [];
    origin.routes['/about'] = (response) => {
      seen.push(textAt('about').includes('the page /about'));
      response.writeHead(200, { 'content-type': 'text/html' }).end('new');
    };
    expect((await again('/about')).code).toBe(0);
    expect(seen).toEqual([true]);
    expect(textAt('about')).toBe('new');
  });

  it('asks without a condition and shows the token, and stores a page that is the same anew', async () => {
    expect((await again('/about')).code).toBe(0);
    const { mtimeMs } = statSync(at('about'));
    origin.routes['/about'] = (response, request) => {
      const { 'if-none-match': etag, 'if-modified-since': since } = request.headers;
      if (etag !== undefined || since !== undefined) response.writeHead(304).end();
      else response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(bodyOf('/about'));
    };
    expect((await again('/about')).stdout).toContain('1 page fetched again');
    expect(textAt('about')).toBe(bodyOf('/about'));
    // Within a second the fraction is by chance.
    expect(statSync(at('about')).mtimeMs).not.toBe(mtimeMs);
    expect(origin.lastHeaders['pagetree-token']).toBe(readFileSync(at('.pagetree/token'), 'utf8').trim());
  });

  it('keeps the tags that a list gave a page, beside those that come now', async () => {
    writeFileSync(join(cwd, 'tags.ndjson'), JSON.stringify({ url: '/listed', tags: ['promo'] }));
    const warmed = await run('cache-warm', ['tags.ndjson', '--cache-dir', cacheDir, '--origin', origin.url], {
      cwd,
    });
    expect(warmed.code).toBe(0);
    for (const tag of ['promo', 'fresh', 'promo']) {
      origin.routes['/listed'] = (response) =>
        response.writeHead(200, { 'content-type': 'text/html', 'cache-tag': 'fresh' }).end(`after ${tag}`);
      expect((await again('--tag', tag)).stdout).toContain('1 page fetched again');
      expect(textAt('listed')).toBe(`after ${tag}`);
    }
  });

  it('does not take a page from a cache in between for a new one', async () => {
    origin.routes['/about'] = (response) =>
      response.writeHead(200, { 'content-type': 'text/html', 'cache-status': 'pagetree; hit' }).end('old');
    const { code, stderr } = await again('/about');
    expect([code, stderr]).toEqual([3, expect.stringContaining('from-cache')]);
    expect(existsSync(at('about'))).toBe(false);
  });

  it('fetches nothing that was not stored, and takes the permission of what is being made', async () => {
    const cache = createPageCache({ cacheDir });
    const fills = [];
    for (const target of ['/new', '/blog/new', '/elsewhere']) {
      const found = await cache.lookup({ method: 'GET', target, headers: {} });
      const { ticket } = found as { ticket: import('@pagetree/core').Ticket };
      const fill = ticket.begin({ status: 200, headers: { 'content-type': 'text/html' } })!;
      fill.write(Buffer.from('old news'));
      fills.push(fill);
    }
    const one = await again('/new');
    expect([one.code, one.stdout]).toEqual([
      0,
      `/new: was not stored\n0 pages fetched again from ${origin.url}, 0 removed\n`,
    ]);
    expect(await fills[0]!.commit()).toMatchObject({ kind: 'refused', reason: 'fenced' });
    expect((await again('-r', '/blog')).stdout).toContain('being made will not be stored');
    expect(await fills[1]!.commit()).toMatchObject({ kind: 'refused', reason: 'fenced' });
    await fills[2]!.abort('unfinished');
    await cache.close();
    expect(origin.asked.has('/new') || origin.asked.has('/blog/new')).toBe(false);
    expect(existsSync(at('new'))).toBe(false);
    expect(leftovers(cacheDir)).toEqual([]);
  });

  it('follows the rules of the configuration file, and asks as it says', async () => {
    const config = {
      cacheDir: './cache',
      excludePaths: ['/blog'],
      variants: ['gzip'],
      warm: {
        origin: origin.url,
        header: ['X-Preview: 1'],
        refresh: false,
        crawl: true,
        exec: 'false',
        prune: true,
      },
    };
    writeFileSync(join(cwd, 'pagetree.config.json'), JSON.stringify(config));
    origin.routes['/about'] = (response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('a long page '.repeat(1000));
    const { code, stdout } = await purge('/blog/a', '/about', '--rewarm', '--json');
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      pages: 2,
      rewarm: {
        origin: origin.url,
        stored: 1,
        removed: 1,
        missed: 1,
        reasons: [{ reason: 'excluded-path', count: 1 }],
      },
    });
    expect([...origin.asked.keys()]).toEqual(['/about']);
    expect(origin.lastHeaders['x-preview']).toBe('1');
    expect([existsSync(at('about.gz')), existsSync(at('about.br'))]).toEqual([true, false]);
  });

  it('takes a URL with one of the hosts of the site', async () => {
    const config = { cacheDir: './cache', hosts: ['www.example.org'] };
    writeFileSync(join(cwd, 'pagetree.config.json'), JSON.stringify(config));
    // The site is asked by its address, which is no name of it: no page could be stored, and all of them would go.
    const refused = await again('https://www.example.org/about');
    expect([refused.code, refused.stderr.split('\n', 1)[0]]).toEqual([
      2,
      `cache-purge: The site would be asked as ${origin.url.slice(7)}, which is none of its hosts (www.example.org): no page could be stored.`,
    ]);
    expect([await left(), origin.asked.size]).toEqual([all, 0]);
    const named = { ...config, warm: { host: 'www.example.org' } };
    writeFileSync(join(cwd, 'pagetree.config.json'), JSON.stringify(named));
    expect((await again('https://www.example.org/about')).code).toBe(0);
    expect(origin.lastHeaders.host).toBe('www.example.org');
  });

  it('keeps pages for the middleware alone where the tree has some', async () => {
    const cache = createPageCache({ cacheDir, privatePages: true });
    const found = await cache.lookup({ method: 'GET', target: '/data', headers: {} });
    const { ticket } = found as { ticket: import('@pagetree/core').Ticket };
    const fill = ticket.begin({ status: 200, headers: { 'content-type': 'application/json' } })!;
    fill.write(Buffer.from('{"old":1}'));
    expect(await fill.commit()).toMatchObject({ kind: 'stored', isPrivate: true });
    origin.routes['/data'] = (response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"new":1}');
    expect((await again('/data')).code).toBe(0);
    const stored = await cache.lookup({ method: 'GET', target: '/data', headers: {} });
    const { page } = stored as { page: import('@pagetree/core').Page };
    expect([page.contentType, `${await (await page.body())!.bytes()}`]).toEqual([
      'application/json',
      '{"new":1}',
    ]);
    await page.close();
    await cache.close();
  });

  it('changes nothing and asks nobody with --dry-run', async () => {
    const { code, stdout } = await again('-r', '/blog', '/about', '--dry-run');
    expect([code, stdout]).toEqual([
      0,
      '/blog: would be fetched again, 4 pages, 9.5 kB\n/about: would be fetched again, 1 page, 2.3 kB\n' +
        `5 pages, 11.8 kB would be fetched again into ${cacheDir}\n`,
    ]);
    expect(origin.asked.size).toBe(0);
    expect(textAt('about')).toContain('the page /about');
  });

  it('removes nothing when the site cannot be reached', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const { code, stderr } = await purge('/about', '--rewarm', '--origin', `http://127.0.0.1:${port}`);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^cache-purge: .+\n {2}.+ Nothing was removed\.\n$/),
    ]);
    expect(await left()).toEqual(all);
  });

  it('removes the rest when it is stopped', async () => {
    origin.routes['/blog/a'] = () => {};
    const ran = run('cache-purge', ['-r', '/blog', '--rewarm', '--origin', origin.url], {
      cwd,
      watch: (child) => {
        const look = setInterval(() => {
          if (!origin.asked.has('/blog/a')) return;
          clearInterval(look);
          child.kill('SIGINT');
        }, 20);
      },
    });
    const { code, stderr } = await ran;
    expect([code, stderr]).toEqual([130, expect.stringContaining('Stopping: ')]);
    expect(existsSync(at('blog/a'))).toBe(false);
    for (const key of await left()) {
      const { stdout } = await runHere('cat', [key, '--cache-dir', at('')]);
      expect(stdout === bodyOf(key)).toBe(key.startsWith('/blog'));
    }
  }, 20_000);

  it.each([
    [['/about', '--rewarm'], '--rewarm needs the address of the site, and nothing says it.'],
    [['/about', '--origin', 'http://127.0.0.1:1'], '--origin is for --rewarm: a purge alone asks no site.'],
    [['/about', '--rewarm', '--origin', 'x'], /origin must be the scheme, host and port of the site/],
    [['https://other.example/about', '--rewarm', '--origin', 'http://127.0.0.1:1'], /is not a page of http/],
    [['--all', '--rewarm', '--origin', 'http://127.0.0.1:1'], /This would remove every page/],
  ])('says what is wrong with %j', async (args, sentence) => {
    const { code, stderr, stdout } = await purge(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.split('\n', 1)[0]).toMatch(sentence);
    expect(await left()).toEqual(all);
  });

  it('removes nothing from a folder that is no tree, and asks for nothing', async () => {
    mkdirSync(join(cwd, 'precious'));
    writeFileSync(join(cwd, 'precious/a'), 'data');
    const { code } = await again('/a', '--cache-dir', 'precious');
    expect([code, origin.asked.size]).toEqual([2, 0]);
    expect(readdirSync(join(cwd, 'precious'))).toEqual(['a']);
  });

  it('says plainly that nothing is stored in an empty tree', async () => {
    await createPageCache({ cacheDir: join(cwd, 'empty') }).close();
    const { code, stdout } = await again('-r', '/blog', '--cache-dir', 'empty');
    expect([code, stdout]).toEqual([
      0,
      `/blog: was not stored\n0 pages fetched again from ${origin.url}, 0 removed\n`,
    ]);
    expect(origin.asked.size).toBe(0);
  });

  it.runIf(process.getuid?.() === 0)('changes nothing in a tree of somebody else, and says so', async () => {
    chmodSync(cwd, 0o755);
    for (const args of [['/about'], ['-r', '/blog']]) {
      const ran = await run('cache-purge', [...args, '--rewarm', '--origin', origin.url], {
        cwd,
        env: { HOME: cwd },
        prefix: ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'],
      });
      expect(ran.code).not.toBe(0);
      expect(ran.code).not.toBe(3);
      expect(ran.stderr).toMatch(/^cache-purge: /m);
      expect(ran.stderr).not.toMatch(stackTrace);
    }
    expect(await left()).toEqual(all);
    expect(textAt('about')).toContain('the page /about');
  });
});
