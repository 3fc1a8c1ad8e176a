/** Finds and reads `pagetree.config.*`, the file that the middleware and the commands share. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PagetreeError } from '../errors.ts';
import { type ConfigOptions, checkConfig, type SectionCheck } from './check.ts';

/** A configuration file that was found and is right. */
export interface ConfigFile {
  /** Where it is, absolute. */
  readonly file: string;
  /** What it says of the cache; `cacheDir` is absolute already. */
  readonly options: ConfigOptions;
  /** What it says to single programs, by the name of the section. */
  readonly sections: Readonly<Record<string, unknown>>;
}

/** How a configuration file is looked for, and who judges what is not about the cache. */
export interface ConfigSearch {
  /** Where the search begins, absolute. */
  readonly cwd: string;
  /** A file that is read without a search; relative to `cwd`. */
  readonly file?: string | undefined;
  /** The names in the file that belong to programs, and who judges them. @default none */
  readonly sections?: Readonly<Record<string, SectionCheck>>;
}

/** The names that are looked for; of two in one folder the first counts. */
const configNames = [
  'pagetree.config.json',
  'pagetree.config.js',
  'pagetree.config.mjs',
  'pagetree.config.ts',
] as const;

/**
 * Reads the configuration file in the working directory or the nearest one above it, up to the root of the repository or
 * the home directory. `cacheDir` is relative to the file, wherever the program was started.
 *
 * @returns `undefined` when no file is named and none is found.
 * @throws PagetreeError ERR_PAGETREE_CONFIG that names the file and everything that is wrong in it.
 * @example
 * const config = await readConfig({ cwd: process.cwd(), sections: { warm: () => [] } });
 */
export async function readConfig({
  cwd,
  file,
  sections = {},
}: ConfigSearch): Promise<ConfigFile | undefined> {
  const found = file === undefined ? nearest(cwd) : resolve(cwd, file);
  if (found === undefined) return undefined;
  const content = await contentOf(found);
  const { options, problems } = checkConfig(content, sections);
  const isObject = typeof content === 'object' && content !== null && !Array.isArray(content);
  if (problems.length > 0) throw unusable(found, problems.join('; '), isObject ? {} : { hint: readable });
  const { cacheDir } = options;
  const mine = Object.entries(content as object).filter(([name]) => Object.hasOwn(sections, name));
  return {
    file: found,
    options: cacheDir === undefined ? options : { ...options, cacheDir: resolve(dirname(found), cacheDir) },
    sections: Object.fromEntries(mine),
  };
}

/** A file above the project is somebody else's. */
function nearest(cwd: string): string | undefined {
  const home = homedir();
  for (let folder = cwd; ; folder = dirname(folder)) {
    const found = configNames.map((name) => join(folder, name)).find((file) => existsSync(file));
    if (found !== undefined) return found;
    if (folder === home || folder === dirname(folder) || existsSync(join(folder, '.git'))) return undefined;
  }
}

async function contentOf(file: string): Promise<unknown> {
  try {
    if (extname(file) === '.json') return JSON.parse(await readFile(file, 'utf8'));
    if (!existsSync(file)) throw Object.assign(new Error(), { code: 'ENOENT' });
    const { default: content } = (await import(pathToFileURL(file).href)) as { default?: unknown };
    return content;
  } catch (error) {
    throw unusable(file, causeOf(error), { hint: readable, cause: error });
  }
}

/** What went wrong, in words where there are better ones than Node's. */
function causeOf(error: unknown): string {
  switch ((error as NodeJS.ErrnoException | undefined)?.code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
      return 'this user may not read it';
    case 'EISDIR':
    case 'ERR_UNSUPPORTED_DIR_IMPORT':
      return 'it is a folder';
    case 'ERR_UNKNOWN_FILE_EXTENSION':
      return `this Node (${process.version}) does not read such files; TypeScript takes Node 22.18 or later, or a loader (node --import tsx server.js), or name the file pagetree.config.mjs`;
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

/** What to do about a file that says nothing yet. */
const readable =
  'Name a file that this user may read, with one object of options in it: JSON, or the default export of a module.';

function unusable(
  file: string,
  why: string,
  details: { readonly hint?: string; readonly cause?: unknown },
): PagetreeError {
  const message = `The configuration file ${visible(file)} cannot be used: ${visible(why)}.`;
  return new PagetreeError('ERR_PAGETREE_CONFIG', message, details);
}

/** Names in the file, and what it throws, come from outside: no control characters, no changes of direction. */
function visible(text: string): string {
  const cut = text.length > 4000 ? `${text.slice(0, 4000)}...` : text;
  return cut.replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}
