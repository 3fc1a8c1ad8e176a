import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pathRules, patternRules } from '../../src/sources/path-rules.ts';
import { readRules, robotsBytes, sitemapsOf, takeRobots } from '../../src/sources/robots.ts';
import { readText, textsOf } from './support.ts';

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

  it.each([
    ['/%7Ejoe', '/~joe', false],
    ['/~joe', '/%7Ejoe', false],
    ['/~joe', '/%7ejoe/x', false],
    ['/a%2Fb', '/a/b', true],
    ['/a%2fb', '/a%2Fb', false],
    ['/caf\u00e9', '/caf%C3%A9', false],
    ['/caf%c3%a9', '/caf\u00e9', false],
    ['/file-%2A.html', '/file-*.html', false],
    ['/file-%2A.html', '/file-x.html', true],
    ['/a%24', '/a$b', false],
    ['/a$b', '/a%24b', false],
    ['/100%', '/100%', false],
  ])('compare %s with %s in one spelling (RFC 9309, 2.2.2)', (pattern, target, allowed) => {
    expect(readRules(`User-agent: *\nDisallow: ${pattern}`, 'a')(target)).toBe(allowed);
  });

  it.each([
    ['User-agent: b\nUser-agent: a\nDisallow: /x', 'an agent among others'],
    ['User-agent: A/1.0\nDisallow: /x', 'an agent with its version'],
    ['user-agent : a\ndisallow : /x # all of it', 'blanks, small letters, a comment'],
    ['User-agent: a\nDisallow: /y\n\nUser-agent: a\nDisallow: /x', 'two groups of one agent'],
    [
      'User-agent: a\nSitemap: http://a.example/\nCrawl-delay: 5\nDisallow: /x',
      'lines of another kind between',
    ],
    [
      'User-agent: a\nSitemap: http://a.example/\nUser-agent: b\nDisallow: /x',
      'a sitemap between two agents',
    ],
    ['User-agent: *\rDisallow: /x', 'carriage returns alone'],
    [`User-agent: *\n${'# nothing\n\n'.repeat(10_000)}Disallow: /x`, 'thousands of comments before it'],
    [`User-agent: *\nDisallow: /x${' '.repeat(5000)}`, 'a long line'],
    [`User-agent: *\nDisallow: /${'y'.repeat(5000)}\nDisallow: /x`, 'a long rule before it'],
  ])('are obeyed with what may stand around them, %#: %2$s', (text) => {
    const rules = readRules(text, 'a');
    expect(rules('/x/1')).toBe(false);
    expect(rules('/')).toBe(true);
  });

  it('of its own group are the only ones that count', () => {
    const rules = readRules('User-agent: *\nDisallow: /\nUser-agent: a\nDisallow:', 'a');
    expect(rules('/x')).toBe(true);
  });

  it('fit what a regular expression of the same meaning fits', () => {
    const pattern = fc
      .tuple(fc.string({ unit: fc.constantFrom('a', 'b', '/', '*') }), fc.boolean())
      .map(([text, ends]) => `/${text}${ends ? '$' : ''}`);
    const target = fc.string({ unit: fc.constantFrom('a', 'b', '/') }).map((text) => `/${text}`);
    fc.assert(
      fc.property(pattern, target, (one, path) => {
        const same = new RegExp(`^${one.replace(/\*+/g, '.*')}`).test(path);
        expect(pathRules([{ pattern: one, allow: false }])(path)).toBe(!same);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['many stars', `/${'*a'.repeat(40)}z`, `/${'a'.repeat(100)}`],
    ['more stars', `/${'*a'.repeat(400)}`, `/${'a'.repeat(300)}b`],
    ['nothing but stars', `/${'*'.repeat(1000)}z`, `/${'a'.repeat(8000)}`],
    ['long texts', `/*${'a'.repeat(1000)}z`, `/${'a'.repeat(8000)}`],
    ['long texts that end alike', `/*z${'a'.repeat(1000)}`, `/${'a'.repeat(8000)}`],
  ])('that are made to take long, with %s, do not', (_, pattern, target) => {
    const line = `Disallow: ${pattern}\n`;
    const rules = readRules(`User-agent: *\n${line.repeat(Math.floor(robotsBytes / line.length))}`, 'a');
    const began = performance.now();
    for (let at = 0; at < 5; at += 1) expect(rules(`${target}${at}`)).toBe(true);
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it('for more agents than there may be rules need no memory', () => {
    const text = `${'User-agent: x\n'.repeat(15_000)}${'Disallow: /a\n'.repeat(15_000)}`;
    expect(readRules(text, 'a')('/a')).toBe(true);
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

  it('are found behind thousands of rules, and with a long address', () => {
    const long = `https://a.example/${'x'.repeat(3000)}.xml`;
    const rules = Array.from({ length: 6000 }, (_, at) => `Disallow: /x${at}\n`).join('');
    expect(sitemapsOf(`User-agent: b\n${rules}Sitemap: ${long}\n`)).toEqual([{ text: long, number: 6002 }]);
  });

  it('that are no address are told, and not asked for', async () => {
    const { entries } = await readText(`Sitemap: https://a.example/${'x'.repeat(9000)}\n`, 'robots');
    expect(entries).toMatchObject([{ number: 1, problem: 'longer than 8192 bytes', reason: 'bad-source' }]);
  });
});

describe('a robots.txt that is longer than a parser must read', () => {
  const line = 'Sitemap: /relative.xml\n';
  const long = line.repeat(Math.ceil(robotsBytes / line.length) + 10);

  it('is taken up to its last whole line', () => {
    const { text, cut } = takeRobots(Buffer.from(long));
    expect(cut).toBe(true);
    expect(text).toBe(line.repeat(Math.floor(robotsBytes / line.length)));
    expect(takeRobots(Buffer.from(long.slice(0, robotsBytes)))).toEqual({
      text: long.slice(0, robotsBytes),
      cut: false,
    });
  });

  it('counts as a source that could not be read', async () => {
    const { entries } = await readText(`User-agent: *\n${'Disallow: /a\n'.repeat(50_000)}`);
    expect(textsOf(entries)).toEqual(['-']);
    expect(entries[0]).toMatchObject({
      problem: 'is longer than 500 KB; the rest is left out (RFC 9309, 2.5)',
      reason: 'bad-source',
    });
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
