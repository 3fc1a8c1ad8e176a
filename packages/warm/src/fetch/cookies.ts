/** Which cookies go with a request (RFC 6265, 5.4). Pure. */
import { isIP } from 'node:net';

/** A cookie of a file. */
export interface Cookie {
  /** As it is sent: `session=1`. */
  readonly pair: string;
  /** Who gets it; `undefined`: the site that is warmed, for every path. */
  readonly scope?: CookieScope;
}

/** The requests that a cookie goes with. */
export interface CookieScope {
  /** A host name in lower case, without a dot in front. */
  readonly domain: string;
  /** Hosts below the domain get it as well. */
  readonly subdomains: boolean;
  readonly path: string;
  /** Only by https. */
  readonly secure: boolean;
  /** Milliseconds since 1970; `undefined`: with the session, which a run is. */
  readonly expires: number | undefined;
}

/** A request that may have cookies. */
export interface CookieRequest {
  /** The names of the site, with or without a port: where it is asked, and what its Host header says. */
  readonly hosts: readonly string[];
  readonly secure: boolean;
  /** A request target. */
  readonly target: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The value of the Cookie header: longer paths first, else as in the file; `undefined` when no cookie fits. */
export function cookieHeader(cookies: readonly Cookie[], request: CookieRequest): string | undefined {
  const fitting = cookies.filter(({ scope }) => scope === undefined || fits(scope, request));
  if (fitting.length === 0) return undefined;
  const length = ({ scope }: Cookie) => scope?.path.length ?? 1;
  return fitting
    .sort((one, other) => length(other) - length(one))
    .map(({ pair }) => pair)
    .join('; ');
}

/** How many cookies could go to some path of the site now. */
export function cookiesFor(cookies: readonly Cookie[], request: Omit<CookieRequest, 'target'>): number {
  return cookies.filter(({ scope }) => scope === undefined || fits(scope, { ...request, target: scope.path }))
    .length;
}

function fits(scope: CookieScope, { hosts, secure, target, now }: CookieRequest): boolean {
  if (scope.secure && !secure) return false;
  if (scope.expires !== undefined && scope.expires <= now) return false;
  if (!isBelow(target.split('?', 1)[0]!, scope.path)) return false;
  return hosts.some((host) => isOfDomain(withoutPort(host), scope));
}

/** RFC 6265, 5.1.3 */
function isOfDomain(host: string, { domain, subdomains }: CookieScope): boolean {
  if (host === domain) return true;
  return subdomains && host.endsWith(`.${domain}`) && isIP(host) === 0;
}

/** RFC 6265, 5.1.4 */
function isBelow(path: string, prefix: string): boolean {
  if (!path.startsWith(prefix)) return false;
  return path.length === prefix.length || prefix.endsWith('/') || path[prefix.length] === '/';
}

/** @example withoutPort('[::1]:3000') === '::1' */
function withoutPort(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1');
}
