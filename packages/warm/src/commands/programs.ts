/** The three programs as a table for completion, read from the commands themselves. */
import type { Command } from '@oclif/core/command';
import { formatNames } from '../sources/detect.ts';
import {
  type CompletedCommand,
  type CompletedFlag,
  type CompletedProgram,
  shells,
  type Value,
} from '../tree/completion.ts';
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
  variant: ['gzip', 'br', 'zstd'],
};

/** What the argument of a command is one of. */
const argumentWords: Readonly<Record<string, readonly string[]>> = {
  completion: shells,
  config: ['nginx', 'apache', 'caddy', 'static'],
};

function completed(name: string, { summary, flags }: CommandClass): CompletedCommand {
  return {
    name,
    summary: summary ?? '',
    flags: Object.entries(flags).flatMap(([flag, { char, type, ...rest }]): CompletedFlag[] => {
      const value =
        type === 'boolean' ? 'none' : (values['helpValue' in rest ? `${rest.helpValue}` : ''] ?? 'text');
      const summary = rest.summary ?? rest.description ?? '';
      const one = { name: flag, char, choices: choices[flag] ?? [], value, summary } as const;
      const canBeOff = 'allowNo' in rest && rest.allowNo === true;
      return canBeOff
        ? [one, { ...one, name: `no-${flag}`, char: undefined, summary: `Not --${flag}.` }]
        : [one];
    }),
    takesFiles: name === 'warm',
    words: argumentWords[name] ?? [],
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
