import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import { WarmError } from '../errors.ts';
import { exitCodes } from './exit-codes.ts';
import { commonFlags, plainSwitch } from './flags.ts';
import { purgeFlags } from './purge-flags.ts';

/** `cache-purge`: removes pages from a tree. */
export default class Purge extends Command {
  static override summary = 'Remove pages from a page cache.';
  static override usage = 'PATHS... [-r] [--cache-dir DIR] [OPTIONS]';
  static override description = [
    'When it ends, nothing that was made before is served any more, by any process. A page that was not stored is no error. / is the front page only; -r takes what is below a path too.',
    'Exit codes: 0 what was named is gone; 2 a mistake in the command, the list or the configuration; 1 internal error, or the system kept a file.',
  ].join('\n\n');
  static override examples = [
    {
      command: '<%= config.bin %><%= command.id ? " " + command.id : "" %> /about',
      description: 'One page of the tree that the configuration file names:',
    },
    {
      command:
        '<%= config.bin %><%= command.id ? " " + command.id : "" %> -r /blog --cache-dir ./cache --dry-run',
      description: 'What would go with a whole section:',
    },
    {
      command: 'cat changed.txt | <%= config.bin %><%= command.id ? " " + command.id : "" %> -',
      description: 'A list from standard input:',
    },
    {
      command: '<%= config.bin %><%= command.id ? " " + command.id : "" %> --all --yes',
      description: 'Everything, without a question:',
    },
  ];
  static override args = {
    paths: Args.string({
      multiple: true,
      ignoreStdin: true,
      description: 'Paths (/about) or URLs of pages; - reads a list of them from standard input.',
    }),
  };
  static override flags = {
    recursive: plainSwitch(purgeFlags.recursive),
    all: plainSwitch(purgeFlags.all),
    yes: plainSwitch(purgeFlags.yes),
    'dry-run': plainSwitch(purgeFlags['dry-run']),
    verbose: plainSwitch(purgeFlags.verbose),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Purge);
    // oclif's types do not know that an argument can be many.
    const paths = (args.paths ?? []) as unknown as readonly string[];
    if (paths.length === 0 && !flags.all) throw nothingNamed();
    const { purgePaths } = await import('./purge-paths.ts');
    const exitCode = await purgePaths(paths, flags, process);
    if (exitCode !== exitCodes.done) this.exit(exitCode);
  }
}

function nothingNamed(): WarmError {
  return new WarmError('ERR_PAGETREE_USAGE', 'Nothing is named that should be purged.', {
    hint: 'Name a path (cache-purge /about), a path and what is below it (cache-purge -r /blog), or --all.',
  });
}
