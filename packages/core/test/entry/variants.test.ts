import fc from 'fast-check';
import Negotiator from 'negotiator';
import { describe, expect, it } from 'vitest';
import type { Coding } from '../../src/contracts.ts';
import { chooseCoding } from '../../src/entry/variants.ts';

const all: readonly Coding[] = ['gzip', 'br', 'zstd'];

describe('the choice of a variant', () => {
  it.each<[string | undefined, string]>([
    [undefined, 'identity'],
    ['', 'identity'],
    ['gzip', 'gzip identity'],
    ['GZIP', 'gzip identity'],
    ['gzip, deflate', 'gzip identity'],
    ['gzip, deflate, br', 'br gzip identity'],
    ['gzip, deflate, br, zstd', 'br zstd gzip identity'],
    ['gzip,br', 'br gzip identity'],
    ['identity', 'identity'],
    ['identity, gzip', 'gzip identity'],
    ['deflate', 'identity'],
    ['*', 'br zstd gzip identity'],
    ['gzip;q=1.0, br;q=0.5', 'gzip br identity'],
    ['br;q=0.5, gzip;q=0.5', 'br gzip identity'],
    ['gzip;q=0, br', 'br identity'],
    ['*;q=0, gzip', 'gzip identity'],
    ['identity;q=1, gzip;q=0.5', 'identity gzip'],
    ['identity;q=0, gzip', 'gzip identity'],
    ['identity;q=0', 'identity'],
    ['gzip;q=0.5, *;q=0.1', 'gzip br zstd identity'],
    ['gzip;q=2', 'identity'],
    ['gzip;q=', 'identity'],
    ['gzip br', 'identity'],
    ['gzip;level=9', 'identity'],
    [`gzip${', gzip'.repeat(300)}`, 'identity'],
  ])('%j: %s', (field, expected) => {
    expect(chooseCoding(field, all).join(' ')).toBe(expected);
  });

  it('has only what is there', () => {
    expect(chooseCoding('gzip, br', ['gzip'])).toEqual(['gzip', 'identity']);
    expect(chooseCoding('gzip, br;q=0.9', ['gzip'])).toEqual(['gzip', 'identity']);
    expect(chooseCoding('gzip, br', [])).toEqual(['identity']);
  });

  it('the short way says what negotiator says', () => {
    const name = fc.constantFrom('gzip', 'br', 'zstd', 'deflate', 'identity', 'x');
    const preferred = ['br', 'zstd', 'gzip', 'identity'];
    fc.assert(
      fc.property(fc.array(name, { minLength: 1 }), fc.subarray([...all]), (names, available) => {
        const field = names.join(', ');
        const negotiator = new Negotiator({ headers: { 'accept-encoding': field } }) as unknown as {
          encodings(names: string[], options: object): string[];
        };
        const expected =
          available.length === 0
            ? ['identity']
            : negotiator.encodings([...available, 'identity'], { preferred });
        expect(chooseCoding(field, available)).toEqual(expected);
      }),
    );
  });

  it('always has a way out', () => {
    fc.assert(
      fc.property(fc.string(), fc.subarray([...all]), (field, available) => {
        const chosen = chooseCoding(field, available);
        expect(chosen).toContain('identity');
        expect(new Set(chosen).size).toBe(chosen.length);
      }),
    );
  });
});
