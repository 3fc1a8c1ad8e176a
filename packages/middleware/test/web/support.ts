/** Runs one fetch handler with the cache off and on, on real sockets, and compares what came over the wire. */
import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { toNodeHandler } from 'srvx/node';
import { expect } from 'vitest';
import { withPageCache } from '../../src/fetch.ts';
import { type HonoPageCache, pageCache } from '../../src/hono.ts';
import { type Build, listen, type Site, type SiteOptions, site } from '../support/site.ts';
import { exchange, request } from '../support/wire.ts';

export const html = { 'content-type': 'text/html; charset=utf-8' };
export const GET = request('/page', ['Connection: close']);
export const STORED = 'pagetree; fwd=uri-miss; stored';

/** An application as one function; what it returns need not be a response. */
export type App = (request: Request) => Response | Promise<Response>;

/** How a fetch handler becomes a server, and how the cache is put before it. */
export type Serve = (app: App) => Build;

/** The handler as the only route of a Hono application, on `@hono/node-server`. */
export const onHono: Serve = (app) => (pages) => {
  const hono = new Hono();
  if (pages) hono.use(pageCache({ cache: pages.cache }));
  hono.all('*', (c) => app(c.req.raw));
  return nodeServer(hono.fetch);
};

/** The handler itself on `@hono/node-server`, with the classes of the platform or with its own light ones. */
export const onNodeServer =
  (light: boolean): Serve =>
  (app) =>
  (pages) =>
    nodeServer(pages ? withPageCache({ cache: pages.cache }, app) : app, light);

/** The handler on srvx, which h3 and Nitro run on. */
export const onSrvx: Serve = (app) => (pages) => {
  const handler = toNodeHandler(pages ? withPageCache({ cache: pages.cache }, app) : app);
  return (req, res) => void handler(req as never, res as never);
};

export function nodeServer(
  fetch: (request: Request, env: never) => Response | Promise<Response>,
  overrideGlobalObjects = true,
): RequestListener {
  const listener = getRequestListener(fetch as never, { overrideGlobalObjects });
  return (req, res) => void listener(req, res);
}

/** A response with its field lines in order, without case: HTTP gives neither a meaning, and web headers keep neither. */
export function comparable(raw: string): string {
  return raw
    .split(/(?=HTTP\/1\.1 \d{3})/)
    .map((message) => {
      const end = message.indexOf('\r\n\r\n');
      const [status, ...lines] = message.slice(0, end).split('\r\n');
      const fields = lines
        .map((line) => line.replace(/^[^:]*/, (name) => name.toLowerCase()))
        .map((line) => line.replace(/^date: .*/, 'date: *'))
        .filter((line) => !line.startsWith('cache-status:'));
      return [status, ...fields.sort(), message.slice(end)].join('\n');
    })
    .join('\n');
}

/** Builds an application, with the cache or without it. */
export type Mount = (app: Hono, pages: HonoPageCache | undefined) => void;

/** Such an application on its Node server. */
export const built = (mount: Mount) => (pages: Site['pages'] | undefined) => {
  const app = new Hono();
  mount(app, pages && pageCache({ cache: pages.cache }));
  return nodeServer(app.fetch);
};

export const served = (mount: Mount, options: SiteOptions = {}): Promise<Site> => site(built(mount), options);

export interface ParityCase {
  /** The bytes of the request. @default a GET of `/page` */
  readonly send?: string;
  /** The `Cache-Status` of the response; `null`: nobody looks. @default that it is stored */
  readonly status?: string | null;
  readonly options?: SiteOptions;
}

/** Compares a built application off and on. */
export async function compareBuilt(build: Build, how: ParityCase = {}): Promise<{ site: Site; raw: string }> {
  const bytes = how.send ?? GET;
  const off = await listen(build(undefined));
  const without = (await exchange(off.port, bytes)).toString('latin1');
  const made = await site(build, how.options);
  const raw = (await exchange(made.port, bytes)).toString('latin1');
  expect(comparable(raw)).toBe(comparable(without));
  if (how.status !== null) {
    expect(/^Cache-Status: (.*)\r$/im.exec(raw)?.[1]).toBe(how.status ?? STORED);
  }
  return { site: made, raw };
}

/** Bytes with memory of their own: a byte stream takes the memory away, and that of a `Buffer` belongs to others too. */
export function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A stream that gives each chunk in a turn of its own. */
export function inTurns(...chunks: readonly (string | Error)[]): ReadableStream<Uint8Array> {
  const left = [...chunks];
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      const next = left.shift();
      if (next === undefined) controller.close();
      else if (next instanceof Error) throw next;
      else controller.enqueue(encode(next));
    },
  });
}

/** A stream that is written by hand, and tells what it hears. */
export class Hand {
  readonly cancelled: Promise<unknown>;
  readonly body: ReadableStream<Uint8Array>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;

  constructor() {
    let heard: (reason: unknown) => void = () => {};
    this.cancelled = new Promise((resolve) => {
      heard = resolve;
    });
    this.body = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: (reason) => heard(reason),
    });
  }

  write(text: string): void {
    this.#controller.enqueue(encode(text));
  }

  end(): void {
    this.#controller.close();
  }

  fail(error: Error): void {
    this.#controller.error(error);
  }
}

/** A promise and its key. */
export function barrier<Value = void>(): { opened: Promise<Value>; open: (value: Value) => void } {
  let open: (value: Value) => void = () => {};
  const opened = new Promise<Value>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
