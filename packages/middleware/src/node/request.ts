/** From Node's request to the one the cache judges. */
import type { PageRequest } from '@pagetree/core';
import type { Request } from './types.ts';

/**
 * The request as the client sent it. The target must be the raw one (RFC 9112, 3.2): inside a mounted Express
 * application `url` has lost its prefix, and two pages would share a key.
 */
export function pageRequest(req: Request): PageRequest {
  const target = typeof req.originalUrl === 'string' ? req.originalUrl : req.url;
  return { method: req.method ?? '', target: target ?? '', headers: req.headers };
}
