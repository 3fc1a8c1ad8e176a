import { describe, expect, it } from 'vitest';
import { patternRules, readRules, sitemapsOf } from '../../src/sources/robots.ts';

describe('the rules of a robots.txt', () => {
  // The examples of RFC 9309, 5.1 and 5.2, and of section 2.2.
  const text = [
    'User-Agent: *',
    'Disallow: *.gif$',
    'Disallow: /example/',
    'Allow: /publications/',
    '',
    'User-Agent: pagetree-warm',
    'Disallow: /example/page/',
    'Allow: /example/page/allowed.gif # but this one',
    'Disallow: /*.php$',
    'Allow: /same',
    'Disallow: /same',
  ].join('\r\n');

  it.each([
    ['pagetree-warm', '/example/page/x', false],
    ['pagetree-warm', '/example/page/allowed.gif', true],
    ['pagetree-warm', '/example/other', true],
    ['pagetree-warm', '/a/b.php', false],
    ['pagetree-warm', '/a/b.php/c', true],
    ['pagetree-warm', '/same', true],
    ['otherbot', '/a.gif', false],
    ['otherbot', '/example/x', false],
    ['otherbot', '/', true],
  ])('say whether %s may have %s', (agent, target, allowed) => {
    expect(readRules(text, agent)(target)).toBe(allowed);
  });

  it('allow everything when there are none', () => {
    expect(readRules('', 'a')('/a')).toBe(true);
    expect(readRules('User-agent: *\nDisallow:', 'a')('/a')).toBe(true);
    expect(readRules('<html>not found</html>', 'a')('/a')).toBe(true);
  });

  it('may have a mark before them', () => {
    expect(readRules('\ufeffUser-agent: *\nDisallow: /', 'a')('/a')).toBe(false);
  });

  it('that are made to take long do not', () => {
    const hostile = `User-agent: *\n${`Disallow: /${'*a'.repeat(400)}\n`.repeat(600)}`;
    const rules = readRules(hostile, 'a');
    const began = performance.now();
    rules(`/${'a'.repeat(300)}b`);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});

describe('the sitemaps of a robots.txt', () => {
  it('are named anywhere in it, each with its line', () => {
    const text =
      'Sitemap: https://a.example/1.xml\nUser-agent: x\nDisallow: /\n SITEMAP:https://a.example/2.xml # two\nsitemap:\n';
    expect(sitemapsOf(text)).toEqual([
      { text: 'https://a.example/1.xml', number: 1 },
      { text: 'https://a.example/2.xml', number: 4 },
    ]);
  });
});

describe("patterns of one's own", () => {
  it.each([
    [[], [], '/a', true],
    [['/blog'], [], '/blog', true],
    [['/blog'], [], '/blog/a', true],
    [['/blog'], [], '/about', false],
    [[], ['/admin'], '/admin/x', false],
    [[], ['/admin'], '/', true],
    [['/blog'], ['/blog/drafts'], '/blog/drafts/1', false],
    [['/blog/2026'], ['/blog'], '/blog/2026/a', true],
    [['/*.html$'], [], '/a/b.html', true],
    [['/*.html$'], [], '/a/b.html.gz', false],
    [[], ['*/feed/'], '/blog/feed/', false],
  ] as const)('include %j, exclude %j: %s', (include, exclude, target, wanted) => {
    expect(patternRules(include, exclude)(target)).toBe(wanted);
  });
});
