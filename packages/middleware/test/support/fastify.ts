import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import fastify5, { type FastifyInstance } from 'fastify';
import fastify4 from 'fastify4';
import { onTestFinished } from 'vitest';
import { pageCache } from '../../src/fastify.ts';
import { until } from './counting.ts';
import { type Build, folder } from './site.ts';

export type Make = typeof fastify5;

export const versions: readonly [name: string, make: Make][] = [
  ['Fastify 5', fastify5],
  ['Fastify 4', fastify4 as unknown as Make],
];

export const html = 'text/html; charset=utf-8';
export const HIT = 'pagetree; hit';
export const refused = (reason: string) => `pagetree; fwd=uri-miss; detail=${reason}`;
/** An application with the cache in front, as a listener. */
export function appOf(make: Make, routes: (app: FastifyInstance) => void, options = {}): Build {
  return (pages): RequestListener => {
    const made = make(options);
    if (pages) made.register(pageCache, { cache: pages.cache });
    made.register(async (scope) => routes(scope));
    const ready = made.ready();
    onTestFinished(() => made.close());
    let isReady = false;
    void ready.then(() => {
      isReady = true;
    });
    // The first request may come before the plugins are loaded; later ones must not lose a turn.
    return (req, res) => (isReady ? made.routing(req, res) : void ready.then(() => made.routing(req, res)));
  };
}

/** A server of Fastify's own, on a tree of its own. */
export async function runningOf(
  make: Make,
  routes: (app: FastifyInstance) => void | Promise<void>,
  { options = {}, cacheOptions = {}, before = (_: FastifyInstance): void => {} } = {},
): Promise<{ made: FastifyInstance; port: number; dir: string; stored: (key: string) => Promise<void> }> {
  const dir = join(await folder(), 'cache');
  const keys: string[] = [];
  const made = make({ forceCloseConnections: true, ...options });
  before(made);
  made.register(pageCache, {
    cacheDir: dir,
    durability: 'none',
    ...cacheOptions,
    onEvent: (event) => event.type === 'stored' && keys.push(event.key),
  });
  made.register(async (scope) => routes(scope));
  await made.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => made.close());
  const { port } = made.server.address() as AddressInfo;
  return { made, port, dir, stored: (key) => until(async () => keys.includes(key)) };
}

/** The arguments but the first. */
export type Tail<T extends (...args: never[]) => unknown> =
  Parameters<T> extends [unknown, ...infer Rest] ? Rest : never;
