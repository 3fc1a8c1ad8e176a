import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createPageCache, TOKEN_HEADER } from '@pagetree/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type WarmOptions, warm } from '../../src/index.ts';
import { Publication } from '../../src/publish/publication.ts';
import { run } from '../support/bins.ts';
import { newFolder } from '../support/folders.ts';
import { type Origin, startOrigin } from '../support/origin.ts';
import { storeAll } from '../tree/trees.ts';

let origin: Origin;
let cwd: string;
let cacheDir: string;
let trees: string;

beforeAll(async () => {
  origin = await startOrigin();
});
afterAll(() => origin.close());
beforeEach(() => {
  cwd = newFolder();
  cacheDir = join(cwd, 'cache');
  trees = join(cwd, 'cache.releases');
  origin.asked.clear();
  origin.latency = 0;
  for (const path of Object.keys(origin.routes)) delete origin.routes[path];
});

const pages = (count: number, from = 0) => Array.from({ length: count }, (_, at) => `/p/${at + from}`);
const publish = (urls: readonly string[], more: Partial<WarmOptions> = {}) =>
  warm({ cacheDir, origin: origin.url, urls, publish: true, variants: false, durability: 'none', ...more });
const names = () => readdirSync(trees).sort();
const live = () => readlinkSync(cacheDir);

