/** https, and HTTP/2 through Node's compatibility layer, with HTTP/1 clients on the same port. */
import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { connect, createSecureServer, createServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cert, key } from '../../warm/test/support/certificate.ts';
import { withPageCache } from '../src/index.ts';
import { type Ask, type Client, http1Client, http2Client, type Seen } from './support/clients.ts';
import { until } from './support/counting.ts';
import { STORED } from './support/parity.ts';
import { folder } from './support/site.ts';

type App = (req: IncomingMessage, res: ServerResponse) => unknown;

const html = { 'Content-Type': 'text/html; charset=utf-8' };
const HIT = 'pagetree; hit';
const text = '<p>a page that compresses well</p>'.repeat(200);

const servers: readonly [name: string, make: (listener: RequestListener) => Server, client: Client][] = [
  ['https', (listener) => createHttpsServer({ key, cert }, listener), http1Client],
  ['http2', (listener) => createServer(listener as never), http2Client('http')],
  [
    'http2 over TLS',
    (listener) => createSecureServer({ key, cert, allowHTTP1: true }, listener as never),
    http2Client('https'),
  ],
  [
    'HTTP/1 on a port of http2',
    (listener) => createSecureServer({ key, cert, allowHTTP1: true }, listener as never),
    http1Client,
  ],
];

describe.each(servers)('%s', (name, make, client) => {
  const isHttp2 = name.startsWith('http2');

  async function listening(listener: RequestListener): Promise<number> {
    const server = make(listener);
    server.listen(0, 'localhost');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    return (server.address() as AddressInfo).port;
  }

  async function cached(app: App) {
    const events: string[] = [];
    const listener = withPageCache(
      {
        cacheDir: join(await folder(), 'cache'),
        durability: 'none',
        onEvent: (event) => events.push('key' in event ? `${event.type} ${event.key}` : event.type),
      },
      app as RequestListener,
    );
    onTestFinished(() => listener.close());
    const port = await listening(listener);
    const ask = (asked: Ask = {}): Promise<Seen> => client(port, asked);
    return { ask, cache: listener.cache, seen: (event: string) => until(async () => events.includes(event)) };
  }

  const apps: Record<string, [app: App, status: string, method?: string]> = {
    'a page': [(_, res) => res.writeHead(200, html).end(text), STORED],
    'a page in parts': [
      (_, res) => {
        res.setHeader('Content-Type', html['Content-Type']);
        res.write('<p>');
        setImmediate(() => {
          res.write('more');
          res.end('end');
        });
      },
      STORED,
    ],
    'a page with its length': [
      (_, res) => {
        res.setHeader('Content-Length', text.length);
        res.setHeader('Content-Type', html['Content-Type']);
        res.end(Buffer.from(text));
      },
      STORED,
    ],
    'fields of several values': [
      (_, res) => {
        res.setHeader('Link', ['</a>; rel=preload', '</b>; rel=preload']);
        res.writeHead(200, html).end(text);
      },
      STORED,
    ],
    'a cookie': [
      (_, res) => {
        res.setHeader('Set-Cookie', ['a=b', 'c=d']);
        res.writeHead(200, html).end(text);
      },
      'pagetree; fwd=uri-miss; detail=set-cookie',
    ],
    'another status': [
      (_, res) => res.writeHead(404, html).end('none'),
      'pagetree; fwd=uri-miss; detail=status',
    ],
    'no content': [(_, res) => res.writeHead(204).end(), 'pagetree; fwd=uri-miss; detail=status'],
    'a HEAD request': [
      (_, res) => res.writeHead(200, { ...html, 'Content-Length': '5' }).end(),
      'pagetree; fwd=uri-miss; detail=method',
      'HEAD',
    ],
    'a POST request': [
      (req, res) => {
        req.resume();
        req.on('end', () => res.writeHead(200, html).end('posted'));
      },
      'pagetree; fwd=method',
      'POST',
    ],
    'a JSON body where a page belongs': [
      (_, res) => {
        res.setHeader('Content-Type', 'application/json');
        res.end('{}');
      },
      'pagetree; fwd=uri-miss; stored',
    ],
    trailers: [
      (_, res) => {
        res.writeHead(200, { ...html, Trailer: 'x-sum' });
        res.write('page');
        if (isHttp2) (res as unknown as { addTrailers(fields: object): void }).addTrailers({ 'x-sum': '1' });
        else res.addTrailers({ 'x-sum': '1' });
        res.end();
      },
      'pagetree; fwd=uri-miss; detail=trailers',
    ],
    'a response that is cut midway': [
      (_, res) => {
        res.writeHead(200, html).write('half');
        setImmediate(() => setImmediate(() => res.destroy(new Error('broken'))));
      },
      STORED,
    ],
  };
  for (const [title, [app, status, method = 'GET']] of Object.entries(apps)) {
    it(`${title}: the client gets what it gets without the cache`, async () => {
      const off = await client(await listening(app as RequestListener), { method });
      const { ask } = await cached(app);
      const on = await ask({ method });
      const comparable = ({ headers, ...others }: Seen) => {
        const { date: _, 'cache-status': __, ...kept } = headers;
        return { ...others, headers: kept };
      };
      expect(comparable(on)).toEqual(comparable(off));
      expect(on.headers['cache-status']).toBe(status);
    });
  }

  it('the second request is a hit, with validators, HEAD, ranges and variants', async () => {
    let asked = 0;
    const { ask, seen, cache } = await cached((_, res) => {
      asked += 1;
      res.setHeader('Content-Language', 'en');
      res.writeHead(200, html).end(text);
    });
    await ask();
    await seen('stored /page');
    const hit = await ask();
    expect(hit).toMatchObject({
      status: 200,
      body: text,
      headers: { 'cache-status': HIT, 'content-language': 'en', 'content-length': `${text.length}` },
    });
    const etag = hit.headers.etag as string;
    expect(await ask({ headers: { 'if-none-match': etag } })).toMatchObject({ status: 304, body: '' });
    expect(await ask({ headers: { range: 'bytes=3-8' } })).toMatchObject({ status: 206, body: 'a page' });
    expect(await ask({ headers: { range: 'bytes=999999-' } })).toMatchObject({ status: 416, body: '' });
    expect(await ask({ method: 'HEAD' })).toMatchObject({
      status: 200,
      body: '',
      headers: { 'content-length': `${text.length}` },
    });
    expect((await ask({ headers: { 'accept-encoding': 'br' } })).headers['content-encoding']).toBe('br');
    expect(asked).toBe(1);
    await cache.purge({ path: '/page' });
    expect((await ask()).headers['cache-status']).toBe(STORED);
  });

  it('a large page is streamed whole', async () => {
    const large = '0123456789'.repeat(500_000);
    const { ask, seen } = await cached((_, res) => res.writeHead(200, html).end(large));
    await ask();
    await seen('stored /page');
    const hit = await ask();
    expect(hit.headers['cache-status']).toBe(HIT);
    expect(hit.body === large).toBe(true);
  });
});

