import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePrefixes, isBelow } from '../../src/key/scope.ts';
import { spell } from '../../src/key/spelling.ts';
import { grammar } from './targets.ts';

describe('at or below a prefix', () => {
  test.each([
    ['/blog', ['/blog', '/blog/', '/blog/x', '/blog/x/'], ['/', '/blogger', '/blo', '/a/blog', '/Blog']],
    ['/blog/', ['/blog/', '/blog/x', '/blog/x/y/'], ['/blog', '/blogger/', '/']],
    ['/', ['/', '/a', '/a/', '/.git'], []],
    ['/a/b', ['/a/b', '/a/b/', '/a/b/c'], ['/a', '/a/', '/a/bc', '/a/b.css']],
    ['/caf%C3%A9', ['/caf%C3%A9', '/caf%C3%A9/x'], ['/caf', '/caf%C3%A9s']],
  ])('%s', (prefix, covered, others) => {
    const matches = compilePrefixes([prefix]);
    for (const key of covered) expect([isBelow(key, prefix), matches(key)], key).toEqual([true, true]);
    for (const key of others) expect([isBelow(key, prefix), matches(key)], key).toEqual([false, false]);
  });

  test('prefixes are spelt: decoded and encoded ones are understood', () => {
    const matches = compilePrefixes(['/café', '/%7Eme/', '/a b']);
    for (const key of ['/caf%C3%A9/x', '/~me/', '/~me/x', '/a%20b']) expect(matches(key), key).toBe(true);
    for (const key of ['/~me', '/a', '/cafe']) expect(matches(key), key).toBe(false);
  });

  test('no prefix covers nothing', () => {
    expect(compilePrefixes([])('/')).toBe(false);
  });

  test.each(['', 'blog', '*', '/a?b', '/a/../b', '//', '/a%2Fb', 'https://example.org/'])(
    '%j is refused',
    (prefix) => {
      expect(() => compilePrefixes(['/ok', prefix])).toThrowError(
        expect.objectContaining({
          code: 'ERR_PAGETREE_OPTION',
          message: expect.stringContaining(JSON.stringify(prefix)),
        }),
      );
    },
  );

  test('whichever prefixes: the same as asking each', () => {
    const prefixes = fc.array(
      grammar.map(spell).filter((key) => key !== undefined),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(prefixes, fc.array(grammar, { minLength: 5 }), (list, keys) => {
        const matches = compilePrefixes(list);
        for (const key of [...keys, ...list, ...list.map((prefix) => `${prefix}x`)]) {
          expect(matches(key)).toBe(list.some((prefix) => isBelow(key, prefix)));
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('below means by segments', () => {
    fc.assert(
      fc.property(grammar, grammar, (key, prefix) => {
        const parts = prefix.replace(/\/$/, '').split('/');
        const same = parts.every((part, at) => key.split('/')[at] === part);
        const deeper = key.split('/').length > parts.length;
        expect(isBelow(key, prefix)).toBe(same && (!prefix.endsWith('/') || deeper));
      }),
      { numRuns: 5000 },
    );
  });
});
