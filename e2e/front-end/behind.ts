/** What is behind the servers: an application with the middleware on the same tree, in the process of the test. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CacheOptions } from '@pagetree/core';
import { pageCache } from '@pagetree/middleware';

/** The application. It says what it was asked, and nothing of it is stored. */
export interface Behind {
  readonly port: number;
  stop(): Promise<void>;
}

export async function startBehind(options: CacheOptions): Promise<Behind> {
  const cache = pageCache(options);
  const server = createServer((req, res) =>
    cache(req, res, () => {
      res.writeHead(404, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store', 'X-Asked': '1' });
      res.end(`the application was asked for ${req.method} ${req.url}`);
    }),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      server.close();
      server.closeAllConnections();
      await cache.close();
    },
  };
}
