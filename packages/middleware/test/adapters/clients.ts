/** Makes the client of an adapter, and asks once with it. */
import type { Adapter } from './adapter.ts';
import type { Answered, Asking, Client } from './client.ts';
import { Http1 } from './http1.ts';
import { Http2 } from './http2.ts';

export function clientOf(adapter: Adapter, port: number, path: string): Client {
  return adapter.protocol === 'HTTP/1' ? new Http1(adapter, port, path) : new Http2(adapter, port, path);
}

/** Fields of the connection, of the moment, and of frameworks that praise themselves. */
const passing = /^(?:connection|keep-alive|transfer-encoding|date|x-powered-by|:status)$/;

/** One request on a connection of its own: the answer without what belongs to the connection or to the moment. */
export async function answerOf(adapter: Adapter, port: number, asking: Asking): Promise<Answered> {
  const client = clientOf(adapter, port, '/');
  try {
    const opened = client.open(asking);
    await opened.done();
    const { status, fields, body } = opened.answer();
    const kept = Object.entries(fields).filter(([name]) => !passing.test(name));
    return { status, fields: Object.fromEntries(kept), body };
  } finally {
    client.close();
  }
}
