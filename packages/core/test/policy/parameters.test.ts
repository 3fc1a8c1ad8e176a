import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseParameters } from '../../src/policy/parameters.ts';

const pairs = (text: string, separators: ',' | ';' | ',;' = ',') =>
  parseParameters(text, separators)?.map(({ name, value }) => [name, value]);

describe('parameters', () => {
  it.each([
    ['', []],
    ['a', [['a', undefined]]],
    ['A=B', [['a', 'B']]],
    ['a="b, c"', [['a', 'b, c']]],
    ['a="b \\"c\\\\"', [['a', 'b "c\\']]],
    ['a=""', [['a', '']]],
    [
      ' a=1 ,\tb ',
      [
        ['a', '1'],
        ['b', undefined],
      ],
    ],
    [
      ',, a,,b,',
      [
        ['a', undefined],
        ['b', undefined],
      ],
    ],
    ['a=[::1]:80/x', [['a', '[::1]:80/x']]],
  ])('%j is read as %j', (text, expected) => {
    expect(pairs(text)).toEqual(expected);
  });

  it.each([
    'a b',
    'a=',
    'a =b',
    'a= b',
    '=b',
    'a="b',
    'a="b"c',
    'a="\\',
    'a;b',
    'a\u0000',
    'a="\u0001"',
    'caf\u00e9',
    'a=\u0100',
    '"a"',
  ])('%j does not follow the grammar', (text) => {
    expect(pairs(text)).toBeUndefined();
  });

  it('separates by what it is told', () => {
    expect(pairs('a=1;b=2', ';')).toEqual([
      ['a', '1'],
      ['b', '2'],
    ]);
    expect(pairs('a=1;b=2,a=3', ',;')).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
    ]);
    expect(pairs('a,b', ';')).toBeUndefined();
  });

  it('reads back what it was made of', () => {
    const token = fc.stringMatching(/^[!#$%&'*+.^_`|~a-z0-9-]{1,12}$/);
    const value = fc.oneof(fc.constant(undefined), token, fc.stringMatching(/^[\t\x20-\x7e]{0,20}$/));
    fc.assert(
      fc.property(fc.array(fc.tuple(token, value)), (list) => {
        const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
        const text = list
          .map(([name, one]) => (one === undefined ? name : `${name}=${quoted(one)}`))
          .join(', ');
        expect(pairs(text)).toEqual(list);
      }),
    );
  });

  it('is total', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const found = parseParameters(text, ',;');
        expect(found === undefined || Array.isArray(found)).toBe(true);
      }),
    );
  });

  it.each([
    ['blanks', ' '.repeat(16_000)],
    ['blanks and a mistake', `a${' '.repeat(16_000)}b`],
    ['commas', ','.repeat(16_000)],
    ['an open quote', `a="${'\\"'.repeat(8_000)}`],
    ['a long name', 'a'.repeat(16_000)],
    ['more than a header block', 'a'.repeat(1_000_000)],
  ])('takes linear time over %s', (_name, text) => {
    const before = process.cpuUsage();
    for (let round = 0; round < 10; round += 1) parseParameters(text, ',');
    // Processor time: others may keep the machine busy.
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(500);
  });
});
