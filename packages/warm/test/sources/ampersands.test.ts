import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AmpersandFinder } from '../../src/sources/ampersands.ts';

const mend = (...parts: string[]) => {
  const finder = new AmpersandFinder();
  const join = (pieces: string[]) => pieces.map((piece, at) => (at === 0 ? piece : `&amp;${piece}`)).join('');
  return parts.map((part) => join(finder.push(part))).join('') + join(finder.end());
};

describe('a & that begins no reference', () => {
  it.each([
    ['/?a=1&b=2</loc>', '/?a=1&amp;b=2</loc>'],
    ['&', '&amp;'],
    ['&&amp;&', '&amp;&amp;&amp;'],
    ['&amp;&#38;&#x26;&lol9;', '&amp;&#38;&#x26;&lol9;'],
    ['&#;&#xg;&1a;', '&amp;#;&amp;#xg;&amp;1a;'],
    [`&${'a'.repeat(60)};`, `&amp;${'a'.repeat(60)};`],
    ['<![CDATA[a&b]]>&b', '<![CDATA[a&b]]>&amp;b'],
    ['<!-- a & b ]]> & -->&', '<!-- a & b ]]> & -->&amp;'],
    ['<?x a & b --> ?>&', '<?x a & b --> ?>&amp;'],
    ['<![CDATA[ <!-- ]]>&', '<![CDATA[ <!-- ]]>&amp;'],
  ])('is found in %s', (text, mended) => {
    expect(mend(text)).toBe(mended);
  });

  it('is found however the text is cut', () => {
    const part = fc.constantFrom(
      '&',
      '&amp;',
      '&#38;',
      '<![CDATA[',
      ']]>',
      '<!--',
      '-->',
      '<?',
      '?>',
      'text',
      ';',
      'a'.repeat(30),
    );
    fc.assert(
      fc.property(fc.array(part), fc.array(fc.nat(9), { minLength: 1 }), (parts, cuts) => {
        const text = parts.join('');
        const pieces: string[] = [];
        for (let start = 0, cut = 0; start < text.length; cut += 1) {
          const size = cuts[cut % cuts.length]! + 1;
          pieces.push(text.slice(start, start + size));
          start += size;
        }
        expect(mend(...pieces)).toBe(mend(text));
      }),
    );
  });
});
