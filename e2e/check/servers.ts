/** A front end that does what nginx would, but for one mistake: a proxy that changes what goes through it. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

/** What goes to the application. */
export interface Forwarded {
  method: string;
  url: string;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** What comes back. */
export interface Replied {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

type Made = Replied | 'nothing' | undefined;

/** One mistake. */
export interface Mistake {
  /** Changes the request. An answer is sent in place of the true one; with `nothing` the connection is closed. */
  readonly before?: ((forwarded: Forwarded, cacheDir: string) => Made | Promise<Made>) | undefined;
  /** Changes the answer. `asked` is what the client sent. */
  readonly after?: ((replied: Replied, asked: Forwarded) => void) | undefined;
}

/** A server that listens. */
export interface Listening {
  readonly origin: string;
  readonly server: Server;
  stop(): Promise<void>;
}

export async function listen(server: Server): Promise<Listening> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Starts a front end with a mistake. It calls itself nginx. */
export function startFrontEnd(upstream: string, cacheDir: string, mistake: Mistake = {}): Promise<Listening> {
  const server = createServer(async (req, res) => {
    const asked: Forwarded = {
      method: req.method!,
      url: req.url!,
      headers: { ...req.headers },
      body: await buffer(req),
    };
    const forwarded = { ...asked, headers: { ...asked.headers } };
    const made = await mistake.before?.(forwarded, cacheDir);
    if (made === 'nothing') return req.socket.destroy();
    const replied = made ?? (await forward(upstream, forwarded));
    mistake.after?.(replied, asked);
    const { connection: _, 'transfer-encoding': __, 'content-length': length, ...headers } = replied.headers;
    const sized =
      req.method === 'HEAD' ? length : replied.status === 304 ? undefined : `${replied.body.length}`;
    const fields = { server: 'nginx', ...headers, 'content-length': sized };
    for (const [name, value] of Object.entries(fields)) if (value !== undefined) res.setHeader(name, value);
    res.writeHead(replied.status);
    res.end(replied.body);
  });
  return listen(server);
}

async function forward(upstream: string, { method, url, headers, body }: Forwarded): Promise<Replied> {
  const { hostname, port } = new URL(upstream);
  const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
  delete given.connection;
  const asked = request({ hostname, port, path: url, method, headers: given, agent: false }).end(body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: response.statusCode!, headers: { ...response.headers }, body: await buffer(response) };
}

/** A file of the tree as a page. */
export async function fileReply(cacheDir: string, path: string): Promise<Replied | undefined> {
  const body = await readFile(join(cacheDir, path)).catch(() => undefined);
  return body && { status: 200, headers: { 'content-type': 'text/html' }, body };
}
