/** What any command prints is safe for a terminal, whatever its arguments and the names in a tree are. */
import { mkdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../src/commands/all.ts';
import { complain } from '../../src/commands/complain.ts';
import { commandNames } from '../../src/commands/names.ts';
import { run } from '../support/bins.ts';
import { newFolder } from '../support/folders.ts';
import { runHere } from '../support/in-process.ts';
import { storeAll } from './trees.ts';

type Name = (typeof commandNames)[number];

/** Characters that a terminal obeys, that turn the direction of text, or that nobody sees. */
const hostileCharacters = [
  ...['\x1b[2J', '\x1b]0;owned\x07', '\x07', '\b', '\r', '\x7f', '\x85', '\x9b31m', '\x9d0;owned\x9c'],
  ...['\u061c', '\u200b', '\u200e', '\u202e', '\u2028', '\u2029', '\u2066', '\ufeff'],
  // A line of somebody else's that looks like one of ours.
  '\nFORGED: all is well',
];
const hostile = `x${hostileCharacters.join('y')}z`;
const unsafe = /[^\P{Cc}\n\t]|[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|^FORGED/mu;

/** What each command needs beside the word that is hostile, so that it comes to use that one. */
const needs: Readonly<Record<Name, readonly string[]>> = {
  warm: ['/a', '--origin', 'http://127.0.0.1:9', '--dry-run'],
  purge: ['/none'],
  ls: [],
  why: ['/a'],
  stats: [],
  top: ['--once'],
  cat: ['/a'],
  verify: [],
  check: ['http://127.0.0.1:9', '--pages-only'],
  sweep: [],
  config: ['nginx'],
  rollback: [],
  completion: ['bash'],
};

let cwd: string;
const home = process.cwd();
beforeAll(async () => {
  cwd = newFolder();
  await storeAll(join(cwd, 'cache'), [{ path: '/a' }]);
  process.chdir(cwd);
});
afterAll(() => process.chdir(home));

/** Every place of a command line where a text may stand: an argument, each option, and what is no option. */
function lines(name: Name, text: string): string[][] {
  const { flags } = commands[name];
  const json = 'json' in flags ? ['--json'] : [];
  const texts = Object.entries(flags).filter(([, { type }]) => type === 'option');
  return [
    [text, ...json],
    [...needs[name], text, ...json],
    [...needs[name], `--${text}`, ...json],
    ...texts.map(([flag]) => [...needs[name], `--${flag}`, text, ...json]),
  ];
}

async function expectSafe(name: Name, argv: readonly string[]): Promise<void> {
  const { stdout, stderr } = await runHere(name, argv);
  expect(stdout, argv.join(' ')).not.toMatch(unsafe);
  expect(stderr, argv.join(' ')).not.toMatch(unsafe);
  if (argv.includes('--json') && stdout !== '') JSON.parse(stdout);
}

describe('hostile arguments', () => {
  it.each(commandNames)('are printed safely by %s, wherever they stand', async (name) => {
    for (const argv of lines(name, hostile)) await expectSafe(name, argv);
  });

  it('of any kind are printed safely by any command', async () => {
    const word = fc
      .array(
        fc.constantFrom(...hostileCharacters, '/', 'a', '*', '{a,b}', '%', '"', "'", '=', 'http://', ':'),
        {
          maxLength: 8,
        },
      )
      .map((parts) => parts.join(''))
      // It would be read from the test's own standard input.
      .filter((text) => text !== '-');
    const line = fc
      .record({ name: fc.constantFrom(...commandNames), text: word, at: fc.nat() })
      .map(({ name, text, at }) => {
        const all = lines(name, text);
        return { name, argv: all[at % all.length]! };
      });
    await fc.assert(
      fc.asyncProperty(line, ({ name, argv }) => expectSafe(name, argv)),
      {
        numRuns: 150,
        examples: hostileCharacters.map((text) => [
          { name: 'warm', argv: [...needs.warm, '--cache-dir', `a${text}`, '--json'] },
        ]),
      },
    );
  });

  it('are printed safely by the programs themselves', async () => {
    for (const [bin, ...argv] of [
      ['pagetree', 'ls', '--cache-dir', hostile, '--json'],
      ['pagetree', hostile, '--json'],
      ['cache-purge', '/a', '--cache-dir', hostile, '--json'],
      ['cache-warm', hostile, '--json'],
    ]) {
      const { code, stdout, stderr } = await run(bin!, argv, { cwd });
      expect([argv, code === 2 || code === 5]).toEqual([argv, true]);
      expect(stdout).not.toMatch(unsafe);
      expect(stderr).not.toMatch(unsafe);
      expect(JSON.parse(stdout)).toMatchObject({ error: { message: expect.any(String) }, exitCode: code });
    }
  });
});

describe('an error', () => {
  it('is told safely whoever made its words, in text and in JSON', () => {
    const text = fc
      .array(fc.constantFrom(...hostileCharacters, 'a', ' ', '\n', '\n    at x'))
      .map((all) => all.join(''));
    const errors = fc.record({
      message: text,
      hint: text,
      kind: fc.constantFrom('ours', 'system', 'bug', 'oclif'),
    });
    fc.assert(
      fc.property(errors, ({ message, hint, kind }) => {
        const more = { ours: { hint }, system: { syscall: 'open' }, bug: {}, oclif: { oclif: {} } }[kind];
        const told = complain('pagetree', Object.assign(new Error(message), more));
        for (const part of [told.text, told.message, told.hint ?? '']) expect(part).not.toMatch(unsafe);
        // Whatever has a line of its own is indented.
        expect(
          told.text
            .split('\n')
            .slice(1, -1)
            .filter((line) => !line.startsWith('  ')),
        ).toEqual([]);
      }),
    );
  });
});

describe('a tree full of hostile names', () => {
  /** The characters of a file name: all but the slash. */
  const folder = () => join(cwd, `tree-${hostile}`);

  beforeAll(async () => {
    const cacheDir = folder();
    await storeAll(cacheDir, [
      { path: '/a', tags: 'news' },
      { path: '/feed', type: 'application/rss+xml' },
    ]);
    writeFileSync(join(cacheDir, hostile), 'no page');
    writeFileSync(join(cacheDir, `${hostile}.gz`), 'no page');
    mkdirSync(join(cacheDir, `f${hostile}`));
    writeFileSync(join(cacheDir, `f${hostile}`, 'page'), '');
    symlinkSync(hostile, join(cacheDir, `l${hostile}`));
    mkdirSync(join(cacheDir, '.pagetree/fills', hostile));
    mkdirSync(join(cacheDir, '.pagetree/fills/0123456789abcdef0123456789abcdef'), { recursive: true });
    writeFileSync(join(cacheDir, '.pagetree/fills/0123456789abcdef0123456789abcdef', hostile), '');
    mkdirSync(join(cacheDir, '.pagetree/counters'), { recursive: true });
    writeFileSync(
      join(cacheDir, `.pagetree/counters/${hostile}.json`),
      JSON.stringify({ format: 1, pid: 1, refused: { [hostile]: 1 } }),
    );
    const meta = join(cacheDir, '.pagetree/meta/a.pagetree');
    const { atime, mtime } = statSync(meta);
    const found = JSON.parse(readFileSync(meta, 'utf8'));
    const more = { tags: [hostile], url: hostile, by: hostile, headers: [['x-name', hostile]] };
    writeFileSync(meta, JSON.stringify({ ...found, ...more }));
    utimesSync(meta, atime, mtime);
  });

  it.each<[Name, string[]]>([
    ...(['ls', 'stats', 'verify', 'sweep'] as const).flatMap((name): [Name, string[]][] => [
      [name, []],
      [name, ['--json']],
    ]),
    ['ls', ['--tree']],
    ['ls', ['--ndjson']],
    ['ls', ['--plain']],
    ['verify', ['--ndjson']],
    ['verify', ['--losses']],
    ['why', ['/a']],
    ['why', ['/a', '--json']],
    ['top', ['--once']],
    ['top', ['--json']],
    ['cat', ['/a', '--head']],
    ['check', ['http://127.0.0.1:9']],
    ['config', ['nginx']],
    ['config', ['apache']],
    ['config', ['caddy']],
    ['config', ['static']],
    ['rollback', []],
    ['rollback', ['--list', '--json']],
    ['warm', ['/a', '--origin', 'http://127.0.0.1:9', '--dry-run', '--prune']],
    ['purge', ['/**', '--dry-run', '-v']],
    ['purge', ['/**', '--dry-run', '-v', '--json']],
    ['purge', ['/a', '/none', '-v']],
    ['verify', ['--fix']],
  ])('is safe to look at by %s %j', async (name, args) => {
    await expectSafe(name, [...args, '--cache-dir', folder()]);
  });
});
