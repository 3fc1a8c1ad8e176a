import { describe, expect, it } from 'vitest';
import { byPrefix, covers, longestFirst } from '../../src/policy/prefixes.ts';

describe('prefixes', () => {
  it.each([
    ['/', '/', true],
    ['/', '/a', true],
    ['/a', '/a', true],
    ['/a', '/a/', true],
    ['/a', '/a/b', true],
    ['/a', '/ab', false],
    ['/a', '/a.css', false],
    ['/a/', '/a', false],
    ['/a/', '/a/', true],
    ['/a/', '/a/b', true],
    ['/a/b', '/a', false],
  ])('%s covers %s: %s', (prefix, key, expected) => {
    expect(covers(prefix, key)).toBe(expected);
  });

  it('the longest wins, whatever order they come in', () => {
    const rules = longestFirst([
      ['/', 1],
      ['/a/b', 3],
      ['/a', 2],
    ]);
    expect(['/x', '/a/x', '/a/b/x', '/a/bc'].map((key) => byPrefix(rules, key))).toEqual([1, 2, 3, 2]);
    expect(byPrefix(longestFirst([['/a', 1]]), '/b')).toBeUndefined();
  });

  it('a prefix may be written as a person writes it', () => {
    const rules = longestFirst([['/ärger', 1]]);
    expect(byPrefix(rules, '/%C3%A4rger/x')).toBe(1);
    // Of a manifest that somebody edited: no key has it.
    expect(byPrefix(longestFirst([['/a?b', 1]]), '/a')).toBeUndefined();
  });
});
