import { fileURLToPath } from 'node:url';
// First of all: what it does to standard output when it is loaded is undone below.
import '@oclif/core/command';
import type { LoadOptions } from '@oclif/core/interfaces';
import { run } from '@oclif/core/run';
import { settings } from '@oclif/core/settings';
import { ownPackage } from '../own-package.ts';
import { tell } from './complain.ts';
import { StandardOutput } from './standard-output.ts';
import { compileParserLate } from './v8.ts';

/** One of the programs of this package: a single command, or several by name. */
export type Bin =
  | { readonly name: string; readonly command: string }
  | { readonly name: string; readonly commands: string };

/** Runs a program with the arguments of the process, and ends the process. */
export async function runBin(bin: Bin): Promise<void> {
  const given = process.argv.slice(2);
  // `pagetree help warm` is `pagetree warm --help`: oclif has that in a plugin only.
  const argv = 'commands' in bin && given[0] === 'help' ? [...given.slice(1), '--help'] : given;
  const output = new StandardOutput();
  compileParserLate();
  try {
    await run(argv, describe(bin));
  } catch (error) {
    const exit = quietExit(error);
    if (exit === undefined) tell(bin.name, argv, error);
    else process.exitCode = exit;
  }
  await output.end(bin.name);
  process.exit();
}

/**
 * What oclif must know. It describes one program a package, so each program hands it a description of
 * its own.
 */
function describe(bin: Bin): LoadOptions {
  // Under NODE_ENV=test or development oclif would look for a TypeScript runtime.
  settings.enableAutoTranspile = false;
  const { folder, json } = ownPackage();
  const commands =
    'command' in bin
      ? { strategy: 'single' as const, target: bin.command }
      : { strategy: 'explicit' as const, target: bin.commands, identifier: 'commands' };
  const description =
    'See, explain, check, fill and purge a page cache. Each command has a --help of its own.';
  const oclif = {
    description,
    bin: bin.name,
    dirname: bin.name,
    topicSeparator: ' ' as const,
    commands,
  };
  // A loaded `Config` would be loaded a second time by `run`.
  return {
    root: fileURLToPath(folder),
    pjson: { ...json, name: bin.name, oclif },
    // Else oclif looks for plugins in the home directory, and warns when it may not.
    userPlugins: false,
    devPlugins: false,
  };
}

/** `this.exit(code)`, `--help` and `--version` end by an error of oclif that says nothing. */
function quietExit(error: unknown): number | undefined {
  const { code, oclif } = error as { code?: unknown; oclif?: { exit?: number } };
  return code === 'EEXIT' ? (oclif?.exit ?? 0) : undefined;
}
