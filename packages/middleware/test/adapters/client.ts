/** What clients of the suite can do, over HTTP/1 and HTTP/2. */
import type { Duplex } from 'node:stream';
import type { Line } from '../support/wire.ts';

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
  /** Requests that come at the same moment: all connections are there before the first of them is sent. */
  openAtOnce(askings: readonly Asking[]): Promise<Opened[]>;
  /** A connection to write on by hand; HTTP/1 alone. */
  line(): Line;
  /** What came, request by request, as it can be compared with another run. */
  heard(): unknown[];
  /** Ends what is still open. */
  close(): void;
}

/** An answer. */
export interface Answered {
  readonly status: number;
  /** By lower-case name. */
  readonly fields: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Stops reading again and again: ten megabytes take ten rests. */
export function slowly(source: Duplex): void {
  let taken = 0;
  source.on('data', (chunk: Buffer) => {
    taken += chunk.length;
    if (taken < 1 << 20) return;
    taken = 0;
    source.pause();
    setTimeout(() => source.resume(), 5);
  });
}
