import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { faults } from '@pagetree/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { run } from '../support/bins.ts';
import { newFolder } from '../support/folders.ts';
import { runHere } from '../support/in-process.ts';
import { plain, steady, storeAll } from './trees.ts';

/** A file of a process that is gone: none has this number. */
const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
const deadFill = `${'0'.repeat(32)}.${host}-4194999-1-0123abcd-1@%2Fa.body`;

let cwd: string;
let root: string;

beforeEach(async () => {
  cwd = newFolder();
  root = join(cwd, 'cache');
  await storeAll(root, plain);
});

const verify = (...args: string[]) => run('pagetree', ['verify', ...args], { cwd });

/** Everything in the tree, with what is in it. */
function pictureOf(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[])
    .filter((name) => !/^\.pagetree\/(fills|trash|tags|usage)/.test(name))
    .map((name) => {
      const facts = statSync(join(folder, name));
      return `${name} ${facts.mode} ${facts.isFile() ? readFileSync(join(folder, name)).toString('base64') : ''}`;
    })
    .sort();
}

/** Each kind of damage: where it is found, how it comes about, and whether --fix mends it. */
const damage: readonly [fault: string, path: string, spoil: () => void, mended: boolean][] = [
  ['empty-page', 'zero', () => writeFileSync(join(root, 'zero'), ''), true],
  ['wrong-mode', 'about', () => chmodSync(join(root, 'about'), 0o600), true],
  ['wrong-mode', 'about.br', () => chmodSync(join(root, 'about.br'), 0o600), true],
  ['wrong-mode', 'about.gz', () => chmodSync(join(root, 'about.gz'), 0o666), true],
  ['wrong-mode', 'blog', () => chmodSync(join(root, 'blog'), 0o700), true],
  ['unmapped-name', '.pagetree/odd', () => writeFileSync(join(root, '.pagetree/odd'), 'x'), false],
  ['orphan-variant', 'b.gz', () => writeFileSync(join(root, 'b.gz'), 'x'), true],
  ['stale-variant', 'about.gz', () => utimesSync(join(root, 'about.gz'), 1000, 1000), true],
  [
    'orphan-meta',
    '.pagetree/meta/d/b.pagetree',
    () => {
      mkdirSync(join(root, '.pagetree/meta/d'), { recursive: true });
      copyFileSync(join(root, '.pagetree/meta/about.pagetree'), join(root, '.pagetree/meta/d/b.pagetree'));
    },
    true,
  ],
  [
    'misfit-meta',
    '.pagetree/meta/about.pagetree',
    () => writeFileSync(join(root, '.pagetree/meta/about.pagetree'), 'x'),
    true,
  ],
  ['link', 'link', () => symlinkSync('about', join(root, 'link')), false],
  ['special', 'pipe', () => void execFileSync('mkfifo', [join(root, 'pipe')]), false],
  ['unmapped-name', '.env', () => writeFileSync(join(root, '.env'), 'x'), false],
  ['unmapped-name', '.pagetree/meta/odd', () => writeFileSync(join(root, '.pagetree/meta/odd'), 'x'), false],
  [
    'conflict',
    'x.css/__page.html',
    () => {
      mkdirSync(join(root, 'x.css'));
      writeFileSync(join(root, 'x.css/__page.html'), 'p {}');
    },
    false,
  ],
  [
    'shadowed',
    '.pagetree/private/pages/feed/.page',
    () => writeFileSync(join(root, 'feed'), 'by hand'),
    true,
  ],
  [
    'lost-type',
    '.pagetree/private/pages/atom/.page',
    () => rmSync(join(root, '.pagetree/private/meta/atom/.page.pagetree')),
    true,
  ],
  [
    'dead-fill',
    `.pagetree/fills/0/${deadFill}`,
    () => {
      mkdirSync(join(root, '.pagetree/fills/0'), { recursive: true });
      writeFileSync(join(root, '.pagetree/fills/0', deadFill), 'half a page');
    },
    true,
  ],
];

