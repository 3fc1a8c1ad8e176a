import { describe, expect, it } from 'vitest';
import { forbidden, parseCacheControl } from '../../src/policy/cache-control.ts';

describe('Cache-Control', () => {
  it('is read into directives with lower-case names; the first of a name counts', () => {
    expect([...parseCacheControl('Public, MAX-AGE="60", max-age=1')!]).toEqual([
      ['public', undefined],
      ['max-age', '60'],
    ]);
  });

  it('is not read when it does not follow the grammar', () => {
    expect(parseCacheControl('public; max-age=60')).toBeUndefined();
  });

  it.each([
    'no-store',
    'NO-STORE',
    'private',
    'no-cache',
    'max-age=60, private',
    'private=""',
    'private="set-cookie, x"',
    'no-cache="set-cookie"',
    'no-cache=Set-Cookie',
    'public,no-store',
    ', ,no-store',
  ])('%j forbids to store', (text) => {
    expect(forbidden(text)).toBe(text);
  });

  it.each(['public; max-age=60', 'max-age = 60', 'max-age=', 'a="'])(
    '%j cannot be read, so it forbids',
    (text) => {
      expect(forbidden(text)).toBe(`malformed: ${text}`);
    },
  );

  it.each([
    '',
    'public',
    'max-age=0',
    's-maxage=0',
    'must-revalidate',
    'proxy-revalidate',
    'max-age=0, must-revalidate',
    'no-transform',
    'immutable',
    'must-understand',
    'x="no-store"',
    'x=no-store',
    'x-no-store',
    'no-storefront',
    'community="private, no-cache"',
  ])('%j allows to store: here nothing goes stale', (text) => {
    expect(forbidden(text)).toBeUndefined();
  });
});
