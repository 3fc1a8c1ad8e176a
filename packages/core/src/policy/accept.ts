/** Whether a client takes a type, and which one it wants more (RFC 9110, 12.5.1). */
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

// What axios, Angular and jQuery send names JSON and ends in */*.
const namesJson = /application\/(?:json|\*)/i;

/** What can be said of an `Accept` before a type is known. `some`: it depends on the type. */
export type Acceptance = 'all' | 'none' | 'some';

/** Reads an `Accept`. One that does not follow the grammar takes nothing, since servers would read it in different ways. */
export function readAccept(accept: string): Acceptance {
  if (accept.length > maxLength || !wellFormed.test(accept)) return 'none';
  // What browsers send ends in a plain */*: no need to look for the most specific range.
  return everything.test(accept) && !needsCare.test(accept) && !namesJson.test(accept) ? 'all' : 'some';
}

/**
 * Whether `Accept` leaves room for a media type. Without the field everything is accepted. It leaves none for HTML where it names
 * JSON and wants that more: under one URL many applications answer people in HTML and programs in JSON, and say nothing
 * of it in `Vary`.
 *
 * @param read `readAccept`, or what remembers its answers.
 */
export function accepts(accept: string | undefined, mediaType: string, read = readAccept): boolean {
  if (accept === undefined || accept === '*/*') return true;
  const acceptance = read(accept);
  if (acceptance !== 'some') return acceptance === 'all';
  if (mediaType === 'text/html' && wantsJson(accept)) return false;
  return new Negotiator({ headers: { accept } }).mediaTypes([...namesOf(mediaType)]).length > 0;
}

function wantsJson(accept: string): boolean {
  return namesJson.test(accept) && (preference(accept, 'application/json', 'text/html') ?? 1) > 0;
}

const exactRange = /^[ \t]*([^/\s]+\/[^;\s]+)[ \t]*(?:;[ \t]*[qQ]=([\d.]+)[ \t]*)?$/;

/** Less than any difference of weights, which have three digits. */
const TIE = 0.0001;

/**
 * How much more a client wants one media type than another: the difference of their weights (RFC 9110, 12.5.1), from -1 to 1.
 * Of two that weigh the same, the one that is named counts a little more than one that only a wildcard covers, a part of a wildcard
 * more than the range of everything, and else the one that comes first: applications that ask a library choose so. `undefined`
 * where `Accept` cannot be read in one way only: it breaks the grammar, or its ranges have parameters.
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
  const order = [...weights.keys()];
  /** The range that says most of a type, under any of its names, and what it says. */
  const bestOf = (type: string): { weight: number; detail: number; at: number } => {
    const found = namesOf(type).map((name) => {
      const ranges = ['*/*', `${name.slice(0, name.indexOf('/'))}/*`, name];
      const detail = ranges.findLastIndex((range) => weights.has(range));
      return { weight: weights.get(ranges[detail]!) ?? 0, detail, at: order.indexOf(ranges[detail]!) };
    });
    return found.reduce((best, one) =>
      one.weight > best.weight || (one.weight === best.weight && one.detail > best.detail) ? one : best,
    );
  };
  const [one, two] = [bestOf(mediaType), bestOf(other)];
  if (one.weight !== two.weight) return one.weight - two.weight;
  if (one.weight === 0) return 0;
  return one.detail === two.detail ? Math.sign(two.at - one.at) * TIE : (one.detail - two.detail) * TIE;
}
