import type { CacheOptions, PageCache } from '@pagetree/core';
import { findCacheDir } from '../config/cache-dir.ts';
import { configFileOf } from '../config/config-file.ts';
import { type Config, loadConfig } from '../config/load.ts';
import type { Modes } from './mend.ts';
import { openWithLayout } from './open-tree.ts';

/** What every command that looks at a tree takes. */
export interface TreeFlags {
  readonly 'cache-dir'?: string | undefined;
  readonly config?: string | undefined;
  readonly json: boolean;
}

/** The process around a command. */
export type Around = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr' | 'env' | 'cwd'>;

/** What a configuration file says of requests and modes. What it says of names and types stands in the manifest already, but for a layout that is not built in. */
const heeded = [
  ...(['cachePaths', 'excludePaths', 'cookies', 'ignoreCookies', 'hosts'] as const),
  ...(['fileMode', 'dirMode', 'fillTimeout'] as const),
] as const satisfies readonly (keyof CacheOptions)[];

/**
 * Opens the tree that a command is about, with the rules of the configuration file.
 *
 * @throws {PagetreeError} `ERR_PAGETREE_NO_TREE` when the folder is no tree. Nothing is made or changed then.
 */
export async function openFor(flags: TreeFlags, { env, cwd }: Around): Promise<PageCache> {
  return (await openWithConfig(flags, { env, cwd })).cache;
}

/** The modes where nothing else is said, as in core. */
const usualModes: Modes = { fileMode: 0o644, dirMode: 0o755 };

/** A tree, and what the configuration file says that is none of its business. */
export interface Opened {
  readonly cache: PageCache;
  /** The modes that files and folders of pages should have. */
  readonly modes: Modes;
  /** The names of the site, where they are known. */
  readonly hosts: readonly string[] | undefined;
}

/**
 * The same, with more of the configuration file.
 *
 * @param heeds which of its rules count. None: whatever is stored can be looked at, also what no request gets.
 */
export async function openWithConfig(
  flags: TreeFlags,
  { env, cwd }: Pick<Around, 'env' | 'cwd'>,
  heeds: readonly (typeof heeded)[number][] = heeded,
): Promise<Opened> {
  const config = await configOf(flags, { env, cwd });
  const cacheDir = await findCacheDir({
    flag: flags['cache-dir'],
    config: async () => config?.values.cacheDir,
    env,
    cwd: cwd(),
  });
  const values = config?.values ?? {};
  const rules = Object.fromEntries(
    heeds.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])),
  );
  // These commands are about one thing at a time and nobody else waits for them, as with a purge.
  const options = { ...rules, io: 'direct', coalesce: false } as const;
  const cache = await openWithLayout(cacheDir, options, () => values.layout);
  const { fileMode = usualModes.fileMode, dirMode = usualModes.dirMode } = values;
  return { cache, modes: { fileMode, dirMode }, hosts: values.hosts };
}

/** The configuration file of a command, if there is one. */
export async function configOf(
  flags: Pick<TreeFlags, 'config'>,
  { env, cwd }: Pick<Around, 'env' | 'cwd'>,
): Promise<Config | undefined> {
  return loadConfig(cwd(), configFileOf(flags.config, env));
}
