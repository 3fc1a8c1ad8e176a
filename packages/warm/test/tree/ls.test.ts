import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPageCache } from '@pagetree/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/bins.ts';
import { newFolder } from '../support/folders.ts';
import { samples, steady, storeAll } from './trees.ts';

const cwd = newFolder();
const cacheDir = join(cwd, 'cache');
const DAY = 86_400_000;

beforeAll(async () => {
  await storeAll(cacheDir);
  await storeAll(cacheDir, [{ path: '/old/page', tags: 'news' }], () => Date.now() - 10 * DAY);
});

const ls = (...args: string[]) => run('pagetree', ['ls', ...args], { cwd });

async function paths(...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await ls('--plain', ...args);
  expect([code, stderr]).toEqual([0, '']);
  return stdout.split('\n').slice(0, -1).sort();
}

/** The lines of a table in an order of their own: a walk gives none. */
function sorted(text: string): string {
  const lines = text.split('\n').slice(0, -1);
  return [lines[0], ...lines.slice(1, -1).sort(), lines.at(-1), ''].join('\n');
}

describe('pagetree ls', () => {
  it('prints a table', async () => {
    const { code, stdout, stderr } = await ls();
    expect([code, stderr]).toEqual([0, '']);
    expect(sorted(steady(stdout, cacheDir))).toMatchSnapshot();
  });

  it('prints a tree', async () => {
    const { stdout } = await ls('--tree', '-r', '/blog');
    const lines = steady(stdout, cacheDir).split('\n');
    // Files of a folder come in any order, folders after them.
    expect(
      [...lines.slice(0, 3), ...lines.slice(3, 6).sort(), ...lines.slice(6)].join('\n'),
    ).toMatchSnapshot();
  });

  it('prints every page without arguments', async () => {
    expect(await paths()).toEqual([...samples.map(({ path }) => path), '/old/page'].sort());
  });

  it.each([
    [['/blog'], ['/blog']],
    [['/blog/'], ['/blog/']],
    [
      ['/blog', '/about', '/blog', '/none'],
      ['/about', '/blog'],
    ],
    [['/café'], ['/caf%C3%A9']],
    [['https://example.org/about'], ['/about']],
    [
      ['-r', '/blog'],
      ['/blog', '/blog/', '/blog/a', '/blog/b/c'],
    ],
    [
      ['-r', '/blog', '/blog/b', '/blog/'],
      ['/blog', '/blog/', '/blog/a', '/blog/b/c'],
    ],
    [['-r', '/'], [...samples.map(({ path }) => path), '/old/page'].sort()],
    [['/blog/**'], ['/blog/', '/blog/a', '/blog/b/c']],
    [
      ['--glob', '/{about,style.*}'],
      ['/about', '/style.css'],
    ],
    [
      ['-r', '/b*'],
      ['/blog', '/blog/', '/blog/a', '/blog/b/c'],
    ],
    [
      ['--tag', 'news'],
      ['/', '/blog', '/blog/a', '/old/page'],
    ],
    [['--tag', 'none', '--tag', 'front'], ['/']],
    [
      ['/blog/*', '/about', '--glob', '/blog/**', '/none', '/blog/a'],
      ['/about', '/blog/', '/blog/a', '/blog/b/c'],
    ],
    [
      ['-r', '/blog/b', '/sty*'],
      ['/blog/b/c', '/style.css'],
    ],
    [['--tag', 'news', '--older-than', '7d'], ['/old/page']],
    [['--all'], [...samples.map(({ path }) => path), '/old/page'].sort()],
    [['--older-than', '7d'], ['/old/page']],
    [['--older-than', '2w'], []],
    [['/blog/**', '--older-than', '7d'], []],
  ])('%j lists %j', async (args, expected) => {
    expect(await paths(...args)).toEqual(expected);
  });

  it('reads lists, names the lines that are no paths, and lists each page once', async () => {
    writeFileSync(join(cwd, 'list.txt'), '/about\n/blog/b\nnonsense\n/.pagetree/token\n');
    const args = ['ls', '--plain', '-r', '/blog', '--list', 'list.txt', '-'];
    const { code, stdout, stderr } = await run('pagetree', args, { cwd, input: '/café\n' });
    expect(code).toBe(2);
    expect(stdout.split('\n').sort()).toEqual(
      ['', '/about', '/blog', '/blog/', '/blog/a', '/blog/b/c', '/caf%C3%A9'].sort(),
    );
    expect(stderr).toBe(
      'list.txt, line 3: "nonsense" is neither a path nor a URL.\n' +
        'list.txt, line 4: path: "/.pagetree/token" is not the path of a page.\n',
    );
    const none = await ls('--json', '--list', 'none.txt');
    expect([none.code, JSON.parse(none.stdout).error.code]).toEqual([2, 'ERR_PAGETREE_LIST']);
  });

  it('prints one JSON document, and one object a line with --ndjson', async () => {
    const document = JSON.parse((await ls('--json')).stdout);
    expect(document).toMatchObject({ cacheDir, count: 9 });
    expect(document.pages).toHaveLength(9);
    const lines = (await ls('--ndjson', '/blog/a', '/about')).stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        key: '/blog/a',
        place: 'blog/a',
        bytes: 24 * 100,
        type: 'text/html',
        at: expect.stringMatching(/^\d{4}-.*Z$/),
        by: 'middleware',
        variants: { gzip: expect.any(Number), br: expect.any(Number) },
        tags: ['news'],
      },
      expect.objectContaining({ key: '/about', tags: [] }),
    ]);
    const none = JSON.parse((await ls('--json', '/none')).stdout);
    expect(none).toEqual({ cacheDir, pages: [], count: 0, bytes: 0 });
  });

  it('says plainly that there is nothing', async () => {
    expect(await ls('/none')).toEqual({ code: 0, stdout: `No page was found in ${cacheDir}.\n`, stderr: '' });
  });

  it.each([
    [['--tree', '--json'], 'A list has one form; --tree and --json are 2.'],
    [['/about', '--glob', 'blog'], 'Expected a glob that starts with / or **, but got "blog".'],
    [['-r', '--glob', ''], 'A glob to list is empty.'],
    [['--tag', ''], 'A tag to list is empty.'],
    [['--tag', 'a b'], '"a b" is not one tag.'],
    [['/about', '--tag', 'news'], 'A list by tag takes no paths, globs and lists.'],
    [['--all', '-r', '/about'], '--all takes no paths and no --recursive: it is every page.'],
    [['-r'], '--recursive needs a path: it is about what is below it.'],
    [['about'], '"about" is neither a path nor a URL.'],
    [['/a?b'], 'No page can have the path "/a?b": The target has a `?`.'],
    [['--glob', 'blog'], 'Expected a glob that starts with / or **, but got "blog".'],
    [['--older-than', '7'], '--older-than must be a time such as 90s, 15m, 12h, 7d or 2w; it is "7".'],
    [['--recursve'], 'There is no option --recursve.'],
  ])('says what is wrong with %j', async (args, sentence) => {
    const { code, stdout, stderr } = await ls(...args);
    expect([code, stderr.split('\n', 1)[0]]).toEqual([2, `pagetree: ${sentence}`]);
    expect(stdout === '' || JSON.parse(stdout).exitCode === 2).toBe(true);
  });

  it('prints no control character of a tag or a name, in no form', async () => {
    const folder = newFolder();
    const hostile = join(folder, 'cache');
    await createPageCache({ cacheDir: hostile }).close();
    await storeAll(hostile, [{ path: '/a' }]);
    const meta = join(hostile, '.pagetree/meta/a.pagetree');
    const { readFileSync, statSync, utimesSync } = await import('node:fs');
    const { atime, mtime } = statSync(meta);
    const found = JSON.parse(readFileSync(meta, 'utf8'));
    writeFileSync(meta, JSON.stringify({ ...found, tags: ['x\u001b[2J\u009b31m\u202ey'] }));
    utimesSync(meta, atime, mtime);
    for (const form of [[], ['--tree'], ['--json'], ['--ndjson']]) {
      const { stdout } = await run('pagetree', ['ls', ...form, '--cache-dir', hostile], { cwd });
      expect(stdout).toContain('31m');
      expect(stdout).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e]/u);
    }
  });

  it('has colours on a terminal, and none with NO_COLOR or in a pipe', async () => {
    const bin = new URL('../../bin/pagetree.js', import.meta.url).pathname;
    const onTerminal = async (env: Record<string, string>) => {
      const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, ...outer } = process.env;
      const command = `${process.execPath} ${bin} ls --cache-dir ${cacheDir}`;
      const child = spawn('/usr/bin/script', ['-qec', command, '/dev/null'], {
        env: { ...outer, TERM: 'xterm-256color', ...env },
      });
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      await once(child, 'close');
      return text;
    };
    const esc = String.fromCharCode(27);
    expect(await onTerminal({})).toContain(`${esc}[`);
    expect(await onTerminal({ NO_COLOR: '1' })).not.toContain(esc);
    expect(await onTerminal({ TERM: 'dumb' })).not.toContain(esc);
    expect((await ls()).stdout).not.toContain(esc);
  });
});
