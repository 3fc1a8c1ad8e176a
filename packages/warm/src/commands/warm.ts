import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import type { OutputSettings } from '../config/output-table.ts';
import { WarmError, type WarmErrorCode } from '../errors.ts';
import { sourceFlags } from '../sources/options.ts';
import { exitCodes } from './exit-codes.ts';
import { commonFlags, ruleFlags, treeFlags } from './flags.ts';
import { takeInterrupts } from './interrupt.ts';
import { noList } from './no-list.ts';
import { keepHeapSmall } from './v8.ts';
import { outputFlags, settingFlags } from './warm-flags.ts';

/** `cache-warm`: fills a tree ahead of time. */
export default class Warm extends Command {
  static override summary = 'Fetch the pages of a site and store them in its page cache.';
  static override usage = 'LISTS... [--cache-dir DIR] [--origin URL] [OPTIONS]';
  static override description = [
    'A list has one path (/about) or URL a line; blank lines and lines that start with # are left out. Sitemaps, feeds, NDJSON and access logs are understood too. Without --origin the first URL says which site it is; with --exec and --app it is the address of the application itself.',
    'Pages that are stored already are not fetched again, unless --refresh, --older-than or --lastmod says so. No failure removes a page.',
    'A run that was stopped, by Ctrl-C, by --max-time or by a kill, is gone on with by the same command, within a day.',
    'Every option can stand in the configuration file, in its group "warm" (firstByteTimeout), or at its top level if it is a tree or a rule flag, which the middleware has too (maxBytes); in the environment (PAGETREE_FIRST_BYTE_TIMEOUT; a value a line where there may be several) and here (--first-byte-timeout). What comes later wins. Files that the configuration file names count from its folder, and its exec is started there.',
    'A tree that exists knows its own layout, names and types: the tree flags are for the first run.',
    'Exit codes: 0 every URL is in the tree, or as many as --fail-on and --min-pages ask for; 1 internal error; 2 a mistake in the command, the configuration or the address of the site; 3 too many URLs are not in the tree, a source cannot be read, or not to its end, --prune would have removed too much, nothing was published, or --verify found another page, no page or no server; 4 the application of --exec or --app did not start; 5 a list cannot be read, or nothing is in it; 6 --max-time was over; 129, 130 and 143 stopped by a signal.',
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
    {
      command:
        '<%= config.bin %><%= command.id ? " " + command.id : "" %> urls.txt --cache-dir ./cache --publish --verify http://127.0.0.1:80',
      description: 'A new tree, live when it is good, and asked of the web server:',
    },
  ];
  static override args = {
    lists: Args.string({
      multiple: true,
      ignoreStdin: true,
      description:
        "Files with one path or URL a line, patterns of files ('lists/*.txt'), - for standard input, URLs of sitemaps and feeds, paths and URLs of pages.",
    }),
  };
  static override flags = {
    ...settingFlags,
    ...sourceFlags,
    ...outputFlags,
    ...commonFlags,
    ...treeFlags,
    ...ruleFlags,
  };

  async run(): Promise<void> {
    let output: OutputSettings | undefined;
    try {
      const exitCode = await this.#warm((said) => {
        output = said;
      });
      if (exitCode !== exitCodes.done) this.exit(exitCode);
    } catch (error) {
      const { tellGithub } = await import('./tell-github.ts');
      const { argv } = this;
      tellGithub(error, { argv, output, env: process.env, stderr: process.stderr });
      throw error;
    }
  }

  async #warm(onOutput: (said: OutputSettings) => void): Promise<number> {
    const { args, flags } = await this.parse(Warm);
    // oclif's types do not know that an argument can be many.
    const lists = args.lists as unknown as readonly string[] | undefined;
    if (lists?.includes('')) throw noList('The name of a list is empty.');
    keepHeapSmall();
    const { warmLists } = await import('./warm-lists.ts');
    return warmLists(lists ?? [], flags, {
      shapes: Warm.flags,
      takeInterrupts,
      onOutput,
      stdout: process.stdout,
      stderr: process.stderr,
      env: process.env,
      cwd: process.cwd(),
    }).catch((error: unknown) => {
      const exitCode = error instanceof WarmError ? ownCodes[error.code] : undefined;
      throw exitCode === undefined ? error : Object.assign(error as WarmError, { exitCode });
    });
  }
}

/** Mistakes that this command tells apart by its exit code. */
const ownCodes: Partial<Record<WarmErrorCode, number>> = {
  ERR_PAGETREE_LIST: exitCodes.nothing,
  ERR_PAGETREE_EXEC: exitCodes.notStarted,
  ERR_PAGETREE_MAX_TIME: exitCodes.outOfTime,
};
