/** Asks a server exactly what is wanted: the target byte for byte, as a client of its own making would send it. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps, Agent as SecureAgent } from 'node:https';
import { isIP } from 'node:net';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import type { Origin } from '../plan/origin.ts';

/** One question. */
export interface Asking {
  readonly method: string;
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came back. */
export interface Answer {
  readonly status: number;
  /** By lower-case name; fields that came several times are joined. */
  readonly headers: Readonly<Record<string, string>>;
  /** The beginning of the body as it came, and of the body without its coding. */
  readonly raw: Buffer;
  readonly text: Buffer;
  /** The body without its coding, as SHA-256; `undefined` when it cannot be decoded. */
  readonly digest: string | undefined;
}

/** There is no answer, or none that ended. */
export interface NoAnswer {
  readonly problem: string;
}

/** So much of a body is kept, in bytes: all of a probe page. */
const KEPT = 65_536;
/** A body of more bytes is not read to its end. */
const MOST = 4 * 1024 ** 3;

/** How a server is asked. */
export interface AskerOptions {
  readonly origin: Origin;
  /** The Host header. */
  readonly host: string;
  /** The most connections at once. */
  readonly concurrency: number;
  /** For each answer, in milliseconds. */
  readonly timeout: number;
  /** Do not ask who signed the certificate. */
  readonly insecure: boolean;
  readonly signal: AbortSignal;
}

/** Asks one server, over connections that are used again. */
export class Asker {
  readonly options: AskerOptions;
  readonly #agent: Agent;
  readonly #request: (options: object) => ClientRequest;

  constructor(options: AskerOptions) {
    const { origin, host, concurrency, insecure } = options;
    this.options = options;
    const secure = origin.href.startsWith('https:');
    const pool = { keepAlive: true, maxSockets: concurrency };
    this.#agent = secure
      ? new SecureAgent({ ...pool, rejectUnauthorized: !insecure, servername: serverName(host) })
      : new Agent(pool);
    const { hostname, port } = new URL(origin.href);
    const to = { hostname: hostname.replace(/^\[|\]$/g, ''), port, agent: this.#agent };
    this.#request = (wanted) => (secure ? requestHttps : requestHttp)({ ...to, ...wanted });
  }

  async ask(asking: Asking): Promise<Answer | NoAnswer> {
    const { signal: stop, timeout } = this.options;
    const controller = new AbortController();
    const abort = () => controller.abort();
    const clock = setTimeout(abort, timeout);
    stop.addEventListener('abort', abort, { once: true });
    try {
      return await this.#tryTwice(asking, controller.signal);
    } catch (error) {
      stop.throwIfAborted();
      const { code = '', message } = error as NodeJS.ErrnoException;
      if (controller.signal.aborted) return { problem: `no whole answer in ${timeout / 1000} seconds` };
      return { problem: inWords[code] ?? message };
    } finally {
      clearTimeout(clock);
      stop.removeEventListener('abort', abort);
    }
  }

  /** The server may close a connection in the moment in which it is used again: that is asked for once more. */
  async #tryTwice(asking: Asking, signal: AbortSignal): Promise<Answer> {
    for (let first = true; ; first = false) {
      const request = this.#send(asking, signal);
      try {
        const [response] = (await once(request, 'response')) as [IncomingMessage];
        return await readAnswer(response, asking.method);
      } catch (error) {
        const { code = '' } = error as NodeJS.ErrnoException;
        if (!first || !request.reusedSocket || !['ECONNRESET', 'EPIPE'].includes(code)) throw error;
      }
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #send({ method, target, headers, body }: Asking, signal: AbortSignal): ClientRequest {
    const length = body === undefined ? {} : { 'content-length': `${Buffer.byteLength(body)}` };
    const request = this.#request({
      method,
      path: target,
      headers: { host: this.options.host, accept: '*/*', ...headers, ...length },
      signal,
    });
    // A server that has heard enough may close before it has read the body.
    request.on('error', () => {});
    return request.end(body);
  }
}

/** TLS has no names for addresses (RFC 6066, 3). */
function serverName(host: string): string {
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return isIP(name) === 0 ? name : '';
}

const inWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its name cannot be looked up',
  EAI_AGAIN: 'its name cannot be looked up',
  EHOSTUNREACH: 'the network has no way to it',
  ENETUNREACH: 'the network has no way to it',
  ECONNRESET: 'the connection was closed without an answer',
};

/** The end of a body is not looked at. */
class TooLong extends Error {}

async function readAnswer(response: IncomingMessage, method: string): Promise<Answer> {
  const headers = Object.fromEntries(
    Object.entries(response.headersDistinct).map(([name, values]) => [name, values!.join(', ')]),
  );
  const raw: Buffer[] = [];
  const text: Buffer[] = [];
  const hash = createHash('sha256');
  let came = 0;
  let decoded = 0;
  const status = response.statusCode!;
  // Nothing but headers: there is nothing to decode, whatever they say.
  const coding = method === 'HEAD' || status === 304 ? undefined : headers['content-encoding'];
  const decoder = decoderFor(coding);
  const seen = async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      if (came < KEPT) raw.push(chunk);
      came += chunk.length;
      yield chunk;
    }
  };
  const end = async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) {
      if (decoded < KEPT) text.push(chunk);
      decoded += chunk.length;
      if (decoded > MOST) throw new TooLong('the body does not end');
      hash.update(chunk);
    }
  };
  let whole = decoder !== 'unknown';
  try {
    if (decoder === undefined || decoder === 'unknown') await pipeline(response, seen, end);
    else await pipeline(response, seen, decoder, end);
  } catch (error) {
    // What zlib dislikes is an answer, a connection that broke is none.
    if (
      !/^(?:Z_|ERR__ERROR|ERR_BROTLI|ERR_PADDING|ERR_ZSTD|ZSTD)/.test(
        (error as NodeJS.ErrnoException).code ?? '',
      )
    )
      throw error;
    whole = false;
    response.destroy();
  }
  return {
    status,
    headers,
    raw: Buffer.concat(raw),
    text: Buffer.concat(text),
    digest: whole ? hash.digest('hex') : undefined,
  };
}

function decoderFor(coding: string | undefined): (NodeJS.ReadWriteStream & Readable) | 'unknown' | undefined {
  switch (coding?.toLowerCase()) {
    case undefined:
    case '':
    case 'identity':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return zlib.createGunzip();
    case 'br':
      return zlib.createBrotliDecompress();
    case 'zstd': {
      // Node 22.15 has it.
      const { createZstdDecompress } = zlib as {
        createZstdDecompress?: () => ReturnType<typeof zlib.createGunzip>;
      };
      return createZstdDecompress?.() ?? 'unknown';
    }
    default:
      return 'unknown';
  }
}
