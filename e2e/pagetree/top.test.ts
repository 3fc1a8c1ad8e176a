/** `pagetree top` beside a real server: what the middleware writes is what the command reads. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CacheEvent } from '@pagetree/core';
import { withPageCache } from '@pagetree/middleware';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ask } from '../support/ask.ts';
import { binOf, runNode } from '../support/processes.ts';
import { temporaryFolder } from '../support/tree.ts';

const folder = await temporaryFolder();
const cacheDir = join(folder, 'cache');
/** Ends the render of `/slow`. */
let finish = () => {};
let onSlow = () => {};
/** Pages that a machine with too much else to do did not store: they are asked for again. */
const passedOver = new Set<string>();
const onEvent = (event: CacheEvent) => {
  if (event.type === 'miss' && event.reason === 'too-busy') passedOver.add(event.key);
};
const listener = withPageCache({ cacheDir, counters: true, onEvent }, (request, response) => {
  response.setHeader('content-type', 'text/html');
  if (request.url === '/mine') response.setHeader('set-cookie', 'session=1');
  if (request.url === '/slow') {
    finish = () => response.end('slow');
    onSlow();
  } else response.end('a page');
});
let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  finish();
  server.closeAllConnections();
  server.close();
  await listener.close();
});

async function visit(path: string) {
  for (;;) {
    passedOver.delete(path);
    const answer = await ask(origin, path);
    if (!passedOver.has(path)) return answer;
    await sleep(50);
  }
}

/** Asks for `/slow`, and returns when it is being rendered and will be stored. */
async function begin(): Promise<{ slow: Promise<unknown> }> {
  for (;;) {
    passedOver.delete('/slow');
    const begun = new Promise<void>((resolve) => {
      onSlow = resolve;
    });
    const slow = ask(origin, '/slow');
    await begun;
    if (!passedOver.has('/slow')) return { slow };
    finish();
    await slow;
    await sleep(50);
  }
}

async function top(): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await runNode(binOf('pagetree'), [
    'top',
    '--json',
    '--cache-dir',
    cacheDir,
  ]);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

test('shows what the server does, and nothing any more when it has ended', { timeout: 60_000 }, async () => {
  await visit('/a');
  await vi.waitFor(async () => expect((await ask(origin, '/a')).cacheStatus).toBe('pagetree; hit'), 10_000);
  await ask(origin, '/a?query');
  await visit('/mine');
  await listener.cache.purge('/a');
  const { slow } = await begin();
  await vi.waitFor(
    async () => {
      const seen = await top();
      expect(seen).toMatchObject({
        pages: 0,
        processes: 1,
        pids: [process.pid],
        counts: { stored: 1, storedBytes: 6, purges: 1, purgedPages: 1, bypassed: 1, refused: 1 },
        reasons: { bypassed: { query: 1 }, refused: { 'set-cookie': 1 } },
        fills: 1,
        oldest: [{ key: '/slow', pid: process.pid }],
      });
    },
    { timeout: 30_000, interval: 200 },
  );
  finish();
  await slow;
  server.closeAllConnections();
  await listener.close();
  expect(await top()).toMatchObject({ pages: 1, processes: 0, pids: [], fills: 0 });
});
