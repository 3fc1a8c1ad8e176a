/** A page that was made for the owner of a TLS certificate is nobody else's. */
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2, createSecureServer } from 'node:http2';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket, type TlsOptions } from 'node:tls';
import { getRequestListener } from '@hono/node-server';
import type { CacheEvent } from '@pagetree/core';
import { Hono } from 'hono';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cert, key } from '../../warm/test/support/certificate.ts';
import { withPageCache as withFetchCache } from '../src/fetch.ts';
import { pageCache as honoCache } from '../src/hono.ts';
import { pageCache, withPageCache } from '../src/index.ts';
import { until } from './support/counting.ts';
import { appOf as fastifyOf, versions as fastifyVersions } from './support/fastify.ts';
import { appOf as koaOf, versions as koaVersions } from './support/koa.ts';
import { STORED } from './support/parity.ts';
import { type Build, folder } from './support/site.ts';
import { parse } from './support/wire.ts';

const html = 'text/html; charset=utf-8';
const HIT = 'pagetree; hit';
const PRIVATE = 'pagetree; fwd=bypass; detail=authorization';

/** What an application sees of a client. */
const nameOf = (req: { readonly socket: unknown }): string => {
  const shown = (req.socket as TLSSocket).getPeerCertificate();
  return `<p>${shown?.subject?.CN ?? 'nobody'}`;
};

interface Bound {
  Bindings: { incoming: { socket: unknown } };
}

const builds: Record<string, Build> = {
  'node:http': (pages) =>
    withPageCache({ cache: pages!.cache }, (req, res) => {
      res.writeHead(200, { 'Content-Type': html }).end(nameOf(req));
    }),
  Fastify: fastifyOf(fastifyVersions[0]![1], (app) =>
    app.get('/page', (request, reply) => reply.type(html).send(nameOf(request.raw))),
  ),
  Koa: koaOf(koaVersions[0]![1], (ctx) => {
    ctx.type = html;
    ctx.body = nameOf(ctx.req);
  }),
  Hono: (pages) => {
    const app = new Hono<Bound>();
    app.use(honoCache({ cache: pages!.cache }));
    app.get('/page', (c) => c.html(nameOf(c.env.incoming)));
    return getRequestListener(app.fetch as never) as RequestListener;
  },
  'a fetch handler': (pages) => {
    const cached = withFetchCache(
      { cache: pages!.cache },
      (_, env: Bound['Bindings']) =>
        new Response(nameOf(env.incoming), { headers: { 'content-type': html } }),
    );
    return getRequestListener(cached as never) as RequestListener;
  },
};

function sign(): { given: Promise<void>; give: () => void } {
  let give: () => void = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give: () => give() };
}

const asking: TlsOptions = { key, cert, ca: cert, requestCert: true, rejectUnauthorized: false };
const owner: ConnectionOptions = { key, cert };

async function running(make: (listener: RequestListener) => Server, build: Build) {
  const events: CacheEvent[] = [];
  const pages = pageCache({
    cacheDir: join(await folder(), 'cache'),
    durability: 'none',
    onEvent: (event) => events.push(event),
  });
  const server = make(build(pages));
  server.listen(0, 'localhost');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    await pages.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    events,
    stored: () => until(async () => events.some(({ type }) => type === 'stored')),
  };
}

