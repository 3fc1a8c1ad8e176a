import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { systemCause, WarmError } from '../errors.ts';
import { printable } from '../report/printable.ts';
import type { ConfigValues } from './schema.ts';

/** A configuration file that was found and is right. */
export interface Config {
  /** Where it is, absolute. */
  readonly file: string;
  /** What it says; `cacheDir` is absolute already. */
  readonly values: ConfigValues;
}

const names = ['pagetree.config.json', 'pagetree.config.js', 'pagetree.config.mjs'];

/**
 * Finds the configuration file in the working directory or above it, up to the root of the repository
 * or the home directory, and checks it. Named files are read without a search.
 *
 * @throws {WarmError} `ERR_PAGETREE_CONFIG` names the file and everything that is wrong in it.
 */
export async function loadConfig(cwd: string, named?: string): Promise<Config | undefined> {
  const found = named === undefined ? await search(cwd) : await readConfig(resolve(cwd, named));
  if (found === undefined) return undefined;
  const { checkConfig } = await import('./schema.ts');
  const checked = checkConfig(found.values);
  if ('problems' in checked) {
    const list = checked.problems.map((problem) => printable(problem)).join('; ');
    throw unusable(found.file, list);
  }
  const { cacheDir, ...rest } = checked.values;
  return {
    file: found.file,
    values: cacheDir === undefined ? rest : { ...rest, cacheDir: resolve(dirname(found.file), cacheDir) },
  };
}

interface Found {
  readonly file: string;
  readonly values: unknown;
}

async function search(cwd: string): Promise<Found | undefined> {
  const { lilconfig } = await import('lilconfig');
  const load = async (file: string) => (await readConfig(file)).values;
  const result = await lilconfig('pagetree', {
    searchPlaces: names,
    stopDir: lastFolder(cwd),
    loaders: { '.json': load, '.js': load, '.mjs': load },
  }).search(cwd);
  if (result === null) return undefined;
  return { file: result.filepath, values: result.isEmpty === true ? {} : result.config };
}

/** The last folder that is searched. A file above the project is somebody else's. */
function lastFolder(cwd: string): string {
  const home = homedir();
  let folder = cwd;
  while (folder !== home && !existsSync(join(folder, '.git'))) {
    const parent = dirname(folder);
    if (parent === folder) break;
    folder = parent;
  }
  return folder;
}

async function readConfig(file: string): Promise<Found> {
  try {
    if (extname(file) === '.json') return { file, values: JSON.parse(await readFile(file, 'utf8')) };
    if (!existsSync(file)) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
    return { file, values: module.default };
  } catch (error) {
    throw unusable(file, systemCause(error), error);
  }
}

function unusable(file: string, why: string, cause?: unknown): WarmError {
  const message = `The configuration file ${printable(file)} cannot be used: ${printable(why, 2000)}.`;
  return new WarmError('ERR_PAGETREE_CONFIG', message, { cause });
}
