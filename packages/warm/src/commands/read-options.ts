/** Brings together what the command line, the environment and the configuration file say to `cache-warm`. */
import { dirname } from 'node:path';
import { checkConfig } from '@pagetree/core';
import { findCacheDir } from '../config/cache-dir.ts';
import { type FlagShape, fromEnvironment, variableOf } from '../config/environment.ts';
import { type Config, loadConfig } from '../config/load.ts';
import { type OutputSettings, outputSettings } from '../config/output-table.ts';
import { Problems } from '../config/problems.ts';
import { type ResolvedSettings, resolveSettings } from '../config/resolve.ts';
import { type WarmFlags, warmOptions } from '../config/warm-options.ts';
import { flagOf, keyOf } from '../config/warm-table.ts';
import { WarmError } from '../errors.ts';
import { splitOptions } from '../fetch/split-options.ts';
import type { WarmOptions } from '../warm.ts';
import { noList } from './no-list.ts';

/** What the command line says to `cache-warm`. */
export interface WarmListsFlags extends WarmFlags {
  readonly 'cache-dir'?: string | undefined;
  readonly config?: string | undefined;
  readonly report?: readonly string[] | undefined;
  readonly failed?: string | undefined;
  readonly changes?: string | undefined;
  readonly 'dry-run'?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  readonly github?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Where options may stand beside the command line. */
export interface OptionPlaces {
  /** Every flag of the command: the environment may have them too. */
  readonly shapes: Readonly<Record<string, FlagShape>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Told what is to be written, as soon as that is known: also where something else is wrong. */
  readonly onOutput: (said: OutputSettings) => void;
}

/** Everything that a run is told, and nothing wrong in it. */
export interface RunOptions {
  readonly options: Omit<WarmOptions, 'cacheDir'>;
  /** The same, read once: a file of secrets may be one that can't be read twice. */
  readonly settings: ResolvedSettings;
  readonly output: OutputSettings;
  readonly cacheDir: string;
}

/**
 * Reads all of it, the weakest first.
 *
 * @throws {WarmError} with everything that is wrong, wherever it was said, each under the name that it has there.
 */
export async function readOptions(
  lists: readonly string[],
  given: WarmListsFlags,
  { shapes, env, cwd, onOutput }: OptionPlaces,
): Promise<RunOptions> {
  const problems = new Problems();
  const fromEnv = fromEnvironment(shapes, { ...given }, env, problems);
  const flags: WarmListsFlags = { ...given, ...fromEnv };
  const before = problems.count;
  const config = await problems.wait(() => loadConfig(cwd, flags.config));
  // What a file says that cannot be read may be just what is missing here.
  const partial = problems.count > before;
  const warm = { ...config?.values.warm };
  const labelOf = labels(given, fromEnv, warm);
  const byKeyLabel = (key: string) => labelOf(flagOf(key));
  const options = warmOptions(flags, config?.values ?? {}, { labelOf, problems, partial });
  const settings = problems.gather(() => resolveSettings(options, { label: byKeyLabel, partial }));
  gatherTreeFaults(options, problems, byKeyLabel);
  const output = problems.gather(() =>
    outputSettings([
      { said: warm, label: (key) => `warm.${key}` },
      { said: byKey(fromEnv), label: (key) => variableOf(flagOf(key)) },
      { said: byKey(given), label: (key) => `--${flagOf(key)}` },
    ]),
  );
  if (output !== undefined) onOutput(output);
  if (!partial) gatherMissingList(lists, options, problems);
  const cacheDir = await problems.wait(() => cacheDirOf(flags, config, partial, { env, cwd }));
  problems.throwIfAny();
  // A command of the file is written for the folder of the file, as its other names are.
  const execFolder = config === undefined || flags.exec !== undefined ? undefined : dirname(config.file);
  return { options, settings: { ...settings!, execFolder }, output: output!, cacheDir: cacheDir! };
}

/** What a flag is called where it was said. */
function labels(given: object, fromEnv: object, warm: object): (flag: string) => string {
  return (flag) => {
    if (flag in fromEnv) return variableOf(flag);
    const isGiven = (given as Record<string, unknown>)[flag] !== undefined;
    return !isGiven && keyOf(flag) in warm ? `warm.${keyOf(flag)}` : `--${flag}`;
  };
}

/** What core finds wrong with the options of the tree; those of the file were judged with it. */
function gatherTreeFaults(
  options: Omit<WarmOptions, 'cacheDir'>,
  problems: Problems,
  label: (key: string) => string,
): void {
  const { cacheDir: _, ...tree } = splitOptions({ ...options, cacheDir: '.' }).tree;
  for (const fault of checkConfig(tree).problems) {
    // One rule of `types` is one --type.
    const message = `${fault.replace(/^[a-zA-Z]+(?=[:[])/, (key) => label(key === 'types' ? 'type' : key))}.`;
    problems.add(
      new WarmError('ERR_PAGETREE_OPTION', message, {
        hint: 'Correct it, or leave it out to use the default.',
      }),
    );
  }
}

function gatherMissingList(
  lists: readonly string[],
  { robots, crawl, verify }: Omit<WarmOptions, 'cacheDir'>,
  problems: Problems,
): void {
  if (lists.length > 0 || robots === true || crawl === true || verify !== undefined) return;
  problems.add(noList());
}

async function cacheDirOf(
  flags: WarmListsFlags,
  config: Config | undefined,
  partial: boolean,
  { env, cwd }: Pick<OptionPlaces, 'env' | 'cwd'>,
): Promise<string> {
  const configured = partial ? '' : config?.values.cacheDir;
  return findCacheDir({ flag: flags['cache-dir'], config: async () => configured, env, cwd });
}

/** Flags under the names that they have in the configuration file. */
function byKey(flags: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(flags).map(([flag, value]) => [keyOf(flag), value]));
}
