/** Which site a request is for: `Host`, and what proxies say beside it. */
import type { HeaderMap } from '../contracts.ts';
import { combined, single } from './fields.ts';
import { parseParameters } from './parameters.ts';

// A name, an IPv4 address or an IPv6 address, and a port. Anything else is written to break out of a link.
const authority = /^(?:[\w-](?:[\w.-]*)|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/** A host name with its port in lower case; `null`: it makes no sense. */
export function readAuthority(text: string): string | null {
  return authority.test(text) ? text.toLowerCase() : null;
}

/**
 * The host of a request in lower case. HTTP/2 has it in `:authority` (RFC 9113, 8.3.1).
 *
 * @param read `readAuthority`, or what remembers its answers.
 * @returns `undefined`: the request names none. `null`: it names none that makes sense, or several.
 */
export function hostOf(headers: HeaderMap, read = readAuthority): string | undefined | null {
  const host = single(headers.host);
  const pseudo = single(headers[':authority']);
  if (host !== undefined && pseudo !== undefined && host !== pseudo) return null;
  const name = host ?? pseudo;
  return name === undefined || name === null ? name : read(name);
}

/**
 * What proxies say of the host or the scheme that the client used, in lower case: the values of the fields
 * in `names`, and of one parameter of `Forwarded` (RFC 7239, 4). Each proxy on the way may have added one;
 * all of them count.
 *
 * @returns `undefined` when `Forwarded` does not follow the grammar.
 */
export function forwarded(
  headers: HeaderMap,
  names: readonly string[],
  parameter: 'host' | 'proto',
): readonly string[] | undefined {
  const found: string[] = [];
  for (const name of names) {
    const text = combined(headers[name]);
    if (text !== undefined) found.push(...text.split(',').map((value) => value.trim().toLowerCase()));
  }
  const field = combined(headers.forwarded);
  if (field === undefined) return found;
  const parameters = parseParameters(field, ',;');
  if (parameters === undefined) return undefined;
  for (const { name, value } of parameters) {
    if (name === parameter) found.push((value ?? '').toLowerCase());
  }
  return found;
}

/**
 * Whether a forwarded port is one that an honest proxy names: that of HTTP, that of HTTPS, or one that a host
 * name of the request has. Applications put it into links, and nobody can use a page with links to port 1337.
 */
export function isHonestPort(port: string, hosts: readonly string[]): boolean {
  if (port === '443' || port === '80') return true;
  return /^\d+$/.test(port) && hosts.some((host) => host.endsWith(`:${port}`));
}
