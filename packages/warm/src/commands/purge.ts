import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { exitCodes } from './exit-codes.ts';
import { commonFlags, plainSwitch, plainTexts } from './flags.ts';
import { purgeFlags, purgeSwitchesOff } from './purge-flags.ts';

/** `cache-purge`: removes pages from a tree. */
export default class Purge extends Command {
  static override summary = 'Remove pages from a page cache.';
  static override usage =
    'PATHS... [-r] [--glob GLOB] [--tag TAG] [--older-than AGE] [--all] [--rewarm --origin URL] [OPTIONS]';
  static override description = [
    'When it ends, nothing that was made before is served any more, by any process. A page that was not stored is no error. / is the front page only; -r takes what is below a path too.',
    'With --older-than only what was stored longer ago goes, of what is named or of the whole tree. An age of 0 narrows nothing: whatever names every page then is asked about first, as --all is.',
    'With --rewarm the pages are fetched again as cache-warm does it, all of them, also when the site says that nothing changed. A new page takes the place of the old one; a page that the site does not give any more, or that may not be stored, is removed. Pages that came into the tree meanwhile may go, too. When the site cannot be reached at all nothing is removed. (To keep what cannot be fetched is cache-warm --refresh.) How the site is asked stands in the group "warm" of the configuration file, and in the environment.',
    'Exit codes: 0 what was named is gone; 3 with --fail-if-missing, something was not stored; with --rewarm, a page was removed and not fetched again; 2 a mistake in the command, the list or the configuration, or the question whether everything should go was not answered with yes; 1 internal error, or the system kept a file.',
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
      command: '<%= config.bin %><%= command.id ? " " + command.id : "" %> --tag product-42',
      description: 'Whatever was stored with a tag:',
    },
    {
      command: '$ cat changed.txt | <%= config.bin %><%= command.id ? " " + command.id : "" %> -',
      description: 'A list from standard input:',
    },
    {
      command:
        '<%= config.bin %><%= command.id ? " " + command.id : "" %> -r /blog --rewarm --origin http://127.0.0.1:3000',
      description: 'A section, fetched again from the application:',
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
      description:
        "Paths (/about), URLs of pages, or quoted globs ('/blog/**'); - reads a list from standard input.",
    }),
  };
  static override flags = {
    recursive: plainSwitch(purgeFlags.recursive),
    glob: plainTexts(purgeFlags.glob),
    tag: plainTexts(purgeFlags.tag),
    'older-than': Flags.string({
      helpValue: purgeFlags['older-than'].value,
      summary: purgeFlags['older-than'].summary,
    }),
    list: plainTexts(purgeFlags.list),
    all: plainSwitch(purgeFlags.all),
    yes: plainSwitch(purgeFlags.yes),
    'dry-run': plainSwitch(purgeFlags['dry-run']),
    verbose: plainSwitch(purgeFlags.verbose),
    rewarm: plainSwitch(purgeFlags.rewarm),
    origin: Flags.string({ helpValue: purgeFlags.origin.value, summary: purgeFlags.origin.summary }),
    'fail-if-missing': plainSwitch(purgeFlags['fail-if-missing']),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Purge);
    // oclif's types do not know that an argument can be many.
    const paths = (args.paths ?? []) as unknown as readonly string[];
    const { purgePaths } = await import('./purge-paths.ts');
    const exitCode = await purgePaths(paths, { ...purgeSwitchesOff, ...flags }, process);
    if (exitCode !== exitCodes.done) this.exit(exitCode);
  }
}
