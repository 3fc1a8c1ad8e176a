/** What the suite asks of an adapter. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { PageCache } from '@pagetree/core';
import { type Answer, type Asked, html, type Stage } from './stage.ts';

/** What a case may need beyond a request and a response. */
export type Need =
  /** An application that has Node's own response in its hands. */
  | 'node response'
  /** What an application on Node's own response throws is answered, or reaches the process. */
  | 'errors on the node response'
  /** Middleware in the form of Connect. */
  | 'connect middleware'
  /** A client that writes HTTP/1 by hand. */
  | 'HTTP/1';

/** A site that runs. */
export interface Served {
  readonly server: Server;
  readonly stop: () => Promise<void>;
}

/** One way to take the cache into an application. */
export interface Adapter {
  readonly name: string;
  /** What clients speak. */
  readonly protocol: 'HTTP/1' | 'HTTP/2';
  readonly secure: boolean;
  /** What cases can't have here, and why. */
  readonly lacks: Readonly<Partial<Record<Need, string>>>;
  /** Cases whose outcome is another one with the cache, and why that must be so. */
  readonly differs?: Readonly<Record<string, string>>;
  /** Fields have neither an order nor a case where a `Headers` object was between. */
  readonly fieldsAreASet?: boolean;
  /** Makes the server, which does not listen yet. `undefined`: the same site without the cache. */
  readonly serve: (stage: Stage, cache: PageCache | undefined) => Promise<Served>;
}

/** What an application may know of a request of `node:http`. */
export function askedOf(req: IncomingMessage): Omit<Asked, 'run'> {
  return { method: req.method ?? '', url: req.url ?? '', fields: req.headers, body: () => text(req) };
}

/** Answers on Node's own response. What a case does with that by itself is thrown as it is, and where it is. */
export function answerOnNode(stage: Stage, req: IncomingMessage, res: ServerResponse): unknown {
  return stage.isOnNode ? stage.onNode(req, res) : answerByHand(stage, req, res);
}

/** Answers as people do it who have no framework. */
async function answerByHand(stage: Stage, req: IncomingMessage, res: ServerResponse): Promise<void> {
  let answer: Answer;
  try {
    answer = await stage.answer(askedOf(req));
  } catch {
    res.writeHead(500, { 'Content-Type': 'text/plain' }).end('Internal Server Error');
    return;
  }
  res.writeHead(answer.status ?? 200, answer.fields ?? html);
  await sendBody(answer.body, res);
}

/** Ends a response with a body; a body that fails takes the response with it. */
export async function sendBody(body: Answer['body'], res: ServerResponse): Promise<void> {
  if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) {
    res.end(body);
    return;
  }
  await pipeline(Readable.from(body), res).catch(() => {});
}

/** A body as a stream of Node. */
export function streamOf(body: AsyncGenerator<string | Buffer>): Readable {
  return Readable.from(body, { objectMode: false });
}
