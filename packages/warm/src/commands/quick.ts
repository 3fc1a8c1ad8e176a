/**
 * The quick lane of `cache-purge`. oclif takes longer to load than a purge takes; a plain command line
 * is read here, and everything else (help, mistakes) is left to oclif.
 */
import { parseArgs } from 'node:util';
import { outliveReaders, tell } from './complain.ts';
import { purgeFlags } from './purge-flags.ts';
import type { PurgeFlags } from './purge-paths.ts';

/** A command line that was understood. */
export interface QuickLine {
  readonly paths: readonly string[];
  readonly flags: PurgeFlags;
}

/** Reads a plain command line; `undefined` when oclif should have a look at it. */
export function readQuickly(argv: readonly string[]): QuickLine | undefined {
  const options = Object.fromEntries(
    Object.entries(purgeFlags).map(([name, flag]) => [
      name,
      { type: flag.type, ...('char' in flag ? { short: flag.char } : {}) },
    ]),
  );
  try {
    const { values, positionals, tokens } = parseArgs({
      args: [...argv],
      options,
      allowPositionals: true,
      strict: true,
      tokens: true,
    });
    const texts = tokens.flatMap((token) =>
      token.kind === 'option' && token.value !== undefined ? [{ name: token.name, value: token.value }] : [],
    );
    // oclif takes an option once, and no value that looks like another option.
    if (new Set(texts.map(({ name }) => name)).size < texts.length) return undefined;
    if (texts.some(({ value }) => value.startsWith('-'))) return undefined;
    if (positionals.length === 0 && values.all !== true) return undefined;
    const off = { recursive: false, all: false, yes: false, 'dry-run': false, verbose: false, json: false };
    return { paths: positionals, flags: { ...off, ...values } as PurgeFlags };
  } catch {
    return undefined;
  }
}

/** Runs a plain command line to its end; `false` when oclif should run it. */
export async function purgeQuickly(argv: readonly string[]): Promise<boolean> {
  const line = readQuickly(argv);
  if (line === undefined) return false;
  outliveReaders();
  try {
    const { purgePaths } = await import('./purge-paths.ts');
    process.exitCode = await purgePaths(line.paths, line.flags, process);
  } catch (error) {
    tell('cache-purge', argv, error);
  }
  return true;
}
