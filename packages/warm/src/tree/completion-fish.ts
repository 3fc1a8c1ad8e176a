import type { CompletedCommand, CompletedFlag, CompletedProgram } from './completion.ts';

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

function flagLine(start: string, { name, char, value, choices, summary }: CompletedFlag): string {
  const short = char === undefined ? '' : ` -s ${char}`;
  const takes = { none: '', folder: " -x -a '(__fish_complete_directories)'", file: ' -r -F', text: ' -x' };
  const words = choices.length === 0 ? '' : ` -a ${quoted(choices.join(' '))}`;
  return `${start}${short} -l ${name}${takes[value]}${words} -d ${quoted(summary)}`;
}

function commandLines(start: string, command: CompletedCommand): string[] {
  const lines = command.flags.map((flag) => flagLine(start, flag));
  if (command.takesFiles) lines.push(`${start} -F`);
  if (command.words.length > 0) lines.push(`${start} -a ${quoted(command.words.join(' '))}`);
  return lines;
}

function programLines(program: CompletedProgram): string[] {
  const start = `complete -c ${program.name}`;
  // Files only where a command takes them.
  const lines = [`${start} -f`];
  if ('command' in program) return [...lines, ...commandLines(start, program.command)];
  for (const command of program.commands) {
    lines.push(`${start} -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.summary)}`);
    lines.push(...commandLines(`${start} -n '__fish_seen_subcommand_from ${command.name}'`, command));
  }
  return lines;
}

/** For `pagetree completion fish | source`. */
export function fishScript(programs: readonly CompletedProgram[]): string {
  return `${programs.flatMap(programLines).join('\n')}\n`;
}