describe('http2', () => {
  it('a stream that is reset while a large page is sent leaves the other streams alone', async () => {
    const large = '0123456789'.repeat(500_000);
    const keys: string[] = [];
    const listener = withPageCache(
      {
        cacheDir: join(await folder(), 'cache'),
        durability: 'none',
        variants: false,
        onEvent: (event) => event.type === 'stored' && keys.push(event.key),
      },
      ((_: IncomingMessage, res: ServerResponse) => res.writeHead(200, html).end(large)) as RequestListener,
    );
    const server = createServer(listener as never);
    server.listen(0, 'localhost');
    await once(server, 'listening');
    const session = connect(`http://localhost:${(server.address() as AddressInfo).port}`);
    onTestFinished(async () => {
      session.destroy();
      server.close();
      await listener.close();
    });
    const get = async (): Promise<number> => {
      let size = 0;
      for await (const chunk of session.request({ ':path': '/page' })) size += (chunk as Buffer).length;
      return size;
    };
    await get();
    await until(async () => keys.length === 1);
    const left = session.request({ ':path': '/page' });
    await once(left, 'data');
    const others = Promise.all([get(), get(), get()]);
    left.close();
    expect(await others).toEqual([large.length, large.length, large.length]);
  });

  it('a request by another name than its Host is judged by the name it was sent to', async () => {
    const listener = withPageCache({ cacheDir: join(await folder(), 'cache'), hosts: ['site.test'] }, ((
      _: IncomingMessage,
      res: ServerResponse,
    ) => res.writeHead(200, html).end(text)) as RequestListener);
    const server = createServer(listener as never);
    server.listen(0, 'localhost');
    await once(server, 'listening');
    onTestFinished(async () => {
      server.close();
      await listener.close();
    });
    const { port } = server.address() as AddressInfo;
    const session = connect(`http://localhost:${port}`);
    onTestFinished(() => session.destroy());
    const said = async (authority: string): Promise<unknown> => {
      const stream = session.request({ ':path': '/page', ':authority': authority });
      const [headers] = await once(stream, 'response');
      stream.resume();
      return headers['cache-status'];
    };
    expect(await said('other.test')).toBe('pagetree; fwd=bypass; detail=host');
    expect(await said('site.test')).toBe(STORED);
  });
});
