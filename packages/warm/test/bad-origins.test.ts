import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BadOrigin, goodPage, kindsOf, startBadOrigin, waits } from './support/bad-origin.ts';
import { type Ran, run, stackTrace } from './support/bins.ts';
import { leftovers, newFolder } from './support/folders.ts';

const paths = Object.keys(kindsOf('http://other.example'));
const good = Array.from({ length: 40 }, (_, at) => `/good/${at}`);

interface Told {
  readonly outcome: string;
  readonly reason: string;
  readonly detail?: string;
}

let origin: BadOrigin;
let cwd: string;
let ran: Ran;
let took: number;
let strangers = 0;
const told = new Map<string, Told>();
const other = createServer((socket) => {
  strangers += 1;
  socket.end();
});

/** Those that only a check of what is in the page finds out. */
const checked = ['/error-page', '/small', '/gzip/whole'];

/** One run over all of them, with good pages between: that is how it happens. And one with checks. */
beforeAll(async () => {
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  origin = await startBadOrigin(`http://127.0.0.1:${(other.address() as AddressInfo).port}`);
  cwd = newFolder();
  const lines = [...paths.filter((path) => !checked.includes(path)), ...good];
  lines.sort((one, two) => (one.length % 7) - (two.length % 7) || one.localeCompare(two));
  const began = performance.now();
  ran = await warm(lines);
  took = performance.now() - began;
  await warm(checked, '--must-contain', 'A page', '--min-size', '20');
}, 120_000);

async function warm(lines: readonly string[], ...more: string[]): Promise<Ran> {
  writeFileSync(join(cwd, 'urls.txt'), `${lines.join('\n')}\n`);
  const result = await run(
    'cache-warm',
    [
      ...['urls.txt', '--cache-dir', 'cache', '--origin', origin.url, '--variants', 'none', '--follow'],
      ...['--timeout', '2', '--retries', '0', '-c', '16', '--max-page-size', '1M'],
      ...['--report', 'why.ndjson', '--failed', `failed-${more.length}.txt`, '--json', ...more],
    ],
    { cwd },
  );
  for (const line of readFileSync(join(cwd, 'why.ndjson'), 'utf8').trim().split('\n')) {
    const { url, ...rest } = JSON.parse(line) as Told & { url: string };
    told.set(url.slice(origin.url.length), rest);
  }
  return result;
}

afterAll(async () => {
  await origin.close();
  other.close();
});

describe('an origin that is broken in every way', () => {
  it('is more than thirty origins', () => {
    expect(paths.length).toBeGreaterThan(60);
  });

  it.each(paths)('%s has its own outcome and reason', (path) => {
    const { outcome, reason } = origin.kinds[path]!;
    expect(told.get(path)).toMatchObject({ outcome, reason });
  });

  it('has nothing of it stored, and every good page', () => {
    const files = readdirSync(join(cwd, 'cache'), { recursive: true, withFileTypes: true });
    const pages = files
      .filter(
        (entry) => entry.isFile() && !entry.parentPath.includes('.pagetree') && entry.name !== 'CACHEDIR.TAG',
      )
      .map((entry) => join(entry.parentPath, entry.name).slice(join(cwd, 'cache').length));
    expect(pages.sort()).toEqual([...good].sort());
    for (const path of good) expect(readFileSync(join(cwd, 'cache', path), 'utf8')).toBe(goodPage(path));
    expect(leftovers(join(cwd, 'cache'))).toEqual([]);
  });

  it('never holds the run up for longer than its times allow', () => {
    const hanging = paths.filter((path) => /^\/(hang|drip)/.test(path)).length;
    // Each of them may take its whole time, sixteen at once; the rest is the machine's.
    expect(took).toBeLessThan(Math.ceil(hanging / 4) * 2000 + 20_000);
  });

  it('ends with 3, tells every URL in its report, and the list of failed URLs is a list', () => {
    expect(ran.code).toBe(3);
    expect(ran.stderr).not.toMatch(stackTrace);
    const summary = JSON.parse(ran.stdout);
    const first = [...told.keys()].filter((path) => !checked.includes(path));
    expect(summary.refused + summary.failed).toBe(first.length);
    expect(summary.missed).toEqual([expect.stringContaining('were not stored; no more than 0 may be.')]);
    const failed = readFileSync(join(cwd, 'failed-0.txt'), 'utf8').trim().split('\n');
    expect(failed.map((url) => url.slice(origin.url.length)).sort()).toEqual(first.sort());
  });

  it('never sends the warmer to another site', () => {
    expect(strangers).toBe(0);
    expect(told.get('/redirect/escape')!.detail).toContain(`which is not ${origin.url}`);
    expect(told.get('/redirect/script')!.detail).toContain('points to javascript:');
  });

  it('is told apart: the loop, the long way, the nonsense', () => {
    expect(told.get('/redirect/ping')!.detail).toContain('goes in a circle');
    expect(told.get('/redirect/chain/0')!.detail).toBe('more than 10 redirects');
    expect(told.get('/redirect/nonsense')!.detail).toContain('no address');
  });
});

describe('an origin that says when to come back', () => {
  it.each(Object.entries(waits))('%s holds no run up', async (path, { outcome, reason }) => {
    const folder = newFolder();
    const began = performance.now();
    const { code, stdout, stderr } = await run(
      'cache-warm',
      [
        ...[path, '--cache-dir', 'cache', '--origin', origin.url, '--timeout', '1', '--retries', '1'],
        ...['--report', 'why.ndjson', '--json'],
      ],
      { cwd: folder },
    );
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(code).toBe(3);
    expect(stderr).not.toMatch(/Warning/);
    expect(JSON.parse(stdout).reasons).toMatchObject([{ reason, count: 1 }]);
    const { detail, ...told } = JSON.parse(readFileSync(join(folder, 'why.ndjson'), 'utf8'));
    expect(told).toMatchObject({ outcome, reason, status: 503 });
    // A wait that is kept to is followed by another try; one that is too long is told.
    if (reason === 'status') expect(told.tries).toBe(2);
    else expect(detail).toMatch(/^503, and Retry-After asks to wait (\d+ s|for ever); 120 s is the longest$/);
  });
});
