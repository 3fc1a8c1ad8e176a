/**
 * When a request does not touch the cache. Each rule is one function; the first that finds something gives
 * the reason. A rule that is unsure bypasses: the application then answers as it would without a cache.
 */
import type { HeaderMap, PageRequest } from '../contracts.ts';
import { type Acceptance, accepts } from './accept.ts';
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

/** What the rules must know beside the request, the same for all requests. */
export interface RequestContext {
  /** The names of the site in lower case. `undefined`: any one host is trusted. */
  readonly hosts: ReadonlySet<string> | undefined;
  readonly isInside: (key: string) => boolean;
  readonly isExcluded: (key: string) => boolean;
  readonly areIgnorable: CookieRule;
  readonly readHost: (text: string) => string | null;
  readonly readAcceptance: (text: string) => Acceptance;
}

/**
 * One rule. `undefined`: it finds nothing.
 *
 * @param told what the names of the headers tell.
 * @param key the canonical path.
 * @param mediaType the type of its place.
 */
type RequestRule = (
  request: PageRequest,
  context: RequestContext,
  told: number,
  key: string,
  mediaType: string,
) => Reason | undefined;

/** What the name of a header may tell; bits, since a request has several. */
const ROUTING = 1;
const CREDENTIALS = 2;
const FORWARDED_HOST = 4;
const FORWARDED_SCHEME = 8;
const BODY = 16;

const beginsLikeRouting = new RegExp(`^(?:${routingHeaderPrefixes.join('|')})`);
/** The first letters of the names that the expression above may match. */
const initials = new Set(routingHeaderPrefixes.map((prefix) => prefix.charCodeAt(0)));
const telling = new Map<string, number>([
  ...[...routingHeaders].map((name) => [name, ROUTING] as const),
  ...[...credentialHeaders].map((name) => [name, CREDENTIALS] as const),
  ...forwardedHostHeaders.map((name) => [name, FORWARDED_HOST] as const),
  ...[...forwardedSchemeHeaders, 'x-forwarded-port'].map((name) => [name, FORWARDED_SCHEME] as const),
  ['forwarded', FORWARDED_HOST | FORWARDED_SCHEME],
  ['transfer-encoding', BODY],
  ['content-length', BODY],
]);

/** One pass over the names that the request has, which are fewer than the names that matter. */
function readNames(headers: HeaderMap): number {
  let told = 0;
  for (const name in headers) {
    const bits = telling.get(name);
    if (bits !== undefined) {
      if (headers[name] !== undefined) told |= bits;
    } else if (initials.has(name.charCodeAt(0)) && beginsLikeRouting.test(name)) {
      if (headers[name] !== undefined) told |= ROUTING;
    }
  }
  return told;
}

/** RFC 9111, 4: a stored answer to GET answers GET and HEAD. */
function method({ method }: PageRequest): Reason | undefined {
  return method === 'GET' || method === 'HEAD' ? undefined : 'method';
}

function cachePaths(
  _request: PageRequest,
  context: RequestContext,
  _told: number,
  key: string,
): Reason | undefined {
  if (!context.isInside(key)) return 'outside-cache-paths';
  return context.isExcluded(key) ? 'excluded-path' : undefined;
}

/** Credentials first: that a page is of one person is what people look for. */
function tellingHeaders(_request: PageRequest, _context: RequestContext, told: number): Reason | undefined {
  if ((told & CREDENTIALS) !== 0) return 'authorization';
  return (told & ROUTING) === 0 ? undefined : 'routing-header';
}

/** RFC 9110, 9.3.1: a body in a GET has no meaning, and yet some applications read it. */
function requestBody({ headers }: PageRequest, _context: RequestContext, told: number): Reason | undefined {
  if ((told & BODY) === 0) return undefined;
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
function host(
  { headers }: PageRequest,
  { hosts, readHost }: RequestContext,
  told: number,
): Reason | undefined {
  const name = hostOf(headers, readHost);
  if (name === null || (hosts !== undefined && (name === undefined || !hosts.has(name)))) return 'host';
  if ((told & FORWARDED_HOST) === 0) return undefined;
  const others = forwarded(headers, forwardedHostHeaders, 'host');
  if (hosts !== undefined) return others?.every((other) => hosts.has(other)) ? undefined : 'host';
  return others?.every((other) => other === name) ? undefined : 'forwarded-host';
}

/** What proxies say of scheme and port ends up in links: only values that an honest proxy sends pass. */
function forwardedScheme(
  { headers }: PageRequest,
  { readHost }: RequestContext,
  told: number,
): Reason | undefined {
  if ((told & FORWARDED_SCHEME) === 0) return undefined;
  const schemes = forwarded(headers, forwardedSchemeHeaders, 'proto');
  if (!schemes?.every((scheme) => scheme === 'https' || scheme === 'http')) return 'routing-header';
  const port = combined(headers['x-forwarded-port']);
  if (port === undefined) return undefined;
  // The rule above has judged these names, and `Forwarded` was readable a moment ago.
  const names = [hostOf(headers, readHost) ?? '', ...forwarded(headers, forwardedHostHeaders, 'host')!];
  return port.split(',').every((one) => isHonestPort(one.trim(), names)) ? undefined : 'routing-header';
}

/** RFC 9110, 12.5.1: a client that does not take the type of the place wants another representation. */
function accept(
  { headers }: PageRequest,
  { readAcceptance }: RequestContext,
  _told: number,
  _key: string,
  mediaType: string,
): Reason | undefined {
  return accepts(combined(headers.accept), mediaType, readAcceptance) ? undefined : 'accept';
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

/**
 * Why a request does not touch the cache. `undefined`: it may be looked up.
 *
 * @param key the canonical path.
 * @param mediaType the type of its place.
 */
export function judgeRequest(
  request: PageRequest,
  key: string,
  mediaType: string,
  context: RequestContext,
): Reason | undefined {
  const told = readNames(request.headers);
  for (let at = 0; at < requestRules.length; at += 1) {
    const reason = requestRules[at]!(request, context, told, key, mediaType);
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
