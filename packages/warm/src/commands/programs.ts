/** The three programs as a table for completion, read from the commands themselves. */
import type { Command } from '@oclif/core/command';
import { formatNames } from '../sources/detect.ts';
import { type CompletedCommand, type CompletedProgram, shells, type Value } from '../tree/completion.ts';
import { commands } from './all.ts';

type CommandClass = Pick<typeof Command, 'summary' | 'flags'>;

const values: Readonly<Record<string, Value>> = { DIR: 'folder', FILE: 'file' };

/** What an option may be set to, as its summary says. */
const choices: Readonly<Record<string, readonly string[]>> = {
  layout: ['mirror', 'html', 'index'],
  'trailing-slash': ['always', 'never'],
  fidelity: ['loose', 'strict'],
  'when-full': ['refuse', 'evict'],
  durability: ['full', 'none'],
  compression: ['fast', 'best'],
  cookies: ['bypass', 'ignore'],
  format: formatNames,
};

function completed(name: string, { summary, flags }: CommandClass): CompletedCommand {
  return {
    name,
    summary: summary ?? '',
    flags: Object.entries(flags).map(([flag, { char, type, ...rest }]) => ({
      name: flag,
      char,
      choices: choices[flag] ?? [],
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
