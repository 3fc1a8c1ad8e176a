import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { exitCodes } from './exit-codes.ts';
import { commonFlags, plainSwitch, plainTexts } from './flags.ts';
import { purgeFlags } from './purge-flags.ts';

/** `pagetree ls`: lists pages. */
export default class Ls extends Command {
  static override summary = 'List the pages of a page cache.';
  static override usage =
    'ls [PATHS...] [-r] [--glob GLOB] [--tag TAG] [--older-than AGE] [--list FILE] [OPTIONS]';
  static override description = [
    'Without a path it is every page, as a walk through the folders finds them: nothing is sorted, so a million pages take no more memory than ten. AGE is the time since the page was stored.',
    'Paths, -r, globs, tags, ages and lists mean what they mean to cache-purge, and may stand together as there: what is listed is what it would remove.',
    'Exit codes: 0 listed, also when there was nothing; 2 a mistake in the command, the list or the configuration, or the folder is no tree; 1 internal error.',
  ].join('\n\n');
  static override examples = [
    { command: '<%= config.bin %> ls', description: 'Every page, in a table:' },
    { command: "<%= config.bin %> ls '/blog/**' --older-than 7d", description: 'Old pages of a section:' },
    {
      command:
        '<%= config.bin %> ls --plain --tag news | cache-warm - --refresh --origin http://127.0.0.1:3000',
      description: 'Fetch again what has a tag:',
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
    tag: plainTexts({
      ...purgeFlags.tag,
      summary: 'Only pages that have this tag. May be given several times: one is enough.',
    }),
    'older-than': Flags.string({
      helpValue: 'AGE',
      summary: 'Only pages that were stored longer ago: 90s, 15m, 12h, 7d, 2w.',
    }),
    list: plainTexts(purgeFlags.list),
    all: plainSwitch({ summary: 'Every page, as without a path.' }),
    tree: Flags.boolean({ summary: 'With the folders of the site as headings.' }),
    plain: Flags.boolean({ summary: 'Only the paths, one a line.' }),
    ndjson: Flags.boolean({ summary: 'One JSON object a line for each page.' }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Ls);
    // oclif's types do not know that an argument can be many.
    const paths = (args.paths ?? []) as unknown as readonly string[];
    const { listPages } = await import('../tree/ls.ts');
    const exitCode = await listPages(paths, flags, process);
    if (exitCode !== exitCodes.done) this.exit(exitCode);
  }
}
