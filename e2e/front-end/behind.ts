/** What is behind the servers: an application with the middleware on the same tree, in the process of the test. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CacheOptions } from '@pagetree/core';
import { pageCache } from '@pagetree/middleware';

/** The application. */
export interface Behind {
  readonly port: number;
  stop(): Promise<void>;
}

/** Says what it was asked, and nothing of it is stored. */
const usual: RequestListener = (req, res) => {
  res.writeHead(404, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store', 'X-Asked': '1' });
  const { host, connection: _, ...fields } = req.headers;
  res.end(`the application was asked for ${req.method} ${req.url} of ${host} ${JSON.stringify(fields)}`);
};

export async function startBehind(
  options: CacheOptions,
  application: RequestListener = usual,
): Promise<Behind> {
  const cache = pageCache(options);
  const server = createServer((req, res) => cache(req, res, () => application(req, res)));
  // A WebSocket as far as a proxy can tell: 101, and then whatever was sent.
  server.on('upgrade', (req, socket) => {
    socket.on('error', () => {});
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${req.headers.upgrade}\r\nConnection: Upgrade\r\n\r\n`,
    );
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
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
