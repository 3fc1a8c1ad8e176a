import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPageCache } from '@pagetree/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { selectPages } from '../../src/tree/selection.ts';
import { run } from '../support/bins.ts';
import { leftovers, newFolder } from '../support/folders.ts';
import { runHere } from '../support/in-process.ts';
import { storeAll } from './trees.ts';

const DAY = 86_400_000;
let cwd: string;
let cacheDir: string;

beforeEach(async () => {
  cwd = newFolder();
  cacheDir = join(cwd, 'cache');
  await storeAll(cacheDir);
  await storeAll(
    cacheDir,
    [{ path: '/old/a', tags: 'news' }, { path: '/old/b' }],
    () => Date.now() - 10 * DAY,
  );
});

const purge = (...args: string[]) => run('cache-purge', args, { cwd });
const ls = (...args: string[]) => run('pagetree', ['ls', ...args], { cwd });
const has = (place: string) => existsSync(join(cacheDir, place));

async function left(): Promise<string[]> {
  const cache = createPageCache({ cacheDir });
  const keys: string[] = [];
  for await (const { key } of cache.list()) keys.push(key);
  await cache.close();
  return keys.sort();
}

const all = [
  '/',
  '/about',
  '/blog',
  '/blog/',
  '/blog/a',
  '/blog/b/c',
  '/caf%C3%A9',
  '/old/a',
  '/old/b',
  '/style.css',
];
const without = (...gone: string[]) => all.filter((key) => !gone.includes(key));

