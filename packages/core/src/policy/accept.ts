/** Whether a client takes a type at all (RFC 9110, 12.5.1). */
import Negotiator from 'negotiator';
import { namesOf } from './media-type.ts';

const maxLength = 2048;

const token = String.raw`[!#$%&'*+.^_\x60|~\w-]+`;
const quoted = String.raw`"(?:[ !#-\x5b\x5d-\x7e]|\\[ -~])*"`;
const weight = String.raw`[qQ]=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)(?=[ \t]*(?:[,;]|$))`;
const parameter = `(?![qQ]=)${token}(?:=(?:${token}|${quoted}))?`;
const item = String.raw`[ \t]*${token}\/${token}(?:[ \t]*;[ \t]*(?:${weight}|${parameter}))*[ \t]*`;

const wellFormed = new RegExp(`^${item}(?:,${item})*$`);
const everything = /(?:^|,)[ \t]*\*\/\*[ \t]*(?:;[ \t]*q=[^,;]*)?(?:,|$)/i;
// A range that is excluded counts more than */* does, and a quoted string could hold anything.
const needsCare = /;[ \t]*q=0(?:\.0*)?[ \t]*(?:[,;]|$)|"/i;

/** What can be said of an `Accept` before a type is known. `some`: it depends on the type. */
export type Acceptance = 'all' | 'none' | 'some';

/** Reads an `Accept`. One that does not follow the grammar takes nothing, since servers would read it in different ways. */
export function readAccept(accept: string): Acceptance {
  if (accept.length > maxLength || !wellFormed.test(accept)) return 'none';
  // What browsers send ends in a plain */*: no need to look for the most specific range.
  return everything.test(accept) && !needsCare.test(accept) ? 'all' : 'some';
}

/**
 * Whether `Accept` leaves room for a media type. Without the field everything is accepted.
 *
 * @param read `readAccept`, or what remembers its answers.
 */
export function accepts(accept: string | undefined, mediaType: string, read = readAccept): boolean {
  if (accept === undefined || accept === '*/*') return true;
  const acceptance = read(accept);
  if (acceptance !== 'some') return acceptance === 'all';
  return new Negotiator({ headers: { accept } }).mediaTypes([...namesOf(mediaType)]).length > 0;
}

const exactRange = /^[ \t]*([^/\s]+\/[^;\s]+)[ \t]*(?:;[ \t]*[qQ]=([\d.]+)[ \t]*)?$/;

/**
 * How much more a client wants one media type than another: the difference of their weights (RFC 9110, 12.5.1), from -1 to 1.
 * `undefined` where `Accept` cannot be read in one way only: it breaks the grammar, or its ranges have parameters.
 */
export function preference(accept: string | undefined, mediaType: string, other: string): number | undefined {
  if (accept === undefined || accept === '*/*') return 0;
  if (accept.length > maxLength || !wellFormed.test(accept)) return undefined;
  const weights = new Map<string, number>();
  for (const range of accept.split(',')) {
    const found = exactRange.exec(range);
    if (found === null) return undefined;
    const name = found[1]!.toLowerCase();
    weights.set(name, Math.max(weights.get(name) ?? 0, Number(found[2] ?? 1)));
  }
  const weightOf = (type: string): number =>
    Math.max(
      ...[...namesOf(type)].map(
        (name) =>
          weights.get(name) ??
          weights.get(`${name.slice(0, name.indexOf('/'))}/*`) ??
          weights.get('*/*') ??
          0,
      ),
    );
  return weightOf(mediaType) - weightOf(other);
}
