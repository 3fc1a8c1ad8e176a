/** The report for programs: everything that the page for people is drawn from, and every URL that was not stored. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DocumentFile } from '../../src/report/document-file.ts';
import type { UrlResult } from '../../src/results.ts';
import { run } from '../support/bins.ts';
import { newFolder } from '../support/folders.ts';
import { startOrigin } from '../support/origin.ts';
import { failed, hostile, nasty, origin, stored, summaryOf } from './support.ts';

function documentOf(results: readonly UrlResult[]) {
  const folder = newFolder();
  const file = join(folder, 'report.json');
  const report = new DocumentFile(file);
  for (const result of results) report.result(result);
  const expected = { failOn: '1%', minPages: 5 };
  report.finish(summaryOf(results), { exitCode: 3, missed: ['Not enough.'], expected });
  expect(readdirSync(folder)).toEqual(['report.json']);
  return JSON.parse(readFileSync(file, 'utf8'));
}

it('has the totals, the figures, what was asked of the run, and every URL that was not stored', () => {
  const results = [...Array.from({ length: 500 }, (_, page) => stored(page)), failed(501), failed(502)];
  const document = documentOf(results);
  expect(document).toMatchObject({
    ...{ origin, urls: 502, stored: 500, failed: 2, exitCode: 3, missed: ['Not enough.'] },
    expected: { failOn: '1%', minPages: 5 },
    reasons: [{ reason: 'timeout', count: 2, what: expect.any(String), fix: expect.any(String) }],
    statuses: [{ status: 200, count: 500 }],
    times: { count: 502, least: 5, most: 1000 },
    sizes: { count: 500, least: 1000, most: 1499 },
    sections: [{ path: '/docs', pages: 502, missing: 2 }],
  });
  expect(document.times.p50).toBeGreaterThan(20);
  expect(document.times.p99).toBeLessThan(60);
  const sum = (counts: readonly number[]) => counts.reduce((one, other) => one + other, 0);
  expect(sum(document.times.buckets.map(({ count }: { count: number }) => count))).toBe(502);
  expect(sum(document.timeline.stretches.map((stretch: { stored: number }) => stretch.stored))).toBe(500);
  expect(document.slowest).toHaveLength(20);
  expect(document.slowest[0]).toEqual({ url: `${origin}/docs/501`, milliseconds: 1000 });
  expect(document.largest[0]).toMatchObject({ url: `${origin}/docs/499`, bytes: 1499 });
  expect(document.notStored).toEqual([
    {
      ...{ url: `${origin}/docs/501`, outcome: 'failed', reason: 'timeout', tries: 3 },
      ...{ detail: 'not complete within 1 s', source: 'urls.txt', line: 501 },
    },
    expect.objectContaining({ url: `${origin}/docs/502` }),
  ]);
});

it('is whole without results, with very many, and with text from outside', () => {
  expect(documentOf([])).toMatchObject({ urls: 0, statuses: [], times: { count: 0 }, notStored: [] });
  const many = Array.from({ length: 50_000 }, (_, page) => failed(page));
  expect(documentOf(many).notStored).toHaveLength(50_000);
  const told = documentOf(nasty.map(hostile)).notStored.map(({ url }: UrlResult) => url);
  expect(told).toEqual(nasty);
});

it('is what --report FILE.json writes', async () => {
  const site = await startOrigin();
  const cwd = newFolder();
  const args = ['/a', '/status/404', '--cache-dir', 'cache', '--origin', site.url, '--fail-on', '60%'];
  const ran = await run('cache-warm', [...args, '--report', 'report.json'], { cwd });
  await site.close();
  expect(ran.code).toBe(0);
  expect(JSON.parse(readFileSync(join(cwd, 'report.json'), 'utf8'))).toMatchObject({
    ...{ origin: site.url, stored: 1, refused: 1, exitCode: 0, expected: { failOn: '60%', minPages: 0 } },
    statuses: expect.arrayContaining([{ status: 404, count: 1 }]),
    notStored: [{ url: `${site.url}/status/404`, reason: 'status', status: 404 }],
  });
});