/** One request on a connection of its own, and the session that the server offers to resume. */
async function ask(port: number, options: ConnectionOptions = {}) {
  const socket = connect({ host: 'localhost', port, ca: cert, ...options });
  let session: Buffer | undefined;
  socket.on('session', (offered: Buffer) => {
    session = offered;
  });
  socket.write('GET /page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  const { text, headers } = parse(Buffer.concat(chunks));
  return { said: [text, headers['cache-status']], session };
}

async function askHttp2(port: number, options: ConnectionOptions = {}) {
  const session: ClientHttp2Session = connectHttp2(`https://localhost:${port}`, { ca: cert, ...options });
  try {
    const stream = session.request({ ':path': '/page' });
    const [headers] = await once(stream, 'response');
    let text = '';
    for await (const chunk of stream) text += chunk;
    return { said: [text, headers['cache-status']] };
  } finally {
    session.destroy();
  }
}

const secure = (listener: RequestListener): Server => createServer(asking, listener);
const secure2 = (listener: RequestListener): Server =>
  createSecureServer({ ...asking, allowHTTP1: true }, listener as never);

type Row = [name: string, make: (listener: RequestListener) => Server, client: typeof askHttp2, build: Build];
const rows: Row[] = Object.entries(builds).flatMap(([name, build]): Row[] => [
  [`${name} over https`, secure, ask, build],
  ...(name === 'Fastify' || name === 'Koa'
    ? []
    : ([
        [`${name} over HTTP/2`, secure2, askHttp2, build],
        [`${name} over HTTP/1 on a port of http2`, secure2, ask, build],
      ] satisfies Row[])),
]);

describe('a client with a certificate', () => {
  it.each(rows)('%s: gets a page that is not stored, and no stored one', async (_, make, client, build) => {
    const { port, stored } = await running(make, build);
    expect((await client(port, owner)).said).toEqual(['<p>localhost', PRIVATE]);
    expect((await client(port)).said).toEqual(['<p>nobody', STORED]);
    await stored();
    expect((await client(port)).said).toEqual(['<p>nobody', HIT]);
    expect((await client(port, owner)).said).toEqual(['<p>localhost', PRIVATE]);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('is known again on a resumed session, %s', async (version) => {
    const { port } = await running(secure, builds['node:http']!);
    const options = { ...owner, maxVersion: version } as const;
    const { session } = await ask(port, options);
    expect(session).toBeDefined();
    expect((await ask(port, { ...options, session })).said).toEqual(['<p>localhost', PRIVATE]);
  });

  it('that cannot be verified is one all the same', async () => {
    const { port } = await running(
      (listener) => createServer({ ...asking, ca: [] }, listener),
      builds['node:http']!,
    );
    expect((await ask(port, owner)).said).toEqual(['<p>localhost', PRIVATE]);
  });

  it('is like any other where the server does not ask for certificates', async () => {
    const { port, stored } = await running(
      (listener) => createServer({ key, cert }, listener),
      builds['node:http']!,
    );
    expect((await ask(port, owner)).said).toEqual(['<p>nobody', STORED]);
    await stored();
    expect((await ask(port, owner)).said).toEqual(['<p>nobody', HIT]);
  });

  it.each([
    ['https', (listener: RequestListener) => createServer({ ...asking, ca: [] }, listener)],
    ['HTTP/2', secure2],
  ] as const)('that has left before the cache is asked may have had one, %s', async (name, make) => {
    const [entered, left] = [sign(), sign()];
    const { port, events } = await running(make, (pages) => async (req, res) => {
      res.once('close', left.give);
      entered.give();
      await left.given;
      pages!(req, res, () => res.end());
    });
    const client = name === 'https' ? connect({ host: 'localhost', port, ca: cert, ...owner }) : undefined;
    const session = client ? undefined : connectHttp2(`https://localhost:${port}`, { ca: cert, ...owner });
    client?.write('GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n');
    session?.request({ ':path': '/page' }).on('error', () => {});
    await entered.given;
    client?.destroy();
    session?.destroy();
    await until(async () => events.some(({ type }) => type === 'bypass'));
    expect(events).toMatchObject([{ type: 'bypass', reason: 'authorization' }]);
  });
});

it('where Node calls a client authorized that only resumed its session, the page is not stored', async () => {
  const { port } = await running(secure, (pages) =>
    withPageCache({ cache: pages!.cache }, (req, res) => {
      const { authorized } = req.socket as TLSSocket;
      res.writeHead(200, { 'Content-Type': html }).end(authorized ? '<p>members' : '<p>nobody');
    }),
  );
  const { session } = await ask(port);
  expect((await ask(port, { session })).said).toEqual(['<p>members', PRIVATE]);
});
