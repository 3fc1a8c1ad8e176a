import type { CompletedCommand, CompletedProgram } from './completion.ts';

function functionName(program: string): string {
  return `_complete_${program.replaceAll('-', '_')}`;
}

/** Those of the words that begin like the one that is being typed. They are parted by line ends, as names may have blanks. */
function beginningAlike(words: readonly string[]): string {
  return words.length === 0 ? '' : `$(compgen -W $'${words.join('\\n')}' -- "$word")`;
}

const waysToComplete = {
  folder: '$(compgen -d -- "$word")',
  file: '$(compgen -f -- "$word")',
  text: '',
};

/** What stands behind the options of a command that take a value. */
function valueCases({ flags }: CompletedCommand): string {
  const chosen = flags
    .filter(({ choices }) => choices.length > 0)
    .map(({ name, choices }) => `        --${name}) COMPREPLY=(${beginningAlike(choices)}); return ;;\n`);
  const others = Object.entries(waysToComplete).flatMap(([value, way]) => {
    const names = flags.flatMap(({ name, char, value: takes }) =>
      takes === value ? [`--${name}`, ...(char === undefined ? [] : [`-${char}`])] : [],
    );
    return names.length === 0 ? [] : [`        ${names.join('|')}) COMPREPLY=(${way}); return ;;\n`];
  });
  return [...chosen, ...others].join('');
}

function commandCase(pattern: string, command: CompletedCommand): string {
  const options = beginningAlike(command.flags.map(({ name }) => `--${name}`));
  const others = [beginningAlike(command.words), command.takesFiles ? waysToComplete.file : ''].join(' ');
  return `    ${pattern})
      case "$before" in
${valueCases(command)}        *) ;;
      esac
      if [[ $word == -* ]]; then COMPREPLY=(${options})
      else COMPREPLY=(${others.trim()}); fi ;;`;
}

function programFunction(program: CompletedProgram): string {
  const name = functionName(program.name);
  const cases =
    'command' in program
      ? [commandCase('*', program.command)]
      : [
          ...program.commands.map((command) => commandCase(command.name, command)),
          `    *) COMPREPLY=(${beginningAlike([...program.commands.map((one) => one.name), 'help', '--help', '--version'])}) ;;`,
        ];
  // While the first word is being typed nothing is chosen yet.
  const chosen = 'command' in program ? '' : '  ((COMP_CWORD > 1)) && command="$' + '{COMP_WORDS[1]}"\n';
  return `${name}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command= IFS=$'\\n'
  # In --cache-dir=./c the = is a word.
  [[ $before == = ]] && before="\${COMP_WORDS[COMP_CWORD-2]}"
  [[ $word == = ]] && word=
  COMPREPLY=()
${chosen}  case "$command" in
${cases.join('\n')}
  esac
}
complete -o filenames -F ${name} ${program.name}`;
}

/** For `eval "$(pagetree completion bash)"`. */
export function bashScript(programs: readonly CompletedProgram[]): string {
  return `${programs.map(programFunction).join('\n\n')}\n`;
}
