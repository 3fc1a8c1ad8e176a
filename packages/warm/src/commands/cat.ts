import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { WarmError } from '../errors.ts';
import { exitCodes } from './exit-codes.ts';
import { commonFlags } from './flags.ts';

const { json: _, ...flagsOfCat } = commonFlags;

/** `pagetree cat`: prints a stored page. */
export default class Cat extends Command {
  static override summary = 'Print a stored page.';
  static override usage = 'cat PATH [--head] [--variant CODING] [OPTIONS]';
  static override description = [
    'Byte for byte into a file or a pipe; on a terminal only text, and without its control characters. The site is never asked.',
    'Exit codes: 0 printed; 3 the page or the variant is not stored; 2 a mistake in the command or the configuration, or the folder is no tree; 1 internal error.',
  ].join('\n\n');
  static override examples = [
    { command: '<%= config.bin %> cat /about > about.html', description: 'The page:' },
    { command: '<%= config.bin %> cat /about --head', description: 'The header fields of a hit:' },
    {
      command: '<%= config.bin %> cat /about --variant br | brotli -d',
      description: 'A compressed variant:',
    },
  ];
  static override args = {
    path: Args.string({ ignoreStdin: true, description: 'The path (/about) or URL of a page.' }),
  };
  static override flags = {
    head: Flags.boolean({ summary: 'Print the header fields that a hit has, instead of the page.' }),
    variant: Flags.string({ helpValue: 'CODING', summary: 'Print a compressed variant: gzip, br or zstd.' }),
    ...flagsOfCat,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Cat);
    if (args.path === undefined) {
      throw new WarmError('ERR_PAGETREE_USAGE', 'No page is named that should be printed.', {
        hint: 'Name a path: pagetree cat /about',
      });
    }
    const { printPage } = await import('../tree/cat.ts');
    const exitCode = await printPage(args.path, flags, process);
    if (exitCode !== exitCodes.done) this.exit(exitCode);
  }
}
