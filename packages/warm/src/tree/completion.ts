/** From the table of the commands to a script that completes them in a shell. Pure. */
import { bashScript } from './completion-bash.ts';
import { fishScript } from './completion-fish.ts';
import { zshScript } from './completion-zsh.ts';

/** What comes behind an option. */
export type Value = 'none' | 'folder' | 'file' | 'text';

/** One option of a command. */
export interface CompletedFlag {
  /** Without the two dashes. */
  readonly name: string;
  readonly char: string | undefined;
  readonly value: Value;
  /** Words that its value is one of; none when it may be any. */
  readonly choices: readonly string[];
  readonly summary: string;
}

/** One command, and what may be typed behind it. */
export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly CompletedFlag[];
  /** Its arguments are files (lists of URLs), not paths of pages. */
  readonly takesFiles: boolean;
  /** Words that its argument is one of. */
  readonly words: readonly string[];
}

/** A program: one command of its own, or several by name. */
export type CompletedProgram =
  | { readonly name: string; readonly command: CompletedCommand }
  | { readonly name: string; readonly commands: readonly CompletedCommand[] };

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

const scripts: Readonly<Record<Shell, (programs: readonly CompletedProgram[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** The script for a shell. */
export function completionScript(shell: Shell, programs: readonly CompletedProgram[]): string {
  return scripts[shell](programs);
}
