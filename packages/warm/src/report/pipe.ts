import { once } from 'node:events';
import { Socket } from 'node:net';

/**
 * Bytes that are handed to the system at once: as many as one part of a pipe has room for on most systems. Nobody is told that less was
 * read, and with more, somebody who reads slowly would pass for one who stands still.
 */
const piece = 4096;
/** Pieces that may wait before whoever makes more should do so, too. */
const most = 256;
/** Milliseconds in which a reader takes something, else it has given up. */
const patience = 5000;

/** A pipe that is written to without standing still, as its reader may. */
export class Pipe {
  readonly #socket: Socket;
  readonly #pieces: Buffer[] = [];
  #writing = false;
  #failure: Error | undefined;
  /** Those who wait until something was read, or nobody will. */
  #waiting: (() => void)[] = [];

  /** @param descriptor Of nobody else: it does not block from now on. It is closed with the pipe. */
  constructor(descriptor: number) {
    this.#socket = new Socket({ fd: descriptor, readable: false, writable: true });
    this.#socket.on('error', (error) => this.#fail(error));
  }

  write(text: string): void {
    if (this.#failure !== undefined) return;
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += piece) this.#pieces.push(bytes.subarray(at, at + piece));
    this.#next();
  }

  /** Resolves when little enough waits for the reader, when nobody reads any more, and when `signal` is aborted. */
  async room(signal: AbortSignal): Promise<void> {
    while (this.#pieces.length >= most && this.#failure === undefined && !signal.aborted) {
      signal.addEventListener('abort', this.#wake);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      if (this.#waiting.length === 0) signal.removeEventListener('abort', this.#wake);
    }
  }

  /** Waits until all was read, and closes the pipe. @throws when its reader went away, or stands still. */
  async finish(): Promise<void> {
    try {
      while (this.#writing && this.#failure === undefined) {
        const left = this.#pieces.length;
        let timer: NodeJS.Timeout | undefined;
        let late = false;
        await new Promise<void>((resolve) => {
          this.#waiting.push(resolve);
          timer = setTimeout(() => {
            late = true;
            resolve();
          }, patience);
        });
        clearTimeout(timer);
        if (late && this.#writing && this.#pieces.length === left) {
          this.#failure ??= new Error(`nobody has read from this pipe for ${patience / 1000} s`);
        }
      }
      if (this.#failure !== undefined) throw this.#failure;
    } finally {
      this.discard();
    }
    await once(this.#socket, 'close');
  }

  /** Closes it, whatever was not read. */
  discard(): void {
    this.#pieces.length = 0;
    this.#socket.destroy();
  }

  #next(): void {
    if (this.#writing) return;
    const bytes = this.#pieces.shift();
    if (bytes === undefined) return;
    this.#writing = true;
    // The system takes a piece when there is room for it: so much was read by then.
    this.#socket.write(bytes, (error) => {
      this.#writing = false;
      if (error) return this.#fail(error);
      this.#next();
      this.#wake();
    });
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#pieces.length = 0;
    this.#wake();
  }

  readonly #wake = (): void => {
    for (const wake of this.#waiting.splice(0)) wake();
  };
}
