/** Reads the body of a response for two: the client, and the page that is being stored. */
import { isUint8Array } from 'node:util/types';

/** Bytes that were read ahead of slow clients, all responses of a shell together. */
export interface Lead {
  bytes: number;
  readonly limit: number;
}

/** What is to become the page. */
export interface Taker {
  /** The page may still be stored. */
  readonly open: boolean;
  /** The client has left. Whether the page needs the rest all the same; if so, `giveUp` may be called later. */
  goesOn(giveUp: () => void): boolean;
  write(chunk: unknown): void;
  /** The body ended cleanly. */
  end(): void;
  /** The body failed, or nobody reads it any more. */
  fail(detail: string): void;
}

/** What became of the source. */
type Ending = { readonly kind: 'end' } | { readonly kind: 'error'; readonly error: unknown };

/**
 * A body on its way. The source is read as fast as it gives: a slow client does not hold the page up, nor the permission to
 * store it. Beyond the lead, and when there is no page to store any more, it is read at the client's pace, as
 * without us. What failed, fails for the client behind everything that came before it.
 */
export class Relay {
  /** Resolves when the source has ended, failed, or was cancelled. */
  readonly ended: Promise<void>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #taker: Taker;
  readonly #lead: Lead;
  readonly #queue: Uint8Array[] = [];
  #ending: Ending | undefined;
  #left: { readonly reason: unknown } | undefined;
  #asks = false;
  /** Wakes the reading of the source, or the client's. */
  #wake: () => void = () => {};
  #arrive: () => void = () => {};

  constructor(source: ReadableStream<Uint8Array>, taker: Taker, lead: Lead) {
    this.#reader = source.getReader();
    this.#taker = taker;
    this.#lead = lead;
    this.ended = this.#run();
  }

  /** All of the body is there, and the client has taken nothing yet. */
  get isWhole(): boolean {
    return this.#ending?.kind === 'end';
  }

  /** Gives the whole body away. */
  take(): Uint8Array[] {
    const chunks = this.#queue.splice(0);
    for (const chunk of chunks) this.#lead.bytes -= sizeOf(chunk);
    return chunks;
  }

  /** The client reads: the next chunk, or how it ended. */
  async next(): Promise<{ readonly kind: 'chunk'; readonly chunk: Uint8Array } | Ending> {
    while (this.#queue.length === 0 && this.#ending === undefined) {
      this.#asks = true;
      this.#wake();
      await new Promise<void>((resolve) => {
        this.#arrive = resolve;
      });
    }
    this.#asks = false;
    const chunk = this.#queue.shift();
    if (chunk === undefined) return this.#ending!;
    this.#lead.bytes -= sizeOf(chunk);
    return { kind: 'chunk', chunk };
  }

  /**
   * The client has left. What is not needed for the page is cancelled with the client's reason.
   *
   * @returns what the source answers to that.
   */
  async leave(reason: unknown): Promise<void> {
    if (this.#left !== undefined) return;
    this.#left = { reason };
    this.take();
    if (this.#ending) return;
    if (this.#taker.goesOn(() => void this.#stop().catch(() => {}))) this.#wake();
    else await this.#stop();
  }

  async #stop(): Promise<void> {
    if (this.#ending) return;
    const reason = this.#left?.reason;
    this.#ending = { kind: 'error', error: reason };
    this.#taker.fail('the client left');
    this.#wake();
    await this.#reader.cancel(reason);
  }

  async #run(): Promise<void> {
    try {
      for (;;) {
        while (!this.#mayRead()) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
        if (this.#ending) return;
        const { done, value } = await this.#reader.read();
        // A cancelled source reads like one that has ended.
        if (this.#ending) return;
        if (done) break;
        this.#taker.write(value);
        if (this.#left !== undefined) {
          if (!this.#taker.open) await this.#stop();
          continue;
        }
        this.#queue.push(value);
        this.#lead.bytes += sizeOf(value);
        this.#arrive();
      }
      this.#ending = { kind: 'end' };
      this.#taker.end();
    } catch (error) {
      this.#ending ??= { kind: 'error', error };
      this.#taker.fail('the body failed');
    }
    this.#arrive();
  }

  #mayRead(): boolean {
    if (this.#ending || this.#left !== undefined || (this.#asks && this.#queue.length === 0)) return true;
    return this.#taker.open && this.#lead.bytes < this.#lead.limit;
  }
}

/** The stream that the client gets. It is read from the moment on that somebody asks. */
export function streamOf(relay: Relay, onRead: () => void): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        onRead();
        const next = await relay.next();
        if (next.kind === 'chunk') controller.enqueue(next.chunk);
        else if (next.kind === 'end') controller.close();
        else throw next.error;
      },
      cancel(reason) {
        onRead();
        return relay.leave(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** A stream of chunks that are all there. */
export function streamOfAll(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

/** Applications enqueue what they like; what is no bytes is the server's to judge. */
function sizeOf(chunk: unknown): number {
  return isUint8Array(chunk) ? chunk.byteLength : 0;
}
