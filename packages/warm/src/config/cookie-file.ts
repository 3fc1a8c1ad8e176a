/** Reads cookies from a file: `name=value` a line, or seven columns with tabs between them, as curl and browsers write. */
import { domainToASCII } from 'node:url';
import type { Cookie, CookieScope } from '../fetch/cookies.ts';
import { printable } from '../report/printable.ts';
import { linesOf, wrong } from './text-file.ts';

const name = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What a person writes (RFC 6265, 4.1.1). */
const plainValue = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e"]*$/;
/** What browsers take as well (RFC 6265, 5.2), as far as it can be sent. */
const anyValue = /^[\x20-\x3a\x3c-\x7e]*$/;

/** @throws {WarmError} `ERR_PAGETREE_OPTION` for the first line that is no cookie. */
export function readCookies(file: string): Cookie[] {
  return linesOf('cookie file', file).map(({ number, text }) => {
    const cookie = netscape(text) ?? plain(text.trim());
    if (cookie !== undefined) return cookie;
    throw wrong(
      `Line ${number} of the cookie file ${printable(file)} is no cookie.`,
      'Write name=value a line, or the seven columns of the Netscape format.',
    );
  });
}

function plain(pair: string): Cookie | undefined {
  const equals = pair.indexOf('=');
  if (!name.test(pair.slice(0, Math.max(equals, 0))) || !plainValue.test(pair.slice(equals + 1)))
    return undefined;
  return { pair };
}

/** domain, whether hosts below it get it too, path, whether only by https, when it ends in seconds since 1970, name, value. */
function netscape(line: string): Cookie | undefined {
  const columns = line.replace(/^#HttpOnly_/, '').split('\t');
  if (columns.length !== 7) return undefined;
  const [host, subdomains, path, secure, ends, key, value] = columns as [
    ...[string, string, string, string, string, string, string],
  ];
  const written = host
    .replace(/^\./, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  // An address of IPv6 is no domain, and stays as it is.
  const domain = domainToASCII(written) || written;
  const isRight =
    domain !== '' &&
    [subdomains, secure].every((flag) => /^(TRUE|FALSE)$/i.test(flag)) &&
    /^(-?\d+(\.\d+)?)?$/.test(ends) &&
    name.test(key) &&
    anyValue.test(value);
  if (!isRight) return undefined;
  const scope: CookieScope = {
    domain,
    subdomains: /^true$/i.test(subdomains),
    path: path.startsWith('/') ? path : '/',
    secure: /^true$/i.test(secure),
    // A cookie of a session has 0 there.
    expires: Number(ends) === 0 ? undefined : Number(ends) * 1000,
  };
  return { pair: `${key}=${value}`, scope };
}
