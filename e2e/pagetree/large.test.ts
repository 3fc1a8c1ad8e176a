/** Many pages: every command streams, and a small heap is enough for any number. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPageCache } from '@pagetree/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { binOf, start } from '../support/processes.ts';
import { temporaryFolder } from '../support/tree.ts';

const PAGES = process.env.PAGETREE_LONG === '1' ? 1_000_000 : 40_000;
const LONG = PAGES * 3;
/** Megabytes of heap for a command. The list of all paths alone would not fit into it. */
const HEAP = 24;

/** Long names, so that it takes fewer pages for that. */
const NAME = `a-page-with-a-long-name-${'-and-a-longer-one'.repeat(10)}-`;

const folder = await temporaryFolder();
const cacheDir = join(folder, 'cache');

beforeAll(async () => {
  await createPageCache({ cacheDir }).close();
  // Half of them in one folder, the others in five thousand.
  mkdirSync(join(cacheDir, 'flat'));
  for (let at = 0; at < PAGES; at += 1) {
    const even = at % 2 === 0;
    const place = even ? 'flat' : `s${at % 50}/f${Math.floor(at / 50) % 100}`;
    if (!even && at < 10_000) mkdirSync(join(cacheDir, place), { recursive: true });
    writeFileSync(`${cacheDir}/${place}/${NAME}${at}`, 'page');
  }
}, LONG);

/** Runs a command with a small heap; keeps the end of what it prints, and counts its lines. */
async function inSmallHeap(...args: string[]): Promise<{ lines: number; end: string; code: number }> {
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${HEAP}`, binOf('pagetree'), ...args, '--cache-dir', cacheDir],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let lines = 0;
  let end = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    lines += text.split('\n').length - 1;
    end = (end + text).slice(-2000);
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr = (stderr + text).slice(-2000);
  });
  const [code] = await once(child, 'close');
  expect(stderr).toBe('');
  return { lines, end, code };
}

describe(`a tree of ${PAGES} pages, with a heap of ${HEAP} MB`, () => {
  const all = PAGES.toLocaleString('en');

  test.each([
    [['ls'], PAGES + 2, `\n${all} pages, `],
    [['ls', '--tree'], undefined, `\n${all} pages, `],
    [['ls', '--plain'], PAGES, ''],
    [['ls', '--plain', '--glob', '/{flat,s*}/**'], PAGES, ''],
    [['ls', '--json'], undefined, `"count": ${PAGES},`],
    [['ls', '--ndjson', '--older-than', '0s'], PAGES, ''],
    [['stats'], undefined, 'MODIFIED'],
    [['stats', '--json'], undefined, '"ages": ['],
    [['top', '--once'], undefined, 'UNDER WAY  0 fills, 0 purges'],
    [['verify'], 0, ''],
    [['sweep'], 1, 'Nothing to sweep in '],
    [['purge', '/**', '--dry-run'], 1, `/**: would be removed, ${all} pages`],
    [['purge', '/**', '--dry-run', '--json', '--verbose'], PAGES + 14, '\n  ]\n}\n'],
    [['purge', '/flat/**', '--older-than', '1d'], 1, '/flat/**: no page is that old'],
  ])('%j', { timeout: LONG }, async (args, lines, end) => {
    const ran = await inSmallHeap(...args);
    expect(ran.code).toBe(0);
    if (lines !== undefined) expect(ran.lines).toBe(lines);
    expect(`\n${ran.end}`).toContain(end);
  });

  test('a reader that goes away ends the command early', { timeout: LONG }, async () => {
    const bin = binOf('pagetree');
    const began = performance.now();
    const ended = await start('sh', [
      '-c',
      `${process.execPath} ${bin} ls --cache-dir ${cacheDir} | head -n 3`,
    ]).ended;
    const early = performance.now() - began;
    expect(ended.stdout.split('\n')).toHaveLength(4);
    expect(ended.stderr).toBe('');
    const whole = performance.now();
    await inSmallHeap('ls');
    expect(early).toBeLessThan((performance.now() - whole) / 2);
  });

  // The last one: it removes them.
  test('a purge page by page, and one of everything', { timeout: LONG }, async () => {
    const some = await inSmallHeap('purge', '/s4*/f1/**');
    expect(some.end).toMatch(/^\/s4\*\/f1\/\*\*: removed, [\d,]+ pages/);
    const rest = (await inSmallHeap('ls', '--plain')).lines.toLocaleString('en');
    const ran = await inSmallHeap('purge', '/**', '--yes');
    expect(ran.end).toContain(`/**: removed, ${rest} pages`);
    expect((await inSmallHeap('ls', '--plain')).lines).toBe(0);
  });
});
