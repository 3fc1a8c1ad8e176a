/** Reads `Range` (RFC 9110, 14). */
import type { HeaderMap, PageRequest } from '../contracts.ts';
import { rangeApplies, type Validators } from './conditional.ts';

/** A part of a body; both ends are inside it. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** More ranges than this are answered with the whole page. */
export const maxRanges = 16;

const one = /[ \t]*(?:(\d*)-(\d*)[ \t]*)?(?:,|$)/y;

/**
 * The parts that a field asks for, in the order in which it names them.
 *
 * @returns `undefined`: the field is to be ignored and the whole page is the answer, because it follows no
 * grammar, or has another unit, or too many ranges, or asks for more bytes than the page has (overlapping
 * ranges: nginx answers those with the page, too). `'unsatisfiable'`: none of its ranges is inside the page (416).
 */
export function parseRange(
  field: HeaderMap[string],
  size: number,
  limit = maxRanges,
): readonly ByteRange[] | 'unsatisfiable' | undefined {
  if (typeof field !== 'string' || !/^bytes=/i.test(field)) return undefined;
  const found: ByteRange[] = [];
  let asked = 0;
  let bytes = 0;
  one.lastIndex = 'bytes='.length;
  while (one.lastIndex < field.length) {
    const match = one.exec(field);
    if (match === null) return undefined;
    const [, first, last] = match;
    if (first === undefined || last === undefined) continue;
    asked += 1;
    if (asked > limit || (first === '' && last === '')) return undefined;
    const range = bounds(first, last, size);
    if (range === undefined) return undefined;
    if (range.start > range.end) continue;
    found.push(range);
    bytes += range.end - range.start + 1;
  }
  if (asked === 0 || bytes > size) return undefined;
  return found.length === 0 ? 'unsatisfiable' : found;
}

/** The part of the body that one range covers; empty when it is outside. `undefined`: it ends before it starts. */
function bounds(first: string, last: string, size: number): ByteRange | undefined {
  if (first === '') return { start: Math.max(0, size - Number(last)), end: size - 1 };
  const start = Number(first);
  if (last === '') return { start, end: size - 1 };
  return Number(last) < start ? undefined : { start, end: Math.min(Number(last), size - 1) };
}

/**
 * The parts of a page that a request asks for. Ranges mean something with GET only (RFC 9110, 14.2), and
 * `If-Range` must name this version of the page.
 */
export function rangesOf(
  { method, headers }: PageRequest,
  validators: Validators,
  size: number,
): readonly ByteRange[] | 'unsatisfiable' | undefined {
  if (method !== 'GET' || headers.range === undefined || !rangeApplies(headers, validators)) return undefined;
  return parseRange(headers.range, size);
}
