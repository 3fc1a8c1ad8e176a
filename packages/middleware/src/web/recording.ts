/** What is known of one response while its body comes, and whether it may still become a page. */
import { isUint8Array } from 'node:util/types';
import type { Fill, Reason, ResponseHead } from '@pagetree/core';
import { overtaken } from '../answer/overtaken.ts';
import type { Taker } from './relay.ts';
import type { Objection } from './types.ts';

/** What a recording needs to know beside the body. */
export interface RecordingOptions {
  /** The head as it was judged. */
  readonly judged: ResponseHead;
  /** The body is a string, or bytes, unless it comes in pieces. */
  readonly isBytes: boolean;
  /** Whether the client has left, as far as the application can know. */
  readonly hasLeft: () => boolean;
  /** Why the page may not be stored after all. */
  readonly objection: () => Objection | undefined;
  /** The head as it was sent; `undefined` where nobody can tell. */
  readonly sent: Promise<ResponseHead> | undefined;
  /** How long, in milliseconds, the head may take to be sent, and the body when the client has left. */
  readonly patience: number;
}

/**
 * From the first byte of one body to the end of its fill. A stream says clearly when it has ended, but an application that
 * learns from `request.signal` that the client left may end it half-way. Then a body counts as whole only with a
 * proof: it is as long as `Content-Length` says, or it comes in one piece.
 */
export class Recording implements Taker {
  readonly #fill: Fill;
  readonly #options: RecordingOptions;
  readonly #hasLength: boolean;
  #open = true;
  #chunks = 0;
  #inPieces = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(fill: Fill, options: RecordingOptions) {
    this.#fill = fill;
    this.#options = options;
    void options.sent?.catch(() => {});
    this.#hasLength = options.judged.headers['content-length'] !== undefined;
  }

  get open(): boolean {
    return this.#open;
  }

  /** The client gets the body from now on, whether all of it is there or not. */
  goesInPieces(): void {
    this.#inPieces = true;
  }

  goesOn(giveUp: () => void): boolean {
    if (!this.#open || !this.#hasLength) return false;
    this.#timer ??= setTimeout(giveUp, this.#options.patience).unref();
    return true;
  }

  write(chunk: unknown): void {
    if (!this.#open) return;
    if (!isUint8Array(chunk)) {
      this.drop('unfinished', 'a chunk that is not bytes');
      return;
    }
    if (chunk.length === 0) return;
    this.#chunks += 1;
    // Whoever takes the chunk after us may hand its memory on.
    this.#fill.write(Buffer.from(chunk));
  }

  end(): void {
    if (!this.#open) return;
    const { isBytes, hasLeft, sent, patience } = this.#options;
    const isOnePiece = isBytes && this.#chunks === 1 && !this.#inPieces;
    if (!isOnePiece && !this.#hasLength && hasLeft()) {
      this.drop('unfinished', 'the client left');
      return;
    }
    clearTimeout(this.#timer);
    if (sent === undefined) {
      this.#commit(undefined);
      return;
    }
    this.#timer = setTimeout(() => this.drop('unfinished', 'the head was not sent'), patience).unref();
    void sent.then(
      (head) => this.#commit(head),
      () => this.drop('unfinished', 'internal error'),
    );
  }

  fail(detail: string): void {
    this.drop('unfinished', detail);
  }

  /** Gives the page up. */
  drop(reason: Reason, detail?: string): void {
    if (!this.#open) return;
    this.close();
    void this.#fill.abort(reason, detail);
  }

  /** The fill has ended by itself: nothing is to be stored any more. */
  close(): void {
    this.#open = false;
    clearTimeout(this.#timer);
  }

  #commit(sent: ResponseHead | undefined): void {
    if (!this.#open) return;
    const { judged, objection } = this.#options;
    const reason = sent && overtaken(judged, sent);
    const objected = objection();
    if (reason) this.drop(reason, 'added above the cache');
    else if (objected) this.drop(objected.reason, objected.detail);
    else {
      this.close();
      if (sent) this.#fill.tag(sent.headers);
      void this.#fill.commit();
    }
  }
}
