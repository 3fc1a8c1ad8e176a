import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createUtf8Check } from '../../src/policy/utf8.ts';

function judge(chunks: readonly Uint8Array[]): boolean {
  const check = createUtf8Check();
  for (const chunk of chunks) check.write(chunk);
  return check.end();
}

/** The platform's own decoder, over the whole. */
function oracle(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

describe('the UTF-8 check', () => {
  it('takes characters of every length, cut at every place', () => {
    const bytes = new TextEncoder().encode('a\u00e9\u20ac\u{1f600}z');
    for (let first = 0; first <= bytes.length; first += 1) {
      for (let second = first; second <= bytes.length; second += 1) {
        expect(judge(cut(bytes, [first, second]))).toBe(true);
      }
    }
    expect(judge([...bytes].map((byte) => Uint8Array.of(byte)))).toBe(true);
  });

  it.each([
    ['a lone continuation', [0x80]],
    ['Latin-1', [0x63, 0xe9]],
    ['Latin-1 within', [0x63, 0xe9, 0x64]],
    ['a character that stops short', [0xe2, 0x82]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['over U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a lead of five bytes', [0xf8, 0x88, 0x80, 0x80, 0x80]],
    ['UTF-16', [0xff, 0xfe, 0x61, 0x00]],
    ['too many continuations', [0xc3, 0xa9, 0x80, 0x80, 0x80, 0x80]],
  ])('finds %s', (_name, bytes) => {
    expect(judge([Uint8Array.from(bytes)])).toBe(false);
    expect(judge(bytes.map((byte) => Uint8Array.of(byte)))).toBe(false);
  });

  it('says no at once and for ever', () => {
    const check = createUtf8Check();
    expect(check.write(Uint8Array.of(0x61, 0xff, 0x61, 0x61))).toBe(false);
    expect(check.write(Uint8Array.of(0x61))).toBe(false);
    expect(check.end()).toBe(false);
  });

  it('an empty body is UTF-8', () => {
    expect(judge([])).toBe(true);
    expect(judge([new Uint8Array()])).toBe(true);
  });

  it('says what TextDecoder says, however the body is cut', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
      fc
        .array(fc.constantFrom(0x61, 0x80, 0xbf, 0xc3, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0xed, 0xa0, 0xf4))
        .map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(), { maxLength: 6 }), (body, places) => {
        expect(judge(cut(body, places))).toBe(oracle(body));
      }),
      { numRuns: 2000 },
    );
  });
});
