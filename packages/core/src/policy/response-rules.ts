/**
 * When a response is not stored. Each rule is one function; the first that finds something gives the reason.
 * `forbids...` finds a reason or nothing; `read...` finds a reason or what the fill must know.
 */
import type { HeaderMap, ResponseHead } from '../contracts.ts';
import { forbidden } from './cache-control.ts';
import { combined, lines, printable } from './fields.ts';
import type { Reason } from './reasons.ts';
import { acceptsType, type PlaceType } from './types.ts';

/** A response that is not stored. */
export interface Refusal {
  readonly kind: 'refused';
  readonly reason: Reason;
  /** What exactly was found. Printable ASCII; never the value of a cookie. */
  readonly detail: string;
}

export function refusal(reason: Reason, detail: string): Refusal {
  return { kind: 'refused', reason, detail: printable(detail) };
}

/** One rule that only says no. */
type ResponseRule = (head: ResponseHead) => Refusal | undefined;

/** RFC 9110, 14.4. An answer with several ranges has no `Content-Range`, but the status. */
function partialContent({ status, headers }: ResponseHead): Refusal | undefined {
  const range = combined(headers['content-range']);
  if (status !== 206 && range === undefined) return undefined;
  return refusal('partial-content', range ?? String(status));
}

/** A file has no status: whoever serves it says 200. */
function status({ status }: ResponseHead): Refusal | undefined {
  return status === 200 ? undefined : refusal('status', String(status));
}

const cookieName = /^\s*([!#$%&'*+.^_`|~\w-]+)\s*=/;

/** RFC 9111, 7.3. The detail has the names only: the values are secrets. */
function setCookie({ headers }: ResponseHead): Refusal | undefined {
  if (headers['set-cookie'] === undefined) return undefined;
  const names = lines(headers['set-cookie']).map((line) => cookieName.exec(line)?.[1] ?? '(no name)');
  return refusal('set-cookie', names.join(', '));
}

/** Fields of the same form: what they forbid to a cache in front of the application, they forbid to this one. */
const cacheControlFields = ['cache-control', 'surrogate-control', 'cdn-cache-control'];

/**
 * `Cache-Control` (RFC 9111, 5.2.2), and the fields for caches in front of an application: `Surrogate-Control`
 * and `CDN-Cache-Control` (RFC 9213). The latter can only forbid here, they allow nothing that
 * `Cache-Control` forbids. `Pragma: no-cache` is what old applications send for it.
 */
function cacheControl({ headers }: ResponseHead): Refusal | undefined {
  for (const name of cacheControlFields) {
    const text = combined(headers[name]);
    const found = text === undefined ? undefined : forbidden(text);
    if (found !== undefined)
      return refusal('cache-control', name === 'cache-control' ? found : `${name}: ${found}`);
  }
  const pragma = combined(headers.pragma);
  return pragma !== undefined && forbidden(pragma) !== undefined
    ? refusal('cache-control', `pragma: ${pragma}`)
    : undefined;
}

/** RFC 9111, 4.1. `Accept-Encoding` is all that a file and its variants can answer. */
function vary({ headers }: ResponseHead): Refusal | undefined {
  const text = combined(headers.vary);
  if (text === undefined) return undefined;
  const others = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name.toLowerCase() !== 'accept-encoding');
  return others.length === 0 ? undefined : refusal('vary', others.join(', '));
}

/** RFC 9110, 6.6.2: `Trailer` announces fields behind the body. */
function trailers({ headers }: ResponseHead): Refusal | undefined {
  const names = combined(headers.trailer);
  return names === undefined || names === '' ? undefined : refusal('trailers', names);
}

const endlessTypes: readonly string[] = ['text/event-stream', 'multipart/x-mixed-replace'];

/** Server-sent events (HTML, 9.2) and pictures that replace each other: who waits for the end of one waits for ever. */
function endless({ headers }: ResponseHead): Refusal | undefined {
  const found = lines(headers['content-type']).find((line) =>
    endlessTypes.includes(line.split(';', 1)[0]!.trim().toLowerCase()),
  );
  return found === undefined ? undefined : refusal('endless', found);
}

/** The rules that need nothing but the head, in the order in which they are asked. */
const responseRules: readonly ResponseRule[] = [
  partialContent,
  status,
  setCookie,
  cacheControl,
  vary,
  trailers,
  endless,
];

/** What a head says that no option changes: why a response with it is not stored. `undefined`: it may be a page. */
export function refusedByHead(head: ResponseHead): Refusal | undefined {
  for (const rule of responseRules) {
    const found = rule(head);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A content coding that the body is taken out of on its way to the disk. */
export type Decoding = 'gzip' | 'deflate' | 'br' | 'zstd';

const decodings: ReadonlyMap<string, Decoding> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
  ['zstd', 'zstd'],
]);

/** One by the application and one by a proxy of its own. More is a way to make a small body large. */
const maxCodings = 2;

/**
 * The codings of a body in the order in which they must be undone: the field names them in the order in
 * which they were applied (RFC 9110, 8.4).
 *
 * @param zstd whether this runtime can undo zstd.
 */
export function readCodings(headers: HeaderMap, zstd: boolean): readonly Decoding[] | Refusal {
  const text = combined(headers['content-encoding']);
  if (text === undefined) return [];
  const codings: Decoding[] = [];
  for (const part of text.toLowerCase().split(',')) {
    const name = part.trim();
    if (name === '' || name === 'identity') continue;
    const coding = decodings.get(name);
    if (coding === undefined || (coding === 'zstd' && !zstd)) return refusal('encoding', text);
    codings.push(coding);
  }
  return codings.length > maxCodings ? refusal('encoding', text) : codings.reverse();
}

const digits = /^\d{1,15}$/;

/**
 * `Content-Length`, in bytes as they are sent. A proxy may have repeated it; then all must be the same
 * (RFC 9110, 8.6).
 *
 * @param coded the length is not that of the page: the body is compressed.
 */
export function readLength(
  headers: HeaderMap,
  coded: boolean,
  maxPageSize: number,
): number | undefined | Refusal {
  const text = combined(headers['content-length']);
  if (text === undefined) return undefined;
  const [first, ...rest] = text.split(',').map((part) => part.trim());
  if (!digits.test(first!) || rest.some((other) => other !== first)) {
    return refusal('length-mismatch', `content-length: ${text}`);
  }
  const length = Number(first);
  if (length === 0) return refusal('empty-body', 'content-length: 0');
  if (!coded && length > maxPageSize) return refusal('too-large', `${length} bytes, at most ${maxPageSize}`);
  return length;
}

/** Whether the type is that of the place, and whether the bytes must prove that they are UTF-8. */
export function readType(
  headers: HeaderMap,
  expected: PlaceType,
): { readonly validateUtf8: boolean } | Refusal {
  const found = lines(headers['content-type']);
  const verdict = acceptsType(expected, found.length === 1 ? found[0] : undefined);
  if (verdict.kind === 'same') return verdict;
  const said = found.length === 0 ? 'no content-type' : found.join(' and ');
  return refusal(verdict.reason, `${said}, place says ${expected.full}`);
}
