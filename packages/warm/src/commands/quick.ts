/**
 * The quick lane of `cache-purge`. oclif takes longer to load than a purge takes; a plain command line
 * is read here, and everything else (help, mistakes) is left to oclif.
 */
import { parseArgs } from 'node:util';
import { tell } from './complain.ts';
import { purgeFlags, purgeSwitchesOff } from './purge-flags.ts';
import type { PurgeFlags } from './purge-paths.ts';
import { StandardOutput } from './standard-output.ts';
import { compileParserLate } from './v8.ts';

/** A command line that was understood. */
export interface QuickLine {
  readonly paths: readonly string[];
  readonly flags: PurgeFlags;
}

/** Without a path, one of these says what to purge. */
const namers = ['all', 'glob', 'tag', 'older-than', 'list'] as const;

function isMultiple(name: string): boolean {
  return 'multiple' in purgeFlags[name as keyof typeof purgeFlags];
}

/** Reads a plain command line; `undefined` when oclif should have a look at it. */
export function readQuickly(argv: readonly string[]): QuickLine | undefined {
  const options = Object.fromEntries(
    Object.entries(purgeFlags).map(([name, flag]) => [
      name,
      {
        type: flag.type,
        ...('char' in flag ? { short: flag.char } : {}),
        ...('multiple' in flag ? { multiple: true } : {}),
      },
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
    // oclif takes most options once, and no value that looks like another option.
    const single = texts.flatMap(({ name }) => (isMultiple(name) ? [] : [name]));
    if (new Set(single).size < single.length) return undefined;
    if (texts.some(({ value }) => value.startsWith('-'))) return undefined;
    if (positionals.length === 0 && !namers.some((name) => values[name] !== undefined)) return undefined;
    return { paths: positionals, flags: { ...purgeSwitchesOff, ...values } as unknown as PurgeFlags };
  } catch {
    return undefined;
  }
}

/** Runs a plain command line to its end; `false` when oclif should run it. */
export async function purgeQuickly(argv: readonly string[]): Promise<boolean> {
  const line = readQuickly(argv);
  if (line === undefined) return false;
  const output = new StandardOutput();
  compileParserLate();
  try {
    const { purgePaths } = await import('./purge-paths.ts');
    process.exitCode = await purgePaths(line.paths, line.flags, process);
  } catch (error) {
    tell('cache-purge', argv, error);
  }
  await output.end('cache-purge');
  return true;
}
