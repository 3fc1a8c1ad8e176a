/** The counter file that `pagetree top` reads: what is in it, when it is written, and that nothing depends on it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CacheEvent } from '@pagetree/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { counterFile } from '../src/counters/counter-file.ts';
import { countEvent, noCounts } from '../src/counters/counts.ts';
import { pageCache as fetchPageCache } from '../src/fetch.ts';
import { type PageCacheOptions, pageCache, withPageCache } from '../src/index.ts';

let folder: string;
let cacheDir: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pagetree-counters-'));
  cacheDir = join(folder, 'cache');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const counters = () => join(cacheDir, '.pagetree', 'counters');
const files = () => (existsSync(counters()) ? readdirSync(counters()) : []);

function read(): Record<string, unknown> {
  const [name, ...others] = files().filter((one) => one.endsWith('.json'));
  expect(others).toEqual([]);
  return JSON.parse(readFileSync(join(counters(), name!), 'utf8'));
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the counters of a server', () => {
  it('tell what it did, in a file that goes when the cache is closed', async () => {
    const events: CacheEvent[] = [];
    const listener = withPageCache(
      { cacheDir, counters: true, onEvent: (event) => events.push(event) },
      (req, res) => {
        res.setHeader('content-type', 'text/html');
        if (req.url === '/mine') res.setHeader('set-cookie', 'a=b');
        res.end('a page');
      },
    );
    const server = createServer(listener);
    const url = await listening(server);
    const get = async (path: string, headers = {}) => (await fetch(url + path, { headers })).text();
    await get('/a');
    await vi.waitFor(() => expect(events.some(({ type }) => type === 'stored')).toBe(true), 10_000);
    await get('/a');
    await get('/a', { cookie: 'session=1' });
    await get('/a?b');
    await get('/mine');
    await listener.cache.purge('/a');
    await vi.waitFor(
      () =>
        expect(read()).toMatchObject({
          format: 1,
          pid: process.pid,
          hits: 1,
          hitBytes: 6,
          misses: 2,
          stored: 1,
          storedBytes: 6,
          purges: 1,
          purgedPages: 1,
          purgedBytes: 6,
          bypassed: { cookie: 1, query: 1 },
          refused: { 'set-cookie': 1 },
          aborted: {},
          errors: {},
        }),
      10_000,
    );
    server.closeAllConnections();
    server.close();
    await listener.close();
    expect(files()).toEqual([]);
  });

  it('are of one cache each, in every form of the middleware', async () => {
    const express = pageCache({ cacheDir, counters: true });
    const web = fetchPageCache({ cacheDir, counters: true });
    await web(new Request('http://localhost/a?b'), () => new Response('x'));
    await vi.waitFor(() => expect(files()).toHaveLength(2), 10_000);
    await express.close();
    expect(files()).toHaveLength(1);
    await vi.waitFor(() => expect(read()).toMatchObject({ bypassed: { query: 1 } }), 10_000);
    await web.close();
    expect(files()).toEqual([]);
  });

  it('are not written where nobody asked for them', async () => {
    const pages = pageCache({ cacheDir });
    await pages.cache.purge('/a');
    await pages.close();
    expect(existsSync(counters())).toBe(false);
  });

  it('say what is wrong with the option', () => {
    expect(() => pageCache({ cacheDir, counters: 'yes' } as unknown as PageCacheOptions)).toThrow(
      'counters: expected true or false, but got "yes".',
    );
    expect(existsSync(cacheDir)).toBe(false);
  });

  it('do not keep a process alive', async () => {
    const module = fileURLToPath(import.meta.resolve('@pagetree/middleware')).replace(
      /src\/index\.ts$/,
      'dist/index.js',
    );
    const script = `import { pageCache } from ${JSON.stringify(module)}; pageCache({ cacheDir: process.argv[1], counters: true });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, cacheDir], {
      stdio: 'inherit',
    });
    expect(await once(child, 'close')).toEqual([0, null]);
  });
});

describe('the counter file', () => {
  it('is whole whenever it is read, and is written again when nothing happens', async () => {
    mkdirSync(join(cacheDir, '.pagetree'), { recursive: true });
    const file = counterFile(2);
    file.open(() => cacheDir);
    await vi.waitFor(() => expect(files().some((name) => name.endsWith('.json'))).toBe(true), 10_000);
    const times = new Set<unknown>();
    let hits = 0;
    await vi.waitFor(
      () => {
        if (hits < 1000) file.count({ type: 'hit', key: '/a', bytes: 1 });
        hits += 1;
        times.add(read().at);
        expect(times.size).toBeGreaterThan(20);
      },
      { timeout: 10_000, interval: 1 },
    );
    await vi.waitFor(() => expect(read().hits).toBe(Math.min(hits, 1000)), 10_000);
    const quiet = read().at;
    await vi.waitFor(() => expect(read().at).not.toBe(quiet), 10_000);
    await file.close();
    expect(files()).toEqual([]);
  });

  it('goes along when a link leads to another tree', async () => {
    const trees = ['one', 'two'].map((name) => join(cacheDir, name));
    for (const tree of trees) mkdirSync(join(tree, '.pagetree'), { recursive: true });
    const filesIn = (tree: string): string[] => {
      const folder = join(tree, '.pagetree', 'counters');
      return existsSync(folder) ? readdirSync(folder) : [];
    };
    let live = trees[0]!;
    const file = counterFile(2);
    file.open(() => live);
    await vi.waitFor(() => expect(filesIn(trees[0]!)).toHaveLength(1), 10_000);
    live = trees[1]!;
    file.count({ type: 'hit', key: '/a', bytes: 1 });
    await vi.waitFor(
      () => expect(filesIn(trees[1]!).some((name) => name.endsWith('.json'))).toBe(true),
      10_000,
    );
    await file.close();
    expect(trees.map(filesIn)).toEqual([[], []]);
  });

  it.runIf(process.platform !== 'win32')('does no harm where it cannot be written', async () => {
    mkdirSync(join(cacheDir, '.pagetree'), { recursive: true });
    // Also root cannot make a folder where a file is.
    const { writeFileSync } = await import('node:fs');
    writeFileSync(counters(), 'in the way');
    chmodSync(counters(), 0o444);
    const file = counterFile(1);
    file.open(() => cacheDir);
    file.count({ type: 'bypass', reason: 'query' });
    await file.close();
    expect(readFileSync(counters(), 'utf8')).toBe('in the way');
  });

  it('counts every kind of event', () => {
    const counts = noCounts();
    const error = new Error('full');
    const all: CacheEvent[] = [
      { type: 'miss', key: '/a', reason: 'busy' },
      { type: 'aborted', key: '/a', reason: 'unfinished' },
      { type: 'error', during: 'rename', error, suppressed: 4 },
      { type: 'refused', key: '/a', reason: 'status' },
      { type: 'refused', key: '/b', reason: 'status' },
    ];
    for (const event of all) countEvent(counts, event);
    expect(counts).toEqual({
      ...noCounts(),
      misses: 1,
      unstored: { busy: 1 },
      aborted: { unfinished: 1 },
      errors: { rename: 5 },
      refused: { status: 2 },
    });
  });
});
