import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  evaluate,
  parseEntityTag,
  parseHttpDate,
  rangeApplies,
  validatorsOf,
} from '../../src/entry/conditional.ts';

const page = validatorsOf(1_700_000_000_789.5, 1234);
const date = 'Tue, 14 Nov 2023 22:13:20 GMT';
const earlier = 'Tue, 14 Nov 2023 22:13:19 GMT';
const later = 'Tue, 14 Nov 2023 22:13:21 GMT';

describe('validators', () => {
  it('are those that nginx makes of the same file', () => {
    expect(page).toEqual({ etag: '"6553f100-4d2"', lastModified: date, lastModifiedMs: 1_700_000_000_000 });
    expect(validatorsOf(0, 0).etag).toBe('"0-0"');
  });

  it('differ when the second or the size differs', () => {
    expect(validatorsOf(1_700_000_001_000, 1234).etag).not.toBe(page.etag);
    expect(validatorsOf(1_700_000_000_000, 1235).etag).not.toBe(page.etag);
  });
});

describe('dates', () => {
  it('are read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
        expect(parseHttpDate(new Date(seconds * 1000).toUTCString())).toBe(seconds * 1000);
      }),
    );
  });

  it.each([
    undefined,
    null,
    '',
    'now',
    'Tuesday, 14-Nov-23 22:13:20 GMT',
    'Tue Nov 14 22:13:20 2023',
    'Mon, 14 Nov 2023 22:13:20 GMT',
    'Fri, 31 Feb 2023 00:00:00 GMT',
    'Tue, 14 Foo 2023 22:13:20 GMT',
    'Tue, 14 Nov 2023 25:13:20 GMT',
    'Tue, 14 Nov 2023 22:13:20 CET',
    'Wed, 31 Dec 1969 23:59:59 GMT',
    'tue, 14 nov 2023 22:13:20 gmt',
    '2023-11-14T22:13:20Z',
  ])('%j is none', (text) => {
    expect(parseHttpDate(text)).toBeUndefined();
  });
});

describe('entity tags', () => {
  it.each(['"a"', 'W/"a"', '""', '"a b"'.replace(' ', '\u00e9')])('%j is one', (text) => {
    expect(parseEntityTag(text)).toBe(text);
  });

  it.each([undefined, null, '', 'a', 'w/"a"', '"a', '"a b"', '"a""', '"a\n"', `"${'x'.repeat(255)}"`])(
    '%j is none',
    (text) => {
      expect(parseEntityTag(text)).toBeUndefined();
    },
  );
});

describe('preconditions', () => {
  it('know the tag that Caddy has for the same file, to say that nothing changed', () => {
    const validators = validatorsOf(1_700_000_000_000, 1234);
    const tag = `"${(1_700_000_000).toString(36)}${(1234).toString(36)}"`;
    expect(evaluate({ 'if-none-match': tag }, validators)).toBe('not-modified');
    expect(evaluate({ 'if-none-match': `W/"x", ${tag}` }, validators)).toBe('not-modified');
    expect(evaluate({ 'if-none-match': tag }, validatorsOf(1_700_000_000_000, 1235))).toBe('send');
    expect(evaluate({ 'if-none-match': tag }, { ...validators, etag: '"own"' })).toBe('send');
    // Not for what must be this very file.
    expect(evaluate({ 'if-match': tag }, validators)).toBe('precondition-failed');
  });

  it.each([
    [{}, 'send'],
    [{ 'if-none-match': page.etag }, 'not-modified'],
    [{ 'if-none-match': `W/${page.etag}` }, 'not-modified'],
    [{ 'if-none-match': '*' }, 'not-modified'],
    [{ 'if-none-match': ' * ' }, 'not-modified'],
    [{ 'if-none-match': `"a", , W/"b" ,${page.etag}` }, 'not-modified'],
    [{ 'if-none-match': ['"a"', page.etag] }, 'not-modified'],
    [{ 'if-none-match': '"a,b"' }, 'send'],
    [{ 'if-none-match': '"a"' }, 'send'],
    [{ 'if-none-match': page.etag.toUpperCase() }, 'send'],
    [{ 'if-none-match': page.etag.slice(1, -1) }, 'send'],
    [{ 'if-none-match': `a, ${page.etag}` }, 'send'],
    [{ 'if-none-match': '' }, 'send'],
    [{ 'if-none-match': '"a"', 'if-modified-since': date }, 'send'],
    [{ 'if-none-match': page.etag, 'if-modified-since': earlier }, 'not-modified'],
    [{ 'if-modified-since': date }, 'not-modified'],
    [{ 'if-modified-since': later }, 'send'],
    [{ 'if-modified-since': earlier }, 'send'],
    [{ 'if-modified-since': 'yesterday' }, 'send'],
    [{ 'if-modified-since': [date, date] }, 'send'],
    [{ 'if-match': page.etag }, 'send'],
    [{ 'if-match': '*' }, 'send'],
    [{ 'if-match': `"a", ${page.etag}` }, 'send'],
    [{ 'if-match': `W/${page.etag}` }, 'precondition-failed'],
    [{ 'if-match': '"a"' }, 'precondition-failed'],
    [{ 'if-match': 'nonsense' }, 'precondition-failed'],
    [{ 'if-match': page.etag, 'if-unmodified-since': earlier }, 'send'],
    [{ 'if-match': page.etag, 'if-none-match': page.etag }, 'not-modified'],
    [{ 'if-unmodified-since': date }, 'send'],
    [{ 'if-unmodified-since': later }, 'send'],
    [{ 'if-unmodified-since': earlier }, 'precondition-failed'],
    [{ 'if-unmodified-since': 'yesterday' }, 'send'],
  ])('%j: %s', (headers, expected) => {
    expect(evaluate(headers, page)).toBe(expected);
  });

  it.each([
    [undefined, true],
    [page.etag, true],
    [date, true],
    [`W/${page.etag}`, false],
    ['"a"', false],
    [later, false],
    [earlier, false],
    ['*', false],
  ])('If-Range %j lets a range through: %s', (value, expected) => {
    expect(rangeApplies({ 'if-range': value }, page)).toBe(expected);
  });

  it.each([' '.repeat(16_000), `"a"${' '.repeat(16_000)}x`, ','.repeat(16_000), '"'.repeat(16_000)])(
    'take linear time',
    (field) => {
      const before = process.cpuUsage();
      evaluate({ 'if-none-match': field }, page);
      // Processor time: others may keep the machine busy.
      expect(process.cpuUsage(before).user / 1000).toBeLessThan(200);
    },
  );
});
