import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Serves an app on a free port. */
export async function serve(app: RequestListener) {
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    get: (path: string, init: RequestInit = {}) => fetch(origin + path, { redirect: 'manual', ...init }),
    /** One request with exactly these headers: `fetch` has ideas of its own about caching and hosts. */
    async plain(path: string, headers: Record<string, string>) {
      const [response] = await once(request(origin + path, { headers }).end(), 'response');
      return (response as IncomingMessage).resume().statusCode;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** `count` items of a list, evenly spread, the first and the last among them. */
export function spread<T>(items: T[], count: number): T[] {
  const step = (items.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, i) => items[Math.round(i * step)] as T);
}

/** The text that an escaped attribute or element stands for. */
export const textOf = (text: string) =>
  text.replace(
    /&(amp|lt|gt|quot|#39);/g,
    (_, name) => ({ amp: '&', lt: '<', gt: '>', quot: '"' })[name] ?? "'",
  );
