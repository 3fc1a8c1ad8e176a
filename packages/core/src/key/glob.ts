/**
 * Which keys a glob covers. Pure.
 *
 * | in a glob | stands for |
 * | --- | --- |
 * | `*` | characters within one segment; as a whole segment, at least one character |
 * | `**` | characters, `/` included; as a whole segment before a `/`, any number of folders, also none |
 * | `?` | one character, but not `/` |
 * | `[ab]` `[a-z]` `[!a]` | one character of these, or none of these; never `/` |
 * | `{a,b}` | either text; may be nested and hold the others |
 * | `\x` | the character `x` itself |
 *
 * Everything else is itself, letters with their case, and names that start with a dot are like others. A glob is
 * compared with the whole **decoded** key, so `?` is one `é`; escapes in a glob are decoded first, and stand for
 * themselves. A trailing slash counts: `/blog/*` covers `/blog/a` but neither `/blog/` nor `/blog/a/`; `/blog/**`
 * covers `/blog/` and all below but not `/blog`; `/blog{,/**}` covers all three.
 *
 * Globs are matched by following all possible positions at once, in time proportional to the key times the
 * glob. A regular expression made of a glob (as picomatch makes them) takes 20 seconds for `/*a*a*a*a*b` and one name of
 * 240 letters, and a name is what a visitor chooses.
 */
import { readGlob, type Token } from './glob-syntax.ts';
import { encodeSegment } from './spelling.ts';
import { decode, parseTarget } from './target.ts';

const SLASH = 0x2f;

function accepts(token: Token, code: number): boolean {
  if (typeof token === 'number') return token === code;
  if (typeof token === 'object') {
    return code !== SLASH && token.ranges.some(([from, to]) => from <= code && code <= to) !== token.negated;
  }
  return token === 'any' ? code !== SLASH : token === 'folders-end' && code === SLASH;
}

function compileTokens(tokens: readonly Token[]): (text: string) => boolean {
  const { length } = tokens;
  // open[i]: the first i tokens can match what was read so far.
  const open = new Uint8Array(length + 1);

  /** Opens what is reached without reading on: behind a token that may stand for nothing. */
  const skipEmpty = (at: number): void => {
    const token = tokens[at];
    if (token === 'run' || token === 'tree' || token === 'folders') open[at + 1]! |= open[at]!;
    if (token === 'folders') open[at + 2]! |= open[at]!;
  };

  return (text) => {
    open.fill(0);
    open[0] = 1;
    for (let at = 0; at < length; at += 1) skipEmpty(at);
    for (let position = 0; position < text.length; ) {
      const code = text.codePointAt(position)!;
      position += code > 0xffff ? 2 : 1;
      let before = open[0]!;
      let alive = 0;
      open[0] = 0;
      for (let at = 0; at < length; at += 1) {
        const token = tokens[at]!;
        const here = open[at + 1]!;
        const stays = token === 'tree' || token === 'folders' || (token === 'run' && code !== SLASH);
        open[at + 1] = stays ? here : before && accepts(token, code) ? 1 : 0;
        before = here;
      }
      for (let at = 0; at < length; at += 1) {
        skipEmpty(at);
        alive |= open[at + 1]!;
      }
      if (alive === 0) return false;
    }
    return open[length] === 1;
  };
}

/** The folder that every key of an alternative is in, decoded. */
function literalFolder(tokens: readonly Token[]): string {
  const end = tokens.findIndex((token) => typeof token !== 'number');
  const literal = String.fromCodePoint(...((end === -1 ? tokens : tokens.slice(0, end)) as number[]));
  return literal.slice(0, literal.lastIndexOf('/') + 1) || '/';
}

/**
 * The deepest folder that holds every key a glob covers, so that a purge walks only that: a key that ends in `/`.
 *
 * @throws PagetreeError ERR_PAGETREE_PATH on a glob that is too long or that no key can match.
 * @example
 * staticPrefixOfGlob('/blog/2024-*') // '/blog/'
 */
export function staticPrefixOfGlob(glob: string): string {
  const folders = readGlob(glob).map((tokens) => literalFolder(tokens).split('/').slice(1, -1));
  const [first = [], ...others] = folders;
  let prefix = '/';
  for (const [at, name] of first.entries()) {
    const escaped = encodeSegment(name);
    if (escaped === undefined || others.some((names) => names[at] !== name)) break;
    const longer = `${prefix}${escaped}/`;
    // A glob may name `..`, but a walk must not follow it.
    if (parseTarget(longer).kind === 'bypass') break;
    prefix = longer;
  }
  return prefix;
}

/**
 * Makes the test whether a key is covered by a glob. It is not reentrant, and need not be: it never waits.
 *
 * @throws PagetreeError ERR_PAGETREE_PATH on a glob that is too long or that no key can match.
 * @example
 * compileGlob('/blog/**')('/blog/2024/a') // true
 */
export function compileGlob(glob: string): (key: string) => boolean {
  const prefix = staticPrefixOfGlob(glob);
  const alternatives = readGlob(glob).map(compileTokens);
  return (key) => {
    if (!key.startsWith(prefix)) return false;
    const text = key.includes('%') ? decode(key) : key;
    return text !== undefined && alternatives.some((matches) => matches(text));
  };
}
