/** A connection that is kept, and answers in the order in which they were asked for. */
import { connect, type Socket } from 'node:net';
import { parse, request, type Wire } from '../support/wire.ts';

interface Waiting {
  readonly method: string;
  readonly resolve: (wire: Wire) => void;
  readonly reject: (error: Error) => void;
}

/** One connection. Requests may be sent before earlier ones are answered. */
export class Talk {
  readonly socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  readonly #waiting: Waiting[] = [];

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.setNoDelay(true);
    this.socket.on('data', (chunk: Buffer) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      this.#take();
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('the connection was closed'));
    });
  }

  /** Sends a request now; resolves with its answer. */
  ask(target: string, fields: readonly string[] = [], method = 'GET'): Promise<Wire> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ method, resolve, reject });
      this.socket.write(request(target, fields, method));
    });
  }

  close(): void {
    this.socket.destroy();
  }

  #take(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const end = this.#received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = this.#received.toString('latin1', 0, end);
      const bodiless = next.method === 'HEAD' || / 304 /.test(head.slice(0, 14));
      const length = bodiless ? 0 : lengthOf(head, this.#received, end + 4);
      if (length === undefined || this.#received.length < end + 4 + length) return;
      const whole = this.#received.subarray(0, end + 4 + length);
      this.#received = this.#received.subarray(end + 4 + length);
      this.#waiting.shift();
      next.resolve(parse(whole, next.method));
    }
  }
}

/** How long a body is on the wire; `undefined` while that is not known. */
function lengthOf(head: string, received: Buffer, start: number): number | undefined {
  const length = /\r\ncontent-length: (\d+)/i.exec(head);
  if (length) return Number(length[1]);
  const end = received.indexOf('0\r\n\r\n', start);
  return end < 0 ? undefined : end + 5 - start;
}
