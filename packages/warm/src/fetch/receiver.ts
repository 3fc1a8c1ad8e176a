/** Receives one response. Cheaper than a stream, and a page that came with its head is read without waiting. */
import type { HeaderMap } from '@pagetree/core';
import type { Dispatcher } from 'undici';

/** Bytes that wait to be read before the connection pauses. */
const most = 64 * 1024;

/** The head of a response, and its body as it comes. */
export interface Received {
  readonly status: number;
  readonly headers: HeaderMap;
  readonly body: ReceivedBody;
  /** Filled when the body has ended. */
  readonly trailers: Readonly<Record<string, string>>;
}

/** What undici tells of a response. */
export class Receiver implements Dispatcher.DispatchHandler {
  readonly head: Promise<Received>;
  readonly #trailers: Record<string, string> = {};
  #resolve!: (received: Received) => void;
  #reject!: (error: Error) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #body: ReceivedBody | undefined;
  #aborted: Error | undefined;

  constructor() {
    this.head = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Ends the request; whoever waits for it, or reads its body, gets the reason. */
  abort(reason: Error): void {
    if (this.#aborted !== undefined) return;
    this.#aborted = reason;
    this.#reject(reason);
    this.#body?.fail(reason);
    this.#controller?.abort(reason);
  }

  /** Gives the connection back, which takes its end when the body was not read. */
  finish(): void {
    this.#body?.destroy();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#aborted !== undefined) controller.abort(this.#aborted);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: object): void {
    // Of more than one head the last is the answer (RFC 9110, 15.2).
    if (status < 200) return;
    this.#body = new ReceivedBody(controller);
    this.#resolve({ status, headers: headers as HeaderMap, body: this.#body, trailers: this.#trailers });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#body?.push(chunk);
  }

  onResponseEnd(_controller: Dispatcher.DispatchController, trailers: object): void {
    Object.assign(this.#trailers, trailers);
    this.#body?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(error);
    this.#body?.fail(error);
  }
}

/** The bytes of one response, to be read once. Who stops reading before the end closes the connection. */
export class ReceivedBody implements AsyncIterableIterator<Uint8Array> {
  readonly #controller: Dispatcher.DispatchController;
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  #end: { readonly error: Error | undefined } | undefined;
  #wake = () => {};

  constructor(controller: Dispatcher.DispatchController) {
    this.#controller = controller;
  }

  push(chunk: Uint8Array): void {
    if (this.#end !== undefined) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes >= most) this.#controller.pause();
    this.#wake();
  }

  end(): void {
    this.#end ??= { error: undefined };
    this.#wake();
  }

  fail(error: Error): void {
    this.#end ??= { error };
    this.#wake();
  }

  destroy(): void {
    const isOver = this.#end !== undefined;
    this.#chunks.length = 0;
    this.end();
    if (!isOver) this.#controller.abort(new Error('the body is not wanted'));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const value = this.#chunks.shift();
      if (value !== undefined) {
        this.#bytes -= value.length;
        if (this.#bytes < most) this.#controller.resume();
        return { done: false, value };
      }
      if (this.#end?.error !== undefined) throw this.#end.error;
      if (this.#end !== undefined) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.destroy();
    return { done: true, value: undefined };
  }
}
