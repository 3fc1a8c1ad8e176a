import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { HeaderMap } from '@pagetree/core';
import { buildConnector, Pool } from 'undici';
import { WarmError } from '../errors.ts';
import type { Origin } from '../plan/origin.ts';
import { printable } from '../report/printable.ts';
import { explainFailure, type Failure, Overdue, Stopped } from './failure.ts';

/** What one site is asked with. */
export interface ClientOptions {
  readonly origin: Origin;
  /** The Host header, when it is another than the origin's. */
  readonly host: string | undefined;
  /** The most connections at once. */
  readonly concurrency: number;
  /** Seconds that one whole response may take. */
  readonly timeout: number;
  /** The token with which a middleware on the same tree steps aside. */
  readonly token: string | undefined;
}

/** A response whose head is there. */
export interface Response {
  readonly status: number;
  readonly headers: HeaderMap;
  readonly body: AsyncIterable<Uint8Array> & { destroy(): unknown };
  /** Filled when the body has ended. */
  readonly trailers: Readonly<Record<string, string>>;
}

/** Asks one origin for pages, over a pool of connections that are used again. */
export class OriginClient {
  readonly host: string;
  readonly #options: ClientOptions;
  readonly #pool: Pool;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #running = new Set<AbortController>();
  readonly #stopping = new AbortController();
  #probed: Promise<void> | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.host = options.host ?? options.origin.host;
    this.#headers = {
      host: this.host,
      accept: 'text/html,*/*;q=0.8',
      'accept-encoding': 'identity',
      'user-agent': userAgent(),
      ...(options.token === undefined ? {} : { 'pagetree-token': options.token }),
    };
    this.#pool = new Pool(options.origin.href, {
      connections: options.concurrency,
      pipelining: 1,
      connect: { timeout: options.timeout * 1000 },
      // One clock for the whole response instead, see `get`: a body that drips would pass these two.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /**
   * Fetches one target and hands the response to `use`; connection and clock are given back when `use`
   * has ended. Redirects are responses like any other.
   */
  async get<T>(target: string, use: (response: Response) => Promise<T>): Promise<T> {
    await this.#probe();
    const controller = new AbortController();
    const clock = setTimeout(
      () => controller.abort(new Overdue(this.#options.timeout)),
      this.#options.timeout * 1000,
    );
    this.#running.add(controller);
    try {
      const { statusCode, headers, body, trailers } = await this.#pool.request({
        method: 'GET',
        path: target,
        headers: this.#headers,
        signal: controller.signal,
      });
      // A body that is given up in the middle says so by an event, which would end the process.
      body.on('error', () => {});
      return await use({ status: statusCode, headers, body, trailers });
    } finally {
      clearTimeout(clock);
      this.#running.delete(controller);
    }
  }

  /** Ends every request that runs. */
  stop(): void {
    this.#stopping.abort();
    for (const controller of this.#running) controller.abort(new Stopped());
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  /**
   * One connection before the first request, once: an application that is not running should be one
   * sentence, not a failure of every URL.
   */
  #probe(): Promise<void> {
    this.#probed ??= connectOnce(this.#options, this.#stopping.signal);
    return this.#probed;
  }
}

function connectOnce({ origin, host, timeout }: ClientOptions, signal: AbortSignal): Promise<void> {
  const { protocol, hostname, port } = new URL(origin.href);
  const connect = buildConnector({ timeout: timeout * 1000 });
  const name = host?.replace(/:\d+$/, '') ?? hostname;
  // TLS has no names for addresses (RFC 6066, 3).
  const servername = isIP(name.replace(/^\[|\]$/g, '')) === 0 ? name : '';
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Stopped()), { once: true });
    connect(
      { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port, servername },
      (error: Error | null, socket: { destroy(): unknown } | null) => {
        if (error === null) {
          socket?.destroy();
          resolve();
        } else {
          reject(doesNotAnswer(origin, explainFailure(error), error));
        }
      },
    );
  });
}

function doesNotAnswer(origin: Origin, failure: Failure, cause: Error): WarmError {
  const what: Partial<Record<Failure['reason'], string>> = {
    'connection-refused': 'nothing listens there',
    'name-lookup': 'its name cannot be looked up',
    timeout: 'no connection could be made in time',
    unreachable: 'the network has no way to it',
  };
  const said = what[failure.reason] ?? printable(failure.detail);
  return new WarmError('ERR_PAGETREE_ORIGIN', `The origin ${origin.href} does not answer: ${said}.`, {
    cause,
  });
}

function userAgent(): string {
  const file = new URL('../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return `pagetree-warm/${version}`;
}
