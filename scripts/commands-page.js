/** docs/commands.md, from what the commands themselves say in --help. */
import { commands } from '../packages/warm/dist/commands/all.js';

/** Commands that are programs of their own, too. */
const programs = { warm: 'cache-warm', purge: 'cache-purge' };

const escapes = { '|': '\\|', '<': '&lt;', '*': '\\*', _: '\\_' };
/** Text of --help knows no markup. */
const plain = (text) => text.replace(/[|<*_]/g, (character) => escapes[character]).replaceAll('\n', ' ');
const code = (text) => `\`${text.replaceAll('|', '\\|')}\``;

function filled(text, name) {
  const [bin, id] = name in programs ? [programs[name], ''] : ['pagetree', name];
  return text
    .replaceAll('<%= command.id ? " " + command.id : "" %>', '')
    .replaceAll('<%= config.bin %>', bin)
    .replaceAll('<%= command.id %>', id);
}

function optionRow([name, { char, type, helpValue, multiple, allowNo, summary, description }]) {
  const long = `--${allowNo ? '[no-]' : ''}${name}${type === 'boolean' ? '' : ` ${helpValue}`}`;
  const spelt = [...(char === undefined ? [] : [code(`-${char}`)]), code(long)].join(', ');
  return `| ${spelt}${multiple ? ' ...' : ''} | ${plain(summary ?? description ?? '')} |`;
}

const everywhere = ['help', 'version'];

function section(name, command) {
  const title = name in programs ? `${programs[name]}, or pagetree ${name}` : `pagetree ${name}`;
  const usage = command.usage.replace(new RegExp(`^${name} `), '');
  const own = Object.entries(command.flags)
    .filter(([flag]) => !everywhere.includes(flag))
    .sort(([one], [other]) => (one < other ? -1 : 1));
  const examples = command.examples.map(
    ({ command: line, description }) =>
      `# ${description.replace(/:$/, '')}\n${filled(line, name).replace(/^\$ /, '')}`,
  );
  return [
    `## ${title}`,
    `${plain(command.summary)}`,
    `\`\`\`text\n${name in programs ? programs[name] : `pagetree ${name}`} ${usage}\n\`\`\``,
    ...command.description.split('\n\n').map(plain),
    `\`\`\`sh\n${examples.join('\n\n')}\n\`\`\``,
    ...(own.length === 0 ? [] : [`| option | |\n| --- | --- |\n${own.map(optionRow).join('\n')}`]),
  ].join('\n\n');
}

export function commandsPage(note) {
  const list = Object.entries(commands).map(
    ([name, { summary }]) => `| [${name}](#${anchor(name)}) | ${plain(summary)} |`,
  );
  return `${note}

# Commands

Three programs: \`cache-warm\` fills a tree, \`cache-purge\` takes pages out, and \`pagetree\` has both of them as commands, and everything else. All of them answer \`--help\`
and \`--version\`, write what was asked for to standard output and everything else to standard error, and use colours on a terminal only, unless \`NO_COLOR\` is set.
Names are made safe before they are printed: no control character, and none that turns the direction of text.

| command | |
| --- | --- |
${list.join('\n')}

Where a command needs a tree and no \`--cache-dir\` is given, it is \`PAGETREE_CACHE_DIR\`, else \`cacheDir\` of the configuration file (\`--config\`, else \`PAGETREE_CONFIG\`, else \`pagetree.config.{json,js,mjs,ts}\` here or above), else \`./cache\` if that is a tree.
A folder that is no tree is refused, and nothing in it is changed.

A command that was mistyped gets a suggestion. \`eval "$(pagetree completion bash)"\` completes all of this in a shell.

${Object.entries(commands)
  .map(([name, command]) => section(name, command))
  .join('\n\n')}
`;
}

function anchor(name) {
  return name in programs ? `${programs[name]}-or-pagetree-${name}` : `pagetree-${name}`;
}
