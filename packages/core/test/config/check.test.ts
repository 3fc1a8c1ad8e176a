import { describe, expect, it } from 'vitest';
import { checkConfig } from '../../src/config/check.ts';
import { optionNames } from '../../src/options.ts';

const problemsOf = (content: unknown, sections = {}): readonly string[] =>
  checkConfig(content, sections).problems;

describe('the content of a configuration file', () => {
  it('is judged as a whole: every unknown name and every wrong value', () => {
    const { problems } = checkConfig({
      cacheDir: '',
      cache_paths: ['/a'],
      layout: 'flat',
      maxPageSize: 1.5,
      types: ['x'],
      fileMode: '9',
      colour: 'red',
      cookies: 3,
      hosts: ['a b'],
      onEvent: 'log',
    });
    expect(problems).toEqual([
      'cache_paths: no option has this name, did you mean cachePaths?',
      'colour: no option has this name',
      expect.stringMatching(/^cacheDir: expected the path of a folder, but got ""/),
      'onEvent: expected a function, but got "log"',
      "layout: expected one of 'mirror', 'html', 'index', or a layout of your own, but got \"flat\"",
      'types: expected an object, but got ["x"]',
      "cookies: expected one of 'bypass', 'ignore', but got 3",
      'hosts: expected host names with an optional port, as `example.org`, but got "a b"',
      'maxPageSize: expected a whole number of bytes from 1 to 1099511627776, but got 1.5',
      'fileMode: expected a file mode from 0o000 to 0o777, but got "9"',
    ]);
  });

  it.each([
    [null, 'null'],
    [undefined, 'nothing'],
    [[], 'an array'],
    ['cache', 'a string'],
    [3, 'a number'],
    [() => ({}), 'a function'],
  ])('%j is refused', (content, kind) => {
    expect(problemsOf(content)).toEqual([`expected an object with options, but got ${kind}`]);
  });

  it('may say nothing at all', () => {
    expect(checkConfig({})).toEqual({ options: {}, problems: [] });
  });

  it.each(['by', 'io', '__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'does not say %s',
    (name) => {
      const content = JSON.parse(`{${JSON.stringify(name)}: "warm"}`);
      expect(problemsOf(content)).toEqual([`${name}: no option has this name`]);
    },
  );

  it.each([
    ['cache-dir', 'cacheDir'],
    ['CACHEDIR', 'cacheDir'],
    ['max_page_size', 'maxPageSize'],
    ['Warm', 'warm'],
  ])('%s is taken for %s', (name, meant) => {
    expect(problemsOf({ [name]: 'x' }, { warm: () => [] })).toEqual([
      `${name}: no option has this name, did you mean ${meant}?`,
    ]);
  });

  it('leaves the sections of programs to those who judge them', () => {
    const warm = (value: unknown) => (value === 'right' ? [] : [`warm: got ${value}`, 'warm: more']);
    expect(checkConfig({ warm: 'right', cacheDir: 'x' }, { warm })).toEqual({
      options: { cacheDir: 'x' },
      problems: [],
    });
    expect(problemsOf({ warm: 'wrong', maxBytes: 0 }, { warm })).toEqual([
      'warm: got wrong',
      'warm: more',
      'maxBytes: expected a whole number of bytes from 1 to 9007199254740991, but got 0',
    ]);
    expect(problemsOf({ warm: 'right' })).toEqual(['warm: no option has this name']);
  });

  it.each(['0644', '644', 0o644])('takes the mode %j', (mode) => {
    expect(checkConfig({ fileMode: mode, dirMode: '0755' })).toEqual({
      options: { fileMode: 0o644, dirMode: 0o755 },
      problems: [],
    });
  });

  it.each(['', '08', '64', '10644', 'rw-r--r--', '0o644'])('does not take the mode %j', (mode) => {
    expect(problemsOf({ fileMode: mode })).toHaveLength(1);
  });

  it('judges names that must differ together', () => {
    expect(problemsOf({ pageFile: '__index.html', directoryIndex: 'index.html' })).toEqual([]);
    expect(problemsOf({ pageFile: 'x.html', directoryIndex: 'x.html', maxBytes: 0 })).toEqual([
      'pageFile: expected another name than directoryIndex, but both are "x.html"',
      'maxBytes: expected a whole number of bytes from 1 to 9007199254740991, but got 0',
    ]);
    // The default of the other one is in the way, and the file can't be told to leave out what it does not say.
    expect(problemsOf({ directoryIndex: '__page.html' })).toEqual([
      'pageFile: expected another name than directoryIndex, but both are "__page.html"',
    ]);
  });

  it('takes each option that there is, but for what a program says of itself', () => {
    const right: Record<string, unknown> = {
      cacheDir: 'cache',
      layout: 'html',
      directoryIndex: 'index.html',
      pageFile: 'page.html',
      trailingSlash: 'never',
      contentType: 'text/html',
      types: { '.a': 'text/a' },
      cacheControl: { '/': 'max-age=60' },
      cachePaths: ['/a'],
      excludePaths: ['/b'],
      cookies: 'ignore',
      ignoreCookies: ['a'],
      hosts: ['a.test'],
      maxPageSize: 1,
      maxEntries: 1,
      maxBytes: 1,
      whenFull: 'evict',
      maxPending: 1,
      fidelity: 'strict',
      privatePages: false,
      shouldStore: () => true,
      durability: 'none',
      variants: false,
      compression: 'best',
      fileMode: 0o600,
      dirMode: 0o700,
      fillTimeout: 1,
      coalesce: false,
      coalesceTimeout: 0,
      adopt: true,
      onEvent: () => {},
    };
    // Numbers of bytes and of things: what they are called does not matter here.
    for (const name of Object.keys(optionNames)) {
      if (!(name in right) && name !== 'by' && name !== 'io') right[name] = 1;
    }
    expect(checkConfig(right).problems).toEqual([]);
  });
});
