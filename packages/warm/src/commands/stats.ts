import { Command } from '@oclif/core/command';
import { commonFlags } from './flags.ts';

/** `pagetree stats`: counts what is in a tree. */
export default class Stats extends Command {
  static override summary = 'Count what is in a page cache.';
  static override usage = 'stats [OPTIONS]';
  static override description = [
    'Pages, bytes and inodes, by type, section, size and age, and what the compressed variants save. It walks through the tree, in memory that does not depend on the number of pages.',
    'Exit codes: 0 counted; 2 a mistake in the command or the configuration, or the folder is no tree; 1 internal error.',
  ].join('\n\n');
  static override examples = [
    { command: '<%= config.bin %> stats --cache-dir ./cache', description: 'Of a tree by its folder:' },
  ];
  static override flags = { ...commonFlags };

  async run(): Promise<void> {
    const { flags } = await this.parse(Stats);
    const { printStats } = await import('../tree/stats.ts');
    await printStats(flags, process);
  }
}
