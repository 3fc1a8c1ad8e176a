import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { WarmError } from '../errors.ts';
import { printable } from '../report/printable.ts';

/** `pagetree completion`: the script that completes the commands in a shell. */
export default class Completion extends Command {
  static override summary = 'Print a script that completes these commands in a shell.';
  static override usage = 'completion bash|zsh|fish';
  static override description =
    'For pagetree, cache-warm and cache-purge. The script is made from their options and asks nothing when it runs.';
  static override examples = [
    {
      command: '$ eval "$(<%= config.bin %> completion bash)"',
      description: 'In ~/.bashrc; zsh is alike, after compinit:',
    },
    { command: '<%= config.bin %> completion fish | source', description: 'In ~/.config/fish/config.fish:' },
  ];
  static override args = {
    shell: Args.string({ ignoreStdin: true, description: 'bash, zsh or fish.' }),
  };
  static override flags = {
    version: Flags.version({ description: 'Print the version.' }),
    help: Flags.help({ char: 'h', description: 'Print this help.' }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(Completion);
    const { completionScript, shells } = await import('../tree/completion.ts');
    const shell = shells.find((name) => name === args.shell);
    if (args.shell === undefined) {
      throw new WarmError('ERR_PAGETREE_USAGE', 'No shell is named.', {
        hint: 'Name yours: pagetree completion bash, zsh or fish.',
      });
    }
    if (shell === undefined) {
      throw new WarmError('ERR_PAGETREE_USAGE', `There is no script for "${printable(args.shell, 40)}".`, {
        hint: 'There are scripts for bash, zsh and fish.',
      });
    }
    const { programs } = await import('./programs.ts');
    process.stdout.write(completionScript(shell, programs()));
  }
}
