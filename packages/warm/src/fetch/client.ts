import type { HeaderMap } from '@pagetree/core';
import { type buildConnector, Pool } from 'undici';
import { ownPackage } from '../own-package.ts';
import type { Origin } from '../plan/origin.ts';
import { Clocks, type Times } from './clocks.ts';
import { connectOnce } from './connect.ts';
import { type Cookie, cookieHeader } from './cookies.ts';
import { Stopped } from './failure.ts';
import { Receiver } from './receiver.ts';

/** How connections are made: a Unix socket, certificates, or a way without the network. */
export type ConnectOptions = buildConnector.BuildOptions;

/** What one site is asked with. */
export interface ClientOptions {
  readonly origin: Origin;
  /** Where connections really go, the requests in turn: `http://127.0.0.1:3001`. @default the origin */
  readonly addresses?: readonly string[];
  /** The Host header, when it is another than the origin's. */
  readonly host: string | undefined;
  /** The most connections at once. */
  readonly concurrency: number;
  readonly times: Times;
  /** The token with which a middleware on the same tree steps aside, once it is known. */
  readonly token: () => string | undefined;
  /** More header fields of every request, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** @default [] */
  readonly cookies?: readonly Cookie[];
  readonly connect: ConnectOptions | buildConnector.connector;
}

/** A response whose head is there. */
export interface Response {
  readonly status: number;
  readonly headers: HeaderMap;
  readonly body: AsyncIterable<Uint8Array> & { destroy(): unknown };
  /** Filled when the body has ended. */
  readonly trailers: Readonly<Record<string, string>>;
}

/** Asks one origin for pages, over pools of connections that are used again. */
export class OriginClient {
  readonly origin: Origin;
  readonly host: string;
  readonly #options: ClientOptions;
  readonly #pools: readonly Pool[];
  /** Those at whose address somebody listens, as far as is known. Never empty. */
  #live: readonly Pool[];
  readonly #headers: Readonly<Record<string, string>>;
  readonly #running = new Set<Receiver>();
  readonly #stopping = new AbortController();
  #withToken: Readonly<Record<string, string>> | undefined;
  #probed: Promise<void> | undefined;
  #turn = 0;

  constructor(options: ClientOptions) {
    const { origin, host, headers, concurrency, addresses = [origin.href] } = options;
    this.#options = options;
    this.origin = origin;
    this.host = host ?? origin.host;
    this.#headers = {
      host: this.host,
      accept: 'text/html,*/*;q=0.8',
      'accept-encoding': 'identity',
      'user-agent': userAgent(),
      ...headers,
    };
    this.#pools = addresses.map((address) => this.#pool(address, concurrency));
    this.#live = this.#pools;
  }

  #pool(address: string, connections: number): Pool {
    const { connect, times } = this.#options;
    return new Pool(address, {
      connections,
      pipelining: 1,
      connect: typeof connect === 'function' ? connect : { ...connect, timeout: times.connect * 1000 },
      // Clocks of our own instead, see `get`: a body that drips would pass these two.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /**
   * Fetches one target and hands the response to `use`; connection and clocks are given back when `use`
   * has ended. Redirects are responses like any other.
   *
   * @param condition Header fields that make the request conditional (RFC 9110, 13.1).
   */
  async get<T>(
    target: string,
    use: (response: Response) => Promise<T>,
    condition: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    await this.#probe();
    for (;;) {
      const pool = this.#nextPool();
      const answer = await this.#ask(pool, target, use, condition);
      if ('used' in answer) return answer.used;
      if (!this.#leaves(pool, answer.error)) throw answer.error;
    }
  }

  /** Asks one address. What kept it from answering is told, not thrown. */
  async #ask<T>(
    pool: Pool,
    target: string,
    use: (response: Response) => Promise<T>,
    condition: Readonly<Record<string, string>>,
  ): Promise<{ readonly used: T } | { readonly error: unknown }> {
    const receiver = new Receiver();
    const clocks = new Clocks(this.#options.times, (reason) => receiver.abort(reason));
    this.#running.add(receiver);
    try {
      const headers = { ...this.#baseHeaders(), ...this.#cookieOf(target), ...condition };
      pool.dispatch({ method: 'GET', path: target, headers }, receiver);
      const response = await receiver.head.catch((error: unknown) => ({ error }));
      if ('error' in response) return response;
      clocks.answered();
      return { used: await use(response) };
    } finally {
      clocks.stop();
      receiver.finish();
      this.#running.delete(receiver);
    }
  }

  /** The fields of every request. The token is known when the tree is open. */
  #baseHeaders(): Readonly<Record<string, string>> {
    const token = this.#options.token();
    if (token === undefined) return this.#headers;
    this.#withToken ??= { ...this.#headers, 'pagetree-token': token };
    return this.#withToken;
  }

  /** The cookies that are for this target, behind those of a header field that a person wrote. */
  #cookieOf(target: string): Readonly<Record<string, string>> {
    const { cookies = [], headers } = this.#options;
    if (cookies.length === 0) return {};
    const cookie = cookieHeader(cookies, { ...siteOf(this), target, now: Date.now() });
    return cookie === undefined ? {} : { cookie: [headers.cookie ?? [], cookie].flat().join('; ') };
  }

  /** Ends every request that runs. */
  stop(): void {
    this.#stopping.abort();
    for (const receiver of this.#running) receiver.abort(new Stopped());
  }

  async close(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.destroy()));
  }

  #nextPool(): Pool {
    this.#turn = (this.#turn + 1) % this.#live.length;
    return this.#live[this.#turn]!;
  }

  /** Whether others answer for an address where nobody listens any more: that process of the application has ended. */
  #leaves(pool: Pool, error: unknown): boolean {
    if ((error as { code?: unknown }).code !== 'ECONNREFUSED') return false;
    const others = this.#live.filter((one) => one !== pool);
    if (others.length === 0) return false;
    this.#live = others;
    return true;
  }

  /**
   * One connection before the first request, once: an application that is not running should be one
   * sentence, not a failure of every URL.
   */
  #probe(): Promise<void> {
    const { connect, addresses } = this.#options;
    if (typeof connect === 'function' || addresses !== undefined) return Promise.resolve();
    this.#probed ??= connectOnce({ ...this.#options, connect }, this.#stopping.signal);
    return this.#probed;
  }
}

/** What cookies are judged by. The Host header is another name of the same site. */
export function siteOf({ origin, host }: Pick<OriginClient, 'origin' | 'host'>) {
  return { hosts: [origin.host, host], secure: origin.href.startsWith('https:') };
}

function userAgent(): string {
  return `pagetree-warm/${ownPackage().json.version}`;
}
