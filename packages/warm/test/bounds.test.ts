/** `--max-entries` over runs that take less than a second each, in more than one thread. */
import { readdirSync, writeFileSync } from 'node:fs';
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
