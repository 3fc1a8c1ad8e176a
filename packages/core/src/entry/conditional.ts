/**
 * Validators and preconditions of a stored page (RFC 9110, 8.8 and 13), as nginx has them: a client that is
 * answered by Node now and by nginx then keeps what it has.
 */
import type { HeaderMap } from '../contracts.ts';

/** What identifies one version of one file. */
export interface Validators {
  /** A strong entity tag with its quotes. */
  readonly etag: string;
  /** An IMF-fixdate. */
  readonly lastModified: string;
  /** The same moment in milliseconds since 1970, a whole second. */
  readonly lastModifiedMs: number;
}

/**
 * The validators of a file, byte for byte those of nginx: the time in seconds and the size, in hexadecimal.
 * A variant is a file of its own and so has its own.
 *
 * @example validatorsOf(1_700_000_000_000, 1234).etag // '"6553f100-4d2"'
 */
export function validatorsOf(mtimeMs: number, size: number): Validators {
  const seconds = Math.floor(mtimeMs / 1000);
  return {
    etag: `"${seconds.toString(16)}-${size.toString(16)}"`,
    lastModified: new Date(seconds * 1000).toUTCString(),
    lastModifiedMs: seconds * 1000,
  };
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const fixdate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/;

/**
 * Reads an IMF-fixdate (RFC 9110, 5.6.7) into milliseconds since 1970. The two obsolete forms are not read:
 * who sends one is answered as if the field were not there, which is always right.
 */
export function parseHttpDate(text: string | undefined | null): number | undefined {
  const match = typeof text === 'string' ? fixdate.exec(text) : null;
  if (match === null) return undefined;
  const [, day, month, year, hours, minutes, seconds] = match;
  const ms = Date.UTC(+year!, months.indexOf(month!), +day!, +hours!, +minutes!, +seconds!);
  // Dates that do not exist (31 Feb, a wrong weekday) come out as another text.
  return ms >= 0 && new Date(ms).toUTCString() === text ? ms : undefined;
}

const entityTag = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]{0,254}"$/;

/** An entity tag that follows the grammar (RFC 9110, 8.8.3), as it is; else `undefined`. */
export function parseEntityTag(text: string | undefined | null): string | undefined {
  return typeof text === 'string' && entityTag.test(text) ? text : undefined;
}

const listed = /[ \t]*(?:(W\/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*)?(?:,|$)/y;

/** Whether a list of entity tags names one. Weak tags count in a weak comparison only (RFC 9110, 8.8.3.2). */
function names(field: string, etag: string, weak: boolean): boolean {
  // What nearly every client sends back.
  if (field === etag) return true;
  if (field.trim() === '*') return true;
  listed.lastIndex = 0;
  while (listed.lastIndex < field.length) {
    const match = listed.exec(field);
    if (match === null) return false;
    if (match[2] === etag && (weak || match[1] === undefined)) return true;
  }
  return false;
}

const ours = /^"([0-9a-f]+)-([0-9a-f]+)"$/;

/**
 * The entity tag that Caddy has for the same version of the same file: the time in seconds and the size, to base 36
 * (modules/caddyhttp/fileserver, `calculateEtag`). Who was answered by Caddy before keeps what it has.
 */
function tagOfCaddy(etag: string): string | undefined {
  const [, seconds, size] = ours.exec(etag) ?? [];
  if (seconds === undefined || size === undefined) return undefined;
  const [a, b] = [seconds, size].map((hex) => Number.parseInt(hex, 16).toString(36));
  return `"${a}${b}"`;
}

/** Whether a client has this version already, by a tag from us or from a front-end server. */
function has(field: string, etag: string): boolean {
  if (names(field, etag, true)) return true;
  const other = tagOfCaddy(etag);
  return other !== undefined && names(field, other, true);
}

/** What a hit answers: the page, a 304, or a 412. */
export type Verdict = 'send' | 'not-modified' | 'precondition-failed';

/**
 * Evaluates the preconditions of a GET or HEAD in the order of RFC 9110, 13.2.2. A date must be the very one
 * that was sent, as in nginx (`if_modified_since exact`): a page that was replaced by an older one is
 * another page.
 */
export function evaluate(headers: HeaderMap, validators: Validators): Verdict {
  const { etag, lastModified, lastModifiedMs } = validators;
  const ifMatch = list(headers['if-match']);
  if (ifMatch !== undefined) {
    if (!names(ifMatch, etag, false)) return 'precondition-failed';
  } else {
    const since = parseHttpDate(one(headers['if-unmodified-since']));
    if (since !== undefined && lastModifiedMs > since) return 'precondition-failed';
  }
  const ifNoneMatch = list(headers['if-none-match']);
  if (ifNoneMatch !== undefined) return has(ifNoneMatch, etag) ? 'not-modified' : 'send';
  // A date has one spelling, so it need not be read; none before 1970 can be.
  return headers['if-modified-since'] === lastModified && lastModifiedMs >= 0 ? 'not-modified' : 'send';
}

/** Whether `If-Range` lets a range be answered (RFC 9110, 13.1.5): the tag must be the same and strong, the date the very same. */
export function rangeApplies(headers: HeaderMap, { etag, lastModified }: Validators): boolean {
  const value = headers['if-range'];
  return value === undefined || value === etag || value === lastModified;
}

function list(value: HeaderMap[string]): string | undefined {
  return value === undefined || typeof value === 'string' ? value : value.join(', ');
}

function one(value: HeaderMap[string]): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
