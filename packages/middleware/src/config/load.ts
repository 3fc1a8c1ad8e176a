/** The options of the middleware, from the file that the commands read too. */
import { resolve } from 'node:path';
import { type CacheOptions, PagetreeError, readConfig } from '@pagetree/core';
import type { ShellOwnOptions } from '../options.ts';

/**
 * Reads the options from `pagetree.config.{json,js,mjs,ts}`, so that the site, `cache-warm` and `cache-purge` agree. The
 * file is the nearest one in the working directory or above it, up to the root of the repository. `cacheDir` is
 * relative to the file, as it was for the ancestor; `PAGETREE_CACHE_DIR` is stronger, as it is for the commands. What the
 * file says to the commands alone (`warm`) is left out.
 *
 * TypeScript is read where Node reads it: from Node 22.18 on, or with a loader (`node --import tsx server.js`).
 *
 * @param file another file, relative to the working directory.
 * @throws PagetreeError ERR_PAGETREE_CONFIG that names every unknown name and every wrong value in the file, or that there
 * is no such file.
 * @example
 * app.use(pageCache(await loadConfig()));
 * app.use(pageCache({ ...(await loadConfig()), onEvent: console.log })); // with options of its own
 */
export async function loadConfig(file?: string): Promise<CacheOptions & ShellOwnOptions> {
  const cwd = process.cwd();
  const found = await readConfig({ cwd, file, sections: { warm: () => [], counters: isSwitch } });
  if (found === undefined) {
    throw new PagetreeError(
      'ERR_PAGETREE_CONFIG',
      `There is no pagetree.config.json, .js, .mjs or .ts in ${cwd} or above it.`,
      {
        hint: 'Write { "cacheDir": "./cache" } into pagetree.config.json, or name the file: loadConfig("./site.json").',
      },
    );
  }
  const { counters } = found.sections;
  const options = { ...found.options, ...(typeof counters === 'boolean' && { counters }) };
  const { PAGETREE_CACHE_DIR } = process.env;
  if (PAGETREE_CACHE_DIR) return { ...options, cacheDir: resolve(cwd, PAGETREE_CACHE_DIR) };
  const { cacheDir } = options;
  if (cacheDir !== undefined) return { ...options, cacheDir };
  throw new PagetreeError(
    'ERR_PAGETREE_CONFIG',
    `The configuration file ${found.file} does not say cacheDir.`,
    {
      hint: 'Add "cacheDir": "./cache", relative to the file, or set PAGETREE_CACHE_DIR.',
    },
  );
}

function isSwitch(value: unknown): string[] {
  return typeof value === 'boolean' ? [] : ['counters: expected true or false'];
}
