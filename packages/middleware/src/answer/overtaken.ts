/** Looks at a head once more, after the middleware above us had its turn. */
import { type HeaderMap, type Reason, type ResponseHead, refusedByHead } from '@pagetree/core';
import { parseMediaType } from '@pagetree/core/rules';

/**
 * Why a response may not be stored after all. Middleware that stands above the cache, sessions above all,
 * adds its fields between our look at the head and the wire: what the client got decides, by the same rules. `Vary:
 * Accept-Encoding` and codings are no matter: they are of a compressor above us, and the bytes we saw are not compressed. A
 * charset that is added (Express does that) is no other type: what is stored is UTF-8 in any case.
 *
 * @param judged the head as we judged it.
 * @param sent the head as it was sent.
 */
export function overtaken(judged: ResponseHead, sent: ResponseHead): Reason | undefined {
  const refused = refusedByHead(sent);
  if (refused !== undefined) return refused.reason;
  const type = text(sent.headers, 'content-type');
  return type !== '' && !isSameType(type, text(judged.headers, 'content-type')) ? 'type-mismatch' : undefined;
}

function isSameType(sent: string, judged: string): boolean {
  if (sent === judged) return true;
  const [one, other] = [parseMediaType(sent), parseMediaType(judged)];
  const isUtf8 = (charset: string | undefined): boolean => charset === undefined || charset === 'utf-8';
  return (
    one !== undefined && one.mediaType === other?.mediaType && isUtf8(one.charset) && isUtf8(other.charset)
  );
}

function text(headers: HeaderMap, name: string): string {
  return [headers[name] ?? ''].flat().join(', ');
}