describe('--publish', () => {
  it('makes a tree beside the live one, and switches to it', async () => {
    const first = await publish(pages(20));
    expect(first).toMatchObject({
      cacheDir,
      stored: 20,
      published: { tree: 1, previous: undefined, kept: [] },
    });
    expect(live()).toBe('cache.releases/1');
    const gone: string[] = [];
    const second = await publish(pages(20, 1), { onGone: (key, place) => gone.push(`${key} ${place}`) });
    expect(second).toMatchObject({
      stored: 20,
      changes: { gone: 1 },
      published: { tree: 2, previous: 1, kept: [1] },
      notPublished: undefined,
    });
    expect(gone).toEqual(['/p/0 p/0']);
    expect(live()).toBe('cache.releases/2');
    expect(readFileSync(join(cacheDir, 'p/20'), 'utf8')).toContain('/p/20');
    expect(existsSync(join(cacheDir, 'p/0'))).toBe(false);
    expect(existsSync(join(trees, '1', 'p/0'))).toBe(true);
    await publish(pages(20, 1), { keep: 0 });
    expect(names()).toEqual(['3']);
  });

  it('reports changes against the live tree', async () => {
    const headers = { 'content-type': 'text/html; charset=utf-8', 'content-length': 4 };
    const says = (path: string, body: string, more: object = {}) => {
      origin.routes[path] = (response) => response.writeHead(200, { ...headers, ...more }).end(body);
    };
    says('/a', 'same');
    says('/b', 'one.');
    says('/c', 'head');
    const paths = ['/a', '/b', '/c', '/d'];
    expect((await publish(paths)).changes).toEqual({ new: 4, changed: 0, same: 0, gone: 0 });
    says('/b', 'two.');
    says('/c', 'head', { 'content-language': 'en' });
    const seen = new Map<string, unknown>();
    const onResult: WarmOptions['onResult'] = ({ url, change }) =>
      seen.set(url.slice(origin.url.length), change);
    const summary = await publish(['/a', '/b', '/c', '/e'], { onResult, maxShrink: '50%' });
    expect(summary.changes).toEqual({ new: 1, changed: 2, same: 1, gone: 1 });
    expect(Object.fromEntries(seen)).toEqual({ '/a': 'same', '/b': 'changed', '/c': 'changed', '/e': 'new' });
  });

  it('reports a change of what is kept with a page for the middleware alone', async () => {
    let language = 'en';
    origin.routes['/data'] = (response) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-language': language }).end('{}');
    const seen: unknown[] = [];
    const more = { privatePages: true, onResult: ({ change }: { change?: unknown }) => seen.push(change) };
    await publish(['/data'], more);
    await publish(['/data'], more);
    language = 'de';
    await publish(['/data'], more);
    expect(seen).toEqual(['new', 'same', 'changed']);
  });

  it('takes over the names and the token of the live tree', async () => {
    await publish(['/a'], { layout: 'html' });
    const token = readFileSync(join(cacheDir, '.pagetree/token'), 'utf8');
    await publish(['/a', '/b/']);
    expect(existsSync(join(cacheDir, 'a.html'))).toBe(true);
    expect(readFileSync(join(cacheDir, '.pagetree/token'), 'utf8')).toBe(token);
    expect(lstatSync(join(cacheDir, '.pagetree/token')).mode & 0o777).toBe(0o600);
    await expect(publish(['/a'], { layout: 'mirror' })).rejects.toThrow('layout');
  });

  it.each<[string, () => string[], Partial<WarmOptions>, string]>([
    [
      'too many pages failed',
      () => [...pages(20), '/status/500'],
      { retries: 0 },
      '1 of 21 URLs were not stored; no more than 0 may be',
    ],
    ['there are too few', () => pages(20), { minPages: 21 }, '20 pages are in the tree; at least 21 must be'],
    [
      'too many would go',
      () => pages(20, 5),
      {},
      '5 pages of 20 are in no source, and no more than 10% may go',
    ],
    ['there is none', () => ['/status/404'], { failOn: '1', maxShrink: '100%' }, 'the new tree has no page'],
  ])('switches nothing when %s', async (_, urls, more, why) => {
    await publish(pages(20));
    origin.routes['/status/500'] = (response) => response.writeHead(500).end();
    origin.routes['/status/404'] = (response) => response.writeHead(404).end();
    expect(await publish(urls(), more)).toMatchObject({ notPublished: why, published: undefined });
    expect(live()).toBe('cache.releases/1');
    expect(names()).toEqual(['1']);
    expect((await publish(urls(), { ...more, keepFailed: true })).notPublished).toBe(
      `${why}; the new tree is in ${join(trees, '2.failed')}`,
    );
    expect(names()).toEqual(['1', '2.failed']);
    expect(await publish(pages(20))).toMatchObject({ published: { tree: 3, previous: 1 } });
    expect(names()).toEqual(['1', '3']);
  });

  it('switches nothing when a source cannot be read, whatever may fail', async () => {
    await publish(pages(20));
    const maps = ['/one.xml', '/two.xml'].map((path) => `<sitemap><loc>${origin.url}${path}</loc></sitemap>`);
    const xml = (body: string) => (response: Parameters<(typeof origin.routes)[string]>[0]) =>
      response.writeHead(200, { 'content-type': 'application/xml' }).end(body);
    origin.routes['/sitemap.xml'] = xml(`<sitemapindex>${maps.join('')}</sitemapindex>`);
    const urls = pages(20).map((path) => `<url><loc>${origin.url}${path}</loc></url>`);
    origin.routes['/one.xml'] = xml(`<urlset>${urls.join('')}</urlset>`);
    origin.routes['/two.xml'] = (response) => response.writeHead(500).end();
    const lists = [`${origin.url}/sitemap.xml`];
    const summary = await publish([], { lists, failOn: '50%', retries: 0 });
    expect(summary).toMatchObject({ stored: 20, failed: 1, notPublished: 'a source cannot be read' });
    expect(live()).toBe('cache.releases/1');
  });

  it.each([
    [
      'a sitemap',
      'half.xml',
      (urls: string[]) => `<urlset>${urls.map((url) => `<url><loc>${url}</loc></url>`).join('')}`,
    ],
    [
      'a list in JSON lines',
      'half.ndjson',
      (urls: string[]) => urls.map((url) => `{"url":"${url}"}\n`).join(''),
    ],
  ])('switches nothing when %s was cut within its last entry, whatever may fail', async (_, name, textOf) => {
    await publish(pages(20));
    const file = join(cwd, name);
    const text = textOf(pages(20).map((path) => origin.url + path));
    writeFileSync(file, text.slice(0, text.lastIndexOf('/') - 3));
    for (const failOn of ['50%', '1']) {
      expect(await publish([], { lists: [file], failOn })).toMatchObject({
        ...{ unread: 1, notPublished: 'a source cannot be read' },
      });
    }
    expect(live()).toBe('cache.releases/1');
  });

  it('is refused where the folder is no link of ours, and touches nothing', async () => {
    mkdirSync(cacheDir);
    writeFileSync(join(cacheDir, 'mine'), '');
    await expect(publish(['/a'])).rejects.toMatchObject({
      code: 'ERR_PAGETREE_PUBLISH',
      message: `${cacheDir} must be a symbolic link, which --publish can switch; it is a folder.`,
    });
    rmSync(cacheDir, { recursive: true });
    symlinkSync('elsewhere', cacheDir);
    await expect(publish(['/a'])).rejects.toThrow('is a link to elsewhere, which is no tree in');
    expect(readdirSync(cwd)).toEqual(['cache']);
  });

  it('says what is in the way of the link, and goes on when it is gone', async () => {
    origin.routes['/p/3'] = (response) => {
      mkdirSync(cacheDir);
      response.writeHead(200, { 'content-type': 'text/html' }).end('page');
    };
    await expect(publish(pages(6))).rejects.toMatchObject({
      code: 'ERR_PAGETREE_PUBLISH',
      message: `${cacheDir} must be a symbolic link, which --publish can switch; it is a folder.`,
    });
    expect(names()).toEqual(['1.building']);
    // The folder of trees is there, and what is in it stays.
    await expect(publish(pages(6))).rejects.toMatchObject({
      hint: expect.stringMatching(/^Move it once: mkdir -p .* 'cache\.releases\/2' /),
    });
    rmdirSync(cacheDir);
    expect(await publish(pages(6))).toMatchObject({
      present: 6,
      published: { tree: 2, previous: undefined },
    });
    expect([origin.asked.get('/p/3'), names()]).toEqual([1, ['2']]);
    expect(readdirSync(join(cacheDir, '.pagetree', 'journal'))).toEqual([]);
  });

  it('ends the application that it started when the switch fails', async () => {
    const site = `
      import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
      import { createServer } from 'node:http';
      createServer((request, response) => {
        if (request.url === '/p/3') {
          rmSync('cache');
          mkdirSync('cache');
          writeFileSync('pid', String(process.pid));
        }
        response.writeHead(200, { 'content-type': 'text/html' }).end('page');
      }).listen(process.env.PORT, '127.0.0.1');`;
    writeFileSync(join(cwd, 'site.mjs'), site);
    writeFileSync(join(cwd, 'urls.txt'), pages(6).join('\n'));
    const exec = `exec ${JSON.stringify(process.execPath)} site.mjs`;
    const args = ['urls.txt', '--cache-dir', 'cache', '--publish', '--exec', exec];
    const ran = await run('cache-warm', args, { cwd });
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('must be a symbolic link') });
    const pid = Number(readFileSync(join(cwd, 'pid'), 'utf8'));
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(names()).not.toContain('build.lock');
  });

  it('puts a tree back that the link could not be made for', async () => {
    await publish(['/a']);
    const publication = await Publication.begin({
      ...{ cacheDir, dirMode: 0o755, keep: 1 },
      goesOn: () => false,
      onNotice: () => {},
    });
    // What the new link is made as, before it is moved over the old one, cannot be removed.
    mkdirSync(join(trees, '2.link'));
    await expect(publication.publish()).rejects.toThrow();
    expect(names()).toEqual(['1', '2.building', '2.link', 'build.lock']);
    await publication.leave();
    expect([live(), names()]).toEqual(['cache.releases/1', ['1', '2.link']]);
  });

  it('is done when the live tree was removed by hand', async () => {
    await publish(['/a', '/b']);
    rmSync(join(trees, '1'), { recursive: true });
    const summary = await publish(['/a', '/b']);
    expect(summary).toMatchObject({ published: { tree: 2, previous: 1, kept: [] } });
    expect([live(), names()]).toEqual(['cache.releases/2', ['2']]);
    expect(readdirSync(join(trees, '2', '.pagetree', 'journal'))).toEqual([]);
  });

  it('is done, and again, when an old tree cannot be removed', async () => {
    chmodSync(cwd, 0o777);
    const args = ['/a', '--cache-dir', 'cache', '--origin', origin.url, '--publish', '--keep', '0'];
    // The rights of files are none for root.
    const prefix =
      process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
    const warmed = () =>
      run('cache-warm', [...args, '--max-shrink', '100%'], { cwd, prefix, env: { HOME: cwd } });
    expect(await warmed()).toMatchObject({ code: 0 });
    const stuck = join(trees, '1', 'x');
    mkdirSync(join(stuck, 'y'), { recursive: true });
    chmodSync(stuck, 0o555);
    try {
      for (const tree of [2, 3]) {
        const ran = await warmed();
        expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining(`tree ${tree}`) });
        expect(ran.stderr).toMatch(
          /^note {4}--publish: \S+\/1\.removing is of no use any more, and cannot be removed: /m,
        );
        expect([live(), names()]).toEqual([`cache.releases/${tree}`, ['1.removing', `${tree}`]]);
      }
    } finally {
      chmodSync(join(trees, '1.removing', 'x'), 0o777);
    }
    expect(await warmed()).toMatchObject({ code: 0, stderr: expect.not.stringContaining('note') });
    expect(names()).toEqual(['4']);
  });

  it('goes on from a tree that was moved as the message says', async () => {
    await warm({ cacheDir, origin: origin.url, urls: ['/a'] });
    const hint = await publish(['/a', '/b']).catch((error: { hint: string }) => error.hint);
    const [, command] = /^Move it once: (.*)$/.exec(String(hint))!;
    const moved = await import('node:child_process').then(({ spawnSync }) =>
      spawnSync('sh', ['-c', command!]),
    );
    expect(moved.status).toBe(0);
    expect(readFileSync(join(cacheDir, 'a'), 'utf8')).toContain('/a');
    expect(await publish(['/a', '/b'])).toMatchObject({ published: { tree: 2, previous: 1 } });
  });

  it('is done by one at a time', async () => {
    origin.latency = 200;
    const first = publish(pages(4));
    await expect.poll(() => existsSync(join(trees, 'build.lock'))).toBe(true);
    await expect(publish(['/a'])).rejects.toThrow(`Another run is publishing ${cacheDir} at the moment.`);
    expect(await first).toMatchObject({ published: { tree: 1 } });
    expect(names()).toEqual(['1']);
  });

  it('goes on with what an interrupted run of the same command has fetched', async () => {
    const controller = new AbortController();
    origin.latency = 5;
    let results = 0;
    const half = await publish(pages(200), {
      signal: controller.signal,
      concurrency: 4,
      onResult: () => {
        results += 1;
        if (results === 60) controller.abort();
      },
    });
    expect(half).toMatchObject({ stopped: true, published: undefined });
    expect(existsSync(cacheDir)).toBe(false);
    expect(names()).toEqual(['1.building']);
    const notices: string[] = [];
    const rest = await publish(pages(200), { onNotice: ({ text }) => notices.push(text) });
    expect(notices[0]).toMatch(/^going on with the run of/);
    expect(rest).toMatchObject({ stored: 200 - half.stored, present: half.stored, published: { tree: 2 } });
    expect([...origin.asked.values()].every((times) => times === 1)).toBe(true);
    expect(readdirSync(join(cacheDir, '.pagetree', 'journal'))).toEqual([]);
  });

  it('goes on also with what was fetched in a moment', async () => {
    const controller = new AbortController();
    const half = await publish(pages(50), { signal: controller.signal, onResult: () => controller.abort() });
    expect(half.stopped).toBe(true);
    expect(names()).toEqual(['1.building']);
    expect(await publish(pages(50))).toMatchObject({ present: half.stored, published: { tree: 2 } });
  });

  it('goes on also with what a run has fetched that began anew', async () => {
    await publish(pages(1));
    const controller = new AbortController();
    const stopping = { signal: controller.signal, onResult: () => controller.abort() };
    const half = await publish(pages(50), { ...stopping, restart: true });
    expect([half.stopped, names()]).toEqual([true, ['1', '2.building']]);
    expect(await publish(pages(50))).toMatchObject({ present: half.stored, published: { tree: 3 } });
    await publish(pages(50, 1), stopping);
    expect(await publish(pages(50, 1), { restart: true })).toMatchObject({ stored: 50, present: 0 });
  });

  it('leaves nothing of a run that came to nothing', async () => {
    await expect(publish(['/a'], { origin: 'http://127.0.0.1:1' })).rejects.toThrow('does not answer');
    expect(names()).toEqual([]);
  });

  it('does not go on with what another command has fetched', async () => {
    const controller = new AbortController();
    origin.latency = 5;
    await publish(pages(200), { signal: controller.signal, onResult: () => controller.abort() });
    expect(names()).toEqual(['1.building']);
    const other = await publish(pages(200), { mustContain: ['/p/'] });
    expect(other).toMatchObject({ stored: 200, present: 0, published: { tree: 2 } });
    expect(names()).toEqual(['2']);
  });

  it('goes on with half a tree only when the values of headers are the same', async () => {
    const half = async (header: string) => {
      const controller = new AbortController();
      const stopping = { signal: controller.signal, onResult: () => controller.abort() };
      return publish(pages(50), { ...stopping, header: [header] });
    };
    await half('X-Lang: de');
    expect(await publish(pages(50), { header: ['X-Lang: en'] })).toMatchObject({ stored: 50, present: 0 });
    const { stored } = await half('X-Lang: de');
    expect(await publish(pages(50), { header: ['X-Lang: de'] })).toMatchObject({ present: stored });
    expect(readdirSync(join(cacheDir, '.pagetree', 'journal'))).toEqual([]);
  });

  it('asks the application, not the middleware on the live tree', async () => {
    await publish(['/a']);
    const cache = createPageCache({ cacheDir, coalesce: false });
    const shown: unknown[] = [];
    const site = createServer((request, response) => {
      shown.push(request.headers[TOKEN_HEADER] === cache.token);
      response.writeHead(200, { 'content-type': 'text/html', 'content-length': 2 }).end('ok');
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    await publish(['/a'], { origin: `http://127.0.0.1:${(site.address() as AddressInfo).port}` });
    site.close();
    await cache.close();
    expect(shown).toEqual([true]);
  });

  it('says in a dry run what would be fetched: all of it', async () => {
    await publish(pages(3));
    expect(await publish(pages(4), { dryRun: true })).toMatchObject({ planned: 4, present: 0 });
    expect(names()).toEqual(['1']);
  });

  it.each<[Partial<WarmOptions>, string]>([
    [{ publish: false, keep: 3 }, 'keep must be given together with publish'],
    [{ publish: false, keepFailed: true }, 'keepFailed must be given together with publish'],
    [{ journal: 'x' }, 'journal must be left out with publish'],
    [{ keep: 101 }, 'keep must be a whole number from 0 to 100'],
  ])('with %j is a mistake', async (options, message) => {
    await expect(publish(['/a'], options)).rejects.toThrow(message);
  });
});

