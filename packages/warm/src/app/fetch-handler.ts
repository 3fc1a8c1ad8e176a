import type { RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';

/** An application in the terms of the Fetch standard. */
export type FetchHandler = (request: Request) => Response | PromiseLike<Response>;

/** Lets a fetch handler answer the requests of an HTTP server. */
export function listenerOf(handle: FetchHandler): RequestListener {
  return async (request, response) => {
    try {
      const headers = Object.entries(request.headers).flatMap(([name, value]) =>
        [value ?? []].flat().map((one): [string, string] => [name, one]),
      );
      const url = `http://${request.headers.host ?? 'localhost'}${request.url}`;
      const answer = await handle(new Request(url, { method: request.method ?? 'GET', headers }));
      response.statusCode = answer.status;
      for (const [name, value] of answer.headers) response.appendHeader(name, value);
      if (answer.body === null) response.end();
      else await pipeline(Readable.fromWeb(answer.body as ReadableStream), response);
    } catch {
      failed(response);
    }
  };
}

/** A request listener that may throw or reject: that is the failure of one page, not of the whole run. */
export function guarded(listener: RequestListener): RequestListener {
  return async (request, response) => {
    try {
      await (listener(request, response) as unknown);
    } catch {
      failed(response);
    }
  };
}

/** What a server does with an application that fails: 500, or a response that breaks off. One that has ended is whole. */
function failed(response: ServerResponse): void {
  if (response.writableEnded) return;
  if (response.headersSent) return void response.destroy();
  // They are of a body that does not come: with its length, somebody would wait for it.
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.writeHead(500).end();
}
