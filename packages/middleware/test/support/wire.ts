/** A client that sends and receives exact bytes. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** One response as it was on the wire. */
export interface Wire {
  /** Everything that came, chunk framing included. */
  readonly raw: string;
  readonly status: number;
  readonly statusLine: string;
  /** By lower-case name; repeated fields are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** The field lines in the order they came. */
  readonly lines: readonly string[];
  /** The body, taken out of its chunks. */
  readonly body: Buffer;
  readonly text: string;
  /** Trailer fields, as they came. */
  readonly trailers: string;
  /** The body is as long as the head says. */
  readonly whole: boolean;
}

/** What a request is made of; more lines go in as they are. */
export function request(
  target: string,
  fields: readonly string[] = [],
  method = 'GET',
  version = '1.1',
): string {
  const host = fields.some((line) => /^host:/i.test(line)) ? [] : ['Host: site.test'];
  return [`${method} ${target} HTTP/${version}`, ...host, ...fields, '', ''].join('\r\n');
}

/** Sends bytes and reads until the server closes the connection. */
export async function exchange(port: number, bytes: string | Buffer): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => {});
  socket.write(bytes);
  await once(socket, 'close');
  return Buffer.concat(chunks);
}

/** One request on a connection of its own. */
export async function ask(
  port: number,
  target: string,
  fields: readonly string[] = [],
  method = 'GET',
): Promise<Wire> {
  const bytes = await exchange(port, request(target, [...fields, 'Connection: close'], method));
  return parse(bytes, method);
}

/** A connection that is held open, to read step by step. */
export class Line {
  readonly socket: Socket;
  #chunks: Buffer[] = [];
  #taken = 0;
  #closed = false;
  #ended = 'left';
  #wake: () => void = () => {};

  /** @param to a port of this machine, or a connection that is open. */
  constructor(to: number | Socket) {
    this.socket = typeof to === 'number' ? connect(to, '127.0.0.1') : to;
    this.socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#wake();
    });
    this.socket.on('end', () => {
      this.#ended = 'ended';
    });
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#ended = error.code ?? error.message;
    });
    this.socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  get received(): string {
    return this.all.toString('latin1', this.#taken);
  }

  /** Everything that ever came. */
  get all(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  /** What was waited for, up to now. */
  get taken(): Buffer {
    return this.all.subarray(0, this.#taken);
  }

  /** How the connection is over: the server `ended` it, we `left`, or an error's code. */
  get ended(): string {
    return this.#ended;
  }

  send(bytes: string): void {
    this.socket.write(bytes);
  }

  /** Waits until a text has come, takes everything up to its end, and gives that back. */
  async until(text: string): Promise<string> {
    for (;;) {
      const at = this.received.indexOf(text);
      if (at >= 0) {
        const taken = this.received.slice(0, at + text.length);
        this.#taken += at + text.length;
        return taken;
      }
      if (this.#closed) throw new Error(`closed before ${JSON.stringify(text)}: ${this.received}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async closed(): Promise<void> {
    if (!this.#closed) await once(this.socket, 'close');
  }

  leave(): void {
    this.socket.destroy();
  }
}

/** Reads the last, or only, response of a connection. */
export function parse(bytes: Buffer, method = 'GET'): Wire {
  const raw = bytes.toString('latin1');
  const end = raw.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = raw.slice(0, Math.max(end, 0)).split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  const status = Number(statusLine.split(' ')[1]);
  const payload = bytes.subarray(end + 4);
  const noBody = method === 'HEAD' || status === 204 || status === 304;
  const { body, trailers, whole } = noBody
    ? { body: payload, trailers: '', whole: payload.length === 0 }
    : bodyOf(payload, headers);
  return { raw, status, statusLine, headers, lines, body, text: body.toString(), trailers, whole };
}

function bodyOf(payload: Buffer, headers: Record<string, string>) {
  if (headers['transfer-encoding'] !== 'chunked') {
    const length = headers['content-length'];
    return { body: payload, trailers: '', whole: length === undefined || Number(length) === payload.length };
  }
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = payload.indexOf('\r\n', at);
    if (line < 0) return { body: Buffer.concat(parts), trailers: '', whole: false };
    const size = Number.parseInt(payload.toString('latin1', at, line), 16);
    if (size === 0) {
      const rest = payload.toString('latin1', line + 2);
      return {
        body: Buffer.concat(parts),
        trailers: rest.replace(/\r\n\r\n$/, ''),
        whole: rest.endsWith('\r\n'),
      };
    }
    parts.push(payload.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}

/** A response without what may differ between two runs: the date and `Cache-Status`. */
export function comparable(raw: string): string {
  return raw.replace(/^Date: .*\r\n/gim, 'Date: *\r\n').replace(/^Cache-Status: .*\r\n/gim, '');
}
