/** The shapes that the web shell relies on. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Reason, ResponseHead } from '@pagetree/core';
import type { Fields } from '../answer/plan.ts';

/** What `node:http` has of a request that a handler of the Fetch standard answers, where the server tells. */
export interface NodeSide {
  /** Has the target as the client sent it: a `Request` has it as the URL standard rewrote it. */
  readonly incoming?: IncomingMessage | undefined;
  /** Where the response will be written: its head is looked at once more when it is sent. */
  readonly outgoing?: ServerResponse | undefined;
}

/** The body of the answer of a hit. */
export type HitBody = Buffer | ReadableStream<Uint8Array> | null;

/** Header fields as servers write them fastest: a record, which can't say a name twice. */
export type FieldRecord = Readonly<Record<string, string>>;

/** The answer of a hit, before it becomes a response. */
export interface Answer {
  readonly status: number;
  /** Without our `Cache-Status`. */
  readonly fields: Fields;
  readonly body: HitBody;
  /** The same fields and our `Cache-Status`; `undefined` when a name comes twice. */
  readonly record: FieldRecord | undefined;
}

/** Why a response may not be stored. */
export interface Objection {
  readonly reason: Reason;
  readonly detail: string;
}

/** One request on its way through the shell. */
export interface Exchange {
  readonly request: Request;
  readonly node: NodeSide;
  /** Asks the application. What is no `Response` goes back as it is. */
  readonly next: () => Response | Promise<Response>;
  /** Makes the response of a hit, beside what middleware above has set already. */
  readonly respond: (answer: Answer) => Response;
  /** Why this response may not be stored, where the framework knows better; asked at its head and at its end. */
  readonly objection?: (() => Objection | undefined) | undefined;
  /**
   * The head with what middleware above the cache added to it, for frameworks that keep it in sight. It is asked when
   * somebody reads the body, which is when all of them had their turn.
   */
  readonly final?: (() => ResponseHead) | undefined;
}
