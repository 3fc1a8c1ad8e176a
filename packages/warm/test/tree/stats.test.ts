import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPageCache } from '@pagetree/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Tally } from '../../src/tree/tally.ts';
import { run } from '../support/bins.ts';
import { newFolder } from '../support/folders.ts';
import { plain, samples, steady, storeAll } from './trees.ts';

const cwd = newFolder();
const cacheDir = join(cwd, 'cache');
const HOUR = 3_600_000;

beforeAll(async () => {
  await storeAll(cacheDir, [...samples, { path: '/big/one', body: 'x'.repeat(2_000_000) }]);
  writeFileSync(join(cacheDir, 'hand'), 'x');
  const longAgo = new Date(Date.now() - 90 * 24 * HOUR);
  utimesSync(join(cacheDir, 'hand'), longAgo, longAgo);
  writeFileSync(join(cacheDir, '.env'), 'x');
});

const stats = (...args: string[]) => run('pagetree', ['stats', ...args], { cwd });

describe('pagetree stats', () => {
  it('counts pages, bytes and inodes, by type, section, size and age', async () => {
    const { code, stdout, stderr } = await stats();
    expect([code, stderr]).toEqual([0, '']);
    const text = steady(stdout, cacheDir)
      // What a compressor makes of a text differs between its versions.
      .replace(/^(gzip|br) .*$/gm, (line) =>
        line.replace(/\d+(\.\d)? (bytes|kB)/, (size) => 'N'.padStart(size.length)),
      )
      .replace(/variants, .*$/m, 'variants, N')
      .replace(
        /\d+ inodes, \d+ of them in .pagetree with [\d.]+ kB$/m,
        'N inodes, N of them in .pagetree with N',
      );
    expect(text).toMatchSnapshot();
  });

  it('counts what find counts', async () => {
    const { execFileSync } = await import('node:child_process');
    const found = execFileSync('find', [cacheDir], { encoding: 'utf8' }).split('\n').length - 1;
    const document = JSON.parse((await stats('--json')).stdout);
    // Opening a tree tries out its folder for what was left, and removes that again.
    expect(document.inodes).toBe(found);
    expect(document).toMatchObject({
      cacheDir,
      pages: 10,
      others: 1,
      types: { 'text/css': { pages: 1, bytes: 1700 } },
      sections: { '/': { pages: 6 }, '/blog/': { pages: 3 }, '/big/': { pages: 1, bytes: 2_000_000 } },
      otherSections: { pages: 0, bytes: 0 },
      savings: { gzip: { pages: 9 }, br: { pages: 9 } },
    });
  });

  it('counts the pages for the middleware alone once, in a tree where they are', async () => {
    const { execFileSync } = await import('node:child_process');
    const folder = join(newFolder(), 'cache');
    await storeAll(folder, [{ path: '/a' }, ...plain.filter(({ type }) => type?.endsWith('+xml'))]);
    const { inodes, pages, privatePages, internal } = JSON.parse(
      (await stats('--json', '--cache-dir', folder)).stdout,
    );
    const find = (...args: string[]) =>
      execFileSync('find', [folder, ...args], { encoding: 'utf8' }).split('\n').length - 1;
    expect({ inodes, internal: internal.inodes, pages, privatePages }).toEqual({
      inodes: find(),
      internal: find('-mindepth', '2', '-path', `${folder}/.pagetree/*`),
      pages: 3,
      privatePages: 2,
    });
  });

  it('says of an empty tree that it is empty', async () => {
    const empty = join(newFolder(), 'cache');
    await createPageCache({ cacheDir: empty }).close();
    const { code, stdout } = await stats('--cache-dir', empty);
    expect(code).toBe(0);
    expect(steady(stdout, empty).replace(/\d+ inodes.*/, 'N inodes')).toMatchSnapshot();
    expect(JSON.parse((await stats('--json', '--cache-dir', empty)).stdout)).toMatchObject({
      pages: 0,
      oldest: null,
    });
  });
});

describe('a tally', () => {
  it('keeps no more than a thousand sections, and loses no page', () => {
    const tally = new Tally(0);
    for (let at = 0; at < 5000; at += 1) tally.page({ key: `/s${at}/page`, bytes: 2, mtimeMs: 0 });
    tally.page({ key: '/s0/again', bytes: 2, mtimeMs: 0 });
    expect(tally.sections.size).toBe(1000);
    expect(tally.sections.get('/s0/')).toEqual({ pages: 2, bytes: 4 });
    expect(tally.elsewhere).toEqual({ pages: 4000, bytes: 8000 });
  });

  it('sorts by size and age, limits included, and knows times to come', () => {
    const tally = new Tally(10 * HOUR);
    for (const bytes of [1, 999, 1000, 999_999, 1_000_000])
      tally.page({ key: '/', bytes, mtimeMs: 20 * HOUR });
    tally.page({ key: '/a', bytes: 1, mtimeMs: 9 * HOUR });
    expect(tally.sizes.map(({ pages }) => pages)).toEqual([3, 1, 0, 1, 1]);
    expect(tally.ages.map(({ pages }) => pages)).toEqual([5, 1, 0, 0, 0]);
  });
});
