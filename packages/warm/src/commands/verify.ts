import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { exitCodes } from './exit-codes.ts';
import { commonFlags } from './flags.ts';

/** `pagetree verify`: names what is wrong in a tree. */
export default class Verify extends Command {
  static override summary = 'Check a page cache, and mend it with --fix.';
  static override usage = 'verify [--fix] [OPTIONS]';
  static override description = [
    'Names every entry that is not as a fill or a purge leaves it. A healthy tree prints nothing, unless a web server in front would serve pages without headers of their own, or compressed variants are gone: that is told on standard error. It may run while the site does.',
    '--fix removes empty pages, variants and meta whose page is gone or another one, what dead processes left, and empty folders; it makes pages readable for the web server. It removes no page that has a byte. Links, strange files and pages in the wrong place are named, and left to you.',
    'Exit codes: 0 nothing is wrong (any more); 3 something is; 2 a mistake in the command or the configuration, or the folder is no tree; 1 internal error.',
  ].join('\n\n');
  static override examples = [
    { command: '<%= config.bin %> verify', description: 'What is wrong:' },
    { command: '<%= config.bin %> verify --fix', description: 'The same, and mend it:' },
  ];
  static override flags = {
    fix: Flags.boolean({ summary: 'Mend what can be mended.' }),
    losses: Flags.boolean({
      summary:
        'Name each page that a web server in front serves without some of its headers, and each variant that is gone, too.',
    }),
    ndjson: Flags.boolean({ summary: 'One JSON object a line for each wrong entry.' }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Verify);
    const { verifyTree } = await import('../tree/verify.ts');
    const exitCode = await verifyTree(flags, process);
    if (exitCode !== exitCodes.done) this.exit(exitCode);
  }
}
