import { describe, expect, it } from 'vitest';
import { combined, lines, printable, single } from '../../src/policy/fields.ts';

const number = 5 as unknown as string;

describe('header fields', () => {
  it('are combined into one line', () => {
    expect(combined(undefined)).toBeUndefined();
    expect(combined('a')).toBe('a');
    expect(combined(['a', 'b'])).toBe('a, b');
    expect(combined([])).toBeUndefined();
  });

  it('come line by line', () => {
    expect(lines(undefined)).toEqual([]);
    expect(lines('a, b')).toEqual(['a, b']);
    expect(lines(['a', 'b'])).toEqual(['a', 'b']);
  });

  it('may stand once', () => {
    expect(single(undefined)).toBeUndefined();
    expect(single('a')).toBe('a');
    expect(single(['a'])).toBe('a');
    expect(single([])).toBeUndefined();
    expect(single(['a', 'a'])).toBeNull();
  });

  it('may be the numbers that were given to setHeader', () => {
    expect(combined(number)).toBe('5');
    expect(lines(number)).toEqual(['5']);
    expect(single(number)).toBe('5');
  });
});

describe('details', () => {
  it('are printable ASCII of a bounded length', () => {
    expect(printable('a\r\nb\u00e9\u{1f600}')).toBe('a??b???');
    expect(printable('x'.repeat(200))).toBe('x'.repeat(200));
    expect(printable('x'.repeat(201))).toBe(`${'x'.repeat(197)}...`);
  });
});
