/** Cookies that change no page, as a pattern for any engine. Pure. */
import { PagetreeError } from '@pagetree/core';
import { ignorableCookies } from '@pagetree/core/rules';
import { type Engine, literal } from './spelling.ts';

/** What a name may have, for a character class. */
const token = "!#$%&'*+.^_`|~0-9A-Za-z-";

/**
 * A pattern for `Cookie` fields with nothing but cookies that can be ignored. Whatever servers read in two ways does not
 * match: a pair without `=`, an empty pair, a blank around a name.
 *
 * @param joined What the server puts between several fields before it looks at them. Where that is a comma, no value may have one.
 * @throws PagetreeError ERR_PAGETREE_OPTION on a name that no cookie has.
 */
export function ignorableCookieLine(
  ignoreCookies: readonly string[],
  engine: Engine,
  joined: ';' | ',',
): string {
  for (const name of ignoreCookies) {
    if (!/^[!#$%&'+.^_`|~\w-]+\*?$/.test(name)) {
      throw new PagetreeError(
        'ERR_PAGETREE_OPTION',
        `ignoreCookies: expected the name of a cookie, or its beginning and "*", but got ${JSON.stringify(name)}.`,
      );
    }
  }
  const all = [...new Set([...ignorableCookies, ...ignoreCookies])];
  const names = all.filter((name) => !name.endsWith('*')).map(literal);
  const beginnings = all.filter((name) => name.endsWith('*')).map((name) => literal(name.slice(0, -1)));
  const name = `(?:${names.join('|')}|(?:${beginnings.join('|')})[${token}]*)`;
  const value =
    joined === ',' ? '[^\\x00-\\x1f\\x7f;,]*' : '[^\\x00-\\x1f\\x7f;,]*(?:,[^\\x00-\\x1f\\x7f;=]*)?';
  const possessive = engine === 'pcre' ? value.replaceAll(']*', ']*+') : value;
  return `^(?:${name}=${possessive})(?:; ?${name}=${possessive})*$`;
}
