/** A server under test with a tree of its own, and what every test asks of it. */
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CacheEvent, CacheOptions } from '@pagetree/core';
import { expect, onTestFinished } from 'vitest';
import { type PageCacheMiddleware, pageCache, withPageCache } from '../../src/index.ts';
import { ask, type Wire } from './wire.ts';

export type SiteOptions = Omit<Partial<CacheOptions>, 'onEvent'>;

/** How an application takes the cache in: `undefined` is the application without it. */
export type Build = (pages: PageCacheMiddleware | undefined) => RequestListener;

/** Puts the cache before a plain listener. */
export function plain(listener: RequestListener): Build {
  return (pages) => (pages ? withPageCache({ cache: pages.cache }, listener) : listener);
}

/** A server with a cache. */
export class Site {
  readonly events: CacheEvent[] = [];
  readonly dir: string;
  readonly pages: PageCacheMiddleware;
  server!: Server;
  port = 0;
  #wake = new Set<() => void>();

  constructor(dir: string, options: SiteOptions) {
    this.dir = dir;
    this.pages = pageCache({
      durability: 'none',
      ...options,
      cacheDir: dir,
      onEvent: (event) => {
        this.events.push(event);
        for (const wake of this.#wake) wake();
      },
    });
  }

  ask(target: string, fields: readonly string[] = [], method = 'GET'): Promise<Wire> {
    return ask(this.port, target, fields, method);
  }

  /** Waits for the n-th event of these types about a key. */
  async seen(types: readonly CacheEvent['type'][], key?: string, count = 1): Promise<CacheEvent> {
    for (;;) {
      const found = this.events.filter(
        (event) => types.includes(event.type) && (key === undefined || ('key' in event && event.key === key)),
      );
      if (found.length >= count) return found[count - 1]!;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#wake.delete(wake);
          resolve();
        };
        this.#wake.add(wake);
      });
    }
  }

  /** How the fill of a key ended. */
  outcome(key: string, count = 1): Promise<CacheEvent> {
    return this.seen(['stored', 'refused', 'aborted'], key, count);
  }

  /** Asks once, waits until the page is stored, and gives the answer back. */
  async fill(target: string, fields: readonly string[] = []): Promise<Wire> {
    const before = this.events.filter((event) => event.type === 'stored' && event.key === target).length;
    let answer = await this.ask(target, fields);
    // On a machine with other work the server may have no time to store a page just now.
    while (`${answer.headers['cache-status']}`.includes('too-busy')) {
      await sleep(50);
      answer = await this.ask(target, fields);
    }
    await this.seen(['stored'], target, before + 1);
    return answer;
  }

  /** Puts a file into the tree by hand. */
  async put(path: string, bytes: string | Uint8Array): Promise<void> {
    await mkdir(dirname(join(this.dir, path)), { recursive: true });
    await writeFile(join(this.dir, path), bytes);
  }

  read(path: string): Promise<Buffer> {
    return readFile(join(this.dir, path));
  }

  /** Every page and variant, as paths. */
  async files(): Promise<string[]> {
    const names = await readdir(this.dir, { recursive: true });
    const kept: string[] = [];
    for (const name of names) {
      if (name.startsWith('.pagetree') || name === 'CACHEDIR.TAG') continue;
      if ((await stat(join(this.dir, name))).isFile()) kept.push(name);
    }
    return kept.sort();
  }

  /** Temporary files that were left behind. */
  async leftovers(): Promise<string[]> {
    return fillsIn(this.dir);
  }
}

export async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'pagetree-middleware-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/**
 * Starts a server that is stopped when the test ends.
 *
 * @param whenOver takes what stops it. @default `onTestFinished`
 */
export async function listen(
  listener: RequestListener,
  whenOver: (stop: () => void) => void = onTestFinished,
): Promise<Server & { port: number }> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  whenOver(() => {
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(server, { port: (server.address() as AddressInfo).port });
}

/** Starts a site. When the test ends, nothing of a fill may be left. */
export async function site(build: Build, options: SiteOptions = {}): Promise<Site> {
  const made = new Site(join(await folder(), 'cache'), options);
  const server = await listen(build(made.pages));
  made.server = server;
  made.port = server.port;
  onTestFinished(async () => {
    server.closeAllConnections();
    await made.pages.close();
    expect(await made.leftovers()).toEqual([]);
  });
  return made;
}

/** The files of pages that are being stored. */
export async function fillsIn(dir: string): Promise<string[]> {
  const folder = join(dir, '.pagetree', 'fills');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
}
