/** What is known of one response while it is made, and whether it may still become a page. */
import type { Fill, Reason, ResponseHead, Ticket } from '@pagetree/core';
import { overtaken } from '../answer/overtaken.ts';
import type { Handling } from '../cache-status.ts';
import { isNoStore } from './no-store.ts';
import type { Response } from './types.ts';

/** A ticket that tells at once why it said no. */
type Refusing = Ticket & { readonly refused?: Reason | undefined };

/** How long, in milliseconds, an application may rest in the middle of a page whose client has left. */
const REST = 1000;

/**
 * From the head to the end of one response. A page must be whole (RFC 9111, 3.3), and `end()` says so as long
 * as the client is there. Once it has left, applications stop half-way and call `end()` to clean up. Then a
 * body counts as whole only with a proof: it is as long as `Content-Length` says, or it comes in one piece.
 */
export class Recording {
  readonly #ticket: Refusing;
  readonly #patience: number;
  #handling: Handling | undefined;
  #head: ResponseHead | undefined;
  #fill: Fill | undefined;
  #ended = false;
  #waits = false;
  #sent = false;
  /** The head was judged before anybody tried to send it. */
  #isEarly = false;
  #left = false;
  #hasLength = false;
  #hasBody = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(ticket: Refusing, patience: number) {
    this.#ticket = ticket;
    this.#patience = patience;
    // A page that is given up below us, as one that takes too long, is not copied any further.
    void ticket.outcome.then(() => this.#stop());
  }

  /** The application has ended the response, or it can't be stored any more. */
  get ended(): boolean {
    return this.#ended || this.#waits;
  }

  /** The application has ended the response, and its head is not on its way yet. */
  get waits(): boolean {
    return this.#waits && !this.#ended;
  }

  /** Judges a head that nobody has tried to send yet: it counts until then. */
  judgeEarly(res: Response, head: ResponseHead): void {
    if (this.#handling) return;
    this.judge(res, head);
    this.#isEarly = true;
  }

  /** Asks once whether the response may be stored. A second head is one that Node refused to send at first. */
  judge(res: Response, head: ResponseHead): Handling {
    const isFirst = this.#isEarly;
    this.#isEarly = false;
    if (this.#handling?.kind === 'stored' && !isFirst) {
      this.drop('unfinished', 'the head could not be sent');
      this.#handling = { kind: 'miss', reason: 'unfinished' };
    }
    if (isNoStore(res)) this.drop('should-store', 'noStore(res)');
    if (this.#handling) return this.#handling;
    this.#head = head;
    this.#hasLength = head.headers['content-length'] !== undefined;
    this.#fill = this.#ticket.begin(head);
    this.#handling = this.#fill ? { kind: 'stored' } : { kind: 'miss', reason: this.#ticket.refused };
    if (this.#fill && this.#timer) this.#wait(REST);
    return this.#handling;
  }

  /** The head is on its way, with what others added to it: asked for once. */
  sent(head: () => ResponseHead): void {
    if (this.#sent) return;
    this.#sent = true;
    if (!this.#fill || this.#ended) return;
    const sent = head();
    const reason = this.#head && overtaken(this.#head, sent);
    if (reason) {
      this.drop(reason, 'added above the cache');
      return;
    }
    this.#fill.tag(sent.headers);
    if (this.#waits) this.#commit();
  }

  /** Takes what the application wrote. */
  write(chunk: unknown, encoding: unknown, left: boolean): void {
    this.#left ||= left;
    if (this.#left && !this.#hasLength) this.drop('unfinished', 'the client left');
    this.#take(chunk, encoding);
    if (this.#timer && !this.#ended) this.#wait(REST);
  }

  /** The application has ended the response. Without a client no head is sent; else it must be before the page is stored. */
  end(chunk: unknown, encoding: unknown, left: boolean): void {
    if (this.ended) return;
    this.#left ||= left;
    if (this.#left && this.#hasBody && !this.#hasLength) {
      this.drop('unfinished', 'the client left');
      return;
    }
    if (typeof chunk !== 'function') this.#take(chunk, encoding);
    if (!this.#fill || this.#sent || this.#left) {
      this.#commit();
      return;
    }
    this.#waits = true;
    clearTimeout(this.#timer);
    const give = (): void => this.drop('unfinished', 'the head was not sent');
    this.#timer = setTimeout(give, this.#patience).unref();
  }

  /**
   * The connection is closed, or the response was destroyed, before the application ended it.
   *
   * @param goesOn whether the application may be expected to finish the page all the same.
   */
  clientLeft(goesOn: boolean): void {
    if (this.#waits) this.drop('unfinished', 'the client left');
    if (this.#ended || this.#timer) return;
    this.#left = true;
    const provable = this.#hasLength || !this.#hasBody;
    if (goesOn && provable && (this.#fill || !this.#handling)) {
      this.#wait(this.#fill ? REST : this.#patience);
    } else {
      this.drop('unfinished', 'the client left');
    }
  }

  /** Gives the page up. */
  drop(reason: Reason, detail?: string): void {
    if (this.#ended) return;
    this.#stop();
    if (this.#fill) void this.#fill.abort(reason, detail);
    else if (!this.#handling) this.#ticket.abandon(reason, detail);
    this.#handling ??= { kind: 'miss', reason };
  }

  #commit(): void {
    this.#stop();
    void this.#fill?.commit();
  }

  #take(chunk: unknown, encoding: unknown): void {
    if (!this.#fill || this.#ended) return;
    const bytes = bytesOf(chunk, encoding);
    if (bytes === undefined) return;
    this.#hasBody = true;
    this.#fill.write(bytes);
  }

  /** A stream that is piped into a response without a client stops without a word; others wait for its permission. */
  #wait(milliseconds: number): void {
    clearTimeout(this.#timer);
    const give = (): void => this.drop('unfinished', 'the client left');
    this.#timer = setTimeout(give, Math.min(milliseconds, this.#patience)).unref();
  }

  #stop(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }
}

/**
 * The bytes Node sends for a chunk. A buffer is copied: once it is sent the application may use it again, and the disk
 * may be slower than the client.
 */
function bytesOf(chunk: unknown, encoding: unknown): Buffer | undefined {
  if (typeof chunk === 'string') {
    return chunk === ''
      ? undefined
      : Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
  }
  return chunk instanceof Uint8Array && chunk.length > 0 ? Buffer.from(chunk) : undefined;
}
