/** A bridge from `node:http` to a handler of the Fetch standard, as small as servers for them get. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

/** What the bridge tells a handler beside the request. */
export interface NodeSides {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

type Handler = (request: Request, sides: NodeSides) => Response | Promise<Response>;

/** Calls a handler for each request. What can't be a `Request` is answered with 400, what the handler throws with 500. */
export function bridge(handler: Handler): RequestListener {
  return (req, res) => void answer(handler, req, res);
}

async function answer(handler: Handler, req: IncomingMessage, res: ServerResponse): Promise<void> {
  let request: Request;
  try {
    request = requestOf(req, res);
  } catch {
    res.writeHead(400).end();
    return;
  }
  try {
    await send(await handler(request, { incoming: req, outgoing: res }), res);
  } catch {
    if (res.headersSent) res.destroy();
    else res.writeHead(500).end('Internal Server Error');
  }
}

function requestOf(req: IncomingMessage, res: ServerResponse): Request {
  const left = new AbortController();
  res.on('close', () => left.abort());
  const method = req.method ?? 'GET';
  const url = req.url ?? '/';
  const headers = new Headers();
  for (let at = 0; at < req.rawHeaders.length; at += 2) {
    headers.append(req.rawHeaders[at]!, req.rawHeaders[at + 1]!);
  }
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(url.startsWith('/') ? `http://${req.headers.host}${url}` : url, {
    method,
    headers,
    signal: left.signal,
    ...(hasBody ? { body: Readable.toWeb(req) as ReadableStream, duplex: 'half' } : {}),
  } as RequestInit);
}

async function send(response: Response, res: ServerResponse): Promise<void> {
  const fields: string[] = [];
  for (const [name, value] of response.headers) fields.push(name, value);
  res.writeHead(response.status, response.statusText || undefined, fields);
  if (response.body === null || res.req.method === 'HEAD') {
    await response.body?.cancel();
    res.end();
    return;
  }
  res.flushHeaders();
  const reader = response.body.getReader();
  res.on('close', () => void reader.cancel().catch(() => {}));
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (!res.write(value)) await drained(res);
  }
  res.end();
}

/** Waits until more may be written, or nobody is there to read it. */
function drained(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      res.off('drain', done).off('close', done);
      resolve();
    };
    res.on('drain', done).on('close', done);
  });
}
