/** A tree with a layout of somebody's own, and the programs: the configuration file gives it to them. */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPageCache } from '@pagetree/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { run, stackTrace } from './support/bins.ts';
import { leftovers, newFolder } from './support/folders.ts';
import { type Origin, startOrigin } from './support/origin.ts';

/** Pages are kept by the length of their name: no folder holds all of a section. */
const layout = `{
  name: 'by-length',
  directoryIndex: 'index.html',
  place(segments, slash, { directoryIndex, pageFile }) {
    const name = segments.at(-1) ?? 'home';
    if (segments[0] === '.well-known') return 'no-place';
    return { path: ['of-' + name.length, ...segments, slash ? directoryIndex : pageFile].join('/') };
  },
  target(path, { directoryIndex, pageFile }) {
    const segments = path.split('/').slice(1);
    const name = segments.pop();
    return name === directoryIndex || name === pageFile ? { segments, slash: name === directoryIndex } : undefined;
  },
}`;

let origin: Origin;
let warmed: string;
let cwd: string;

const configure = (tree: string, text: string) =>
  writeFileSync(
    join(cwd, 'pagetree.config.mjs'),
    `export default { cacheDir: '${tree}'${text === '' ? '' : `, layout: ${text}`} };\n`,
  );

beforeAll(async () => {
  origin = await startOrigin();
  warmed = newFolder();
  cwd = warmed;
  configure('./cache', layout);
  writeFileSync(join(cwd, 'urls.txt'), '/\n/about\n/blog/\n/blog/first\n/blog/second/\n');
  expect(await warm('urls.txt')).toMatchObject({ code: 0, stderr: '' });
});
afterAll(() => origin.close());

beforeEach(() => {
  cwd = newFolder();
  // Node's own copy has times to the millisecond, and a page of another time has lost its meta.
  execFileSync('cp', ['-a', `${warmed}/.`, cwd]);
});

const cacheDir = () => join(cwd, 'cache');
const warm = (...args: string[]) => run('cache-warm', [...args, '--origin', origin.url, '--quiet'], { cwd });
const pagetree = (...args: string[]) => run('pagetree', args, { cwd });
const purge = (...args: string[]) => run('cache-purge', args, { cwd });

async function listed(): Promise<string[]> {
  const { stdout } = await pagetree('ls', '--json');
  const { pages } = JSON.parse(stdout) as { pages: { key: string }[] };
  return pages.map(({ key }) => key).sort();
}

describe('a tree with a layout of its own', () => {
  it('is warmed, listed, explained, verified and shown with the configuration file', async () => {
    expect(existsSync(join(cacheDir(), 'of-5/blog/first/__page.html'))).toBe(true);
    expect(await listed()).toEqual(['/', '/about', '/blog/', '/blog/first', '/blog/second/']);
    const why = await pagetree('why', '/blog/first');
    expect(why.stdout).toContain('of-5/blog/first/__page.html');
    expect(await pagetree('verify')).toMatchObject({ code: 0 });
    expect(await pagetree('stats')).toMatchObject({ code: 0, stdout: expect.stringContaining('5') });
    expect((await pagetree('cat', '/about')).stdout).toContain('/about');
    expect(await warm('urls.txt')).toMatchObject({ code: 0 });
    expect(leftovers(cacheDir())).toEqual([]);
  });

  it.each([
    [['/about'], ['/', '/blog/', '/blog/first', '/blog/second/']],
    [
      ['-r', '/blog/'],
      ['/', '/about'],
    ],
    [['/blog/*'], ['/', '/about', '/blog/', '/blog/second/']],
    [['--all', '--yes'], []],
  ])('is purged: cache-purge %j', async (args, left) => {
    expect(await purge(...args)).toMatchObject({ code: 0, stderr: '' });
    expect(await listed()).toEqual(left);
  });

  it('is published and rolled back', async () => {
    configure('./live', layout);
    writeFileSync(join(cwd, 'few.txt'), '/\n/about\n/blog/\n/blog/first\n');
    expect(await warm('few.txt', '--publish')).toMatchObject({ code: 0 });
    expect(await warm('urls.txt', '--publish')).toMatchObject({ code: 0 });
    expect(await purge('-r', '/blog/first')).toMatchObject({ code: 0 });
    expect(await listed()).toEqual(['/', '/about', '/blog/', '/blog/second/']);
    expect(await pagetree('rollback')).toMatchObject({ code: 0 });
    expect(await listed()).toEqual(['/', '/about', '/blog/']);
  });

  it.each([
    ['pagetree', ['ls']],
    ['cache-purge', ['--all', '--yes']],
    ['cache-warm', ['urls.txt', '--origin', 'http://127.0.0.1:9']],
  ])('is refused without that file, and nothing is touched: %s %j', async (program, args) => {
    configure('./cache', '');
    const { code, stdout, stderr } = await run(program, args, { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('a layout of its own, "by-length"');
    expect(stderr).toContain('pagetree.config.js');
    expect(stderr).not.toMatch(stackTrace);
    expect(stderr.trim().split('\n')).toHaveLength(2);
    expect(existsSync(join(cacheDir(), 'of-5/about/__page.html'))).toBe(true);
  });

  it.each([
    ['nginx', layout],
    ['nginx', ''],
    ['static', layout],
  ])('cannot be served by %s, which is told', async (server, text) => {
    configure('./cache', text);
    const { code, stdout, stderr } = await pagetree('config', server);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      'pagetree: layout: a web server can follow mirror, html and index, but this tree has one of its own, "by-length".\n' +
        '  Let the middleware serve this tree, or make another one: cache-warm --layout mirror --cache-dir ./public\n',
    );
  });

  it('leaves trees of other layouts alone that are named on the command line', async () => {
    const other = createPageCache({ cacheDir: join(cwd, 'other') });
    await other.close();
    expect(await pagetree('ls', '--cache-dir', 'other')).toMatchObject({ code: 0 });
    expect(await purge('--cache-dir', 'other', '--all', '--yes')).toMatchObject({ code: 0 });
  });

  it('is told to be another when the layout has another name', async () => {
    configure('./cache', layout.replace('by-length', 'by-length-2'));
    const { code, stderr } = await pagetree('ls');
    expect(code).toBe(2);
    expect(stderr).toMatch(/layout: the tree was made with "by-length" .*, the option says "by-length-2"\./);
  });
});