describe('the commands', () => {
  const list = (count: number, from = 0) =>
    writeFileSync(join(cwd, 'urls.txt'), pages(count, from).join('\n'));
  const args = () => ['urls.txt', '--cache-dir', 'cache', '--origin', origin.url, '--publish'];
  const rollback = (...more: string[]) =>
    run('pagetree', ['rollback', '--cache-dir', 'cache', ...more], { cwd });

  it('publish, say so, and roll back and forward', async () => {
    list(20);
    const first = await run('cache-warm', args(), { cwd });
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('\nPublished as tree 1.\n') });
    list(20, 1);
    const second = await run('cache-warm', [...args(), '--json'], { cwd });
    expect(JSON.parse(second.stdout)).toMatchObject({
      published: { tree: 2, previous: 1, kept: [1] },
      exitCode: 0,
    });
    list(10);
    const third = await run('cache-warm', args(), { cwd });
    expect(third).toMatchObject({
      code: 3,
      stdout: expect.stringContaining(
        '\nNothing was published: 11 pages of 20 are in no source, and no more than 10% may go.\n',
      ),
    });

    const listed = await rollback('--list');
    expect(listed.stdout).toMatch(
      new RegExp(`^Trees of ${cacheDir}:\n {2}2 {2}\\S+Z {2}live\n {2}1 {2}\\S+Z\n$`),
    );
    expect(JSON.parse((await rollback('--list', '--json')).stdout)).toMatchObject({
      cacheDir,
      trees: [
        { tree: 2, live: true },
        { tree: 1, live: false },
      ],
    });
    expect(await rollback()).toMatchObject({
      code: 0,
      stdout: `${cacheDir} leads to tree 1 now; it was 2.\n`,
    });
    expect(realpathSync(cacheDir)).toBe(join(trees, '1'));
    expect(await rollback()).toMatchObject({
      code: 2,
      stderr: `pagetree: No tree before 1 is kept in ${trees}.\n  To go forward, name the tree: --to 2\n`,
    });
    expect(await rollback('--to', '1')).toMatchObject({ stdout: `${cacheDir} leads to tree 1 already.\n` });
    expect(JSON.parse((await rollback('--to', '2', '--json')).stdout)).toEqual({
      cacheDir,
      tree: 2,
      previous: 1,
    });
    expect(names()).toEqual(['1', '2']);
  });

  it('name what is wrong in a sentence', async () => {
    expect(await rollback()).toMatchObject({
      code: 2,
      stderr: `pagetree: Nothing was published at ${cacheDir}.\n  cache-warm --publish makes such a link; name it with --cache-dir.\n`,
    });
    list(3);
    await run('cache-warm', args(), { cwd });
    expect((await rollback('--to', '7')).stderr).toBe(
      `pagetree: There is no tree 7 in ${trees}.\n  There are: 1.\n`,
    );
    expect((await rollback('--to', 'x')).stderr).toContain('--to must be a whole number from 1 to 999999999');
    renameSync(trees, `${trees}.away`);
    expect(await rollback('--to', '1')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('cannot be used'),
    });
  });
});

