import { dirname } from 'node:path';
import { type ConfigOptions, readConfig } from '@pagetree/core';
import type { WarmGroup } from './schema.ts';

/** What a configuration file says: options of the tree, which the middleware has too, and those of `cache-warm`. */
export type ConfigValues = ConfigOptions & { warm?: WarmGroup };

/** A configuration file that was found and is right. */
export interface Config {
  /** Where it is, absolute. */
  readonly file: string;
  /** What it says; `cacheDir` is absolute already, and the files of `warm` are where the file is not in the working directory. */
  readonly values: ConfigValues;
}

/**
 * Finds the configuration file in the working directory or above it, up to the root of the repository
 * or the home directory, and checks it, as the middleware does. Named files are read without a search.
 *
 * @throws {PagetreeError} `ERR_PAGETREE_CONFIG` names the file and everything that is wrong in it.
 */
export async function loadConfig(cwd: string, named?: string): Promise<Config | undefined> {
  const { checkWarm } = await import('./schema.ts');
  let warm: WarmGroup | undefined;
  const judge = (group: unknown): readonly string[] => {
    const checked = checkWarm(group);
    if ('problems' in checked) return checked.problems;
    warm = checked.values;
    return [];
  };
  const found = await readConfig({ cwd, file: named, sections: { warm: judge, counters: isSwitch } });
  if (found === undefined) return undefined;
  const { file, options } = found;
  if (warm === undefined) return { file, values: options };
  const folder = dirname(file);
  if (folder === cwd) return { file, values: { ...options, warm } };
  const { besideFile } = await import('./beside-file.ts');
  return { file, values: { ...options, warm: besideFile(warm, folder) } };
}

/** What is for the middleware alone. */
function isSwitch(value: unknown): string[] {
  return typeof value === 'boolean' ? [] : ['counters: expected true or false'];
}
