/**
 * From a request target to a key. Pure.
 *
 * **One spelling.** RFC 3986 (6.2.2) lets many spellings name one resource: `/~a`, `/%7Ea` and `/%7ea`. Here
 * each key has exactly one accepted target, and every other spelling bypasses with the reason why. So the
 * key *is* the target, a place leads back to exactly one target, and no two parties can read a target in two ways.
 *
 * In the accepted spelling a path character (RFC 3986, 3.3: `pchar`) stands plain, and every other octet is
 * escaped with upper-case digits. What is wrong with a target is the **first entry of `faults` that applies
 * anywhere in it**; the order goes from what cannot be read at all to what is only spelt oddly.
 */
import type { Bypass, Target } from '../contracts.ts';
import type { Reason } from '../policy/reasons.ts';

/** The longest target that is looked at. No place can be that long, so what is longer costs one comparison. */
export const MAX_TARGET_LENGTH = 8192;

/** Decodes percent escapes once; `undefined` when they are not UTF-8 (RFC 3629: no overlong form, no surrogate). */
export function decode(escaped: string): string | undefined {
  try {
    return decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
}

const hexDigit = '(?:[0-9A-Fa-f]|%3[0-9]|%[46][1-6])';
const nestedEscape = new RegExp(`%25${hexDigit}{2}`);

/**
 * What can be wrong with a target, in the order of precedence. Each entry may rely on those before it: from
 * `bad-utf8` on every `%` starts an escape.
 */
const faults: readonly (readonly [reason: Reason, applies: (target: string) => boolean])[] = [
  ['target-form', (target) => !target.startsWith('/')],
  ['query', (target) => target.includes('?')],
  ['fragment', (target) => target.includes('#')],
  ['bad-escape', (target) => /%(?![0-9A-Fa-f]{2})/.test(target)],
  // U+FFFD is what is left of text that was not UTF-8. Refused too, so that a file name of bytes that are not
  // UTF-8, which Node reads as U+FFFD, leads to no key.
  ['bad-utf8', (target) => decode(target) === undefined || /%[Ee][Ff]%[Bb][Ff]%[Bb][Dd]/.test(target)],
  // C0, DEL, C1, and what breaks a line or turns it round in a terminal and a log: U+2028 to U+202E, U+2066 to
  // U+2069. Joiners and direction marks stay: emoji, Persian and Hebrew need them. A plain character above
  // 0x7F is not a code point but an octet (as Node hands it over), so it is `illegal-character`, never this.
  [
    'control-byte',
    (target) =>
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for control characters.
      /[\x00-\x1F\x7F]|%[01].|%7[Ff]|%[Cc]2%[89].|%[Ee]2%80%[Aa][89A-Ea-e]|%[Ee]2%81%[Aa][6-9]/.test(target),
  ],
  ['backslash', (target) => /\\|%5[Cc]/.test(target)],
  ['encoded-slash', (target) => /%2[Ff]/.test(target)],
  ['empty-segment', (target) => target.includes('//')],
  ['dot-segment', (target) => /\/(?:\.|%2[Ee]){1,2}(?:\/|$)/.test(target)],
  ['double-escape', (target) => nestedEscape.test(target)],
  ['illegal-character', (target) => /[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]/.test(target)],
  [
    'odd-spelling',
    (target) => /%(?:[a-f].|.[a-f]|2[146-9A-E]|3[0-9ABD]|4[0-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE])/.test(target),
  ],
];

/**
 * Escaped targets as most are: letters beyond ASCII and spaces. None of the escapes in it is one that a fault names, so only
 * `bad-utf8` is left to ask; all others go through the list.
 */
const pathCharacter = String.raw`[A-Za-z0-9\-._~!$&'()*+,;=:@]|%20|%(?:C[3-9A-F]|D[0-9A-F])%[89AB][0-9A-F]|%E[013-9A-E](?:%[89AB][0-9A-F]){2}`;
const ordinary = new RegExp(String.raw`^(?:\/(?!\.{1,2}(?:\/|$))(?:${pathCharacter})+)+\/?$`);

/** Targets of characters that stand plain, as most are. */
const plain = /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@/]*$/;

/** The segments of a decoded path; `undefined` when one is empty or made of dots alone. */
function split(path: string, slash: boolean): string[] | undefined {
  const segments: string[] = [];
  const last = slash ? path.length - 1 : path.length;
  for (let start = 1; start <= last; ) {
    const found = path.indexOf('/', start);
    const end = found === -1 ? last : found;
    const segment = path.slice(start, end);
    if (segment === '' || segment === '.' || segment === '..') return undefined;
    segments.push(segment);
    start = end + 1;
  }
  return segments;
}

function faultOf(target: string): Bypass | undefined {
  for (const [reason, applies] of faults) {
    if (applies(target)) return { kind: 'bypass', reason };
  }
  return undefined;
}

/**
 * Reads a request target. Never throws; the work is bounded whatever comes.
 *
 * @param target The target byte for byte as the client sent it (RFC 9112, 3.2), as Node's `req.url` has it.
 * @example
 * parseTarget('/caf%C3%A9/') // { kind: 'target', key: '/caf%C3%A9/', segments: ['café'], slash: true }
 * parseTarget('/caf%c3%a9/') // { kind: 'bypass', reason: 'odd-spelling' }
 */
export function parseTarget(target: string): Target | Bypass {
  if (target.length > MAX_TARGET_LENGTH) return { kind: 'bypass', reason: 'path-too-long' };
  if (target === '/') return { kind: 'target', key: target, segments: [], slash: true };
  const slash = target.endsWith('/');
  const path = plain.test(target) ? target : ordinary.test(target) ? decode(target) : undefined;
  const segments = path === undefined ? undefined : split(path, slash);
  if (segments !== undefined) return { kind: 'target', key: target, segments, slash };
  // No fault: not even an escaped slash, so that it may be decoded before it is split.
  return (
    faultOf(target) ?? {
      kind: 'target',
      key: target,
      segments: split(decodeURIComponent(target), slash)!,
      slash,
    }
  );
}
