import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { WarmError } from '../errors.ts';
import { wrongValue } from './values.ts';

/** Where a command may learn which tree it is about, the strongest first. */
export interface CacheDirSources {
  /** `--cache-dir` */
  readonly flag: string | undefined;
  /** Of the configuration file, absolute. Asked only when nothing stronger says it. */
  readonly config: () => Promise<string | undefined>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/**
 * The folder of the tree: the flag, else `PAGETREE_CACHE_DIR`, else the configuration file, else
 * `./cache` if that is a tree.
 *
 * @throws {WarmError} when nothing says it.
 */
export async function findCacheDir({ flag, config, env, cwd }: CacheDirSources): Promise<string> {
  if (flag === '') throw wrongValue('--cache-dir', 'a folder', flag);
  if (flag !== undefined) return resolve(cwd, flag);
  const fromEnvironment = env.PAGETREE_CACHE_DIR;
  if (fromEnvironment) return resolve(cwd, fromEnvironment);
  const configured = await config();
  if (configured !== undefined) return configured;
  const usual = resolve(cwd, 'cache');
  if (existsSync(join(usual, '.pagetree', 'tree.json'))) return usual;
  throw new WarmError('ERR_PAGETREE_USAGE', 'Nothing says which cache folder is meant.', {
    hint: 'Add --cache-dir ./cache, or write { "cacheDir": "./cache" } into pagetree.config.json, or set PAGETREE_CACHE_DIR.',
  });
}