describe('cache-purge', () => {
  it.each([
    [['/blog/**'], without('/blog/', '/blog/a', '/blog/b/c')],
    [['/{about,style.css}'], without('/about', '/style.css')],
    [['--glob', '/blog/**'], without('/blog/', '/blog/a', '/blog/b/c')],
    [['--glob=/{about,old/*}'], without('/about', '/old/a', '/old/b')],
    [['--glob', '/a*', '--glob', '/*.css', '/caf\u00e9'], without('/about', '/style.css', '/caf%C3%A9')],
    [['-r', '/bl*'], without('/blog', '/blog/', '/blog/a', '/blog/b/c')],
    [['--tag', 'news'], without('/', '/blog', '/blog/a', '/old/a')],
    [['--tag', 'front', '--tag', 'none'], without('/')],
    [['--older-than', '7d'], without('/old/a', '/old/b')],
    [['--older-than', '2w'], all],
    [['--tag', 'news', '--older-than', '7d'], without('/old/a')],
    [['-r', '/', '--older-than', '7d'], without('/old/a', '/old/b')],
    [['/old/a', '/about', '--older-than', '7d'], without('/old/a')],
    [['/**', '--yes'], []],
  ])('%j leaves %j, what pagetree ls and --dry-run tell beforehand', async (args, expected) => {
    const dryRun = [...args, '--dry-run', '--json', '-v', '--cache-dir', cacheDir];
    const dry = JSON.parse((await runHere('purge', dryRun)).stdout);
    const words = args.filter((arg) => arg !== '--yes');
    const listed = await runHere('ls', ['--plain', ...words, '--cache-dir', cacheDir]);
    expect(await left()).toEqual(all);
    const { code, stderr } = await purge(...args);
    expect([code, stderr]).toEqual([0, '']);
    expect(await left()).toEqual(expected);
    const told = dry.removed.map(({ key }: { key: string }) => key);
    expect(all.filter((key) => !told.includes(key))).toEqual(expected);
    expect(listed).toEqual({ code: 0, stderr: '', stdout: expect.any(String) });
    expect(listed.stdout.split('\n').slice(0, -1).sort()).toEqual([...new Set(told)].sort());
    expect(leftovers(cacheDir)).toEqual([]);
  });

  it('says what went, scope by scope', async () => {
    const { stdout } = await purge('/old/*', '/none/**', '--glob', '/about');
    expect(
      stdout.replaceAll(cacheDir, '<cacheDir>').replace(/[\d.]+ k?B/g, (size) => size),
    ).toMatchSnapshot();
    expect((await purge('--tag', 'nothing')).stdout).toBe('tag nothing: no page is stored\n');
    expect((await purge('/about', '/blog', '--older-than', '7d')).stdout).toMatch(
      /^\/about: no page is that old\n\/blog: no page is that old\n0 pages, 0 bytes removed from /,
    );
    expect((await purge('--all', '--yes')).stdout).toMatch(/^everything: removed, 7 pages/);
    expect((await purge('--all', '--yes')).stdout).toBe('everything: no page is stored\n');
  });

  it('reads lists from files and standard input, in which a star is a star', async () => {
    writeFileSync(join(cwd, 'one.txt'), '/about\n/blog/*\nnonsense\n');
    writeFileSync(join(cwd, 'two.txt'), '# more\n/old/a\n');
    const ran = await run(
      'cache-purge',
      ['--list', 'one.txt', '--list', 'two.txt', '--list', '-', '/old/b'],
      {
        cwd,
        input: 'https://example.org/style.css\n',
      },
    );
    expect(ran.code).toBe(2);
    expect(ran.stderr).toBe('one.txt, line 3: "nonsense" is neither a path nor a URL.\n');
    expect(ran.stdout).toContain('/blog/*: was not stored\n');
    expect(await left()).toEqual(without('/about', '/old/a', '/old/b', '/style.css'));
  });

  it('looks at every list before anything is removed', async () => {
    const ran = await purge('/about', '--list', 'no-such.txt');
    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toContain('no-such.txt');
    expect(await left()).toEqual(all);
  });

  it.each(['/changed', '/nonexist', '/about', '/tmp', 'https://example.org/about'])(
    'takes --list %s for a file, never for a page',
    async (list) => {
      for (const program of [purge, ls]) {
        const ran = await program('--list', list);
        expect([ran.code, ran.stdout]).toEqual([2, '']);
        expect(ran.stderr).toContain(`The list ${list} cannot be read: `);
      }
      expect(await left()).toEqual(all);
    },
  );

  it('ends with 3 for what is not there, where that was asked for', async () => {
    expect((await purge('/about', '/none', '--fail-if-missing')).code).toBe(3);
    expect((await purge('/blog', '--fail-if-missing')).code).toBe(0);
    expect((await purge('/blog/*', '--fail-if-missing', '--dry-run')).code).toBe(0);
    expect((await purge('/x/**', '--fail-if-missing', '--json')).code).toBe(3);
    expect((await purge('/none')).code).toBe(0);
  });

  it.each([
    ...['/**', '**', '/{**,a}*', '-r /', '--older-than 0s', '-r **'],
    // An age that no page is younger than narrows nothing.
    ...['-r / --older-than 0s', '/** --older-than 0m', '--glob /{**,a}* --older-than 0d'],
  ])('does not remove everything by %s when nobody can be asked', async (args) => {
    const ran = await purge(...args.split(' '));
    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toContain('This would remove every page, and nobody is there to be asked.');
    expect(await left()).toEqual(all);
  });

  it.each([['--older-than 7d'], ['-r / --older-than 7d'], ['/** --older-than 7d']])(
    'removes every page by %s without a question, where every page is that old: a job that runs each night must not stop',
    async (args) => {
      await purge('/**', '--yes');
      const old = () => Date.now() - 10 * DAY;
      await storeAll(cacheDir, [{ path: '/old/a' }, { path: '/feed', type: 'application/rss+xml' }], old);
      expect((await purge(...args.split(' '))).code).toBe(0);
      expect(await left()).toEqual([]);
    },
  );

  it('does not empty the tree for a line of a list, unless that was said', async () => {
    const list = { cwd, input: '/about\n/\n' };
    const ran = await run('cache-purge', ['-r', '-'], list);
    expect([ran.code, ran.stderr]).toEqual([
      2,
      'line 2: This would remove every page; add --yes if that is meant.\n',
    ]);
    expect(await left()).toEqual(without('/about'));
    expect((await run('cache-purge', ['-r', '-', '--older-than', '7d'], list)).code).toBe(0);
    expect(await left()).toEqual(without('/about', '/old/a', '/old/b'));
    expect((await run('cache-purge', ['-r', '-', '--yes'], list)).code).toBe(0);
    expect(await left()).toEqual([]);
  });

  it.each([
    ['y\n', 0, 0],
    ['n\n', 2, 10],
    ['\u0004', 2, 10],
  ])('asks on a terminal before a glob takes everything: %j', async (answer, code, pages) => {
    const bin = new URL('../../bin/cache-purge.js', import.meta.url).pathname;
    const command = `${process.execPath} ${bin} '/**' --cache-dir cache`;
    const terminal = spawn('/usr/bin/script', ['-qec', command, '/dev/null'], { cwd });
    let text = '';
    terminal.stdout.on('data', (chunk) => {
      const before = text.includes('[y/N]');
      text += chunk;
      if (!before && text.includes('[y/N]')) terminal.stdin.write(answer);
    });
    expect(await once(terminal, 'close')).toEqual([code, null]);
    if (code === 2) expect(text).toMatch(/\r\nNothing was removed\.\r\n$/);
    expect(await left()).toHaveLength(pages);
  });

  it.each([
    [['--tag', 'a', '/b'], 'A purge by tag takes no paths, globs and lists.'],
    [['--tag', ''], 'A tag to purge is empty.'],
    [['--tag', 'front', '--tag', 'post 42'], '"post 42" is not one tag.'],
    [['--tag', 'front,news'], '"front,news" is not one tag.'],
    [['/about', 'ftp://example.org/a'], '"ftp://example.org/a" is neither a path nor a URL.'],
    [['--glob='], 'A glob to purge is empty.'],
    [['/about', '--glob', 'blog'], 'Expected a glob that starts with / or **, but got "blog".'],
    [
      ['/about', '--older-than', 'yesterday'],
      '--older-than must be a time such as 90s, 15m, 12h, 7d or 2w; it is "yesterday".',
    ],
    [['--all', '--tag', 'a'], '--all takes no --glob, --tag, --older-than and --list: it is every page.'],
    [['-r', '--older-than', '7d'], '--recursive needs a path: it is about what is below it.'],
    [['-r'], 'Nothing is named that should be purged.'],
  ])('says what is wrong with %j, and removes nothing', async (args, sentence) => {
    const { code, stderr, stdout } = await purge(...args);
    expect([code, stdout, stderr.split('\n', 1)[0]]).toEqual([2, '', `cache-purge: ${sentence}`]);
    expect(await left()).toEqual(all);
    const listed = await runHere('ls', ['--plain', ...args, '--cache-dir', cacheDir]);
    expect([listed.code, listed.stdout]).toEqual([2, '']);
  });

  it('refuses URLs of other sites, where it is known which one this is', async () => {
    const config = { cacheDir: './cache', hosts: ['example.org', 'Localhost:3000'] };
    writeFileSync(join(cwd, 'pagetree.config.json'), JSON.stringify(config));
    const other = await purge('/blog', 'https://example.com/about');
    expect(other).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'cache-purge: "https://example.com/about" is a page of another site.\n' +
        '  This one has the hosts example.org, Localhost:3000. Write the path alone, or add the host to hosts in the configuration file.\n',
    });
    expect(await left()).toEqual(all);
    writeFileSync(join(cwd, 'list.txt'), 'http://localhost:3000/old/a\nhttp://localhost/old/b\n');
    const ran = await purge('https://EXAMPLE.org:443/about', '--list', 'list.txt');
    expect([ran.code, ran.stderr]).toEqual([
      2,
      'line 2: "http://localhost/old/b" is a page of another site.\n',
    ]);
    expect(await left()).toEqual(without('/about', '/old/a'));
    // What looks into the tree understands the same.
    for (const command of [['ls'], ['ls', '--plain', '/blog'], ['cat']]) {
      const ran = await run('pagetree', [...command, 'http://evil.example/blog/a'], { cwd });
      expect([command, ran.code, ran.stdout]).toEqual([command, 2, '']);
      expect(ran.stderr).toContain('"http://evil.example/blog/a" is a page of another site.');
    }
    expect((await ls('--plain', 'https://example.org/blog')).stdout).toBe('/blog\n');
    const listed = await ls('--plain', '--list', 'list.txt', '/blog');
    expect([listed.code, listed.stdout]).toEqual([2, '/blog\n']);
    expect(listed.stderr).toBe('line 2: "http://localhost/old/b" is a page of another site.\n');
  });

  it('touches nothing of its own files and nothing behind a link, whatever a glob says', async () => {
    const outside = join(cwd, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'page'), 'stays');
    symlinkSync(outside, join(cacheDir, 'away'));
    await purge('/.pagetree/**');
    await purge('/**/token', '--glob', '/away/**', '-r');
    await purge('/../outside/*');
    await purge('--older-than', '0s', '--yes');
    expect(readFileSync(join(outside, 'page'), 'utf8')).toBe('stays');
    expect(has('.pagetree/token') && has('.pagetree/tree.json') && has('CACHEDIR.TAG')).toBe(true);
    expect(await left()).toEqual([]);
  });
});

describe('the plan of a purge', () => {
  const flags = { recursive: false, all: false };

  it('takes only globs without any letter for everything', () => {
    const everything = (glob: string) =>
      selectPages([], { ...flags, glob: [glob] }, 'purge').planned[0]!.everything;
    const all = ['/**', '**', '/**/*', '{/**,/a}', '/{**,a}*', '/{a,{b,**}}{,/**}'];
    expect(all.filter((glob) => !everything(glob))).toEqual([]);
    const some = ['/*', '/a**', '/**/a', '/', '/{a,b}/**', '/\\*\\*', '{'.repeat(1000), '{a,b}'.repeat(200)];
    expect(some.filter(everything)).toEqual([]);
  });

  it('knows a path with a star or braces in it by their escapes', () => {
    expect(
      selectPages(['/a%2Ab', '/%7Ba,b%7D', '/{a}'], flags, 'purge').planned.map(({ scope }) => scope),
    ).toEqual([
      { path: '/a*b', recursive: false },
      { path: '/%7Ba,b%7D', recursive: false },
      { path: '/%7Ba%7D', recursive: false },
    ]);
  });
});
