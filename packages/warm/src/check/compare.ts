/** In what an answer differs from the one that a stored page gives. Pure. */
import { createHash } from 'node:crypto';
import type { Answer, Asking } from './ask.ts';
import type { Expected } from './verdict.ts';

/** What an answer can be wrong in. `where.ts` says of each which setting is about it. */
export type Aspect =
  | 'status'
  | 'body'
  | 'type'
  | 'cache-control'
  | 'vary'
  | 'validators'
  | 'encoding'
  | 'range'
  | 'headers'
  | 'set-cookie'
  | 'leak'
  | 'stale'
  | 'bypass'
  | 'no answer';

/** One thing that is not as the middleware would have it. */
export interface Flaw {
  readonly aspect: Aspect;
  readonly expected: string;
  readonly got: string;
  /** It is known and does no harm: a client gets the same page. */
  readonly harmless: boolean;
}

/** What may be otherwise. */
export interface Leeway {
  /** The whole page may come where a part, or 304, would do (RFC 9110, 14.2 and 13.1). */
  readonly wholeWillDo?: boolean;
}

const nothing = createHash('sha256').digest('hex');

/** Everything in which an answer is not the expected one. */
export function compare(expected: Expected, answer: Answer, asking: Asking, leeway: Leeway = {}): Flaw[] {
  const whole = answer.status === 200 && [206, 304, 416].includes(expected.status);
  if (whole && leeway.wholeWillDo === true) {
    return [flaw('range', `${expected.status}`, '200, the whole page', true)];
  }
  if (answer.status !== expected.status) {
    return [flaw('status', `${expected.status}`, `${answer.status}${shownType(answer)}`)];
  }
  const { status } = expected;
  const found: (Flaw | undefined)[] = [range(expected, answer), setCookie(answer)];
  if (status === 412 || status === 416) return found.filter(isThere);
  found.push(cacheControl(expected, answer), vary(expected, answer), ...validators(expected, answer));
  found.push(...stored(expected, answer));
  if (status !== 304) found.push(type(expected, answer), encoding(expected, answer));
  found.push(status === 304 ? empty(answer) : body(expected, answer), length(expected, answer, asking));
  return found.filter(isThere);
}

function isThere(found: Flaw | undefined): found is Flaw {
  return found !== undefined;
}

export function flaw(aspect: Aspect, expected: string, got: string | undefined, harmless = false): Flaw {
  return { aspect, expected, got: got ?? 'none', harmless };
}

function shownType({ headers }: Answer): string {
  return headers['content-type'] === undefined ? '' : ` (${headers['content-type']})`;
}

/** Names and values of a type in any case, and with or without quotes, are the same (RFC 9110, 8.3.1). */
function plainType(text: string | undefined): string | undefined {
  return text?.toLowerCase().replace(/[\s"]/g, '');
}

function type(expected: Expected, { headers }: Answer): Flaw | undefined {
  const got = headers['content-type'];
  return plainType(got) === plainType(expected.type) ? undefined : flaw('type', expected.type, got);
}

function list(text: string | undefined): string[] {
  return (text ?? '')
    .toLowerCase()
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function cacheControl(expected: Expected, { headers }: Answer): Flaw | undefined {
  const got = headers['cache-control'];
  const same = list(got).sort().join() === list(expected.cacheControl).sort().join();
  // What the application said of this page only the middleware knows.
  const lost = expected.lost.includes('cache-control') && got === 'no-cache';
  return same ? undefined : flaw('cache-control', expected.cacheControl, got, lost);
}

function vary(expected: Expected, { headers }: Answer): Flaw | undefined {
  const names = list(headers.vary);
  const missing = expected.varies && !names.includes('accept-encoding') && !names.includes('*');
  // Before there is a variant every client gets the same bytes.
  if (missing) return flaw('vary', 'Accept-Encoding', headers.vary, !expected.hasVariants);
  return names.includes('*') ? flaw('vary', 'Accept-Encoding', headers.vary) : undefined;
}

function validators({ validators, coding }: Expected, { headers, status }: Answer): Flaw[] {
  const { etag, lastModified } = validators;
  const [tag, date] = [headers.etag, headers['last-modified']];
  // A 304 need not repeat them (RFC 9110, 15.4.5).
  const is304 = status === 304;
  // Each coding has a tag of its own; which one a 304 is about it does not say.
  const isOther = codingOf(headers) !== coding && !is304 && tag !== undefined && date === lastModified;
  const found: Flaw[] = [];
  if (tag !== etag && !isOther) {
    // Other servers spell their tags in other ways; the date is for whoever alternates between them.
    found.push(flaw('validators', `ETag ${etag}`, tag, is304 || tag !== undefined || date !== undefined));
  }
  if (date !== lastModified && !(is304 && date === undefined)) {
    found.push(flaw('validators', `Last-Modified ${lastModified}`, date, date === undefined && tag === etag));
  }
  return found;
}

/** A page that was stored with more fields than a web server can know. */
function stored({ headers }: Expected, answer: Answer): Flaw[] {
  return headers
    .filter(([name, value]) => !(answer.headers[name] ?? '').includes(value))
    .map(([name, value]) => flaw('headers', `${name}: ${value}`, answer.headers[name], true));
}

function codingOf(headers: Answer['headers']): string {
  return (headers['content-encoding'] ?? 'identity').toLowerCase().replace(/^x-gzip$/, 'gzip');
}

function encoding(expected: Expected, { headers, digest }: Answer): Flaw | undefined {
  const got = codingOf(headers);
  if (digest === undefined) return flaw('encoding', expected.coding, `${got}, and it cannot be decoded`);
  if (got === expected.coding) return undefined;
  return flaw('encoding', expected.coding, got, expected.accepted.includes(got));
}

function body(expected: Expected, { digest, text }: Answer): Flaw | undefined {
  if (digest === undefined || digest === expected.digest) return undefined;
  return flaw('body', 'the bytes of the page', text.length === 0 ? 'nothing' : 'other bytes');
}

function empty({ digest }: Answer): Flaw | undefined {
  return digest === nothing ? undefined : flaw('body', 'nothing', 'a body with 304');
}

/** A length that is told must be the true one; of a body that came Node's parser has seen to it. */
function length(
  { size, status, coding }: Expected,
  { headers }: Answer,
  { method }: Asking,
): Flaw | undefined {
  const got = headers['content-length'];
  const same = codingOf(headers) === coding;
  if (method !== 'HEAD' || status !== 200 || got === undefined || !same || Number(got) === size)
    return undefined;
  return flaw('body', `Content-Length ${size}`, got);
}

function range({ contentRange, status }: Expected, { headers }: Answer): Flaw | undefined {
  const got = headers['content-range'];
  if (got === contentRange) {
    const silent = status === 200 && headers['accept-ranges']?.toLowerCase() !== 'bytes';
    return silent ? flaw('range', 'Accept-Ranges: bytes', headers['accept-ranges'], true) : undefined;
  }
  return flaw('range', `Content-Range ${contentRange ?? 'none'}`, got, status === 416 && got === undefined);
}

function setCookie({ headers }: Answer): Flaw | undefined {
  const got = headers['set-cookie'];
  // The value may be a secret.
  return got === undefined ? undefined : flaw('set-cookie', 'none', got.split('=', 1)[0]);
}
