/** An application that is asked in this process: HTTP over a pair of streams, without a socket. */
import { existsSync } from 'node:fs';
import { createServer, type RequestListener, Server } from 'node:http';
import type { Socket } from 'node:net';
import { resolve } from 'node:path';
import { Duplex } from 'node:stream';
import { pathToFileURL } from 'node:url';
import type { buildConnector } from 'undici';
import { systemCause, WarmError } from '../errors.ts';
import { printable } from '../report/printable.ts';
import { orAborted } from '../until-aborted.ts';
import { type FetchHandler, guarded, listenerOf } from './fetch-handler.ts';

/** An application that was loaded. */
export interface InProcess {
  /** Makes connections to it. */
  readonly connect: buildConnector.connector;
  stop(): void;
}

/**
 * Loads a module and finds the application in it.
 *
 * @throws {WarmError} `ERR_PAGETREE_EXEC` when it cannot be loaded, or exports no application. When `signal` is aborted
 * before it is ready, its reason.
 */
export async function loadApplication(file: string, signal: AbortSignal): Promise<InProcess> {
  if (!existsSync(file)) throw cannotLoad(file, 'there is no such file');
  const server = await orAborted(load(file), signal);
  if (server === undefined) throw signal.reason;
  const ends = new Set<Duplex>();
  return {
    connect: (_, callback) => {
      const [ours, theirs] = pipe();
      ends.add(ours);
      ours.once('close', () => ends.delete(ours));
      server.emit('connection', theirs);
      // A connection is never there at once, and its user counts on that.
      setImmediate(() => callback(null, ours as unknown as Socket));
    },
    stop: () => {
      for (const end of ends) end.destroy();
    },
  };
}

async function load(file: string): Promise<Server> {
  let loaded: unknown;
  try {
    const module = (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
    loaded = compiledDefault(module.default) ?? module.app ?? module.handler ?? module.server ?? module.fetch;
  } catch (error) {
    throw cannotLoad(file, systemCause(error), error);
  }
  return serverOf(loaded, file);
}

/** The default export, also of a module that was compiled to CommonJS. */
function compiledDefault(found: unknown): unknown {
  const compiled = found as { readonly __esModule?: unknown; readonly default?: unknown } | null | undefined;
  return compiled?.__esModule === true ? compiled.default : found;
}

interface Shapes {
  readonly fetch?: FetchHandler;
  /** Koa */
  readonly callback?: () => RequestListener;
  /** Fastify */
  readonly ready?: () => PromiseLike<unknown>;
  readonly server?: unknown;
}

async function serverOf(found: unknown, file: string): Promise<Server> {
  if (found instanceof Server) return found;
  const { fetch, callback, ready, server } = (found ?? {}) as Shapes;
  if (typeof ready === 'function' && server instanceof Server) {
    await ready.call(found);
    return server;
  }
  if (typeof callback === 'function') return createServer(guarded(callback.call(found)));
  if (typeof fetch === 'function') return createServer(listenerOf(fetch.bind(found)));
  // A request listener takes a request and a response; a fetch handler takes a Request and returns the response.
  if (typeof found === 'function') {
    return createServer(
      found.length >= 2 ? guarded(found as RequestListener) : listenerOf(found as FetchHandler),
    );
  }
  throw cannotLoad(file, 'its default export is neither a request listener nor a fetch handler');
}

function cannotLoad(file: string, why: string, cause?: unknown): WarmError {
  return new WarmError(
    'ERR_PAGETREE_EXEC',
    `The application ${printable(file)} cannot be used: ${printable(why, 1000)}.`,
    {
      hint: 'Its default export must be the application: (request, response) => ..., or (request) => new Response(...).',
      cause,
    },
  );
}

/** Two streams: what is written to one is read from the other. */
function pipe(): [Duplex, Duplex] {
  const ours = new End();
  const theirs = new End();
  ours.other = theirs;
  theirs.other = ours;
  return [ours, theirs];
}

class End extends Duplex {
  other!: End;
  #wanted = () => {};

  override _read(): void {
    const wanted = this.#wanted;
    this.#wanted = () => {};
    wanted();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    // The other side says when it has room: nothing is piled up.
    if (this.other.push(chunk)) done();
    else this.other.#wanted = done;
  }

  override _final(done: () => void): void {
    this.other.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#wanted();
    if (!this.other.destroyed) setImmediate(() => this.other.destroy());
    done(error);
  }

  // What HTTP asks of a socket, and a stream has no use for.
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }
}
