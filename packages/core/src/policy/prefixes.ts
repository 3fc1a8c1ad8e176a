/** Rules by path prefix, the longest first. Segments are compared, never parts of a name. */
import { spell } from '../key/spelling.ts';

/** A prefix and what it stands for. */
export type PrefixRule<Value> = readonly [prefix: string, value: Value];

/** Sorts rules so that the first that covers a key is the longest. Prefixes are spelt as keys are; one that no key can have covers none. */
export function longestFirst<Value>(rules: Iterable<PrefixRule<Value>>): readonly PrefixRule<Value>[] {
  return [...rules]
    .map(([prefix, value]): PrefixRule<Value> => [spell(prefix) ?? prefix, value])
    .sort(([a], [b]) => b.length - a.length);
}

/**
 * Whether a key is at or below a prefix: `/a` covers `/a`, `/a/` and `/a/b`, not `/ab`;
 * `/a/` covers `/a/` and `/a/b`, not `/a`.
 */
export function covers(prefix: string, key: string): boolean {
  if (!key.startsWith(prefix)) return false;
  return key.length === prefix.length || prefix.endsWith('/') || key.charCodeAt(prefix.length) === 0x2f;
}

/** What the longest prefix that covers a key stands for. */
export function byPrefix<Value>(rules: readonly PrefixRule<Value>[], key: string): Value | undefined {
  for (const [prefix, value] of rules) {
    if (covers(prefix, key)) return value;
  }
  return undefined;
}
