/** What a purge tells a program: every page that went, or a CDN keeps the others. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PurgeReport } from '../../src/report/purge.ts';
import { Output } from '../../src/tree/output.ts';
import { run } from '../support/bins.ts';
import { newFolder } from '../support/folders.ts';
import { storeAll } from '../tree/trees.ts';

const PAGES = 150_000;

describe('the JSON document of a purge', () => {
  it('names every page and every scope, however many there are', async () => {
    const report = new PurgeReport({
      ...{ cacheDir: '/c', dryRun: false, rewarm: false, verbose: true, json: true },
      write: () => expect.unreachable(),
    });
    for (let at = 0; at < PAGES; at += 1) {
      report.page({ key: `/${at}`, place: `${at}`, bytes: 1 });
      report.done(`/${at}`, { pages: 1, bytes: 1, fills: 0 });
    }
    const pieces: string[] = [];
    const stream = {
      write(text: string, done: () => void) {
        pieces.push(text);
        done();
        return true;
      },
    };
    await report.writeJson(new Output(stream as never));
    const document = JSON.parse(pieces.join(''));
    expect(document).toMatchObject({ pages: PAGES, bytes: PAGES, fills: 0 });
    for (const list of [document.removed, document.scopes]) expect(list).toHaveLength(PAGES);
    expect(document.removed.at(-1)).toEqual({ key: `/${PAGES - 1}`, place: `${PAGES - 1}`, bytes: 1 });
    // Written piece by piece, not as one text.
    expect(pieces.length).toBeGreaterThan(100);
  });

  it.runIf(process.getuid?.() === 0)('of one that fails half-way names what went before', async () => {
    const cwd = newFolder();
    const cacheDir = join(cwd, 'cache');
    await storeAll(cacheDir, [{ path: '/a' }, { path: '/b/c' }]);
    execFileSync('chown', ['-R', '65534:65534', cacheDir]);
    chmodSync(cwd, 0o755);
    chownSync(join(cacheDir, 'b'), 0, 0);
    const { code, stdout, stderr } = await run(
      'cache-purge',
      ['/a', '/b/c', '--json', '--verbose', '--cache-dir', 'cache'],
      { cwd, prefix: ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'], env: { HOME: cwd } },
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/^cache-purge: purge \/b\/c: EACCES/);
    expect(JSON.parse(stdout)).toMatchObject({
      pages: 1,
      removed: [{ key: '/a' }],
      error: { code: 'ERR_PAGETREE_PURGE_INCOMPLETE' },
      exitCode: 1,
    });
    expect([existsSync(join(cacheDir, 'a')), existsSync(join(cacheDir, 'b/c'))]).toEqual([false, true]);
  });
});
