import { Command } from '@oclif/core/command';
import { commonFlags } from './flags.ts';

/** `pagetree sweep`: removes what crashes left behind. */
export default class Sweep extends Command {
  static override summary = 'Remove what crashes left behind in a page cache.';
  static override usage = 'sweep [OPTIONS]';
  static override description = [
    'Half-made pages of processes that are gone, rests of purges that were killed, meta and variants without their page, empty pages and folders. Nothing that a running process needs, and no page that has a byte: it may run at any time, from cron for example.',
    'Exit codes: 0 swept, also when there was nothing; 2 a mistake in the command or the configuration, or the folder is no tree; 1 internal error.',
  ].join('\n\n');
  static override examples = [
    { command: '<%= config.bin %> sweep --cache-dir ./cache', description: 'A tree by its folder:' },
  ];
  static override flags = { ...commonFlags };

  async run(): Promise<void> {
    const { flags } = await this.parse(Sweep);
    const { sweepTree } = await import('../tree/sweep.ts');
    await sweepTree(flags, process);
  }
}
