import type { CompletedCommand, CompletedFlag, CompletedProgram } from './completion.ts';

/** Text between single quotes, in which zsh gives a meaning to brackets and colons. */
function quoted(text: string): string {
  return text.replace(/[[\]:\\]/g, '\\$&').replaceAll("'", "'\\''");
}

const actions = { none: '', folder: ':folder:_files -/', file: ':file:_files', text: ':value: ' };

function flagSpecs({ name, char, summary, value, choices }: CompletedFlag): string[] {
  const action = choices.length === 0 ? actions[value] : `:value:(${choices.join(' ')})`;
  const rest = `[${quoted(summary)}]${action}'`;
  const long = value === 'none' ? `'--${name}` : `'--${name}=`;
  return char === undefined ? [`${long}${rest}`] : [`${long}${rest}`, `'-${char}${rest}`];
}

function argumentsOf(command: CompletedCommand, indent: string): string {
  const specs = command.flags.flatMap(flagSpecs);
  if (command.words.length > 0) specs.push(`'1:word:(${command.words.join(' ')})'`);
  else specs.push(command.takesFiles ? "'*:list:_files'" : "'*:path: '");
  return `_arguments -s ${specs.join(` \\\n${indent}  `)}`;
}

function functionName(program: string): string {
  return `_${program.replaceAll('-', '_')}`;
}

function programFunction(program: CompletedProgram): string {
  const name = functionName(program.name);
  if ('command' in program) return `${name}() {\n  ${argumentsOf(program.command, '  ')}\n}`;
  const names = program.commands.map((one) => `'${one.name}:${quoted(one.summary)}'`).join(' ');
  const cases = program.commands.map((one) => `    ${one.name}) ${argumentsOf(one, '    ')} ;;`);
  return `${name}() {
  if ((CURRENT == 2)); then
    local -a commands=(${names})
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${cases.join('\n')}
  esac
}`;
}

/** For `eval "$(pagetree completion zsh)"`, or a file `_pagetree` in a folder of `$fpath`. */
export function zshScript(programs: readonly CompletedProgram[]): string {
  const names = programs.map(({ name }) => name);
  const asked = names.map((name) => `  ${name}) ${functionName(name)} "$@" ;;`);
  return `#compdef ${names.join(' ')}

${programs.map(programFunction).join('\n\n')}

_pagetree_programs() {
  case $service in
${asked.join('\n')}
  esac
}

if [ "$funcstack[1]" = "_pagetree" ]; then _pagetree_programs "$@"
else compdef _pagetree_programs ${names.join(' ')}; fi
`;
}
