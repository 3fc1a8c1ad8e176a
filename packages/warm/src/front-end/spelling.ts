/**
 * Which targets a web server may look up, as two patterns over the target as it came: one that it must match, one that it must
 * not. Both say yes to fewer targets than `@pagetree/core` does, never to more. Pure.
 */

import type { Manifest } from '@pagetree/core';
import { executableExtensions } from '@pagetree/core/rules';

/** `pcre` backtracks, so loops are possessive there; `re2` has neither lookahead nor the need for it. */
export type Engine = 'pcre' | 're2';

const hex = '[0-9A-F]';
const tail = `%[89AB]${hex}`;

/** Printable ASCII that may not stand plain in a path, without `/` and `\`. */
const escapedAscii = '%(?:2[0235]|3[CEF]|5[BDE]|60|7[BCD])';

/**
 * Escapes of letters and signs beyond ASCII that no file system folds into ASCII or drops, but for the German sharp s: most scripts in use, as blocks of
 * UTF-8. A test holds each of them against the folding of core. What is missing (ligatures, full-width
 * forms, joiners) goes to the application.
 */
const letters = [
  // Latin, combining marks, Greek, Cyrillic, Armenian, Hebrew, Arabic and neighbours
  `%C3${tail}`,
  `%C4%(?:[89A]${hex}|B[4-9A-E])`,
  `%C5%(?:8[1-8A-F]|[9A]${hex}|B[0-9A-E])`,
  `%CE%(?:8[689A-F]|[9AB]${hex})`,
  `%D8%[AB]${hex}`,
  `%(?:C[689CF]|D[0-79A-F])${tail}`,
  // Indic, Thai, Georgian, Ethiopic, Khmer, Vietnamese
  `%E0%[AB]${hex}${tail}`,
  `%E1%(?:8[0-46-9A-F]|9[0-9A-DF]|A[1-9A-F]|B[0-3789BCD])${tail}`,
  `%E1%9E%(?:[89A]${hex}|B[0-3])`,
  `%E1%BA%(?:8${hex}|9[0-9]|[AB]${hex})`,
  // Dashes and quotation marks, arrows and signs
  `%E2%80%9[0-689A-F]`,
  `%E2%(?:8[7-9A-F]|90|9[4-9A-F]|A[0-8A-F]|B[02-9A-F])${tail}`,
  // Kana, Han, Hangul
  `%E3%80%(?:8[1-9A-F]|9${hex})`,
  `%E3%82%(?:[8AB]${hex}|9[0-9ADEF])`,
  `%E3%(?:8[1346-7]|9${hex}|[AB]${hex})${tail}`,
  `%E[4-9BC]%[89AB]${hex}${tail}`,
  `%EA%(?:8${hex}|9[0-9A-E]|[AB]${hex})${tail}`,
  `%ED%[89]${hex}${tail}`,
  // Emoji, rare Han
  `%F0%9F%(?:8[7-9A-F]|9${hex}|A[0-9A-E])${tail}`,
  `%F0%[AB]${hex}${tail}${tail}`,
];

/** The target of an accepted spelling: plain characters stand plain, all others are escaped with upper-case digits. */
export function acceptedTarget(engine: Engine, letterless = false): string {
  // Without possession one character at a time: a loop in a loop would try every way to cut a name.
  const many = engine === 'pcre' ? '++' : '';
  const any = engine === 'pcre' ? '*+' : '*';
  const escapes = [escapedAscii, ...(letterless ? [] : letters)].join('|');
  const first = `(?:[A-Za-z0-9_~!$&'()*+,;=:@-]|${escapes})`;
  const rest = `(?:[A-Za-z0-9._~!$&'()*+,;=:@-]${many}|${escapes})${any}`;
  return `(?:/\\.well-known)?(?:/${first}${rest})${any}/?`;
}

/** The longest name of a page in bytes: that of a directory entry less `.pagetree`. */
const MAX_NAME = 246;

/** Targets that no page has, to be matched without regard to case: names of the tree, of variants and of programs. */
export function refusedTarget({ layout, directoryIndex, pageFile }: Manifest): string {
  const end = '(?:/|$)';
  const own = [directoryIndex, pageFile].map(asWritten).join('|');
  return [
    '%25[0-9A-F][0-9A-F]',
    `/(?:${own})${end}`,
    `^/cachedir\\.tag${end}`,
    `\\.(?:gz|br|zst|pagetree)${end}`,
    `\\.(?:${executableExtensions.join('|')})(?:[.;:/]|%20|$)`,
    `/(?:%..|[^%/]){${MAX_NAME + 1}}`,
    ...(layout === 'html' ? htmlOnly(directoryIndex) : []),
  ].join('|');
}

/**
 * Whether the names that an owner chose are plain, so that a pattern without regard to case finds every form of them. A sharp s
 * folds into `ss`, which is in no other refused name.
 */
export function hasPlainNames({ directoryIndex, pageFile }: Manifest): boolean {
  return [directoryIndex, pageFile].every((name) => /^[ -~]*$/.test(name) && !/ss/i.test(name));
}

/** In the layout `html` these would share a file with another path. */
function htmlOnly(directoryIndex: string): string[] {
  const name = /^(.*)\.html$/i.exec(directoryIndex)?.[1];
  const bare = '(?:%..|[^%/.])';
  const tooLong = `/${bare}{${MAX_NAME - '.html'.length + 1}}${bare}*$`;
  return [tooLong, '\\.html$', ...(name === undefined ? [] : [`/${asWritten(name)}$`])];
}

/** A name as it stands in a target, for a pattern. */
function asWritten(name: string): string {
  const escaped = encodeURIComponent(name).replace(/%(?:24|26|2B|2C|3A|3B|3D|40)/g, decodeURIComponent);
  return literal(escaped);
}

/** A text that stands for itself in a pattern of any engine. */
export function literal(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
}

/** A pattern for all keys at or below one of some prefixes. */
export function atOrBelow(prefixes: readonly string[]): string {
  const each = prefixes.map((prefix) =>
    prefix.endsWith('/') ? literal(prefix) : `${literal(prefix)}(?:/|$)`,
  );
  return `^(?:${each.join('|')})`;
}
