/**
 * `cache-purge --rewarm` at a site that serves its own tree: visitors who ask all the while never wait for a render, and who
 * asks after the purge has ended never gets a page that was rendered before it began.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { withPageCache } from '@pagetree/middleware';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ask } from '../support/ask.ts';
import { cachePurge } from '../support/processes.ts';
import { leftovers, temporaryFolder } from '../support/tree.ts';

const folder = await temporaryFolder();
const cacheDir = join(folder, 'cache');
const paths = Array.from({ length: 40 }, (_, at) => `/s${at % 2}/page-${at}`);
let version = 0;
let renders = 0;

/** The version of a page is that of the moment at which its render began. */
const listener = withPageCache({ cacheDir, durability: 'none' }, (request, response) => {
  const begun = version;
  renders += 1;
  setTimeout(() => {
    response.writeHead(200, { 'content-type': 'text/html', 'cache-tag': `section-${request.url!.at(2)}` });
    response.end(`version ${begun} of ${request.url}\n`.repeat(20));
  }, 10);
});
let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const path of paths) {
    await vi.waitFor(async () => expect((await ask(origin, path)).cacheStatus).toBe('pagetree; hit'), 20_000);
  }
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await listener.close();
});

/** What one visitor got, and which version was the least that he may get when he asked. */
interface Visit {
  readonly path: string;
  readonly least: number;
  readonly version: number;
  readonly cacheStatus: string | undefined;
}

test('nobody waits, and nobody gets an old page afterwards', { timeout: 90_000 }, async () => {
  const visits: Visit[] = [];
  /** By section: the version that a purge which has ended was about. */
  const least: Record<string, number> = { s0: 0, s1: 0 };
  let open = true;
  const visitor = async (first: number) => {
    for (let at = first; open; at += 7) {
      const path = paths[at % paths.length]!;
      const floor = least[path.slice(1, 3)]!;
      const { body, cacheStatus } = await ask(origin, path);
      visits.push({ path, least: floor, version: Number(/^version (\d+)/.exec(`${body}`)![1]), cacheStatus });
    }
  };
  const visitors = [visitor(0), visitor(13), visitor(26)];
  const before = renders;
  try {
    for (const [args, sections] of [
      [
        ['--all', '--yes'],
        ['s0', 's1'],
      ],
      [['-r', '/s0'], ['s0']],
      [['--tag', 'section-1'], ['s1']],
      [
        ['/**/page-*', '--yes'],
        ['s0', 's1'],
      ],
    ] as const) {
      version += 1;
      const next = version;
      const { code, stderr, stdout } = await cachePurge([
        ...[...args, '--rewarm', '--origin', origin],
        ...['--cache-dir', cacheDir, '--json'],
      ]);
      expect([code, stderr]).toEqual([0, '']);
      expect(JSON.parse(stdout).rewarm).toMatchObject({
        stored: 20 * sections.length,
        removed: 0,
        missed: 0,
      });
      for (const section of sections) least[section] = next;
    }
    const asked = visits.length;
    await vi.waitFor(() => expect(visits.length).toBeGreaterThan(asked + 2 * paths.length), 20_000);
  } finally {
    open = false;
    await Promise.all(visitors);
  }
  expect(visits.length).toBeGreaterThan(200);
  expect(visits.filter((visit) => visit.version < visit.least)).toEqual([]);
  expect(visits.filter(({ cacheStatus }) => cacheStatus !== 'pagetree; hit')).toEqual([]);
  // Each page was rendered for the purges alone: four of them, two of half the site.
  expect(renders - before).toBe(3 * paths.length);
  expect(await leftovers(cacheDir)).toEqual([]);
});
