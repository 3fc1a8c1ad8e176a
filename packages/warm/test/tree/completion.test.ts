import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { programs } from '../../src/commands/programs.ts';
import { nearest } from '../../src/tree/suggest.ts';
import { run } from '../support/bins.ts';
import { newFolder } from '../support/folders.ts';

const cwd = newFolder();

const has = (shell: string) =>
  process.env.PAGETREE_NO_SKIPS === '1' || spawnSync(shell, ['-c', 'true']).error === undefined;

beforeAll(async () => {
  mkdirSync(join(cwd, 'my folder'));
  writeFileSync(join(cwd, 'urls.txt'), '');
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout } = await run('pagetree', ['completion', shell], { cwd });
    writeFileSync(join(cwd, `script.${shell}`), stdout);
  }
});

/** What is typed, word by word, and what it is completed to. */
const cases: readonly [typed: readonly string[], completed: readonly string[]][] = [
  [['pagetree', 'st'], ['stats']],
  [['pagetree', 'to'], ['top']],
  [['pagetree', 'top', '--int'], ['--interval']],
  [['cache-purge', '--rew'], ['--rewarm']],
  [['pagetree', 'ls', '--rec'], ['--recursive']],
  [['pagetree', 'verify', '--f'], ['--fix']],
  [['pagetree', 'completion', 'z'], ['zsh']],
  [['pagetree', 'cat', '--var'], ['--variant']],
  [['cache-purge', '--fail'], ['--fail-if-missing']],
  [['cache-warm', '--refr'], ['--refresh']],
  [['cache-warm', '--no-cr'], ['--no-crawl']],
  [['pagetree', 'config', 'ngi'], ['nginx']],
  [['pagetree', 'cat', '--variant', 'zs'], ['zstd']],
  [['cache-warm', 'urls.t'], ['urls.txt']],
  [['cache-warm', '--layout', 'mir'], ['mirror']],
  [['pagetree', 'warm', '--format', 'nd'], ['ndjson']],
  [['pagetree', 'ls', '--cache-dir', 'my'], ['my folder']],
];

describe('completion', () => {
  it.runIf(has('bash')).each(cases)('in bash, %j is %j', (typed, completed) => {
    const program = typed[0]!.replace('-', '_');
    const script = `source script.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); "_complete_$PROGRAM"; printf "%s\\n" "\${COMPREPLY[@]}"`;
    const ran = spawnSync('bash', ['-c', script, 'bash', ...typed], {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, PROGRAM: program },
    });
    expect([ran.stderr, ran.stdout]).toEqual(['', `${completed.join('\n')}\n`]);
  });

  it.runIf(has('bash'))('in bash, a value behind = is completed too', () => {
    const script = `source script.bash; COMP_WORDS=(cache-purge --cache-dir = my); COMP_CWORD=3; _complete_cache_purge; printf "%s\\n" "\${COMPREPLY[@]}"`;
    expect(spawnSync('bash', ['-c', script], { cwd, encoding: 'utf8' }).stdout).toBe('my folder\n');
  });

  it.runIf(has('fish')).each(cases)('in fish, %j is %j', (typed, completed) => {
    const ran = spawnSync('fish', ['-c', `source script.fish; complete -C '${typed.join(' ')}'`], {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, HOME: cwd },
    });
    const words = ran.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('\t', 1)[0]!.replace(/\/$/, ''));
    expect(words).toEqual(completed);
  });

  it.runIf(has('zsh')).each(cases)('in zsh, %j is %j', (typed, completed) => {
    const shown = completed[0]!.replaceAll(' ', '\\\\ ');
    const script = `
      zmodload zsh/zpty
      zpty z zsh -f -i
      zpty -w z 'PS1=; autoload -U compinit && compinit -u -D; eval "$(cat script.zsh)"; print READ""Y'
      zpty -r z out '*READY*'
      zpty -w -n z $'${typed.join(' ')}\\t'
      zpty -r z out '*${shown}*' && print -r completed
      zpty -d z`;
    const ran = spawnSync('zsh', ['-f', '-c', script], { cwd, encoding: 'utf8', timeout: 20_000 });
    expect(ran.stdout).toBe('completed\n');
  });

  it('knows the words of every option that has some, as its summary says', () => {
    const all = programs().flatMap((program) =>
      'commands' in program ? program.commands : [program.command],
    );
    const flags = all.flatMap((command) => command.flags);
    for (const { choices, summary } of flags) for (const word of choices) expect(summary).toContain(word);
    const named = flags.filter(({ summary }) =>
      /^(?:\w+: .*|\w+, \w+ )\bor \w+[.:]|^\w+: .*\. \w+: /.test(summary),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(({ choices }) => choices.length === 0).map(({ name }) => name)).toEqual([]);
  });

  it('says which shells there are', async () => {
    const { code, stderr } = await run('pagetree', ['completion', 'tcsh'], { cwd });
    expect([code, stderr]).toEqual([
      2,
      'pagetree: There is no script for "tcsh".\n  There are scripts for bash, zsh and fish.\n',
    ]);
    expect((await run('pagetree', ['completion'], { cwd })).stderr).toContain('No shell is named.');
  });
});

describe('a typing mistake', () => {
  it.each([
    ['wram', 'warm'],
    ['lss', 'ls'],
    ['l', 'ls'],
    ['verfiy', 'verify'],
    ['STATS', 'stats'],
    ['statistics', undefined],
    ['', undefined],
    ['x'.repeat(100_000), undefined],
  ])('%s is taken for %s', (typed, meant) => {
    expect(nearest(typed, ['warm', 'ls', 'verify', 'stats'])).toBe(meant);
  });

  it('of an option gets a suggestion, too', async () => {
    const { stderr } = await run('cache-purge', ['/a', '--dryrun'], { cwd });
    expect(stderr).toBe(
      'cache-purge: There is no option --dryrun.\n  Did you mean --dry-run? See cache-purge --help.\n',
    );
  });
});
