/** The purge endpoint for Node's requests, and for those of the web. */
import { noStore } from '../node/no-store.ts';
import type { Request as NodeRequest, Response as NodeResponse } from '../node/types.ts';
import { createEndpoint, LARGEST_BODY, type PurgeBody, type PurgeEndpoint } from './endpoint.ts';
import type { PurgeHandlerOptions } from './options.ts';
import { readBody } from './read-body.ts';

/** Answers purge requests, as a listener of `node:http` and a handler of Express, Connect and Polka. */
export interface PurgeHandler {
  (req: NodeRequest, res: NodeResponse): void;
  /** The same for whoever has a `Request`: `app.post('/purge', (c) => purge.fetch(c.req.raw))`. */
  fetch(request: Request): Promise<Response>;
}

/**
 * An endpoint that purges. There is none unless you mount it:
 *
 *     curl -X POST -H "Authorization: Bearer $PURGE_TOKEN" -H 'Content-Type: application/json' \
 *       -d '{"path": "/blog", "recursive": true}' https://example.org/purge
 *
 * The body is a scope of `cache.purge` (`path` with or without `recursive`, `glob`, `tag`, `olderThan` in seconds, or `all`), or
 * `{"scopes": [...]}`; `"dryRun": true` only counts, `"list": true` names up to a thousand paths of each scope. The
 * answer says what was removed: 200 when all of it is gone. Else 422 (a scope that names no page; the others are
 * purged), 500 (something could not be removed), 401, 405, 413, 415, 400 or 429, with the reason as JSON.
 *
 * It trusts whoever shows the token, and it knows nothing of TLS: serve it over https or inside your network.
 *
 * @throws PagetreeError ERR_PAGETREE_OPTION without a token of at least 32 characters.
 * @example
 * app.post('/purge', purgeHandler({ token: process.env.PURGE_TOKEN, cache: pages.cache }));
 */
export function purgeHandler(options: PurgeHandlerOptions): PurgeHandler {
  const endpoint = createEndpoint(options);
  return Object.assign((req: NodeRequest, res: NodeResponse) => void answerNode(endpoint, req, res), {
    fetch: (request: Request) => answerWeb(endpoint, request),
  });
}

async function answerNode(endpoint: PurgeEndpoint, req: NodeRequest, res: NodeResponse): Promise<void> {
  const { status, headers, body } = await endpoint({
    method: req.method ?? '',
    field: (name) => textOf(req.headers[name]),
    body: () => readBody(req, (req as { body?: unknown }).body),
  });
  if (res.headersSent || res.destroyed) return;
  noStore(res);
  res.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) }).end(body);
}

async function answerWeb(endpoint: PurgeEndpoint, request: Request): Promise<Response> {
  const { status, headers, body } = await endpoint({
    method: request.method,
    field: (name) => request.headers.get(name) ?? undefined,
    body: () => readWebBody(request),
  });
  return new Response(body, { status, headers });
}

async function readWebBody(request: Request): Promise<PurgeBody> {
  if (request.bodyUsed) return { kind: 'taken' };
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > LARGEST_BODY) return { kind: 'too-large' };
      chunks.push(chunk);
    }
  } catch {
    return { kind: 'broken' };
  }
  return { kind: 'bytes', bytes: Buffer.concat(chunks) };
}

function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.join(', ');
}