describe('a new tree', () => {
  it('takes no token over through a link', async () => {
    await publish(['/a']);
    const secret = join(cwd, 'secret');
    writeFileSync(secret, 'somebody-elses-secret-of-forty-characters\n');
    rmSync(join(cacheDir, '.pagetree/token'));
    symlinkSync(secret, join(cacheDir, '.pagetree/token'));
    await expect(publish(['/a'])).rejects.toMatchObject({ code: 'ERR_PAGETREE_PUBLISH' });
    expect(origin.lastHeaders[TOKEN_HEADER]).not.toContain('secret');
    expect(readdirSync(join(trees, '2.building/.pagetree'))).toEqual([]);
  });

  it('is none for a purge beside it until its token is there', async () => {
    await publish(['/a']);
    const manifest = join(cacheDir, '.pagetree/tree.json');
    rmSync(manifest);
    // What comes last cannot be copied.
    mkdirSync(manifest);
    await expect(publish(['/a'])).rejects.toMatchObject({ code: 'ERR_PAGETREE_PUBLISH' });
    expect(readdirSync(join(trees, '2.building/.pagetree'))).toEqual(['token']);
  });
});

describe('cache-purge --rewarm beside other trees', () => {
  it('leaves no page of before in a tree that a rollback goes to', async () => {
    await publish(['/a', '/b']);
    await publish(['/a', '/b']);
    const { code, stdout } = await run('cache-purge', ['/a', '--rewarm', '--origin', origin.url], { cwd });
    expect([code, stdout]).toEqual([0, expect.stringContaining('1 page fetched again')]);
    expect(existsSync(join(cacheDir, 'a'))).toBe(true);
    expect([existsSync(join(trees, '1', 'a')), existsSync(join(trees, '1', 'b'))]).toEqual([false, true]);
  });

  it('leaves no page of before in a tree that is published meanwhile', async () => {
    await publish(['/a', '/b']);
    // Made before, and live only when the purge is under way.
    renameSync(join(trees, '1'), join(trees, '2'));
    symlinkSync('cache.releases/2', join(cwd, 'other'));
    renameSync(join(cwd, 'other'), cacheDir);
    await publish(['/a', '/b']);
    expect(live()).toBe('cache.releases/3');
    symlinkSync('cache.releases/2', join(cwd, 'older'));
    renameSync(join(cwd, 'older'), cacheDir);
    origin.routes['/a'] = (response) => {
      symlinkSync('cache.releases/3', join(cwd, 'newer'));
      renameSync(join(cwd, 'newer'), cacheDir);
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<p>new');
    };
    expect((await run('cache-purge', ['/a', '--rewarm', '--origin', origin.url], { cwd })).code).toBe(0);
    expect(live()).toBe('cache.releases/3');
    expect(
      existsSync(join(trees, '3', 'a')) && readFileSync(join(trees, '3', 'a'), 'utf8') !== '<p>new',
    ).toBe(false);
  });
});

describe('cache-purge --older-than beside other trees', () => {
  it('removes in each tree what is old there, and keeps what is young', async () => {
    await publish(['/b']);
    await publish(['/b']);
    const old = [{ path: '/b/old' }, { path: '/b/older' }];
    await storeAll(join(trees, '1'), old, () => Date.now() - 7_200_000);
    await storeAll(cacheDir, [old[0]!], () => Date.now() - 7_200_000);
    const { code, stdout } = await run('cache-purge', ['-r', '/b', '--older-than', '1h'], { cwd });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^\/b: removed, 1 page,/)]);
    const keys: string[] = [];
    for (const tree of ['1', '2']) {
      const cache = createPageCache({ cacheDir: join(trees, tree) });
      for await (const { key } of cache.list()) keys.push(`${tree} ${key}`);
      await cache.close();
    }
    expect(keys.sort()).toEqual(['1 /b', '2 /b']);
  });
});
