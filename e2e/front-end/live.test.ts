/** Pages that are purged, stored anew and moved into folders while each server is asked for them: never an error, never an old page. */
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { createPageCache, type PageCache } from '@pagetree/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, Line, request } from '../../packages/middleware/test/support/wire.ts';
import { temporaryFolder } from '../support/tree.ts';
import { type Behind, startBehind } from './behind.ts';
import { type FrontEnd, kinds, startServer } from './servers.ts';

const ROUNDS = 25;
const CLIENTS = 3;
const pages = ['/', '/blog', '/blog/', '/blog/post', '/blog/post/deep', '/style.css', '/caf%C3%A9'];

describe.each(kinds)('$name', async (kind) => {
  const folder = await temporaryFolder();
  const cacheDir = join(folder, 'cache');
  let behind: Behind;
  let front: FrontEnd;
  let purger: PageCache;
  /** What the application renders at the moment. */
  let version = 1;
  let goOn: () => void = () => {};

  const application: RequestListener = (req, res) => {
    if (req.url === '/stream') {
      res.writeHead(200, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' });
      res.write('the first part');
      goOn = () => res.end(', the second part');
      return;
    }
    res.setHeader('Content-Type', req.url!.endsWith('.css') ? 'text/css' : 'text/html');
    res.end(`version ${version} of ${req.url}`);
  };

  beforeAll(async () => {
    purger = createPageCache({ cacheDir });
    behind = await startBehind({ cacheDir }, application);
    const upstream = `http://127.0.0.1:${behind.port}`;
    front = await startServer(kind, cacheDir, join(folder, 'server'), ['--upstream', upstream]);
  });
  afterAll(async () => {
    await front?.stop();
    await behind?.stop();
    await purger?.close();
  });

  test('purges are seen at once, and never an error', async () => {
    /** What nobody may see any more is older than this. */
    let floor = version;
    let isOver = false;
    const seen = { tree: 0, application: 0 };
    const look = async (path: string): Promise<void> => {
      const oldest = floor;
      const { status, text, headers, whole } = await ask(front.port, path);
      const [, found, of] = /^version (\d+) of (.*)$/.exec(text) ?? [];
      expect([status, of, whole], `${path} ${JSON.stringify(headers)} ${text}`).toEqual([200, path, true]);
      expect(Number(found), `${path}: ${headers['cache-status']}`).toBeGreaterThanOrEqual(oldest);
      if (headers['cache-status'] === `${kind.name}; hit`) seen.tree += 1;
      else seen.application += 1;
    };
    const client = async (from: number): Promise<void> => {
      for (let at = from; !isOver; at += 1) await look(pages[at % pages.length]!);
    };
    const failures: unknown[] = [];
    const clients = Array.from({ length: CLIENTS }, (_, at) =>
      client(at).catch((error) => failures.push(error)),
    );
    const scopes = [
      { path: '/blog' },
      { path: '/blog', recursive: true },
      { path: '/blog/post/deep' },
      { all: true },
      { path: '/style.css' },
    ] as const;
    try {
      for (let round = 0; round < ROUNDS; round += 1) {
        version += 1;
        const scope = scopes[round % scopes.length]!;
        await purger.purge(scope);
        // Only a purge of everything says something of every page.
        if ('all' in scope) floor = version;
        for (const path of 'all' in scope ? pages : [scope.path]) {
          const { text, headers } = await ask(front.port, path);
          expect(text, JSON.stringify(headers)).toBe(`version ${version} of ${path}`);
        }
        for (const path of pages) await look(path);
      }
    } finally {
      isOver = true;
      await Promise.all(clients);
    }
    expect(failures).toEqual([]);
    expect(seen.tree).toBeGreaterThan(ROUNDS);
    expect(seen.application).toBeGreaterThan(ROUNDS);
  });

  test('what the application streams arrives as it is sent', async () => {
    const line = new Line(front.port);
    line.send(request('/stream', ['Connection: close']));
    await line.until('the first part');
    goOn();
    await line.until(', the second part');
    await line.closed();
  });

  test('an application that is gone: the tree still answers, everything else is a 502 or 503', async () => {
    await ask(front.port, '/blog/post');
    await purger.purge({ all: true });
    await ask(behind.port, '/blog/post');
    await behind.stop();
    let left = await ask(front.port, '/blog/post');
    // The page may be on its way into the tree when the application ends.
    for (let tries = 0; left.status !== 200 && tries < 100; tries += 1)
      left = await ask(front.port, '/blog/post');
    expect([left.status, left.headers['cache-status']]).toEqual([200, `${kind.name}; hit`]);
    expect([502, 503]).toContain((await ask(front.port, '/none')).status);
  });
});
