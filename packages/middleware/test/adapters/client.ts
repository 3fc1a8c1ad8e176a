/** Clients that note down exactly what they get, over HTTP/1 and HTTP/2. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { Line, request } from '../support/wire.ts';
import type { Adapter } from './adapter.ts';
import { type Answered, answerOfBytes } from './asking.ts';
import { keyed } from './tls.ts';

/** One request. */
export interface Asking {
  /** @default 'GET' */
  readonly method?: string;
  /** @default the path of the case */
  readonly target?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A request that is under way. */
export interface Opened {
  /** Waits until a text has come. */
  until(text: string): Promise<unknown>;
  /** Reads a little at a time. */
  slowly(): void;
  /** Goes away, whatever is still to come. */
  leave(): void;
  /** Waits until the server has said everything, or ended it otherwise. */
  done(): Promise<void>;
  /** What came, when it is done. */
  answer(): Answered;
}

/** Everything that one client of a case says and hears. */
export interface Client {
  open(asking?: Asking): Opened;
  /** A connection to write on by hand; HTTP/1 alone. */
  line(): Line;
  /** What came, request by request, as it can be compared with another run. */
  heard(): unknown[];
  /** Ends what is still open. */
  close(): void;
}

export function clientOf(adapter: Adapter, port: number, path: string): Client {
  return adapter.protocol === 'HTTP/1' ? new Http1(adapter, port, path) : new Http2(adapter, port, path);
}

class Http1 implements Client {
  readonly #adapter: Adapter;
  readonly #port: number;
  readonly #path: string;
  readonly #lines: Line[] = [];

  constructor(adapter: Adapter, port: number, path: string) {
    this.#adapter = adapter;
    this.#port = port;
    this.#path = path;
  }

  line(): Line {
    const line = new Line(this.#adapter.secure ? tlsTo(this.#port) : this.#port);
    this.#lines.push(line);
    return line;
  }

  open({ method = 'GET', target = this.#path, fields = {}, body }: Asking = {}): Opened {
    const line = this.line();
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
    if (body !== undefined) lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
    line.send(`${request(target, [...lines, 'Connection: close'], method)}${body ?? ''}`);
    return {
      until: (text) => line.until(text),
      slowly: () => {
        slowly(line.socket);
      },
      leave: () => line.leave(),
      done: () => closed(line),
      answer: () => answerOfBytes(line.all, method),
    };
  }

  heard(): unknown[] {
    return this.#lines.map((line) => ({
      // Who left before the end read what was waited for; the rest is a matter of time.
      bytes: comparable(line.ended === 'left' ? line.taken : line.all, this.#adapter.fieldsAreASet ?? false),
      ended: line.ended,
    }));
  }

  close(): void {
    for (const line of this.#lines) line.leave();
  }
}

function tlsTo(port: number) {
  return connectTls({ ...keyed.client, port, host: '127.0.0.1', ALPNProtocols: ['http/1.1'] });
}

/** Waits until a connection is over, well or badly. */
export async function closed(line: Line): Promise<void> {
  await line.closed().catch(() => {});
}

/** Stops reading again and again: ten megabytes take ten rests. */
function slowly(source: Duplex): void {
  let taken = 0;
  source.on('data', (chunk: Buffer) => {
    taken += chunk.length;
    if (taken < 1 << 20) return;
    taken = 0;
    source.pause();
    setTimeout(() => source.resume(), 5);
  });
}

/** What is on the wire, but for the date, `Cache-Status`, and what has no meaning. */
export function comparable(bytes: Buffer, fieldsAreASet: boolean): string {
  if (bytes.length > LARGE) {
    const end = bytes.indexOf('\r\n\r\n');
    return `${comparable(bytes.subarray(0, end + 4), fieldsAreASet)}${shortened(bytes.subarray(end + 4))}`;
  }
  return bytes
    .toString('latin1')
    .split(/(?=HTTP\/1\.1 \d{3})/)
    .map((message) => {
      const end = message.indexOf('\r\n\r\n');
      const [status, ...lines] = message.slice(0, end).split('\r\n');
      const fields = lines
        .filter((line) => !/^cache-status:/i.test(line))
        .map((line) => line.replace(/^date: .*/i, 'Date: *'));
      const set = fields.map((line) => line.replace(/^[^:]*/, (name) => name.toLowerCase())).sort();
      return [status, ...(fieldsAreASet ? set : fields), message.slice(end)].join('\n');
    })
    .join('');
}

/** Bytes that are shown as their hash: a difference of megabytes helps nobody. */
const LARGE = 300_000;

function shortened(bytes: Buffer): string {
  if (bytes.length <= LARGE) return bytes.toString('latin1');
  return `${bytes.length} bytes, ${createHash('sha1').update(bytes).digest('hex')}`;
}

class Http2 implements Client {
  readonly #session: ClientHttp2Session;
  readonly #path: string;
  readonly #heard: Heard[] = [];

