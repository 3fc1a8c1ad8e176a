/** However many hits a server answers, it needs no more memory than its bound says. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { folder } from '../support/site.ts';
import { LONG, talk } from './support.ts';
import type { Talk } from './talk.ts';

const HITS = LONG ? 1_000_000 : 24_000;
const PAGES = 400;
const BODY = 8192;

const targetOf = (index: number): string => `/section-${index % 20}/page-${index}`;

interface Memory {
  readonly heapUsed: number;
  readonly arrayBuffers: number;
}

async function memoryOf(connection: Talk): Promise<Memory> {
  // The second time, what the first one let go is gone, too.
  await connection.ask('/memory');
  return JSON.parse((await connection.ask('/memory')).text) as Memory;
}

async function ask(connection: Talk, hits: number, seed: number): Promise<void> {
  for (let done = 0; done < hits; done += 50) {
    const asked = Array.from({ length: 50 }, (_, step) =>
      connection.ask(targetOf(((done + step) * 7919 + seed) % PAGES)),
    );
    for (const { body, headers } of await Promise.all(asked)) {
      if (body.length !== BODY || headers['cache-status'] !== 'pagetree; hit') throw new Error('not a hit');
    }
  }
}

it.each([
  ['all pages', 64 * 1024 * 1024],
  ['a tenth of the pages', 512 * 1024],
])(
  `${HITS} hits take no memory that stays, with room for %s`,
  async (_, maxMemory) => {
    const dir = join(await folder(), 'cache');
    const path = fileURLToPath(new URL('children/measured-server.js', import.meta.url));
    const child = fork(path, [dir, String(maxMemory)], { execArgv: ['--expose-gc'] });
    onTestFinished(() => void child.kill());
    const [port] = (await once(child, 'message')) as [number];
    for (let section = 0; section < 20; section += 1) await mkdir(join(dir, `section-${section}`));
    for (let index = 0; index < PAGES; index += 1)
      await writeFile(join(dir, targetOf(index)), Buffer.alloc(BODY, 'x'));
    const lines = Array.from({ length: 4 }, () => talk(port));
    const all = (hits: number): Promise<unknown> =>
      Promise.all(lines.map((connection, seed) => ask(connection, hits / lines.length, seed * 101)));
    await all(Math.max(4000, HITS / 10));
    const before = await memoryOf(lines[0]!);
    await all(HITS);
    const after = await memoryOf(lines[0]!);
    // Bodies are all that memory may hold beside the heap.
    expect(after.arrayBuffers).toBeLessThan(Math.min(maxMemory, PAGES * BODY) + 2e6);
    // A hundred bytes for each of a million hits would be a hundred megabytes.
    expect(after.heapUsed - before.heapUsed).toBeLessThan(2e6);
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(1e6);
  },
  LONG ? 900_000 : 90_000,
);
