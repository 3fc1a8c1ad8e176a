/** Says whether a target may be fetched. */
export type Allows = (target: string) => boolean;

/** One rule in the language of robots.txt: `/shop` is `/shop` and all below, `*` is anything, `$` the end. */
export interface PathRule {
  readonly pattern: string;
  readonly allow: boolean;
}

/**
 * What rules allow: the longest one that fits decides, and with two of one length the one that allows; where none
 * fits, it is allowed (RFC 9309, 2.2.2). A rule and a target take as long as both are long, not as long as their
 * product: rules that are made to take long do not. Pure.
 */
export function pathRules(rules: readonly PathRule[]): Allows {
  const ordered = rules
    .map(({ pattern, allow }) => ({ ...takeApart(pattern), allow }))
    .sort((one, other) => other.length - one.length || Number(other.allow) - Number(one.allow));
  return (target) => {
    const path = unspecial(canonical(target).replaceAll('*', '%2A'));
    return ordered.find((rule) => fits(rule, path))?.allow ?? true;
  };
}

/**
 * Rules of one's own. With at least one `include`, everything else is left out. The longest pattern that fits
 * decides. Pure.
 */
export function patternRules(include: readonly string[], exclude: readonly string[]): Allows {
  return pathRules([
    ...(include.length > 0 ? [{ pattern: '/', allow: false }] : []),
    ...include.map((pattern) => ({ pattern, allow: true })),
    ...exclude.map((pattern) => ({ pattern, allow: false })),
  ]);
}

/** A pattern, in the form in which it is compared. */
interface Pattern {
  readonly length: number;
  /** What stands between the stars. */
  readonly pieces: readonly string[];
  /** Nothing may come behind the last piece. */
  readonly ends: boolean;
}

function takeApart(pattern: string): Pattern {
  const text = canonical(pattern);
  const ends = text.endsWith('$');
  const pieces = unspecial(ends ? text.slice(0, -1) : text).split(/\*+/);
  return { length: text.length, pieces, ends };
}

/** The first place for each piece is the best one: it leaves the most for those behind it. */
function fits({ pieces, ends }: Pattern, path: string): boolean {
  const first = pieces[0]!;
  const last = pieces.length - 1;
  if (!path.startsWith(first)) return false;
  let at = first.length;
  for (let piece = 1; piece <= last; piece += 1) {
    const text = pieces[piece]!;
    if (ends && piece === last) return path.length - text.length >= at && path.endsWith(text);
    const found = path.indexOf(text, at);
    if (found === -1) return false;
    at = found + text.length;
  }
  return !ends || at === path.length;
}

/** A dollar sign that means itself. */
function unspecial(text: string): string {
  return text.replaceAll('$', '%24');
}

/**
 * The one spelling of a path: what is not ASCII is escaped, an escaped character that is unreserved is not, and
 * escapes have large letters (RFC 9309, 2.2.2).
 */
function canonical(path: string): string {
  return encodeURI(Buffer.from(path).toString())
    .replaceAll('%25', '%')
    .replace(/%[\da-f]{2}/gi, (code) => {
      const character = String.fromCharCode(Number.parseInt(code.slice(1), 16));
      return /[\w.~-]/.test(character) ? character : code.toUpperCase();
    });
}
