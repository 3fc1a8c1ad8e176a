import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validatorsOf } from '../../src/entry/conditional.ts';
import { maxRanges, parseRange, rangesOf } from '../../src/entry/ranges.ts';

const huge = '9'.repeat(400);

describe('ranges of 1000 bytes', () => {
  it.each([
    ['bytes=0-0', [[0, 0]]],
    ['bytes=0-499', [[0, 499]]],
    ['BYTES=0-499', [[0, 499]]],
    ['bytes=500-', [[500, 999]]],
    ['bytes=-1', [[999, 999]]],
    ['bytes=-2000', [[0, 999]]],
    ['bytes=0-2000', [[0, 999]]],
    [`bytes=0-${huge}`, [[0, 999]]],
    [
      'bytes= 0-0 , 5-6,',
      [
        [0, 0],
        [5, 6],
      ],
    ],
    [
      'bytes=5-6,0-0',
      [
        [5, 6],
        [0, 0],
      ],
    ],
    [
      'bytes=0-5,3-8',
      [
        [0, 5],
        [3, 8],
      ],
    ],
    ['bytes=0-0,5000-', [[0, 0]]],
    ['bytes=0-0,-0', [[0, 0]]],
  ])('%s', (field, expected) => {
    expect(parseRange(field, 1000)).toEqual(expected.map(([start, end]) => ({ start, end })));
  });

  it.each(['bytes=1000-', 'bytes=1000-2000', 'bytes=-0', `bytes=${huge}-`, 'bytes=1000-,2000-3000'])(
    '%s is outside',
    (field) => {
      expect(parseRange(field, 1000)).toBe('unsatisfiable');
    },
  );

  it.each([
    undefined,
    '',
    'bytes',
    'bytes=',
    'bytes=,',
    'bytes=-',
    'bytes=a-b',
    'bytes=5-3',
    'bytes=0-1;2-3',
    'bytes=0-1 2-3',
    'bytes=0-0,x',
    'bytes =0-1',
    'bytes=0 - 1',
    'bytes=--1',
    'bytes=+1-2',
    'items=0-1',
    'bytes=0-1, bytes=2-3',
    'bytes=0-,0-',
    'bytes=0-999,0-0',
  ])('%j is ignored', (field) => {
    expect(parseRange(field, 1000)).toBeUndefined();
  });

  it('are ignored when the field stands there twice, or has too many', () => {
    expect(parseRange(['bytes=0-1', 'bytes=2-3'], 1000)).toBeUndefined();
    const many = (count: number) =>
      `bytes=${Array.from({ length: count }, (_, index) => `${index}-${index}`).join()}`;
    expect(parseRange(many(maxRanges), 1000)).toHaveLength(maxRanges);
    expect(parseRange(many(maxRanges + 1), 1000)).toBeUndefined();
    expect(parseRange(many(2), 1000, 1)).toBeUndefined();
  });

  it('of an empty body are outside', () => {
    expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable');
    expect(parseRange('bytes=-5', 0)).toBe('unsatisfiable');
  });

  it('are always inside the body, and never more than it', () => {
    const bound = fc.oneof(fc.constant(''), fc.nat(30).map(String));
    const field = fc
      .array(fc.tuple(bound, bound), { minLength: 1 })
      .map((list) => `bytes=${list.map((pair) => pair.join('-')).join()}`);
    fc.assert(
      fc.property(field, fc.nat(25), (text, size) => {
        const ranges = parseRange(text, size);
        if (typeof ranges !== 'object') return;
        let bytes = 0;
        for (const { start, end } of ranges) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThanOrEqual(start);
          expect(end).toBeLessThan(size);
          bytes += end - start + 1;
        }
        expect(bytes).toBeLessThanOrEqual(size);
      }),
    );
  });

  it('take linear time', () => {
    const before = process.cpuUsage();
    parseRange(`bytes=${' '.repeat(16_000)}x`, 1000);
    parseRange(`bytes=${','.repeat(16_000)}`, 1000);
    // Processor time: others may keep the machine busy.
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(200);
  });
});

describe('a request for ranges', () => {
  const page = validatorsOf(0, 1000);
  const ask = (method: string, headers: Record<string, string>) =>
    rangesOf({ method, target: '/', headers }, page, 1000);

  it('is one when it is a GET for this version of the page', () => {
    expect(ask('GET', { range: 'bytes=0-0' })).toHaveLength(1);
    expect(ask('GET', { range: 'bytes=0-0', 'if-range': page.etag })).toHaveLength(1);
    expect(ask('GET', { range: 'bytes=0-0', 'if-range': '"other"' })).toBeUndefined();
    expect(ask('HEAD', { range: 'bytes=0-0' })).toBeUndefined();
    expect(ask('GET', {})).toBeUndefined();
  });
});
