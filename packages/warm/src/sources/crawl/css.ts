/** The longest URL that is looked for. */
const longestUrl = 8192;

/**
 * The links of a style sheet: `url(...)` and `@import "..."`, outside of comments. Pure. It reads what stands in
 * quotes as one piece, so that a text which looks like a link is none.
 */
export function* readCssLinks(css: string): Generator<string> {
  for (let at = 0; at < css.length; ) {
    const char = css[at]!;
    if (char === '/' && css[at + 1] === '*') {
      const end = css.indexOf('*/', at + 2);
      if (end === -1) return;
      at = end + 2;
    } else if (char === '"' || char === "'") {
      at = endOfText(css, at) + 1;
    } else if (isUrlFunction(css, at)) {
      const { text, end } = readUrlFunction(css, at + 4);
      if (text !== '' && text.length <= longestUrl) yield text;
      at = end;
    } else if (char === '@' && css.slice(at, at + 7).toLowerCase() === '@import') {
      at = skipBlanks(css, at + 7);
      if (css[at] !== '"' && css[at] !== "'") continue;
      const end = endOfText(css, at);
      const text = unescapeCss(css.slice(at + 1, end));
      if (text !== '' && text.length <= longestUrl) yield text;
      at = end + 1;
    } else {
      at += 1;
    }
  }
}

function isUrlFunction(css: string, at: number): boolean {
  return (css[at] === 'u' || css[at] === 'U') && css.slice(at, at + 4).toLowerCase() === 'url(';
}

function readUrlFunction(css: string, from: number): { readonly text: string; readonly end: number } {
  const at = skipBlanks(css, from);
  if (css[at] === '"' || css[at] === "'") {
    const end = endOfText(css, at);
    return { text: unescapeCss(css.slice(at + 1, end)).trim(), end: end + 1 };
  }
  let end = at;
  while (end < css.length && css[end] !== ')') end += css[end] === '\\' ? 2 : 1;
  return { text: end - at > longestUrl * 2 ? '' : unescapeCss(css.slice(at, end)).trim(), end: end + 1 };
}

/** Where the quote closes that opens at `from`; a line break ends it as well (CSS Syntax 3, 4.3.5). */
function endOfText(css: string, from: number): number {
  const quote = css[from];
  for (let at = from + 1; at < css.length; at += 1) {
    if (css[at] === '\\') at += 1;
    else if (css[at] === quote || css[at] === '\n') return at;
  }
  return css.length;
}

function skipBlanks(css: string, from: number): number {
  let at = from;
  while (at < css.length && /\s/.test(css[at]!)) at += 1;
  return at;
}

/** `\26 ` is `&`, and `\)` is `)` (CSS Syntax 3, 4.3.7). */
function unescapeCss(text: string): string {
  return text.replace(/\\(?:([0-9a-f]{1,6})\s?|(.))/gi, (_, hex: string | undefined, plain: string) => {
    if (hex === undefined) return plain;
    const code = Number.parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
}
