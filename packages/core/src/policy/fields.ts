/** Reads header fields: one line, several, or none. */
import type { HeaderMap } from '../contracts.ts';

type FieldValue = HeaderMap[string];

/** All lines of a list field as one, which means the same (RFC 9110, 5.3). `undefined`: the field is not there. */
export function combined(value: FieldValue): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  // Not an array either: Node's own getHeaders() answers with numbers where numbers were set.
  if (!Array.isArray(value)) return String(value);
  return value.length === 0 ? undefined : value.join(', ');
}

/** Every line of a field by itself, for fields whose values may hold commas. */
export function lines(value: FieldValue): readonly string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [String(value)];
}

/** The value of a field that may stand once. `null`: it stands there more than once, and nobody knows which counts. */
export function single(value: FieldValue): string | undefined | null {
  if (value === undefined || typeof value === 'string') return value;
  const all = lines(value);
  return all.length > 1 ? null : all[0];
}

const unprintable = /[^\x20-\x7e]/g;
const maxDetail = 200;

/** A text that can stand in a log line or in a header field: printable ASCII of a bounded length. */
export function printable(text: string): string {
  const short = text.length > maxDetail ? `${text.slice(0, maxDetail - 3)}...` : text;
  return short.replace(unprintable, '?');
}
