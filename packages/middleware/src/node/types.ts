/** The shapes of Node's requests and responses that the shell relies on: no framework is named. */
import type { IncomingMessage, ServerResponse } from 'node:http';

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
