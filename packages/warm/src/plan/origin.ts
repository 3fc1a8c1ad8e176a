import { WarmError } from '../errors.ts';
import { printable } from '../report/printable.ts';

/** The one site that is warmed. */
export interface Origin {
  /** Scheme, host and port, without a slash at the end: `http://127.0.0.1:3000`. */
  readonly href: string;
  /** What goes into the Host header: `127.0.0.1:3000`. */
  readonly host: string;
  /**
   * Another name of the same site, as in `--host`: absolute URLs with that name mean this site, by http or https.
   * No connection is made to it.
   */
  readonly alias?: string | undefined;
}

/** An absolute URL in two parts; the second is left byte for byte as it was written. */
export interface SplitUrl {
  readonly origin: Origin;
  readonly target: string;
  /** There is a user name or a password in it. */
  readonly credentials: boolean;
}

const absolute = /^(https?):\/\/([^/?#]*)(.*)$/isu;

/**
 * Takes an absolute URL apart. The platform's parser sees the authority only: it would repair an odd
 * path, and odd paths are refused here, never repaired.
 */
export function splitUrl(url: string): SplitUrl | undefined {
  const parts = absolute.exec(url);
  if (parts === null) return undefined;
  const [, scheme, authority, rest] = parts as unknown as [string, string, string, string];
  if (authority === '' || authority.includes('\\')) return undefined;
  let parsed: URL;
  try {
    parsed = new URL(`${scheme}://${authority}/`);
  } catch {
    return undefined;
  }
  return {
    origin: { href: parsed.origin, host: parsed.host },
    target: rest.startsWith('/') ? rest : `/${rest}`,
    credentials: authority.includes('@'),
  };
}

/** Whether the origin of a URL is the one site, under its address or under its other name. */
export function isOwn(found: Origin, site: Origin): boolean {
  if (found.href === site.href) return true;
  return site.alias !== undefined && found.host === site.alias.toLowerCase().replace(/:(?:80|443)$/, '');
}

const beyondAscii = /[^\0-\x7f]+/gu;

/** What every browser does with a link: what is not ASCII is sent as escaped UTF-8. */
export function toTarget(path: string): string {
  return path.replace(beyondAscii, encodeURIComponent);
}

/**
 * Reads the address of the site from an option.
 *
 * @throws {WarmError} `ERR_PAGETREE_OPTION` says what is too much in it.
 */
export function parseOrigin(label: string, text: string): Origin {
  const url = splitUrl(text);
  const wrong = (came: string) =>
    new WarmError(
      'ERR_PAGETREE_OPTION',
      `${label} must be the scheme, host and port of the site; it ${came}.`,
      { hint: `For example: ${label} http://127.0.0.1:3000` },
    );
  if (url === undefined) throw wrong(text === '' ? 'is empty' : `is "${printable(text)}"`);
  // The text is not repeated here: it may hold a password.
  if (url.credentials) throw wrong('has a user name or password in it');
  if (url.target !== '/') throw wrong(`has the path "${printable(url.target)}" too`);
  return url.origin;
}
