import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { commonFlags } from './flags.ts';

/** `pagetree rollback`: makes an earlier tree the live one. */
export default class Rollback extends Command {
  static override summary = 'Go back to the tree before the last cache-warm --publish.';
  static override usage = 'rollback [--to N] [--list] [OPTIONS]';
  static override description = [
    'Switches the link by one rename, and says which tree is live now. No tree is changed or removed by it; the next --publish removes what was rolled back from. A running application with the middleware follows the link within a quarter of a second.',
    'Exit codes: 0 switched, or listed; 2 a mistake in the command or the configuration, nothing was published there, or no such tree is kept; 1 internal error.',
  ].join('\n\n');
  static override examples = [
    { command: '<%= config.bin %> rollback --cache-dir ./cache', description: 'To the tree before:' },
    { command: '<%= config.bin %> rollback --list', description: 'Which trees are kept:' },
    { command: '<%= config.bin %> rollback --to 7', description: 'To one of them, also forward:' },
  ];
  static override flags = {
    to: Flags.string({
      helpValue: 'N',
      summary: 'The number of the tree. Default the one before the live one.',
    }),
    list: Flags.boolean({ summary: 'Say which trees there are, and switch nothing.', exclusive: ['to'] }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Rollback);
    const { rollBackTree } = await import('../tree/rollback.ts');
    await rollBackTree(flags, process);
  }
}
