/** From Node's request to the one the cache judges. */
import type { TLSSocket } from 'node:tls';
import type { HeaderMap, PageRequest } from '@pagetree/core';
import type { Request } from './types.ts';

/**
 * The request as the client sent it. The target must be the raw one (RFC 9112, 3.2): inside a mounted Express
 * application `url` has lost its prefix, and two pages would share a key.
 */
export function pageRequest(req: Request): PageRequest {
  const target = typeof req.originalUrl === 'string' ? req.originalUrl : req.url;
  return { method: req.method ?? '', target: target ?? '', headers: withCertificate(req.headers, req) };
}

/**
 * The fields, with `Client-Cert` (RFC 9440) where the client has shown a TLS certificate, as a proxy that ends TLS would say
 * it: who has one is somebody to the application, and the page is private. Its value is not needed.
 */
export function withCertificate(headers: HeaderMap, req: Request): HeaderMap {
  return isIdentified(req) ? { ...headers, 'client-cert': '' } : headers;
}

/**
 * Whether the connection says who the client is. Without TLS, and where the server asks for no certificate, nobody is
 * `authorized` and there is no error, so that most hits pay for two properties. Node calls every resumed session of TLS 1.3
 * `authorized`: what an application may believe counts. Of a connection that is gone nothing can be told any more.
 */
function isIdentified(req: Request): boolean {
  // Harnesses of tests may have none.
  const socket = req.socket as TLSSocket | undefined;
  // A stream of HTTP/2 that is gone has lost its connection.
  if (req.httpVersionMajor === 2 && socket?.destroyed) return true;
  if (socket?.authorized) return true;
  if (!socket?.authorizationError) return false;
  return socket.destroyed || socket.getPeerX509Certificate() !== undefined;
}
