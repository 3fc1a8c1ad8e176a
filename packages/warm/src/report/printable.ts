/** Control characters, and those that turn the direction of text or hide: a terminal must not see them from outside. */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;

/**
 * Makes text from outside safe to print: a name, a URL, a header. The one function for it.
 *
 * @example printable('a\x1b[2Jb') === 'a\\u{1b}[2Jb'
 */
export function printable(text: string, longest = 300): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut.replace(unsafe, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
