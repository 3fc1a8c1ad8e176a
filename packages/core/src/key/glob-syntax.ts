/** Reads the globs of a purge. Pure. What a glob means is said in `glob.ts`. */
import { PagetreeError } from '../errors.ts';
import { decode } from './target.ts';

/** The longest glob, in characters. */
const MAX_GLOB_LENGTH = 1024;
/** The most that the braces of a glob may expand to, in characters: bounds the work of a match. */
const MAX_EXPANDED_LENGTH = 16_384;

/** The code points of a `[...]`. */
interface CharacterClass {
  readonly negated: boolean;
  readonly ranges: readonly (readonly [from: number, to: number])[];
}

/**
 * One step of a glob: a code point, a class, or
 * - `any`: one character but `/`
 * - `run`: any number of characters but `/`
 * - `tree`: any number of characters
 * - `folders` and `folders-end`, always in a row: nothing, or any characters and then a `/`
 */
export type Token = number | CharacterClass | 'any' | 'run' | 'tree' | 'folders' | 'folders-end';

function complain(glob: string, what: string): PagetreeError {
  const shown = glob.length > 80 ? `${glob.slice(0, 80)}...` : glob;
  return new PagetreeError('ERR_PAGETREE_PATH', `${what}, but got ${JSON.stringify(shown)}.`, {
    hint: 'Write a glob such as /blog/**, /blog/*, /img/{a,b}.png or /page-[0-9].',
  });
}

/** Where the brace that opens at `open` closes, and the commas of its own; `undefined` when it does not close. */
function readBrace(glob: string, open: number): { close: number; commas: readonly number[] } | undefined {
  const commas: number[] = [];
  let depth = 0;
  for (let at = open; at < glob.length; at += 1) {
    const char = glob[at];
    if (char === '\\') at += 1;
    else if (char === '{') depth += 1;
    else if (char === ',' && depth === 1) commas.push(at);
    else if (char === '}' && --depth === 0) return { close: at, commas };
  }
  return undefined;
}

/** Writes out the braces of a glob. As in a shell, one without a comma, or that does not close, is plain text. */
function expandBraces(glob: string): string[] {
  const expanded: string[] = [];
  let length = 0;
  const expandFrom = (text: string, from: number): void => {
    for (let at = from; at < text.length; at += 1) {
      const quoted = text[at] === '\\';
      if (quoted) at += 1;
      if (quoted || text[at] !== '{') continue;
      const brace = readBrace(text, at);
      if (brace === undefined) break;
      if (brace.commas.length === 0) continue;
      let start = at + 1;
      for (const end of [...brace.commas, brace.close]) {
        expandFrom(text.slice(0, at) + text.slice(start, end) + text.slice(brace.close + 1), at);
        start = end + 1;
      }
      return;
    }
    length += text.length + 1;
    if (length > MAX_EXPANDED_LENGTH) throw complain(glob, 'Expected a glob with fewer alternatives');
    expanded.push(text);
  };
  expandFrom(glob, 0);
  return expanded;
}

/** Splits a glob into what stands for itself and what does not: a character is literal after `\` or as an escape. */
function readCharacters(glob: string, escaped: boolean): { char: string; literal: boolean }[] {
  const characters: { char: string; literal: boolean }[] = [];
  const pattern = escaped ? /\\(.)|((?:%[0-9A-Fa-f]{2})+)|(.)/gsu : /\\(.)|(?!)()|(.)/gsu;
  for (const [, quoted, escapes, plain] of glob.matchAll(pattern)) {
    if (plain !== undefined) characters.push({ char: plain, literal: false });
    else for (const char of quoted ?? decode(escapes!) ?? escapes!) characters.push({ char, literal: true });
  }
  return characters;
}

type Characters = readonly { readonly char: string; readonly literal: boolean }[];

function isPlain(characters: Characters, at: number, char: string): boolean {
  return characters[at]?.literal === false && characters[at].char === char;
}

/** Reads the class that opens at `open`; `undefined` when it does not close, and the bracket is plain text. */
function readClass(
  characters: Characters,
  open: number,
): { token: CharacterClass; close: number } | undefined {
  const negated = isPlain(characters, open + 1, '!') || isPlain(characters, open + 1, '^');
  const first = open + (negated ? 2 : 1);
  const ranges: [number, number][] = [];
  for (let at = first; at < characters.length; at += 1) {
    if (at > first && isPlain(characters, at, ']')) return { token: { negated, ranges }, close: at };
    const from = characters[at]!.char.codePointAt(0)!;
    const isRange =
      isPlain(characters, at + 1, '-') && at + 2 < characters.length && !isPlain(characters, at + 2, ']');
    ranges.push([from, isRange ? characters[at + 2]!.char.codePointAt(0)! : from]);
    if (isRange) at += 2;
  }
  return undefined;
}

function tokenize(characters: Characters): Token[] {
  const tokens: Token[] = [];
  const isSlash = (at: number) => characters[at]?.char === '/';
  for (let at = 0; at < characters.length; at += 1) {
    const { char, literal } = characters[at]!;
    const group = !literal && char === '[' ? readClass(characters, at) : undefined;
    if (group !== undefined) {
      tokens.push(group.token);
      at = group.close;
    } else if (!literal && char === '?') {
      tokens.push('any');
    } else if (!literal && char === '*') {
      const start = at;
      while (isPlain(characters, at + 1, '*')) at += 1;
      const opens = start === 0 || isSlash(start - 1);
      if (at === start) {
        // A `*` that is a whole segment is not empty: `/blog/*` is not `/blog/`.
        if (opens && (at + 1 === characters.length || isSlash(at + 1))) tokens.push('any');
        tokens.push('run');
      } else if (opens && isSlash(at + 1)) {
        tokens.push('folders', 'folders-end');
        at += 1;
      } else {
        tokens.push('tree');
      }
    } else {
      tokens.push(char.codePointAt(0)!);
    }
  }
  return tokens;
}

/**
 * Reads a glob into its alternatives.
 *
 * @throws PagetreeError ERR_PAGETREE_PATH on a glob that is too long or that no key can match.
 */
export function readGlob(glob: string): Token[][] {
  if (glob.length > MAX_GLOB_LENGTH) {
    throw complain(glob, `Expected a glob of at most ${MAX_GLOB_LENGTH} characters`);
  }
  const escaped = decode(glob) !== undefined;
  if (escaped && /%2f/i.test(glob)) throw complain(glob, 'Expected a glob without an escaped slash');
  return expandBraces(glob).map((alternative) => {
    if (!/^(?:\/|\*\*)/.test(alternative)) throw complain(glob, 'Expected a glob that starts with / or **');
    return tokenize(readCharacters(alternative, escaped));
  });
}
