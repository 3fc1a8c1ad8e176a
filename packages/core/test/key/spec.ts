/**
 * The rules for targets, read a second time: octet by octet, without a regular expression or the platform's
 * decoder. `parseTarget` is compared with it.
 */
import type { Reason } from '../../src/policy/reasons.ts';

interface Octet {
  readonly value: number;
  readonly escaped: boolean;
  readonly digits: string;
}

const plain = new Set(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@"
    .split('')
    .map((c) => c.charCodeAt(0)),
);
const order: readonly Reason[] = [
  ...(['target-form', 'query', 'fragment', 'bad-escape', 'bad-utf8', 'control-byte', 'backslash'] as const),
  ...([
    'encoded-slash',
    'empty-segment',
    'dot-segment',
    'double-escape',
    'illegal-character',
    'odd-spelling',
  ] as const),
];

function readOctets(target: string): Octet[] | undefined {
  const octets: Octet[] = [];
  for (let at = 0; at < target.length; at += 1) {
    if (target[at] !== '%') {
      octets.push({ value: target.charCodeAt(at), escaped: false, digits: '' });
      continue;
    }
    const digits = target.slice(at + 1, at + 3);
    if (digits.length !== 2 || [...digits].some((digit) => !'0123456789ABCDEFabcdef'.includes(digit)))
      return undefined;
    octets.push({ value: Number(`0x${digits}`), escaped: true, digits });
    at += 2;
  }
  return octets;
}

/** RFC 3629, section 4, over the escaped octets above 0x7F. */
function readCodePoints(octets: readonly Octet[]): number[] | undefined {
  const points: number[] = [];
  for (let at = 0; at < octets.length; at += 1) {
    const { value: lead, escaped } = octets[at]!;
    if (!escaped || lead < 0x80) continue;
    const more =
      lead >= 0xc2 && lead <= 0xdf
        ? 1
        : lead >= 0xe0 && lead <= 0xef
          ? 2
          : lead >= 0xf0 && lead <= 0xf4
            ? 3
            : 0;
    if (more === 0) return undefined;
    let point = lead & (0x3f >> more);
    for (let step = 1; step <= more; step += 1) {
      const next = octets[at + step];
      if (next === undefined || !next.escaped || next.value < 0x80 || next.value > 0xbf) return undefined;
      point = point * 64 + (next.value & 0x3f);
    }
    const least = [0, 0x80, 0x800, 0x10000][more]!;
    if (point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) || point === 0xfffd)
      return undefined;
    points.push(point);
    at += more;
  }
  return points;
}

function isHexDigit(value: number | undefined): boolean {
  return value !== undefined && '0123456789ABCDEFabcdef'.includes(String.fromCharCode(value));
}

/** Every reason that applies to a target; of those after `bad-utf8` only when the path can be decoded. */
export function faultsOf(target: string): Set<Reason> {
  const found = new Set<Reason>();
  if (target[0] !== '/') found.add('target-form');
  if (target.includes('?')) found.add('query');
  if (target.includes('#')) found.add('fragment');
  const octets = readOctets(target);
  if (octets === undefined) return found.add('bad-escape');
  const points = readCodePoints(octets);
  if (points === undefined) return found.add('bad-utf8');
  for (const point of points) {
    if (point < 0xa0 || (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069))
      found.add('control-byte');
  }
  let segment = '';
  for (let at = 1; at <= octets.length; at += 1) {
    const octet = octets[at];
    if (octet !== undefined && (octet.value !== 0x2f || octet.escaped)) {
      segment += String.fromCharCode(octet.value);
      continue;
    }
    if (segment === '.' || segment === '..') found.add('dot-segment');
    if (segment === '' && octet !== undefined) found.add('empty-segment');
    segment = '';
  }
  octets.forEach(({ value, escaped, digits }, at) => {
    if (value < 0x20 || value === 0x7f) found.add('control-byte');
    if (value === 0x5c) found.add('backslash');
    if (escaped && value === 0x2f) found.add('encoded-slash');
    if (escaped && value === 0x25 && isHexDigit(octets[at + 1]?.value) && isHexDigit(octets[at + 2]?.value)) {
      found.add('double-escape');
    }
    if (!escaped && value !== 0x2f && !plain.has(value)) found.add('illegal-character');
    if (escaped && (plain.has(value) || digits !== digits.toUpperCase())) found.add('odd-spelling');
  });
  return found;
}

/** The one reason that a target bypasses for; `undefined` when it is accepted. */
export function reasonOf(target: string): Reason | undefined {
  const found = faultsOf(target);
  return order.find((reason) => found.has(reason));
}
