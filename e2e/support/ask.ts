/** One request exactly as written: `fetch` has ideas of its own about paths, hosts and encodings. */
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface Asking {
  readonly method?: string;
  readonly headers?: Record<string, string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly type: string | undefined;
  readonly cacheStatus: string | undefined;
  readonly body: Buffer;
}

export async function ask(
  origin: string,
  path: string,
  { method = 'GET', headers = {} }: Asking = {},
): Promise<Answer> {
  const { hostname, port } = new URL(origin);
  const asked = request({ hostname, port, path, method, headers, agent: false }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const body = await buffer(response);
  return {
    status: response.statusCode!,
    headers: response.headers,
    type: response.headers['content-type'],
    cacheStatus: response.headers['cache-status'] as string | undefined,
    body,
  };
}
