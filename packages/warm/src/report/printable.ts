/** Control characters, and those that turn the direction of text or hide: a terminal must not see them from outside. */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;

/**
 * Makes text from outside safe to print: a name, a URL, a header. The one function for it.
 *
 * @example printable('a\x1b[2Jb') === 'a\\u{1b}[2Jb'
 */
export function printable(text: string, longest = 300): string {
  // A cut must not take the end of a password away that it is known by.
  const said = withoutPasswords(text.length > longest ? text.slice(0, longest * 4) : text);
  const cut = said.length > longest || text.length > longest * 4 ? `${said.slice(0, longest)}…` : said;
  return cut.replace(unsafe, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/**
 * Takes the user name and the password out of each URL in a text (RFC 3986, 3.2.1): they are nobody else's business. A password may have
 * signs in it that end it by the rules, and its `@` may have been cut away: what could be the host of no URL is hidden as well.
 */
export function withoutPasswords(text: string): string {
  const [first, ...rest] = text.split('://');
  return [first, ...rest.map(withoutUserinfo)].join('://');
}

/** The beginning of a text that may have a password in it. Cut first, it could lose the end that a password is known by. */
export function excerpt(text: string, longest: number): string {
  return withoutPasswords(text).slice(0, longest);
}

/**
 * Where a redirect leads, as the site said it (RFC 9110, 10.2.2), without the user name and the password: what reads a URL finds them in
 * `//me:secret@host` and `http:/me:secret@host` as well.
 */
export function withoutPasswordOf(location: string): string {
  const urls = [undefined, 'http://site.invalid'].flatMap((base) =>
    URL.canParse(location, base) ? [new URL(location, base)] : [],
  );
  if (urls.length === 0) return withoutPasswords(location.replace(/^.*@/s, '…@'));
  const tells = urls.some(({ username, password }) => username !== '' || password !== '');
  const said = tells ? location.replace(/^([a-z][a-z\d+.-]*:)?[\s/\\]*[^/?#\\]*@/i, '$1//…@') : location;
  return withoutPasswords(said);
}

/** @param behind what comes behind `://`, with whatever follows the URL. */
function withoutUserinfo(behind: string): string {
  const word = upTo(behind, /[ \n\r]/);
  const authority = upTo(word, /[/?#\\\t]/);
  // A quote may be a part of the password, while there is an @ behind it; else it may as well end the URL.
  if (authority.includes('@')) return `…${behind.slice(authority.lastIndexOf('@'))}`;
  const quoted = upTo(word, /["'<>](?![\p{L}\p{N}])/u);
  // The URL may be the end of a sentence, or stand in brackets; and it may say how one is written: http://host:port.
  const isHost = /^(\[[^\]]*\]|[^:]*)(:(\d*|port))?[.,;:!)\]}…]*$/i.test(upTo(quoted, /[/?#\\\t]/));
  if (isHost) return behind;
  const end = word.lastIndexOf('@');
  return `…${behind.slice(end < 0 ? quoted.length : end)}`;
}

function upTo(text: string, end: RegExp): string {
  const at = text.search(end);
  return at < 0 ? text : text.slice(0, at);
}
