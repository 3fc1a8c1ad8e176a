/** How much memory a list takes: no more for a million URLs than for some thousand. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run } from './support/bins.ts';
import { newFolder } from './support/folders.ts';

/** `PAGETREE_LONG=1` takes some minutes. */
const isLong = process.env.PAGETREE_LONG === '1';
const [planned, fetched] = isLong ? [1_000_000, 200_000] : [150_000, 9000];
/** The goal of a million, in bytes; what a smaller list may take of it is not less, since V8 takes its time. */
const most = 30e6;

const cwd = newFolder();
writeFileSync(
  join(cwd, 'peak.mjs'),
  "process.on('exit', () => console.error('peak', process.resourceUsage().maxRSS));",
);
writeFileSync(
  join(cwd, 'app.mjs'),
  'export default (request, response) => { response.statusCode = 404; response.end(); };',
);

/** The most memory that a run took, in bytes. The list comes in as it is made: every tenth URL is there twice. */
async function peakOf(urls: number, ...args: string[]): Promise<number> {
  const lines = Array.from({ length: urls }, (_, at) => `/docs/section-${at % 100}/page-${at}`);
  const list = join(cwd, `${urls}.txt`);
  writeFileSync(list, `${lines.join('\n')}\n${lines.filter((_, at) => at % 10 === 0).join('\n')}\n`);
  const cacheDir = join(mkdtempSync(join(cwd, 'tree-')), 'cache');
  const ran = await run('cache-warm', [list, '--cache-dir', cacheDir, '--quiet', '--json', ...args], {
    cwd,
    nodeArgs: ['--import', join(cwd, 'peak.mjs')],
  });
  expect(JSON.parse(ran.stdout)).toMatchObject({ urls, duplicates: urls / 10 });
  return Number(/^peak (\d+)$/m.exec(ran.stderr)![1]) * 1024;
}

it(`${planned} URLs that are planned take as much as 10,000`, { timeout: 600_000 }, async () => {
  const args = ['--dry-run', '--origin', 'http://127.0.0.1:9'];
  const least = await peakOf(10_000, ...args);
  expect((await peakOf(planned, ...args)) - least).toBeLessThan(most);
});

it(`${fetched} URLs that are asked for take as much as a third, or as 10,000`, {
  timeout: 900_000,
}, async () => {
  const args = ['--app', 'app.mjs', '--fail-on', '100%', '--durability', 'none', '--report', 'run.html'];
  const least = await peakOf(isLong ? 10_000 : 3000, ...args);
  expect((await peakOf(fetched, ...args)) - least).toBeLessThan(most);
});
