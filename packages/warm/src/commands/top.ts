import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { exitCodes } from './exit-codes.ts';
import { commonFlags } from './flags.ts';

/** `pagetree top`: shows what goes on in a tree. */
export default class Top extends Command {
  static override summary = 'Show what goes on in a page cache, live.';
  static override usage = 'top [--once] [--interval SECONDS] [OPTIONS]';
  static override description = [
    'Pages, and what is being stored and purged, from the tree itself; hits, misses, refusals and purges with their reasons and rates from the applications that share them: pageCache({ ..., counters: true }). Rates are of the last ten seconds. q or Ctrl-C ends it.',
    'Where the output is no terminal it looks once.',
    'Exit codes: 0 seen; 2 a mistake in the command or the configuration, or the folder is no tree; 1 internal error; 143 stopped by a signal.',
  ].join('\n\n');
  static override examples = [
    { command: '<%= config.bin %> top --cache-dir ./cache', description: 'Until you have seen enough:' },
    { command: '<%= config.bin %> top --json', description: 'All numbers of this moment, for a program:' },
  ];
  static override flags = {
    once: Flags.boolean({ summary: 'Look once, and end.' }),
    interval: Flags.string({
      helpValue: 'SECONDS',
      summary: 'How often it is drawn, 0.1 to 3600. Default 1, as often as applications tell.',
    }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Top);
    const { watchTree } = await import('../top/top.ts');
    const { stdin, stdout, stderr, env } = process;
    const around = { stdin, stdout, stderr, env, cwd: () => process.cwd(), signals: process };
    const exitCode = await watchTree(flags, around);
    if (exitCode !== exitCodes.done) this.exit(exitCode);
  }
}
