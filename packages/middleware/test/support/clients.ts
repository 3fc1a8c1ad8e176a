/** Clients of HTTP/2 and of TLS that tell all they saw of a response. */
import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import { cert } from '../../../warm/test/support/certificate.ts';

/** What a client saw of a response. */
export interface Seen {
  readonly status: unknown;
  readonly headers: Record<string, unknown>;
  readonly body: string;
  readonly trailers: Record<string, unknown>;
  /** How the stream ended badly. */
  readonly error: string | undefined;
}

export interface Ask {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
}

export type Client = (port: number, ask: Ask) => Promise<Seen>;

/** HTTP/2, over TLS or not. */
export function http2Client(scheme: 'http' | 'https'): Client {
  return async (port, { path = '/page', method = 'GET', headers = {} }) => {
    const session: ClientHttp2Session = connect(`${scheme}://localhost:${port}`, { ca: cert });
    try {
      const stream = session.request({ ':path': path, ':method': method, ...headers });
      stream.end();
      let head: Record<string, unknown> = {};
      let trailers = {};
      let body = '';
      let error: string | undefined;
      stream.on('response', (fields) => {
        head = { ...fields };
      });
      stream.on('trailers', (fields) => {
        trailers = { ...fields };
      });
      stream.on('data', (chunk: Buffer) => {
        body += chunk;
      });
      stream.on('error', (thrown: NodeJS.ErrnoException) => {
        error = thrown.code;
      });
      await once(stream, 'close').catch(() => {});
      const { ':status': status, ...others } = head;
      return { status, headers: others, body, trailers, error };
    } finally {
      session.destroy();
    }
  };
}

/** HTTP/1.1 over TLS. */
export const http1Client: Client = (port, { path = '/page', method = 'GET', headers = {} }) =>
  new Promise((resolve, reject) => {
    const options: RequestOptions & ConnectionOptions = {
      host: 'localhost',
      port,
      path,
      method,
      headers,
      ca: cert,
      agent: false,
      ALPNProtocols: ['http/1.1'],
    };
    const asked = httpsRequest(options, (res) => {
      let body = '';
      let error: string | undefined;
      res.on('data', (chunk: Buffer) => {
        body += chunk;
      });
      res.on('error', (thrown: NodeJS.ErrnoException) => {
        error = thrown.code;
      });
      res.on('close', () =>
        resolve({
          status: res.statusCode,
          headers: { ...res.headers },
          body,
          trailers: { ...res.trailers },
          error,
        }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
