import { access, constants, stat } from 'node:fs/promises';
import { isAbsolute, posix } from 'node:path';
import { systemCause, WarmError } from '../errors.ts';
import { splitUrl } from '../plan/origin.ts';
import { printable } from '../report/printable.ts';

/** The name of standard input in a list of files, as everywhere on Unix. */
export const standardInput = '-';

/** The source of what stands on the command line itself. */
export const ofArguments = 'arguments';

/** What a word on the command line stands for. */
export type NamedSource =
  | { readonly kind: 'stdin'; readonly name: string }
  | { readonly kind: 'file'; readonly name: string }
  /** A sitemap, a feed or another list, to be fetched. */
  | { readonly kind: 'remote'; readonly name: string }
  /** A page itself: a path, or a URL. */
  | { readonly kind: 'page'; readonly name: string };

const sourceExtension = /\.(?:xml|rss|atom|rdf|txt|ndjson|jsonl|json|log|lst|csv)(?:\.gz)?$|\.gz$/i;
const sourceWord = /(?:^|[-_.])(?:sitemap|(?:feeds?|rss2?|atom|robots)(?:\.\w+)?$)/i;
/** The longest pattern for files: matching takes long where there are many stars. */
const longestPattern = 1024;

/** How words are understood. */
interface Naming {
  readonly cwd?: string;
  readonly remote?: boolean;
  readonly isFile?: boolean;
}

/**
 * Finds out what each word stands for, expands patterns that the shell left alone, and looks at every file
 * before anything is fetched, so that a wrong name in the last one is not found after an hour.
 *
 * `-` is standard input. A word that starts with a slash is a file if there is one, else a path of the site.
 * A URL is a source when it looks like one (`.xml`, `/feed`), else a page; `remote: true` makes every URL a source. With
 * `isFile`, a word is never a path or URL.
 *
 * @throws {WarmError} `ERR_PAGETREE_LIST` names the file and what is wrong with it; `ERR_PAGETREE_USAGE` for `-` twice.
 */
export async function nameSources(
  words: readonly string[],
  { cwd = '.', remote = false, isFile = false }: Naming = {},
): Promise<NamedSource[]> {
  if (words.filter((word) => word === standardInput).length > 1) {
    throw new WarmError('ERR_PAGETREE_USAGE', 'Standard input (-) is named more than once.', {
      hint: 'It can be read once only: name `-` once.',
    });
  }
  const named: NamedSource[] = [];
  for (const word of words) named.push(...(await nameOne(word, { cwd, remote, isFile })));
  return named;
}

async function nameOne(word: string, { cwd, remote, isFile }: Required<Naming>): Promise<NamedSource[]> {
  if (word === standardInput) return [{ kind: 'stdin', name: word }];
  if (!isFile && splitUrl(word) !== undefined) {
    return [{ kind: remote || looksLikeSource(word) ? 'remote' : 'page', name: word }];
  }
  const found = await lookAt(word);
  if (!isFile && word.startsWith('/') && (await isPath(word, found.kind)))
    return [{ kind: 'page', name: word }];
  switch (found.kind) {
    case 'file':
      return [{ kind: 'file', name: word }];
    case 'folder':
      throw cannotRead(word, 'it is a folder');
    case 'empty':
      throw emptyList([word]);
    case 'error':
      if (found.missing && (await isPattern(word))) return expand(word, cwd);
      throw cannotRead(word, systemCause(found.error), found.error);
  }
}

/** A pattern can be longer than a name. */
const missing = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);

type Looked =
  | { readonly kind: 'file' | 'folder' | 'empty' }
  | { readonly kind: 'error'; readonly error: unknown; readonly missing: boolean };

async function lookAt(file: string): Promise<Looked> {
  try {
    const found = await stat(file);
    if (found.isDirectory()) return { kind: 'folder' };
    await access(file, constants.R_OK);
    return { kind: found.isFile() && found.size === 0 ? 'empty' : 'file' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { kind: 'error', error, missing: code !== undefined && missing.has(code) };
  }
}

/**
 * `/about` is a path of the site. `/tmp/ursl.txt` is a file whose name was mistyped: its folder is there, below the
 * root of the system, and it looks like a list. So does `/tmp/*.txt`.
 */
async function isPath(word: string, found: Looked['kind']): Promise<boolean> {
  if (found === 'folder') return true;
  if (found !== 'error') return false;
  // The part before the first sign of a pattern.
  const folder = posix.dirname(/^[^*?[\]{}()!]*/.exec(word)![0] || '/');
  if (folder === '/' || !(sourceExtension.test(word) || (await isPattern(word)))) return true;
  return (await lookAt(folder)).kind !== 'folder';
}

/** Few words are patterns, so what knows them is loaded when one looks like it. */
async function isPattern(word: string): Promise<boolean> {
  return /[*?[\]{}()!]/.test(word) && (await import('tinyglobby')).isDynamicPattern(word);
}

/** Files, in the order of their names, so that every run reads them alike. Empty ones are left out. */
async function expand(pattern: string, cwd: string): Promise<NamedSource[]> {
  if (pattern.length > longestPattern) {
    throw cannotRead(pattern, `its pattern is longer than ${longestPattern} characters`);
  }
  const { glob } = await import('tinyglobby');
  const files = await glob(pattern, {
    cwd,
    onlyFiles: true,
    expandDirectories: false,
    absolute: isAbsolute(pattern),
  });
  if (files.length === 0) throw cannotRead(pattern, 'no file has such a name');
  const named: NamedSource[] = [];
  for (const file of files.sort()) {
    const found = await lookAt(file);
    if (found.kind === 'error') throw cannotRead(file, systemCause(found.error), found.error);
    if (found.kind === 'file') named.push({ kind: 'file', name: file });
  }
  if (named.length === 0) throw emptyList(files);
  return named;
}

function looksLikeSource(url: string): boolean {
  const path = splitUrl(url)!
    .target.replace(/[?#].*$/s, '')
    .replace(/\/$/, '');
  const last = path.slice(path.lastIndexOf('/') + 1);
  return sourceExtension.test(last) || sourceWord.test(last);
}

/** The error for lists in which no line says anything. */
export function emptyList(lists: readonly string[]): WarmError {
  const names = lists.length === 0 ? 'of URLs' : lists.map(listName).join(', ');
  return new WarmError('ERR_PAGETREE_LIST', `The list ${names} is empty: it has no URL.`, {
    hint: 'Write one path (/about) or URL a line; lines that start with # are comments.',
  });
}

/** The error for a source that cannot be opened, or not be read to its end. */
export function cannotRead(list: string, why: string, cause?: unknown, hint?: string): WarmError {
  return new WarmError('ERR_PAGETREE_LIST', `The list ${listName(list)} cannot be read: ${why}.`, {
    ...(hint === undefined ? {} : { hint }),
    cause,
  });
}

/** The name of a list in a sentence. */
export function listName(list: string): string {
  if (list === ofArguments) return 'of arguments';
  return list === standardInput ? 'on standard input' : printable(list);
}