describe('pagetree verify', () => {
  it('is silent about a healthy tree, and changes nothing in it', async () => {
    const before = pictureOf(root);
    expect(await verify()).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await verify('--fix')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(pictureOf(root)).toEqual(before);
  });

  it('tells of headers that a web server in front would not send, without calling that a fault', async () => {
    const headers = { 'content-language': 'en', link: '</a>; rel=next' };
    await storeAll(root, [{ path: '/own', headers }, { path: '/own2' }]);
    const lost =
      "2 pages are served without some headers by a web server in front of the tree: content-language (2), link (1). A tree with fidelity 'strict' keeps such pages for the middleware.";
    const none = { code: 0, stdout: '' };
    expect(await verify()).toEqual({ ...none, stderr: `${lost} --losses lists the pages.\n` });
    const listed = await verify('--losses', '--ndjson');
    expect([listed.code, listed.stderr]).toEqual([0, `${lost}\n`]);
    expect(
      listed.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).detail)
        .sort(),
    ).toEqual(['content-language', 'content-language, link']);
  });

  it('tells of variants that are gone, without calling that a fault', async () => {
    const html = '<p>words of a page that are worth a variant</p>'.repeat(50);
    await storeAll(root, [
      { path: '/wordy', body: html, headers: {} },
      { path: '/wordier', body: html, headers: {} },
    ]);
    expect(await verify()).toEqual({ code: 0, stdout: '', stderr: '' });
    rmSync(join(root, 'wordy.br'));
    const rest = 'so their pages are served in more bytes. cache-warm stores such pages anew.';
    const told = { code: 0, stdout: '' };
    expect(await verify()).toEqual({
      ...told,
      stderr: `1 variant that was made is gone, ${rest} --losses lists the variants.\n`,
    });
    for (const name of ['wordier.br', 'wordier.gz']) rmSync(join(root, name));
    const listed = await verify('--losses', '--ndjson');
    expect([listed.code, listed.stderr]).toEqual([0, `3 variants that were made are gone, ${rest}\n`]);
    const findings = listed.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(findings.map(({ path }) => path).sort()).toEqual(['wordier.br', 'wordier.gz', 'wordy.br']);
    expect(findings[0]).toMatchObject({ fault: 'lost-variant', mends: false });
  });

  it.each(damage)('names %s (%s), and --fix mends what it can', async (fault, path, spoil, mended) => {
    const here = (...args: string[]) => runHere('verify', [...args, '--cache-dir', root]);
    spoil();
    const found = await here('--ndjson');
    expect([found.code, found.stderr]).toEqual([3, '']);
    expect(
      found.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([expect.objectContaining({ fault, path, mends: mended })]);
    const fixed = await here('--fix');
    expect(fixed.stdout).toContain(mended ? 'Mended.' : '1 left');
    expect(fixed.code).toBe(mended ? 0 : 3);
    const after = await here();
    expect([after.code, after.stdout === '']).toEqual(mended ? [0, true] : [3, false]);
    // Whatever was wrong, the pages themselves are there.
    expect(existsSync(join(root, 'about'))).toBe(true);
    expect(existsSync(join(root, 'blog/a'))).toBe(true);
  });

  it('names what purges and openings that were killed left, when it is overdue', async () => {
    writeFileSync(join(cwd, 'pagetree.config.json'), JSON.stringify({ cacheDir: './cache', fillTimeout: 1 }));
    mkdirSync(join(root, '.pagetree/trash/0123456789abcdef'));
    writeFileSync(join(root, '.pagetree/new.0123456789ab'), '{');
    const isWhole = (text: string) => text.includes('\nleftover ') || text.startsWith('leftover ');
    let found = await verify();
    for (let tries = 0; !isWhole(found.stdout) && tries < 50; tries += 1) found = await verify();
    expect(found.stdout).toContain('trash           .pagetree/trash/0123456789abcdef\n');
    expect(found.stdout).toContain('leftover        .pagetree/new.0123456789ab\n');
    expect((await verify('--fix')).code).toBe(0);
    expect(existsSync(join(root, '.pagetree/new.0123456789ab'))).toBe(false);
    expect(existsSync(join(root, '.pagetree/trash/0123456789abcdef'))).toBe(false);
  });

  it('has a test for every fault there is', () => {
    expect(
      new Set([...damage.map(([fault]) => fault), 'trash', 'leftover', 'lost-headers', 'lost-variant']),
    ).toEqual(new Set(Object.keys(faults)));
  });

  it('tells all of them in one list, and as one document', async () => {
    for (const [, , spoil] of damage) if (!String(spoil).includes('about.pagetree')) spoil();
    const told = await verify();
    const [findings, verdict] = told.stdout.split('\n\n');
    expect(findings!.replaceAll(host, 'HOST').split('\n').sort().join('\n')).toMatchSnapshot();
    expect(steady(verdict!, root)).toMatchSnapshot();
    const document = JSON.parse((await verify('--json', '--fix')).stdout);
    expect(document.count).toBe(document.findings.length);
    expect(document.left).toEqual({ link: 1, special: 1, 'unmapped-name': 3, conflict: 1 });
  });

  it('follows no link when it mends modes', async () => {
    const outside = join(cwd, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'secret'), 'x', { mode: 0o600 });
    symlinkSync(outside, join(root, 'away'));
    symlinkSync(join(outside, 'secret'), join(root, 'secret'));
    expect((await verify('--fix')).code).toBe(3);
    expect(statSync(join(outside, 'secret')).mode & 0o777).toBe(0o600);
  });

  it('prints names with control characters safely', async () => {
    writeFileSync(join(root, '\u001b[2Jodd\u009b'), 'x');
    for (const args of [[], ['--json'], ['--ndjson']]) {
      const { stdout } = await verify(...args);
      expect(stdout).toContain('[2Jodd');
      expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
    }
  });
});

describe('pagetree sweep', () => {
  const sweep = (...args: string[]) => run('pagetree', ['sweep', ...args], { cwd });

  it('says that there is nothing', async () => {
    expect(await sweep()).toEqual({ code: 0, stdout: `Nothing to sweep in ${root}.\n`, stderr: '' });
  });

  it('removes leftovers and says what they were', async () => {
    for (const [, , spoil, mended] of damage) if (mended && !/about|chmod/.test(String(spoil))) spoil();
    mkdirSync(join(root, 'empty/folder'), { recursive: true });
    const { code, stdout } = await sweep();
    expect(code).toBe(0);
    expect(steady(stdout, root)).toMatchSnapshot();
    expect(JSON.parse((await sweep('--json')).stdout)).toMatchObject({ cacheDir: root, fills: 0, metas: 0 });
    expect((await verify()).code).toBe(0);
  });
});
