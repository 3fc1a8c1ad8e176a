/** One request and its answer, in the same form over HTTP/1 and HTTP/2. */
import { parse } from '../support/wire.ts';
import type { Adapter } from './adapter.ts';
import { type Asking, clientOf } from './client.ts';

/** An answer, without what belongs to the connection or to the moment. */
export interface Answered {
  readonly status: number;
  /** By lower-case name. */
  readonly fields: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Fields of the connection, of the moment, and of frameworks that praise themselves. */
const passing = /^(?:connection|keep-alive|transfer-encoding|date|x-powered-by|:status)$/;

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

/** The answer on a connection of HTTP/1. */
export function answerOfBytes(bytes: Buffer, method: string): Answered {
  const { status, headers, body } = parse(bytes, method);
  return { status, fields: headers, body };
}
