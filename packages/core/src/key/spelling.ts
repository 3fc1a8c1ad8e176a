/** From what a person writes to the one accepted spelling. Pure. */
import { decode, MAX_TARGET_LENGTH, parseTarget } from './target.ts';

/** The escapes that `encodeURIComponent` makes of characters that stand plain in a path (RFC 3986, 3.3). */
const overEscaped = /%(?:24|26|2B|2C|3A|3B|3D|40)/g;

/** A segment in the accepted spelling; `undefined` when it is not well-formed Unicode. */
export function encodeSegment(segment: string): string | undefined {
  if (/^[\w\-.~!$&'()*+,;=:@]*$/.test(segment)) return segment;
  try {
    return encodeURIComponent(segment).replace(overEscaped, decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** The target of decoded segments, in the accepted spelling; `undefined` when one is not well-formed Unicode. */
export function encodePath(segments: readonly string[], slash: boolean): string | undefined {
  let path = '';
  for (const segment of segments) {
    const escaped = encodeSegment(segment);
    if (escaped === undefined) return undefined;
    path += `/${escaped}`;
  }
  return slash ? `${path}/` : path;
}

/**
 * The key that a person means by a path, for arguments of a purge, options and messages. Decoded and encoded
 * paths are both understood, so `/café`, `/caf%c3%a9` and `/caf%C3%A9` are one key. Nothing is resolved or
 * normalised otherwise: `undefined` means that no request with an accepted target can mean this path, for
 * example because it has a query, `..`, an escaped slash or does not start with `/`.
 *
 * @example
 * spell('/café/a b') // '/caf%C3%A9/a%20b'
 * spell('/%7Efoo') // '/~foo'
 * spell('/100%') // '/100%25'
 */
export function spell(path: string): string | undefined {
  if (path.length > MAX_TARGET_LENGTH || !path.startsWith('/') || /[?#]/.test(path)) return undefined;
  // Escapes are judged over the whole path, but decoded after the split: `%2F` must not become a separator.
  const escaped = decode(path) !== undefined;
  const segments = path.slice(1).split('/');
  const key = encodePath(escaped ? segments.map(decodeURIComponent) : segments, false);
  return key !== undefined && parseTarget(key).kind === 'target' ? key : undefined;
}
