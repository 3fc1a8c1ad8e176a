/** Reads `Cache-Control` and the fields that are built like it. */
import { parseParameters } from './parameters.ts';

/** Directives by lower-case name, with their argument. */
export type Directives = ReadonlyMap<string, string | undefined>;

/**
 * The directives of a `Cache-Control` field (RFC 9111, 5.2), all its lines combined. Of a directive that is
 * repeated the first one counts (RFC 9111, 4.2.1).
 *
 * @returns `undefined` when the field does not follow the grammar; who asks must then assume the worst.
 */
export function parseCacheControl(text: string): Directives | undefined {
  const parameters = parseParameters(text, ',');
  if (parameters === undefined) return undefined;
  const directives = new Map<string, string | undefined>();
  for (const { name, value } of parameters) {
    if (!directives.has(name)) directives.set(name, value);
  }
  return directives;
}

/**
 * Directives that forbid to store a response, or to use it without asking the application.
 *
 * - The forms with field names (`private="set-cookie"`) count as the whole: a cache may read them so
 *   (RFC 9111, 5.2.2.4 and 5.2.2.7).
 * - `max-age=0`, `s-maxage=0` and `must-revalidate` are not here. They say when a page goes stale, and in
 *   Pagetree nothing does: a page stays until it is purged.
 */
const forbidding = ['no-store', 'private', 'no-cache'];

/** What in the field forbids to keep a page, for people to read; `undefined`: nothing does. */
export function forbidden(text: string): string | undefined {
  const directives = parseCacheControl(text);
  if (directives === undefined) return `malformed: ${text}`;
  return forbidding.some((name) => directives.has(name)) ? text : undefined;
}
