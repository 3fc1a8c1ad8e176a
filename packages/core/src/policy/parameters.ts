/** The grammar that Cache-Control, Content-Type and Forwarded share: names with optional values, separated. */

export interface Parameter {
  /** In lower case. */
  readonly name: string;
  /** Unquoted. `undefined`: the name stands alone. */
  readonly value: string | undefined;
}

// A value that is not quoted may hold more than a token may: it is only compared, and servers send such ones.
// Blanks can be matched in one way only, or a run of them would take quadratic time.
const item =
  /[ \t]*(?:([!#$%&'*+.^_`|~\w-]+)(?:=(?:([\x21\x23-\x2b\x2d-\x3a\x3c-\x7e\x80-\xff]+)|"((?:[\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*)"))?[ \t]*)?([,;]|$)/y;
const escaped = /\\(.)/g;

/** Node accepts no longer header block by default; it also bounds what the expression above may have to remember. */
const maxLength = 16_384;

/**
 * Splits a list of parameters (RFC 9110, 5.6.1, 5.6.4 and 5.6.6). Empty elements are passed over, as the RFC
 * asks of a recipient. Takes time linear in the length.
 *
 * @param separators which of `,` and `;` separate; the other one is an error.
 * @returns `undefined` when the text does not follow the grammar.
 */
export function parseParameters(
  text: string,
  separators: ',' | ';' | ',;',
): readonly Parameter[] | undefined {
  if (text.length > maxLength) return undefined;
  const found: Parameter[] = [];
  item.lastIndex = 0;
  for (;;) {
    const match = item.exec(text);
    if (match === null) return undefined;
    const [, name, plain, quoted, end] = match;
    if (name !== undefined) {
      found.push({ name: name.toLowerCase(), value: plain ?? quoted?.replace(escaped, '$1') });
    }
    if (end === '') return found;
    if (!separators.includes(end!)) return undefined;
  }
}
