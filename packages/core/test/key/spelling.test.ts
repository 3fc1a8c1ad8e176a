import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodePath, encodeSegment, spell } from '../../src/key/spelling.ts';
import { parseTarget } from '../../src/key/target.ts';
import { anything, grammar } from './targets.ts';

describe('the key that a person means', () => {
  test.each([
    ['/', '/'],
    ['/foo', '/foo'],
    ['/foo/', '/foo/'],
    ['/café', '/caf%C3%A9'],
    ['/caf%c3%a9', '/caf%C3%A9'],
    ['/caf%C3%A9', '/caf%C3%A9'],
    ['/café/a%20b', '/caf%C3%A9/a%20b'],
    ['/café/a b', '/caf%C3%A9/a%20b'],
    ['/cafe\u0301', '/cafe%CC%81'],
    ['/%7Efoo', '/~foo'],
    ['/%40scope/name', '/@scope/name'],
    ["/!$&'()*+,;=:@-._~", "/!$&'()*+,;=:@-._~"],
    ['/%21%24%26%27%28%29%2A%2B%2C%3B%3D%3A%40', "/!$&'()*+,;=:@"],
    ['/a"<>[]^`{|}', '/a%22%3C%3E%5B%5D%5E%60%7B%7C%7D'],
    ['/a%3Fb%23c', '/a%3Fb%23c'],
    ['/100%', '/100%25'],
    ['/100%25', '/100%25'],
    ['/100% of', '/100%25%20of'],
    ['/%zz', '/%25zz'],
    ['/\u{1F600}', '/%F0%9F%98%80'],
    ['/.git', '/.git'],
  ])('%s is %s', (path, key) => {
    expect(spell(path)).toBe(key);
  });

  test.each([
    ['', 'empty'],
    ['foo', 'no slash in front'],
    ['https://example.org/foo', 'a URL'],
    ['/foo?a=b', 'a query'],
    ['/foo#bar', 'a fragment'],
    ['/a//b', 'an empty segment'],
    ['/a/../b', 'a dot segment'],
    ['/a/%2e%2e/b', 'an escaped dot segment'],
    ['/a%2Fb', 'an escaped slash'],
    ['/a\\b', 'a backslash'],
    ['/a\u0000', 'a control character'],
    ['/a\u0085', 'a C1 control character'],
    ['/a%252Fb', 'two encodings'],
    ['/%FF', 'escapes that are not UTF-8'],
    ['/50% of %41', 'a percent sign and what looks like an escape'],
    ['/a\ud800', 'half a surrogate pair'],
    ['/a\ufffd', 'a replacement character'],
    [`/${'a'.repeat(8192)}`, 'too long'],
    [`/${'é'.repeat(2000)}`, 'too long when it is spelt'],
  ])('%s is no key: %s', (path) => {
    expect(spell(path)).toBeUndefined();
  });
});

describe('whatever comes', () => {
  test('it never throws, and what it answers is a key that it leaves alone', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anything,
          fc.string({ unit: 'grapheme' }).map((text) => `/${text}`),
        ),
        (path) => {
          const key = spell(path);
          if (key === undefined) return;
          expect(parseTarget(key).kind).toBe('target');
          expect(spell(key)).toBe(key);
        },
      ),
      { numRuns: 20_000 },
    );
  });

  test('every key is its own spelling, and so is what it decodes to unless that has escapes or a query', () => {
    fc.assert(
      fc.property(grammar, (text) => {
        const target = parseTarget(text);
        if (target.kind === 'bypass') return;
        expect(spell(text)).toBe(text);
        expect(encodePath(target.segments, target.slash)).toBe(text === '/' ? '/' : text);
        const decoded = decodeURIComponent(text);
        if (!/[?#%]/.test(decoded)) expect(spell(decoded)).toBe(text);
      }),
      { numRuns: 20_000 },
    );
  });
});

test('a segment that is not well-formed has no spelling', () => {
  expect(encodeSegment('a\udfffb')).toBeUndefined();
  expect(encodePath(['a', '\ud800'], false)).toBeUndefined();
  expect(encodePath([], true)).toBe('/');
  expect(encodeSegment('')).toBe('');
});
