/** A client of HTTP/1 that notes down exactly what it gets. */
import { once } from 'node:events';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { Line, parse, request } from '../support/wire.ts';
import type { Adapter } from './adapter.ts';
import { type Answered, type Asking, type Client, type Opened, slowly } from './client.ts';
import { comparable } from './comparable.ts';
import { keyed } from './tls.ts';

export class Http1 implements Client {
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

  open(asking: Asking = {}): Opened {
    return this.#ask(this.line(), asking);
  }

  async openAtOnce(askings: readonly Asking[]): Promise<Opened[]> {
    const lines = askings.map(() => this.line());
    const ready = this.#adapter.secure ? 'secureConnect' : 'connect';
    await Promise.all(lines.map(({ socket }) => once(socket, ready)));
    return askings.map((asking, at) => this.#ask(lines[at]!, asking));
  }

  #ask(line: Line, { method = 'GET', target = this.#path, fields = {}, body }: Asking): Opened {
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

function tlsTo(port: number): TLSSocket {
  return connectTls({ ...keyed.client, port, host: '127.0.0.1', ALPNProtocols: ['http/1.1'] });
}

/** Waits until a connection is over, well or badly. */
export async function closed(line: Line): Promise<void> {
  await line.closed().catch(() => {});
}

/** The answer on a connection of HTTP/1. */
function answerOfBytes(bytes: Buffer, method: string): Answered {
  const { status, headers, body } = parse(bytes, method);
  return { status, fields: headers, body };
}
