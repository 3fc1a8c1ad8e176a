/** Which keys a prefix covers. Pure. */
import { PagetreeError } from '../errors.ts';
import { spell } from './spelling.ts';

export { compileGlob, staticPrefixOfGlob } from './glob.ts';

/**
 * Whether a key is at or below a prefix. Whole segments are compared: `/blog` covers `/blog`, `/blog/` and
 * `/blog/x` but not `/blogger`; `/blog/` covers `/blog/` and `/blog/x` but not `/blog`; `/` covers everything.
 *
 * @param prefix In the spelling of a key; `spell` makes it.
 */
export function isBelow(key: string, prefix: string): boolean {
  if (!key.startsWith(prefix)) return false;
  return key.length === prefix.length || prefix.endsWith('/') || key.charCodeAt(prefix.length) === 0x2f;
}

/**
 * Makes the test whether a key is at or below one of the prefixes, as `isBelow` has it. The prefixes are spelt and
 * thinned out here, so that the test allocates nothing.
 *
 * @throws PagetreeError ERR_PAGETREE_OPTION on a prefix that no key can be below.
 */
export function compilePrefixes(prefixes: readonly string[]): (key: string) => boolean {
  const spelt = prefixes.map((prefix) => {
    const key = spell(prefix);
    if (key !== undefined) return key;
    throw new PagetreeError(
      'ERR_PAGETREE_OPTION',
      `Expected a path that starts with / and has no query, but got ${JSON.stringify(prefix)}.`,
    );
  });
  const needed = [...new Set(spelt)].filter(
    (prefix, _, all) => !all.some((other) => other !== prefix && isBelow(prefix, other)),
  );
  if (needed.includes('/')) return () => true;
  return (key) => {
    for (let at = 0; at < needed.length; at += 1) {
      if (isBelow(key, needed[at]!)) return true;
    }
    return false;
  };
}
