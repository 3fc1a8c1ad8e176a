/** The shapes of Node's requests and responses that the shell relies on: no framework is named. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fields } from '../answer/plan.ts';

/** A request of `node:http`, or of a framework that extends it. */
export type Request = IncomingMessage & {
  /** What Express, Connect and Polka keep when they rewrite `url` for a mounted handler. */
  readonly originalUrl?: string;
};

/** A response of `node:http`, or of a framework that extends it. */
export type Response = ServerResponse;

/** Passes the request on to the application. */
export type Next = (error?: unknown) => void;

/** Takes an error of our own: the visitor must not notice it, the owner of the site should. */
export type Report = (error: unknown) => void;

/**
 * Writes the answer of a hit, once nothing can keep it from being sent any more. Frameworks that have a way of their own
 * to answer bring theirs. The page stays open until it resolves.
 *
 * @param body what follows the head: bytes, pieces of a large page, or nothing.
 * @param flat the same fields and our `Cache-Status` as one list, where somebody has it ready.
 */
export type Reply = (
  res: Response,
  status: number,
  fields: Fields,
  body: Buffer | AsyncIterable<Buffer> | undefined,
  flat?: readonly string[],
) => void | Promise<void>;
