/** `--max-entries` over runs that take less than a second each, in more than one thread. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from './support/bins.ts';
import { leftovers, newFolder } from './support/folders.ts';
import { type Origin, startOrigin } from './support/origin.ts';

let origin: Origin;
beforeAll(async () => {
  origin = await startOrigin();
});
afterAll(() => origin.close());

it.each([
  ['refuse', 10],
  ['evict', 9],
] as const)(
  'a tree of ten pages has ten after three runs of forty (%s)',
  async (whenFull, least) => {
    const cwd = newFolder();
    for (let at = 0; at < 3; at += 1) {
      const urls = Array.from({ length: 40 }, (_, page) => `/run-${at}/${page}\n`);
      writeFileSync(join(cwd, 'urls.txt'), urls.join(''));
      const ran = await run(
        'cache-warm',
        ['urls.txt', '--cache-dir', 'cache', '--origin', origin.url, '--variants', 'none'].concat(
          ...['--max-entries', '10', '--when-full', whenFull],
        ),
        { cwd },
      );
      expect(ran.stderr).not.toMatch(/internal/i);
      const files = readdirSync(join(cwd, 'cache'), { recursive: true, withFileTypes: true });
      const pages = files.filter((file) => file.isFile() && /run-\d$/.test(file.parentPath));
      const kept = pages.filter((file) => !file.parentPath.includes('.pagetree'));
      expect(kept.length).toBeLessThanOrEqual(10);
      expect(kept.length).toBeGreaterThanOrEqual(least);
    }
    expect(leftovers(join(cwd, 'cache'))).toEqual([]);
  },
  60_000,
);

it('pages that made room for others again are told, and do not count', async () => {
  const cwd = newFolder();
  writeFileSync(join(cwd, 'urls.txt'), Array.from({ length: 20 }, (_, page) => `/page/${page}\n`).join(''));
  const evicting = ['--max-entries', '5', '--when-full', 'evict', '--variants', 'none', '--json'];
  const warm = (cacheDir: string, ...more: string[]) =>
    run('cache-warm', ['urls.txt', '--cache-dir', cacheDir, '--origin', origin.url, ...evicting, ...more], {
      cwd,
    });
  const ran = await warm('cache', '--min-pages', '20');
  const { stored, pages, evicted, missed } = JSON.parse(ran.stdout);
  const listed = await run('pagetree', ['ls', '--cache-dir', 'cache'], { cwd });
  const left = listed.stdout.split('\n').filter((line) => line.includes('/page/')).length;
  expect(left).toBeLessThanOrEqual(5);
  expect([ran.code, stored, pages, evicted]).toEqual([3, 20, left, 20 - left]);
  expect(missed).toEqual([
    expect.stringMatching(/^\d+ pages made room for others again: the tree is full\. Raise --max-entries/),
    `${left} pages are in the tree; at least 20 must be.`,
  ]);
  expect((await warm('cache', '--fail-on', '100%')).code).toBe(0);
  const published = await warm('live', '--publish');
  expect(published.code).toBe(3);
  expect(JSON.parse(published.stdout).notPublished).toContain('made room for others again');
  expect(existsSync(join(cwd, 'live'))).toBe(false);
}, 60_000);
