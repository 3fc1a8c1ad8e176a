import { describe, expect, it } from 'vitest';
import { checkTag, isTag, tagsOf } from '../../src/policy/tags.ts';

describe('tags', () => {
  it('come from the headers of all caches, each once', () => {
    expect(
      tagsOf({ 'surrogate-key': 'a b  c', 'cache-tag': ['a,d', 'e, f'], 'edge-cache-tag': 'g', xkey: 'h' }),
    ).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
    expect(tagsOf({})).toEqual([]);
    expect(tagsOf({ 'cache-tag': ' , ' })).toEqual([]);
  });

  it('come beside those that are known, and count with them', () => {
    expect(tagsOf({ xkey: 'b c' }, ['a', 'b'])).toEqual(['a', 'b', 'c']);
    expect(tagsOf({ xkey: 'b' }, ['x'.repeat(8192)])).toBeUndefined();
  });

  it('are never cut: a page that lost a tag would survive a purge', () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => `t${index}`).join(' ');
    expect(tagsOf({ xkey: many(1000) })).toHaveLength(1000);
    expect(tagsOf({ xkey: many(1001) })).toBeUndefined();
    expect(tagsOf({ xkey: 'x'.repeat(8192) })).toHaveLength(1);
    expect(tagsOf({ xkey: 'x'.repeat(8193) })).toBeUndefined();
  });

  it.each(['', ' ', 'post 42', 'a,b', 'a\tb', 'a\u00a0b', ' a', 'a,'])(
    '%j is none, and no purge takes it',
    (text) => {
      expect(isTag(text)).toBe(false);
      expect(() => checkTag(text)).toThrow(`tag: ${JSON.stringify(text)} is not one tag`);
    },
  );

  it('every other text is one', () => {
    for (const tag of ['post-42', 'é', '*', '"a"', 'a;b']) {
      expect(tagsOf({ xkey: tag })).toEqual([tag]);
      expect(() => checkTag(tag)).not.toThrow();
    }
  });
});
