import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPageCache } from '@pagetree/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { run } from './support/bins.ts';
import { leftovers, newFolder } from './support/folders.ts';

let cwd: string;
let cacheDir: string;

async function store(...targets: string[]): Promise<void> {
  const cache = createPageCache({ cacheDir, variants: false });
  for (const target of targets) {
    const found = await cache.lookup({ method: 'GET', target, headers: {} });
    if (found.kind !== 'miss' || found.ticket === undefined) throw new Error(`no ticket for ${target}`);
    const fill = found.ticket.begin({
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8' },
    })!;
    fill.write(Buffer.from(`the page ${target}`));
    expect(await fill.commit()).toMatchObject({ kind: 'stored' });
  }
  await cache.close();
}

beforeEach(async () => {
  cwd = newFolder();
  cacheDir = join(cwd, 'cache');
  await store('/', '/about', '/blog', '/blog/', '/blog/a', '/blog/b/c', '/caf%C3%A9');
});

const purge = (...args: string[]) => run('cache-purge', args, { cwd });
const has = (place: string) => existsSync(join(cacheDir, place));

describe('cache-purge', () => {
  it('removes a page and says what went', async () => {
    expect(await purge('/about', '--cache-dir', 'cache')).toEqual({
      code: 0,
      stdout: '/about: removed, 1 page, 15 bytes\n',
      stderr: '',
    });
    expect(has('about')).toBe(false);
    expect(has('blog/a')).toBe(true);
    expect(leftovers(cacheDir)).toEqual([]);
  });

  it('says plainly that a page was not stored, which is no error', async () => {
    expect(await purge('/no/such')).toEqual({ code: 0, stdout: '/no/such: was not stored\n', stderr: '' });
  });

  it('takes /blog and /blog/ for the two pages that they are', async () => {
    expect((await purge('/blog')).stdout).toBe('/blog: removed, 1 page, 14 bytes\n');
    expect(has('blog/__index.html')).toBe(true);
    expect((await purge('/blog/')).stdout).toBe('/blog/: removed, 1 page, 15 bytes\n');
    expect(has('blog/__index.html')).toBe(false);
    expect(has('blog/a')).toBe(true);
  });

  it('removes what is below a path with -r, and / is one page without it', async () => {
    expect((await purge('/')).stdout).toBe('/: removed, 1 page, 10 bytes\n');
    expect((await purge('-r', '/blog')).stdout).toMatch(/^\/blog: removed, 4 pages, \d+ bytes\n$/);
    expect(has('blog')).toBe(false);
    expect(has('about')).toBe(true);
  });

  it('understands a path in any spelling, and a URL', async () => {
    expect((await purge('/café')).stdout).toBe('/caf%C3%A9: removed, 1 page, 19 bytes\n');
    await store('/caf%C3%A9');
    expect((await purge('/caf%c3%a9')).stdout).toContain('removed, 1 page');
    expect((await purge('https://www.example.org/about')).stdout).toContain('/about: removed, 1 page');
  });

  it('changes nothing with --dry-run', async () => {
    const files = () => readdirSync(cacheDir, { recursive: true }).sort();
    const before = files();
    const ran = await purge('-r', '/blog', '/about', '--dry-run');
    expect(ran.stdout).toBe(
      '/blog: would be removed, 4 pages, 63 bytes\n/about: would be removed, 1 page, 15 bytes\n' +
        `5 pages, 78 bytes would be removed from ${cacheDir}\n`,
    );
    expect((await purge('--all', '-n')).stdout).toContain('everything: would be removed, 7 pages');
    expect(files()).toEqual(before);
  });

  it('names every page with --verbose', async () => {
    const { stdout } = await purge('-r', '/blog', '-v');
    expect(stdout.split('\n').slice(0, 4).sort()).toEqual([
      '  /blog  blog/__page.html  14 bytes',
      '  /blog/  blog/__index.html  15 bytes',
      '  /blog/a  blog/a  16 bytes',
      '  /blog/b/c  blog/b/c  18 bytes',
    ]);
  });

  it.each([['cache-purge'], ['pagetree', 'purge']])(
    'prints one document with --json: %s',
    async (bin, ...name) => {
      const { stdout, stderr } = await run(bin!, [...name, '/about', '/none', '-v', '--json'], { cwd });
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toEqual({
        cacheDir,
        dryRun: false,
        pages: 1,
        bytes: 15,
        fills: 0,
        mistakes: 0,
        missing: 1,
        scopes: [
          { scope: '/about', pages: 1, bytes: 15, fills: 0 },
          { scope: '/none', pages: 0, bytes: 0, fills: 0 },
        ],
        removed: [{ key: '/about', place: 'about', bytes: 15 }],
      });
    },
  );

  it('reads a list, names the lines that are no paths, and purges the others', async () => {
    const input = '\ufeff/about\r\n# comment\n\nnonsense\n/blog/a\n/x?y\n/.pagetree/token\n';
    const ran = await run('cache-purge', ['-', '/'], { cwd, input });
    expect(ran.code).toBe(2);
    expect(ran.stdout).toContain('/about: removed');
    expect(ran.stdout).toContain('/blog/a: removed');
    expect(ran.stdout).toContain('3 pages');
    expect(ran.stderr).toBe(
      'line 4: "nonsense" is neither a path nor a URL.\n' +
        'line 6: No page can have the path "/x?y": The target has a `?`.\n' +
        'line 7: path: "/.pagetree/token" has no place in the tree (hidden-segment).\n',
    );
    expect(has('.pagetree/token')).toBe(true);
  });

  it('empties the tree with --all --yes, and keeps the tree', async () => {
    writeFileSync(join(cwd, 'outside'), 'stays');
    expect((await purge('--all', '--yes')).stdout).toMatch(/^everything: removed, 7 pages, \d+ bytes\n$/);
    expect(readdirSync(cacheDir).sort()).toEqual(['.pagetree', 'CACHEDIR.TAG']);
    expect(readFileSync(join(cwd, 'outside'), 'utf8')).toBe('stays');
    await store('/about');
    expect(has('about')).toBe(true);
  });

  it.each([
    ['y\n', 0, false],
    ['n\n', 2, true],
    ['\n', 2, true],
  ])('asks on a terminal before everything goes: %j', async (answer, code, stays) => {
    const bin = new URL('../bin/cache-purge.js', import.meta.url).pathname;
    const command = `${process.execPath} ${bin} --all --cache-dir cache`;
    const terminal = spawn('/usr/bin/script', ['-qec', command, '/dev/null'], { cwd });
    let text = '';
    let asked = false;
    terminal.stdout.on('data', (chunk) => {
      text += chunk;
      if (asked || !text.includes('[y/N]')) return;
      asked = true;
      terminal.stdin.write(answer);
    });
    const ended = await new Promise((resolve) => terminal.once('close', resolve));
    expect(text).toContain(`Remove every page of ${cacheDir}? [y/N]`);
    expect(ended).toBe(code);
    expect(has('about')).toBe(stays);
  });

  it('takes the permission of a page that is being made', async () => {
    const cache = createPageCache({ cacheDir });
    const found = await cache.lookup({ method: 'GET', target: '/new', headers: {} });
    const { ticket } = found as { ticket: import('@pagetree/core').Ticket };
    const fill = ticket.begin({ status: 200, headers: { 'content-type': 'text/html' } })!;
    fill.write(Buffer.from('old news'));
    const ran = await purge('/new');
    expect(ran.stdout).toBe('/new: was not stored; 1 page being made will not be stored\n');
    expect(await fill.commit()).toMatchObject({ kind: 'refused', reason: 'fenced' });
    expect(has('new')).toBe(false);
    expect(leftovers(cacheDir)).toEqual([]);
  });

  it('takes it with an age of 0 too, which narrows nothing', async () => {
    const cache = createPageCache({ cacheDir });
    const found = await cache.lookup({ method: 'GET', target: '/blog/new', headers: {} });
    const { ticket } = found as { ticket: import('@pagetree/core').Ticket };
    const fill = ticket.begin({ status: 200, headers: { 'content-type': 'text/html' } })!;
    fill.write(Buffer.from('old news'));
    const ran = await purge('-r', '/blog', '--older-than', '0s');
    expect(ran.stdout).toMatch(/^\/blog: removed, 4 pages, .*; 1 page being made will not be stored\n$/);
    expect(await fill.commit()).toMatchObject({ kind: 'refused', reason: 'fenced' });
    expect(leftovers(cacheDir)).toEqual([]);
  });

  it('does not end when its reader goes away', () => {
    const bin = new URL('../bin/cache-purge.js', import.meta.url).pathname;
    const paths = Array.from({ length: 500 }, (_, at) => `/${at}`).join(' ');
    const command = `${process.execPath} ${bin} ${paths} /about --cache-dir cache | head -n 1`;
    const { stdout, stderr } = spawnSync('sh', ['-c', command], { cwd, encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['/0: was not stored\n', '']);
    expect(has('about')).toBe(false);
  });
});
