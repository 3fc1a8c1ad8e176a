/**
 * When a request does not touch the cache. Each rule is one function; the first that finds something gives
 * the reason. A rule that is unsure bypasses: the application then answers as it would without a cache.
 */
import type { HeaderMap, PageRequest } from '../contracts.ts';
import { accepts } from './accept.ts';
import type { CookieRule } from './cookies.ts';
import { combined, single } from './fields.ts';
import { forwarded, hostOf, isHonestPort } from './hosts.ts';
import type { Reason } from './reasons.ts';
import {
  credentialHeaders,
  forwardedHostHeaders,
  forwardedSchemeHeaders,
  routingHeaderPrefixes,
  routingHeaders,
} from './routing-headers.ts';

/** What the rules must know beside the request. */
export interface RequestContext {
  /** The canonical path. */
  readonly key: string;
  /** The media type of its place. */
  readonly mediaType: string;
  /** The names of the site in lower case. `undefined`: any one host is trusted. */
  readonly hosts: ReadonlySet<string> | undefined;
  readonly isInside: (key: string) => boolean;
  readonly isExcluded: (key: string) => boolean;
  readonly areIgnorable: CookieRule;
}

/** One rule. `undefined`: it finds nothing. */
export type RequestRule = (request: PageRequest, context: RequestContext) => Reason | undefined;

/** RFC 9111, 4: a stored answer to GET answers GET and HEAD. */
function method({ method }: PageRequest): Reason | undefined {
  return method === 'GET' || method === 'HEAD' ? undefined : 'method';
}

function cachePaths(_request: PageRequest, context: RequestContext): Reason | undefined {
  if (!context.isInside(context.key)) return 'outside-cache-paths';
  return context.isExcluded(context.key) ? 'excluded-path' : undefined;
}

const beginsLikeRouting = new RegExp(`^(?:${routingHeaderPrefixes.join('|')})`);
const telling: ReadonlyMap<string, Reason> = new Map<string, Reason>([
  ...[...routingHeaders].map((name) => [name, 'routing-header'] as const),
  ...[...credentialHeaders].map((name) => [name, 'authorization'] as const),
]);

/** One pass over the names that the request has, which are fewer than the names that matter. */
function tellingHeaders({ headers }: PageRequest): Reason | undefined {
  let reason: Reason | undefined;
  for (const name in headers) {
    if (headers[name] === undefined) continue;
    const told = telling.get(name);
    if (told === 'authorization') return told;
    if (told !== undefined || beginsLikeRouting.test(name)) reason = 'routing-header';
  }
  return reason;
}

/** RFC 9110, 9.3.1: a body in a GET has no meaning, and yet some applications read it. */
function requestBody({ headers }: PageRequest): Reason | undefined {
  if (headers['transfer-encoding'] !== undefined) return 'request-body';
  const length = headers['content-length'];
  return length === undefined || single(length) === '0' ? undefined : 'request-body';
}

/** RFC 9110, 7.8. Without `Upgrade` a `Connection: upgrade` asks for nothing: many nginx configurations send it always. */
function upgrade({ headers }: PageRequest): Reason | undefined {
  return headers.upgrade === undefined || headers.upgrade === '' ? undefined : 'upgrade';
}

const connectionOptions = new Set([
  ...['close', 'keep-alive', 'proxy-connection', 'upgrade', 'http2-settings', 'te', 'trailer', ''],
]);

/**
 * RFC 9110, 7.6.1: a proxy removes the fields that `Connection` names. Who names a field that the
 * application needs makes it render another page than the one that belongs to the URL.
 */
function connectionHeader({ headers }: PageRequest): Reason | undefined {
  const connection = combined(headers.connection);
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined;
  const named = connection.split(',').map((option) => option.trim().toLowerCase());
  return named.every((option) => connectionOptions.has(option)) ? undefined : 'connection-header';
}

/**
 * With `hosts`, every name that the application may see must be one of them. Without, one host is trusted,
 * but what proxies say must not be another one. Ports count, the default ones too: `Host: example.org:80`
 * makes applications write links that no browser can follow on an HTTPS site.
 */
function host({ headers }: PageRequest, { hosts }: RequestContext): Reason | undefined {
  const name = hostOf(headers);
  if (name === null || (hosts !== undefined && (name === undefined || !hosts.has(name)))) return 'host';
  const others = forwarded(headers, forwardedHostHeaders, 'host');
  if (hosts !== undefined) return others?.every((other) => hosts.has(other)) ? undefined : 'host';
  return others?.every((other) => other === name) ? undefined : 'forwarded-host';
}

/** What proxies say of scheme and port ends up in links: only values that an honest proxy sends pass. */
function forwardedScheme({ headers }: PageRequest): Reason | undefined {
  const schemes = forwarded(headers, forwardedSchemeHeaders, 'proto');
  if (!schemes?.every((scheme) => scheme === 'https' || scheme === 'http')) return 'routing-header';
  const port = combined(headers['x-forwarded-port']);
  if (port === undefined) return undefined;
  // The rule above has judged these names, and `Forwarded` was readable a moment ago.
  const names = [hostOf(headers) ?? '', ...forwarded(headers, forwardedHostHeaders, 'host')!];
  return port.split(',').every((one) => isHonestPort(one.trim(), names)) ? undefined : 'routing-header';
}

/** RFC 9110, 12.5.1: a client that does not take the type of the place wants another representation. */
function accept({ headers }: PageRequest, { mediaType }: RequestContext): Reason | undefined {
  return accepts(combined(headers.accept), mediaType) ? undefined : 'accept';
}

function cookie({ headers }: PageRequest, { areIgnorable }: RequestContext): Reason | undefined {
  return areIgnorable(cookieLine(headers)) ? undefined : 'cookie';
}

/** HTTP/2 may split cookies into several lines (RFC 9113, 8.2.3). */
function cookieLine({ cookie }: HeaderMap): string | undefined {
  return cookie === undefined || typeof cookie === 'string' ? cookie : cookie.join('; ');
}

/** The rules in the order in which they are asked: what people look for first comes first. */
const requestRules: readonly RequestRule[] = [
  method,
  cachePaths,
  tellingHeaders,
  requestBody,
  upgrade,
  connectionHeader,
  host,
  forwardedScheme,
  accept,
  cookie,
];

/** Why a request does not touch the cache. `undefined`: it may be looked up. */
export function judgeRequest(
  request: PageRequest,
  context: RequestContext,
  rules: readonly RequestRule[] = requestRules,
): Reason | undefined {
  for (const rule of rules) {
    const reason = rule(request, context);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/**
 * Why the answer to a request that may be looked up is not stored when it is a miss: HEAD has no body, and
 * `Range` asks for a part. A hit answers both.
 */
export function judgeFill({ method, headers }: PageRequest): Reason | undefined {
  if (method !== 'GET') return 'method';
  return headers.range === undefined ? undefined : 'range';
}
