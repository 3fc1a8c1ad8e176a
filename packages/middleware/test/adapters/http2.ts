/** A client of HTTP/2 that notes down exactly what it gets. */
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import type { Line } from '../support/wire.ts';
import type { Adapter } from './adapter.ts';
import { type Answered, type Asking, type Client, type Opened, slowly } from './client.ts';
import { shortened } from './comparable.ts';
import { keyed } from './tls.ts';

export class Http2 implements Client {
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

  async openAtOnce(askings: readonly Asking[]): Promise<Opened[]> {
    return askings.map((asking) => this.open(asking));
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
        // Without the symbol that Node puts beside the fields.
        const own = Object.fromEntries(Object.entries(rest));
        this.#heads.push([event, { ...own, ...(date === undefined ? {} : { date: '*' }) }]);
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
