/** A run that is ended at random moments, and the same command again: the tree is that of a run that nobody disturbed. */
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openTree } from '@pagetree/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { binOf, cacheWarm, type Ended, start } from '../support/processes.ts';
import { leftovers, pagesOf, temporaryFolder } from '../support/tree.ts';

const folder = await temporaryFolder();
const list = join(folder, 'urls.txt');
const paths = Array.from({ length: 300 }, (_, at) =>
  at % 7 === 0 ? `/s/${at}/` : at % 11 === 0 ? `/s/${at - 1}` : `/s/${at}`,
);
const pages = new Set(paths).size;

/** What the site is at the moment: with another edition every third page is another one. */
let edition = 1;
let asked = new Map<string, number>();
let onAsked = () => {};
const bodyOf = (path: string) => {
  const number = Number(path.replace(/\D/g, ''));
  const which = number % 3 === 0 ? edition : 1;
  return `<!doctype html><title>${path}</title>${`<p>Edition ${which} of ${path}</p>`.repeat(10 + (number % 90))}`;
};
const site = createServer((request, response) => {
  const path = request.url!;
  asked.set(path, (asked.get(path) ?? 0) + 1);
  onAsked();
  const body = bodyOf(path);
  const etag = `"${/Edition (\d)/.exec(body)![1]}-${body.length}"`;
  setTimeout(() => {
    if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end();
    else response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', etag }).end(body);
  }, 2);
});

beforeAll(async () => {
  await writeFile(list, `${paths.join('\n')}\n`);
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  site.closeAllConnections();
  site.close();
});

/** The same moments every time, so that a failure can be seen again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const argsFor = (cacheDir: string, more: readonly string[]) => [
  ...[list, '--cache-dir', cacheDir, '--origin', `http://127.0.0.1:${(site.address() as AddressInfo).port}`],
  ...['--variants', 'gzip', '--compression', 'fast', '--durability', 'none', '--quiet', '-c', '8', ...more],
];

/** Runs the command and ends it when the site was asked so often, and a little later. */
async function endedBy(
  signal: NodeJS.Signals,
  args: readonly string[],
  after: number,
  delay: number,
): Promise<Ended> {
  const program = start(process.execPath, [binOf('cache-warm'), ...args]);
  let count = 0;
  onAsked = () => {
    count += 1;
    if (count === after) setTimeout(() => program.process.kill(signal), delay);
  };
  const ended = await program.ended;
  onAsked = () => {};
  return ended;
}

async function contents(cacheDir: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const file of await pagesOf(cacheDir))
    found.set(file, (await readFile(join(cacheDir, file))).toString('base64'));
  return found;
}

async function undisturbed(name: string, more: readonly string[]): Promise<Map<string, string>> {
  const cacheDir = join(folder, name);
  const { code } = await cacheWarm(argsFor(cacheDir, more));
  expect(code).toBe(0);
  return contents(cacheDir);
}

describe.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('after %s at random moments', (signal) => {
  const codes = { SIGKILL: null, SIGTERM: 143, SIGINT: 130 };

  test('the same command fills the tree as if nothing had been', async () => {
    edition = 1;
    const expected = await undisturbed(`whole-${signal}`, []);
    const cacheDir = join(folder, `filled-${signal}`);
    const next = random(signal.length * 7919);
    asked = new Map();
    for (let round = 0; round < 4; round += 1) {
      const ended = await endedBy(
        signal,
        argsFor(cacheDir, []),
        5 + Math.floor(next() * 40),
        Math.floor(next() * 15),
      );
      expect(ended.code).toBe(codes[signal]);
      for (const [file, bytes] of await contents(cacheDir)) expect(bytes).toBe(expected.get(file));
    }
    const last = await cacheWarm([...argsFor(cacheDir, []), '--json']);
    expect(last.code).toBe(0);
    expect(await contents(cacheDir)).toEqual(expected);
    // Eight pages may have been on their way here, and as many on their way to the disk, when the process was killed; what a
    // drained run began, it also stored.
    const twice = [...asked.values()].filter((times) => times > 1).length;
    expect(twice).toBeLessThanOrEqual(signal === 'SIGKILL' ? 4 * 16 : 0);
    await swept(cacheDir);
  }, 120_000);

  test('the same command refreshes the tree as if nothing had been, and does not begin anew', async () => {
    edition = 2;
    const expected = await undisturbed(`second-${signal}`, []);
    edition = 1;
    const cacheDir = join(folder, `refreshed-${signal}`);
    await undisturbed(`refreshed-${signal}`, []);
    edition = 2;
    const next = random(signal.length * 104_729);
    asked = new Map();
    for (let round = 0; round < 3; round += 1) {
      await endedBy(
        signal,
        argsFor(cacheDir, ['--refresh']),
        20 + Math.floor(next() * 40),
        Math.floor(next() * 15),
      );
    }
    const last = await cacheWarm([...argsFor(cacheDir, ['--refresh']), '--json']);
    expect(last.code).toBe(0);
    expect(JSON.parse(last.stdout)).toMatchObject({ urls: pages, failed: 0, refused: 0 });
    expect(await contents(cacheDir)).toEqual(expected);
    const more = [...asked.values()].reduce((sum, times) => sum + times, 0) - pages;
    // A kill takes the lines that were not written yet with it: then those pages are asked for again.
    expect(more).toBeLessThanOrEqual(signal === 'SIGKILL' ? 3 * 80 : 0);
    expect((await pagesOf(join(cacheDir, '.pagetree', 'journal')).catch(() => [])).length).toBe(0);
    await swept(cacheDir);
  }, 120_000);
});

/** A process that was killed leaves parts of what it was at; a sweep knows that it is gone. */
async function swept(cacheDir: string): Promise<void> {
  const cache = openTree(cacheDir);
  await cache.sweep();
  await cache.close();
  expect(await leftovers(cacheDir)).toEqual([]);
}
