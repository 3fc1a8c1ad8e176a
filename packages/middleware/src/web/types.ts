/** The shapes that the web shell relies on. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ResponseHead } from '@pagetree/core';
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

/** One request on its way through the shell. */
export interface Exchange {
  readonly request: Request;
  readonly node: NodeSide;
  /** Asks the application. What is no `Response` goes back as it is. */
  readonly next: () => Response | Promise<Response>;
  /** Makes the response of a hit, beside what middleware above has set already. */
  readonly respond: (status: number, fields: Fields, body: HitBody) => Response;
  /** Why this response may not be stored, where the framework knows better; asked at its head and at its end. */
  readonly objection?: (() => string | undefined) | undefined;
  /**
   * The head with what middleware above the cache added to it, for frameworks that keep it in sight. It is asked when
   * somebody reads the body, which is when all of them had their turn.
   */
  readonly final?: (() => ResponseHead) | undefined;
}
