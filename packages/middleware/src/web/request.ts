/** From a request of the Fetch standard to the one the cache judges. */
import type { IncomingMessage } from 'node:http';
import { type HeaderMap, type PageRequest, parseTarget } from '@pagetree/core';
import { pageRequest as nodeRequest, withCertificate } from '../node/request.ts';
import { parsedFields } from './light.ts';

const httpUrl = /^https?:\/\/([^/?#]*)(.*)$/s;

/**
 * The request as the application sees it. Its URL went through the URL standard: dot segments are resolved, `\` became
 * `/`, tabs are gone. An application that knows nothing else answers all spellings alike, so the key comes from
 * the URL. Where the raw target is known too, it must be the same: an application may look at either.
 *
 * The host of the URL counts as one more name that the application may put into links, beside `Host` and what proxies
 * say: servers take it from an absolute target, from a proxy, or from their configuration.
 */
export function pageRequest(request: Request, incoming: IncomingMessage | undefined): PageRequest {
  const { url, method } = request;
  const [, authority, path] = httpUrl.exec(url) ?? [];
  const parsed = incoming && parsedFields(request.headers, incoming);
  const headers: HeaderMap = parsed ?? Object.fromEntries(request.headers);
  const known = incoming ? withCertificate(headers, incoming) : headers;
  return { method, target: targetOf(url, path, incoming), headers: withHost(known, authority) };
}

/** The fields, with the host of the URL where it says something that they do not. */
function withHost(headers: HeaderMap, authority: string | undefined): HeaderMap {
  const { host, 'x-forwarded-host': others } = headers;
  if (authority === undefined || host === authority) return headers;
  if (host === undefined) return { ...headers, host: authority };
  if (String(host).toLowerCase() === authority.toLowerCase()) return headers;
  return { ...headers, 'x-forwarded-host': others === undefined ? authority : `${others}, ${authority}` };
}

/** The target, or one that has no key and leads to the best reason why. */
function targetOf(url: string, path: string | undefined, incoming: IncomingMessage | undefined): string {
  if (path === undefined) return url;
  const raw = incoming?.url;
  if (incoming === undefined || raw === undefined) return path;
  if (raw === path) return nodeRequest(incoming).target;
  // The URL standard rewrote the target, or somebody between the server and us put another one in its place.
  return parseTarget(raw).kind === 'bypass' ? raw : url;
}
