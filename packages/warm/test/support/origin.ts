/** A site on a real socket, with pages that are right and pages that are wrong in every way. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

type Route = (response: ServerResponse, request: IncomingMessage) => unknown;

export interface Origin {
  readonly url: string;
  /** How often each target was asked for. */
  readonly asked: Map<string, number>;
  /** The header fields of the last request. */
  lastHeaders: IncomingMessage['headers'];
  /** More routes; they win. */
  readonly routes: Record<string, Route>;
  /** Milliseconds before each answer. */
  latency: number;
  /** The most requests that were open at once. */
  widest: number;
  close(): Promise<void>;
}

const html = 'text/html; charset=utf-8';

/** What `/any/path` answers. */
export function bodyOf(target: string): string {
  return `<!doctype html><title>${target}</title><p>Grüße von ${target}</p>`;
}

function raw(text: string, then: (socket: Socket) => void = (socket) => socket.end()): Route {
  return ({ socket }) => {
    socket!.write(text);
    then(socket!);
  };
}

function headed(headers: Record<string, string>, body: string | Buffer = 'a page', status = 200): Route {
  return (response) => {
    response.writeHead(status, { 'content-type': html, ...headers });
    response.end(body);
  };
}

const head = `HTTP/1.1 200 OK\r\nContent-Type: ${html}\r\n`;

const routes: Record<string, Route> = {
  '/status/404': headed({}, 'not here', 404),
  '/status/500': headed({}, 'broken', 500),
  '/redirect': headed({ location: '/elsewhere' }, '', 302),
  '/cookie': headed({ 'set-cookie': 'session=1' }),
  '/private': headed({ 'cache-control': 'private, max-age=0' }),
  '/vary': headed({ vary: 'User-Agent' }),
  '/json': headed({ 'content-type': 'application/json' }, '{}'),
  '/latin': headed({ 'content-type': 'text/html; charset=iso-8859-1' }),
  '/empty': headed({}, ''),
  '/gzip': headed({ 'content-encoding': 'gzip' }, gzipSync('zipped page')),
  '/bad-gzip': headed({ 'content-encoding': 'gzip' }, gzipSync('zipped page').subarray(0, 15)),
  '/big': headed({}, 'x'.repeat(100_000)),
  '/huge-404': headed({}, 'x'.repeat(3_000_000), 404),
  '/trailers': (response) => {
    response.writeHead(200, { 'content-type': html, trailer: 'x-sum' });
    response.write('a page');
    response.addTrailers({ 'x-sum': '1' });
    response.end();
  },
  '/endless': (response) => {
    response.writeHead(200, { 'content-type': html });
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    };
    response.on('drain', more);
    more();
  },
  '/hang/head': () => {},
  '/hang/body': (response) => {
    response.writeHead(200, { 'content-type': html });
    response.write('half');
  },
  '/drip': async (response) => {
    response.writeHead(200, { 'content-type': html });
    while (!response.destroyed) {
      response.write('.');
      await wait(50);
    }
  },
  '/reset/head': ({ socket }) => socket!.destroy(),
  '/reset/body': raw(`${head}Content-Length: 1000\r\n\r\nhalf`, (socket) => {
    setTimeout(() => socket.resetAndDestroy(), 20);
  }),
  '/short-length': raw(`${head}Content-Length: 1000\r\n\r\nhalf`),
  '/long-length': raw(`${head}Content-Length: 4\r\n\r\nlonger than that`),
  '/cut-chunk': raw(`${head}Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n`),
  '/cut-in-chunk': raw(`${head}Transfer-Encoding: chunked\r\n\r\nff\r\nhalf`),
  '/close-delimited': raw(`${head}\r\nlooks whole`),
  '/old-http': raw(`HTTP/1.0 200 OK\r\nContent-Type: ${html}\r\n\r\nlooks whole`),
  '/transfer-gzip': raw(`${head}Transfer-Encoding: gzip, chunked\r\n\r\n4\r\nhalf\r\n0\r\n\r\n`),
  '/no-http': raw('SSH-2.0-OpenSSH_9.2\r\n'),
  '/huge-head': raw(`${head}X-Long: ${'x'.repeat(100_000)}\r\nContent-Length: 4\r\n\r\npage`),
};

export async function startOrigin(): Promise<Origin> {
  let open = 0;
  const origin: Origin = {
    url: '',
    asked: new Map(),
    lastHeaders: {},
    routes: {},
    latency: 0,
    widest: 0,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  const server = createServer(async (request, response) => {
    const target = request.url!;
    origin.asked.set(target, (origin.asked.get(target) ?? 0) + 1);
    origin.lastHeaders = request.headers;
    open += 1;
    origin.widest = Math.max(origin.widest, open);
    response.once('close', () => {
      open -= 1;
    });
    if (origin.latency > 0) await wait(origin.latency);
    const route = origin.routes[target] ?? routes[target];
    if (route !== undefined) await route(response, request);
    else headed({}, bodyOf(target))(response, request);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(origin, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}
