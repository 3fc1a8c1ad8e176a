import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { WarmError } from '../errors.ts';
import { exitCodes } from './exit-codes.ts';
import { commonFlags, ruleFlags, treeFlags } from './flags.ts';
import { takeInterrupts } from './interrupt.ts';

/** `cache-warm`: fills a tree ahead of time. */
export default class Warm extends Command {
  static override summary = 'Fetch the pages of a site and store them in its page cache.';
  static override usage = 'LISTS... [--cache-dir DIR] [--origin URL] [OPTIONS]';
  static override description = [
    'A list has one path (/about) or URL a line; blank lines and lines that start with # are left out. Without --origin the first URL says which site it is.',
    'Pages that are stored already are not fetched again, unless --refresh says so. No failure removes a page.',
    'A tree that exists knows its own layout, names and types: the tree flags are for the first run.',
    'Exit codes: 0 every URL is in the tree; 3 some are not; 2 a mistake in the command, the list, the configuration or the address of the site; 1 internal error; 130 and 143 stopped by a signal.',
  ].join('\n\n');
  static override examples = [
    {
      command: '<%= config.bin %><%= command.id ? " " + command.id : "" %> urls.txt --cache-dir ./cache',
      description: 'Absolute URLs of one site:',
    },
    {
      command:
        '<%= config.bin %><%= command.id ? " " + command.id : "" %> paths.txt --cache-dir ./cache --origin http://127.0.0.1:3000',
      description: 'Paths, from the application itself, whatever its public name:',
    },
    {
      command:
        'grep /blog/ urls.txt | <%= config.bin %><%= command.id ? " " + command.id : "" %> - --cache-dir ./cache --refresh',
      description: 'From standard input, also what is stored already:',
    },
  ];
  static override args = {
    lists: Args.string({
      multiple: true,
      ignoreStdin: true,
      description: 'Files with one path or URL a line; - is standard input.',
    }),
  };
  static override flags = {
    origin: Flags.string({
      helpValue: 'URL',
      summary: 'The site: scheme, host and port, such as http://127.0.0.1:3000.',
    }),
    host: Flags.string({ helpValue: 'NAME', summary: 'Another name for the Host header.' }),
    concurrency: Flags.string({
      char: 'c',
      helpValue: 'N',
      summary: 'How many pages are fetched at once, 1 to 512. Default 8.',
    }),
    timeout: Flags.string({
      helpValue: 'SECONDS',
      summary: 'How long one whole response may take. Default 30.',
    }),
    refresh: Flags.boolean({ summary: 'Fetch pages that are stored already as well.' }),
    report: Flags.string({
      helpValue: 'FILE',
      summary:
        'Write every URL that was not stored, and why: one JSON object a line, or an array for FILE.json.',
    }),
    quiet: Flags.boolean({ char: 'q', summary: 'No progress and no list of what went wrong.' }),
    ...commonFlags,
    ...treeFlags,
    ...ruleFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Warm);
    // oclif's types do not know that an argument can be many.
    const lists = args.lists as unknown as readonly string[] | undefined;
    if (lists === undefined || lists.includes('')) throw noList(lists);
    const { warmLists } = await import('./warm-lists.ts');
    const exitCode = await warmLists(lists, flags, {
      takeInterrupts,
      stdout: process.stdout,
      stderr: process.stderr,
      env: process.env,
      cwd: process.cwd(),
    });
    if (exitCode !== exitCodes.done) this.exit(exitCode);
  }
}

function noList(lists: readonly string[] | undefined): WarmError {
  const what = lists === undefined ? 'No list of URLs is named.' : 'The name of a list is empty.';
  return new WarmError('ERR_PAGETREE_USAGE', what, {
    hint: 'Name a file with one path or URL a line, or - for standard input: cache-warm urls.txt --cache-dir ./cache',
  });
}