  constructor({ secure }: Adapter, port: number, path: string) {
    this.#path = path;
    this.#session = connectHttp2(
      `${secure ? 'https' : 'http'}://localhost:${port}`,
      secure ? (keyed.client as object) : {},
    );
    this.#session.on('error', () => {});
  }

  line(): Line {
    throw new Error('HTTP/2 is not written by hand');
  }

  open({ method = 'GET', target = this.#path, fields = {}, body }: Asking = {}): Opened {
    const stream = this.#session.request(
      { ':method': method, ':path': target, ':authority': 'site.test', ...fields },
      { endStream: body === undefined },
    );
    if (body !== undefined) stream.end(body);
    const heard = new Heard(stream);
    this.#heard.push(heard);
    return {
      until: (text) => heard.until(text),
      slowly: () => {
        slowly(stream);
      },
      leave: () => this.#session.destroy(),
      done: () => heard.done(),
      answer: () => heard.answer(),
    };
  }

  heard(): unknown[] {
    return this.#heard.map((heard) => heard.comparable());
  }

  close(): void {
    this.#session.destroy();
  }
}

/** What came on one stream of HTTP/2. */
class Heard {
  readonly #stream: ClientHttp2Stream;
  readonly #heads: unknown[] = [];
  #fields: Readonly<Record<string, unknown>> = {};
  readonly #chunks: Buffer[] = [];
  #ended = 'left';
  /** What was waited for. */
  #taken = Buffer.alloc(0);
  #wake: () => void = () => {};

  constructor(stream: ClientHttp2Stream) {
    this.#stream = stream;
    for (const event of ['headers', 'response', 'trailers'] as const) {
      stream.on(event, (fields: Readonly<Record<string, unknown>>) => {
        if (event === 'response') this.#fields = fields;
        const { date, 'cache-status': _, ...rest } = fields;
        this.#heads.push([event, { ...rest, ...(date === undefined ? {} : { date: '*' }) }]);
      });
    }
    stream.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#wake();
    });
    stream.on('end', () => {
      this.#ended = 'ended';
    });
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#ended = error.code ?? error.message;
    });
    stream.on('close', () => this.#wake());
  }

  async until(text: string): Promise<void> {
    for (;;) {
      const all = Buffer.concat(this.#chunks);
      const at = all.indexOf(text, this.#taken.length);
      if (at >= 0) {
        this.#taken = all.subarray(0, at + text.length);
        return;
      }
      if (this.#stream.closed) throw new Error(`closed before ${JSON.stringify(text)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async done(): Promise<void> {
    if (!this.#stream.destroyed) await once(this.#stream, 'close').catch(() => {});
  }

  answer(): Answered {
    const fields = Object.entries(this.#fields).map(([name, value]) => [name, [value].flat().join(', ')]);
    return {
      status: Number(this.#fields[':status']),
      fields: Object.fromEntries(fields),
      body: Buffer.concat(this.#chunks),
    };
  }

  comparable(): unknown {
    return {
      heads: this.#heads,
      body: shortened(this.#ended === 'left' ? this.#taken : Buffer.concat(this.#chunks)),
      ended: this.#ended,
      ...(this.#ended === 'left' ? {} : { code: this.#stream.rstCode }),
    };
  }
}
