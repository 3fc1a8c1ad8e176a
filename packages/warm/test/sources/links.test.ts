import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forbidsFollowing, readRefresh, readSrcset } from '../../src/sources/crawl/attributes.ts';
import { readCssLinks } from '../../src/sources/crawl/css.ts';
import { followLink } from '../../src/sources/crawl/follow.ts';
import { HtmlReader } from '../../src/sources/crawl/html.ts';
import { linkReader } from '../../src/sources/crawl/page-links.ts';

function read(...parts: string[]): HtmlReader {
  const reader = new HtmlReader();
  for (const part of parts) reader.write(part);
  reader.end();
  return reader;
}
const hrefs = (html: string) => read(html).links.map((link) => `${link.kind} ${link.href}`);

describe('the links of a page', () => {
  it.each([
    ['<a href=/a>x</a>', ['page /a']],
    ['<A HREF="/a&amp;b&#x2f;c">', ['page /a&b/c']],
    ["<a title='<a href=/no>' href=' /a '>", ['page /a']],
    ['<a href="/1" href="/2">', ['page /1']],
    ['<a href="#top"><a href=""><a>', []],
    ['<area href=/a><iframe src=/b></iframe><frame src=/c>', ['page /a', 'page /b', 'page /c']],
    ['<img src=/a.png srcset="/b.png 1x, /c.png 2x">', ['asset /a.png', 'asset /b.png', 'asset /c.png']],
    ['<picture><source srcset="/a.avif"><img src=/a.jpg></picture>', ['asset /a.avif', 'asset /a.jpg']],
    [
      '<script src=/a.js></script><video src=/a.mp4 poster=/a.jpg><track src=/a.vtt>',
      ['asset /a.js', 'asset /a.mp4', 'asset /a.jpg', 'asset /a.vtt'],
    ],
    [
      '<link rel=stylesheet href=/a.css><link rel="shortcut ICON" href=/f.ico>',
      ['asset /a.css', 'asset /f.ico'],
    ],
    [
      '<link rel=canonical href=/a><link rel=next href=/2><link rel=alternate hreflang=de href=/de>',
      ['page /a', 'page /2', 'page /de'],
    ],
    ['<link rel="preload" as=image imagesrcset="/a.png 1x" href=/b.png>', ['asset /a.png', 'asset /b.png']],
    ['<link rel=preconnect href=//cdn.example><link rel=pingback href=/x><link rel=edituri href=/y>', []],
    [
      '<meta http-equiv=Refresh content="5; URL=\'/next\'"><meta http-equiv=refresh content="0;url=/b">',
      ['page /next', 'page /b'],
    ],
    ['<svg><a xlink:href="/a"/><a href="/b"/></svg>', ['page /a', 'page /b']],
    ['<svg><use xlink:href="/s.svg#a"/><image href="/i.png"/></svg>', ['asset /s.svg#a', 'asset /i.png']],
    [
      '<style>@import "/a.css"; b { background: url(/b.png) }</style><p style="background:url(\'/c.png\')">',
      ['asset /a.css', 'asset /b.png', 'asset /c.png'],
    ],
    [
      '<!-- <a href=/no> --><script>"<a href=/no>"</script><textarea><a href=/no></textarea><title><a href=/no></title>',
      [],
    ],
    ['<style><a href=/no></style><a href=/a>', ['page /a']],
    ['<noscript><img src=/a.png></noscript><template><a href=/b></template>', ['asset /a.png', 'page /b']],
    ['<a href="/a', []],
  ])('%s', (html, links) => {
    expect(hrefs(html)).toEqual(links);
  });

  it.each([
    ['5; url=/a', '/a'],
    [' 0 , URL = "/a" ', '/a'],
    ["0.5;url='/a b' x", '/a b'],
    ['0;url="/a', '/a'],
    ['url=/a?b=c;d', '/a?b=c;d'],
    ['5', undefined],
    ['5; /a', undefined],
    ['', undefined],
  ])('are where a refresh leads: %j', (content, url) => {
    expect(readRefresh(content)).toBe(url);
  });

  it.each([
    ['', ''],
    ['0;', 'url'],
    ['url', '='],
    ['url="', '" x'],
    ['1', '1'],
  ])('are found as fast with a refresh that has many blanks between %j and %j', (before, after) => {
    const content = `${before}${' '.repeat(64 * 1024)}${after}`;
    const began = performance.now();
    hrefs(`<meta http-equiv=refresh content='${content}'>`.repeat(10));
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it('have the line in which their tag begins', () => {
    const { links } = read('<p>\n<a\n href=/a>x</a>\n\n<a href=/b>', '<a href=/c>\n', '\n<a href="/d">');
    expect(links.map(({ href, line }) => [href, line])).toEqual([
      ['/a', 2],
      ['/b', 5],
      ['/c', 5],
      ['/d', 7],
    ]);
  });

  it('are the same however the page is cut, lines too', () => {
    const part = fc.constantFrom(
      '<a href="/a">x</a>',
      '\n',
      '<!-- <a href=/no>\n -->',
      '<script>\n"</scr"</script>',
      '<style>a{b:url(/x)}</style>',
      '<img srcset="/1 1x, /2">',
      '<a class="',
      '">',
      '<a rel=nofollow\nhref=/&amp;>',
      '&',
      '<',
      '</',
      'text',
    );
    fc.assert(
      fc.property(fc.array(part), fc.array(fc.nat(7), { minLength: 1 }), (parts, cuts) => {
        const html = parts.join('');
        const pieces: string[] = [];
        for (let start = 0, cut = 0; start < html.length; cut += 1) {
          const size = cuts[cut % cuts.length]! + 1;
          pieces.push(html.slice(start, start + size));
          start += size;
        }
        expect(read(...pieces).links).toEqual(read(html).links);
      }),
      { numRuns: 300 },
    );
  });

  it('are found in time that grows with the page, whatever stands in it', () => {
    const parts = [
      '<b>',
      '</b>',
      '<a href=',
      '<a href="',
      '<!--',
      '<',
      '&amp',
      '<a ',
      "<style>'",
      '<img srcset="(,',
    ];
    for (const part of parts) {
      const began = performance.now();
      const reader = new HtmlReader();
      for (let at = 0; at < 20; at += 1) reader.write(part.repeat(20_000));
      reader.end();
      expect(performance.now() - began, part).toBeLessThan(5000);
    }
  }, 60_000);

  it('are relative to the first <base>', () => {
    const { base } = read('<base href="/app/"><base href="/other/"><a href=x>');
    expect(base).toBe('/app/');
  });

  it.each([
    ['<meta name=robots content="noindex, NoFollow">', true],
    ['<META NAME=ROBOTS CONTENT=none>', true],
    ['<meta name=robots content=noindex>', false],
    ['<meta name=description content=nofollow>', false],
  ])("are nobody's to follow when the page says so: %s", (html, nofollow) => {
    expect(read(html).nofollow).toBe(nofollow);
  });

  it.each([
    ['nofollow', true],
    ['noindex, nofollow', true],
    ['otherbot: nofollow', true],
    ['none', true],
    ['noarchive', false],
    ['unavailable_after: 25 Jun 2026 15:00:00 PST', false],
  ])('nor with X-Robots-Tag: %s', (value, nofollow) => {
    expect(forbidsFollowing(value)).toBe(nofollow);
  });

  it('that say nofollow are marked', () => {
    expect(read('<a rel="external NOFOLLOW" href=/a><a href=/b>').links.map((link) => link.nofollow)).toEqual(
      [true, false],
    );
  });
});

describe('a srcset', () => {
  it.each([
    ['/a', ['/a']],
    ['/a 1x,/b 2x', ['/a', '/b']],
    [' /a,\n/b 100w , /c', ['/a', '/b', '/c']],
    ['data:image/png;base64,xx 1x, /b', ['data:image/png;base64,xx', '/b']],
    ['/a?x=1,2 1x', ['/a?x=1,2']],
    ['/a (1,2) x, /b', ['/a', '/b']],
    [',,,', []],
    ['', []],
  ])('%s', (value, urls) => {
    expect(readSrcset(value)).toEqual(urls);
  });
});

describe('the links of a style sheet', () => {
  it.each([
    ['a { background: url(/a.png) }', ['/a.png']],
    ['a { background: URL( "/a b.png" ) , url(\'/c.png\') }', ['/a b.png', '/c.png']],
    ['@import "/a.css"; @import url(/b.css) print; @IMPORT \'/c.css\';', ['/a.css', '/b.css', '/c.css']],
    ['/* url(/no.png) */ a { content: "url(/no.png)" }', []],
    ['a { background: url(/a\\)b.png) }', ['/a)b.png']],
    ['a { background: url("/a\\26 b.png") }', ['/a&b.png']],
    ['a { background: url(/a', ['/a']],
    ['a { b: url() }', []],
    ['/* open', []],
    ['"open\n url(/a)', ['/a']],
    [`a { b: url(/${'x'.repeat(20_000)}) }`, []],
  ])('%.60s', (css, links) => {
    expect([...readCssLinks(css)]).toEqual(links);
  });
});

describe('a reader for links', () => {
  const linked = '<!doctype html><a href=/a>x</a>';
  const of = (type: string, more: Record<string, string> = {}) =>
    linkReader('http://a.example/dir/page', { 'content-type': type, ...more });

  it.each(['text/html', 'text/html; charset=utf-8', 'TEXT/HTML', 'application/xhtml+xml', 'text/css'])(
    'is there for %s',
    (type) => {
      expect(of(type)).toBeDefined();
    },
  );

  it.each(['', 'text/plain', 'application/json', 'image/svg+xml'])('is not there for %s', (type) => {
    expect(of(type)).toBeUndefined();
  });

  it.each<[string, Buffer]>([
    ['gzip', gzipSync(linked)],
    ['X-GZIP', gzipSync(linked)],
    ['br', brotliCompressSync(linked)],
    ['deflate', deflateSync(linked)],
    ['gzip, br', brotliCompressSync(gzipSync(linked))],
    ['identity', Buffer.from(linked)],
  ])('reads a body in the coding %s, however it is cut', (coding, bytes) => {
    const reader = of('text/html', { 'content-encoding': coding })!;
    for (let at = 0; at < bytes.length; at += 7) expect(reader.write(bytes.subarray(at, at + 7))).toBe(true);
    const { links, lost } = reader.end();
    expect([links.map(({ href }) => href), lost]).toEqual([['/a'], undefined]);
  });

  it.each<[string, string, Buffer]>([
    ['cut', 'gzip', gzipSync(linked).subarray(0, -9)],
    ['damaged', 'br', Buffer.from(linked)],
    ['in a coding that nobody knows', 'shrink', Buffer.from(linked)],
    ['a bomb', 'gzip', gzipSync(Buffer.alloc(40_000_000, 32))],
  ])('says that it cannot read a body that is %s', (_, coding, bytes) => {
    const reader = of('text/html', { 'content-encoding': coding })!;
    reader.write(bytes);
    expect(reader.end()).toMatchObject({ links: [], lost: expect.stringContaining(coding) });
  });

  it('resolves the base, decodes the charset, and heeds the header', () => {
    const reader = of('text/html; charset=iso-8859-1', { 'x-robots-tag': 'nofollow' })!;
    reader.write(Buffer.from('<base href="../b/"><a href="/caf\u00e9">', 'latin1'));
    expect(reader.end()).toEqual({
      links: [{ href: '/caf\u00e9', kind: 'page', line: 1, nofollow: true }],
      base: 'http://a.example/b/',
      lost: undefined,
    });
  });

  it('looks at a bounded part of an endless page', () => {
    const reader = of('text/html')!;
    const chunk = Buffer.alloc(1 << 20, 'x');
    let chunks = 0;
    while (reader.write(chunk)) chunks += 1;
    expect(chunks).toBe(16);
    expect(reader.end().lost).toBe('is too large to follow all of its links');
  });

  it('looks at a bounded number of links', () => {
    const reader = of('text/html')!;
    for (let at = 0; at < 60; at += 1) reader.write(Buffer.from('<a href=/a>'.repeat(1000)));
    const { links, lost } = reader.end();
    expect([links.length, lost]).toEqual([50_000, 'is too large to follow all of its links']);
  });
});

describe('a link', () => {
  const rules = {
    origin: { href: 'http://a.example', host: 'a.example', alias: 'www.a.example' },
    depth: 2,
    assets: true,
    wanted: (target: string) => !target.startsWith('/unwanted'),
    robots: (target: string) => !target.startsWith('/private'),
  };
  const follow = (href: string, more: object = {}, depth = 0, changed: object = {}) =>
    followLink(
      { href, kind: 'page', line: 1, nofollow: false, ...more },
      'http://a.example/dir/page',
      depth,
      {
        ...rules,
        ...changed,
      },
    );

  it.each([
    ['/a', '/a'],
    ['b', '/dir/b'],
    ['../c/./d', '/c/d'],
    ['//a.example/e', '/e'],
    ['http://a.example:80/f#part', '/f'],
    ['https://www.a.example/g', '/g'],
    ['/caf\u00e9', '/caf%C3%A9'],
    ['\\h', '/h'],
    ['.', '/dir/'],
  ])('%s leads to %s', (href, target) => {
    expect(follow(href)).toEqual({ target });
  });

  it.each([
    ['http://b.example/', 'to another site'],
    ['https://a.example/', 'to another site'],
    ['http://a.example:81/', 'to another site'],
    ['http://a.example@evil.example/', 'to another site'],
    ['mailto:me@a.example', 'no address of a page'],
    ['javascript:alert(1)', 'no address of a page'],
    ['data:text/html,x', 'no address of a page'],
    ['http://[', 'no address of a page'],
    ['?page=2', 'with a query'],
    ['/a?', 'with a query'],
    ['/unwanted/a', 'left out by --include and --exclude'],
    ['/private', 'forbidden by robots.txt'],
    [`/${'x'.repeat(9000)}`, 'too long'],
  ])('%.40s is not followed: %s', (href, not) => {
    expect(follow(href)).toMatchObject({ not });
  });

  it('is not followed when it says nofollow, or stands too deep; an asset is', () => {
    expect(follow('/a', { nofollow: true })).toEqual({ not: 'nofollow', page: '/a' });
    expect(follow('/a', { nofollow: true, kind: 'asset' })).toEqual({ target: '/a' });
    expect(follow('/a', {}, 1)).toEqual({ target: '/a' });
    expect(follow('/a', {}, 2)).toEqual({ not: 'beyond --depth', page: '/a' });
    expect(follow('/a.css', { kind: 'asset' }, 2)).toEqual({ target: '/a.css' });
    expect(follow('/a.css', { kind: 'asset' }, 0, { assets: false })).toEqual({
      not: 'to assets',
      page: '/a.css',
    });
  });

  it('is followed whatever robots.txt and nofollow say, if nobody asks them', () => {
    expect(follow('/private', { nofollow: true }, 0, { robots: undefined })).toEqual({ target: '/private' });
  });
});
