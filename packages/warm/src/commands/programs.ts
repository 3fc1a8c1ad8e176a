/** The three programs as a table for completion, read from the commands themselves. */
import type { Command } from '@oclif/core/command';
import { type CompletedCommand, type CompletedProgram, shells, type Value } from '../tree/completion.ts';
import { commands } from './all.ts';

type CommandClass = Pick<typeof Command, 'summary' | 'flags'>;

const values: Readonly<Record<string, Value>> = { DIR: 'folder', FILE: 'file' };

function completed(name: string, { summary, flags }: CommandClass): CompletedCommand {
  return {
    name,
    summary: summary ?? '',
    flags: Object.entries(flags).map(([flag, { char, type, ...rest }]) => ({
      name: flag,
      char,
      value: type === 'boolean' ? 'none' : (values['helpValue' in rest ? `${rest.helpValue}` : ''] ?? 'text'),
      summary: rest.summary ?? rest.description ?? '',
    })),
    takesFiles: name === 'warm',
    words: name === 'completion' ? shells : [],
  };
}

/** What can be completed. */
export function programs(): CompletedProgram[] {
  const all = Object.entries(commands).map(([name, command]) => completed(name, command));
  const named = (name: string) => all.find((command) => command.name === name)!;
  return [
    { name: 'pagetree', commands: all },
    { name: 'cache-warm', command: named('warm') },
    { name: 'cache-purge', command: named('purge') },
  ];
}
