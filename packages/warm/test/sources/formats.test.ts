import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { detectFormat } from '../../src/sources/detect.ts';
import { SourceReader } from '../../src/sources/read.ts';
import { readText, readWords, textsOf, urlset } from './support.ts';

describe('the format of a source', () => {
  it.each([
    ['paths', '/a\n/b\n', 'text'],
    ['URLs after comments', '# my pages\n\nhttp://a.example/x\n', 'text'],
    ['nothing', '', 'text'],
    ['a sitemap', '<?xml version="1.0"?><urlset/>', 'xml'],
    ['a sitemap with a mark and blank lines', '\ufeff\n\n<urlset/>', 'xml'],
    ['a feed', '<rss version="2.0">', 'xml'],
    ['objects', '{"url":"/a"}\n{"url":"/b"}', 'ndjson'],
    ['objects after a comment', '# report\n{"url":"/a"}', 'ndjson'],
    ['texts in quotes', '"/a"\n{"url":"/b"}', 'ndjson'],
    ['texts in quotes after a comment', '# report\n"/a"\n', 'ndjson'],
    ['an array', '[\n{"url":"/a"}\n]', 'json'],
    ['a robots.txt', '# hello\nUser-agent: *\nDisallow:', 'robots'],
    ['a robots.txt of sitemaps', 'Sitemap: https://a.example/sitemap.xml', 'robots'],
    ['a log', '127.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /a HTTP/1.1" 200 5', 'log'],
    ['a log with hosts', 'a.example:80 ::1 - me [10/Oct/2026:13:55:36 +0000] "-" 400 5 "-" "-"', 'log'],
    ...[
      '1] "GET /cut HTTP/1.1" 200 5',
      '/cut HTTP/1.1" 200 5',
      '" 200 5 "-"',
      '"-" "Mozilla"',
      '[10/Oct',
    ].map((cut): [string, string, string] => [
      `a log that begins within a line, ${cut}`,
      `${cut}\n${cut}\n127.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /a HTTP/1.1" 200 5\n`,
      'log',
    ]),
    ['quoted paths and lists', '"/a"\n{"url":"/b","tags":["GET / HTTP/1.1"]}\n', 'ndjson'],
  ])('of %s is told by how it begins', (_, text, format) => {
    expect(detectFormat(Buffer.from(text))).toBe(format);
  });

  it.each([
    '<!doctype html><title>a</title>',
    '\n<HTML lang=en>',
    '<!-- made by hand -->\n<html>',
    '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "">',
  ])('is none when it is a page: %s', (text) => {
    expect(() => detectFormat(Buffer.from(text))).toThrow('it is a page of HTML, not a list');
  });

  it.each([
    ['with a mark', '\ufeff/a\n'],
    ['without one', '/a\n'],
    ['in XML', '<?xml version="1.0" encoding="UTF-16"?>'],
  ])('is refused in UTF-16 %s, in both orders of bytes', (_, text) => {
    const little = Buffer.from(text, 'utf16le');
    expect(() => detectFormat(little)).toThrow('it is UTF-16, not UTF-8');
    expect(() => detectFormat(Buffer.from(little).swap16())).toThrow('it is UTF-16, not UTF-8');
  });

  it('can be said, against how it begins', async () => {
    const { entries } = await readText('{"url":"/a"}\n', 'text');
    expect(textsOf(entries)).toEqual(['{"url":"/a"}']);
  });

  it.each([
    ['blank lines', '\n', ''],
    ['comments', '#\n', ''],
    ['blanks before a path', ' ', '/b'],
    ['blanks behind a path', ' ', '#'],
  ])('is told as fast behind many %s, however they are cut', async (_, text, last) => {
    const all = `${last}${text.repeat(65_000 / text.length)}${last}\n/a\n`;
    const pieces = Array.from({ length: Math.ceil(all.length / 100) }, (_, at) =>
      Buffer.from(all.slice(at * 100, at * 100 + 100)),
    );
    const began = performance.now();
    const { entries } = await readWords(['-'], { stdin: Readable.from(pieces) });
    expect(textsOf(entries)).toContain('/a');
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it('is told of bytes that come one by one', async () => {
    for (const bytes of [gzipSync('/a\n/b\n'), Buffer.from('\n# x\n/a\n/b\n')]) {
      const stdin = Readable.from([...bytes].map((byte) => Buffer.of(byte)));
      expect(textsOf((await readWords(['-'], { stdin })).entries)).toEqual(['/a', '/b']);
    }
  });

  it('does not keep somebody waiting who types a list', async () => {
    const stdin = new PassThrough();
    const reader = new SourceReader({ signal: new AbortController().signal, stdin: stdin as never });
    const entries = reader.read([{ kind: 'stdin', name: '-' }]);
    stdin.write('# pages\n\n/a\n');
    expect((await entries.next()).value).toMatchObject({ text: '/a', number: 3 });
    stdin.end('/b');
    expect((await entries.next()).value).toMatchObject({ text: '/b', number: 4 });
    expect((await entries.next()).done).toBe(true);
  });
});

describe('a source that is packed with gzip', () => {
  it.each([
    ['once', gzipSync('/a\n/b\n')],
    ['twice', gzipSync(gzipSync('/a\n/b\n'))],
    ['in two members', Buffer.concat([gzipSync('/a\n'), gzipSync('/b\n')])],
  ])('%s is unpacked', async (_, bytes) => {
    expect(textsOf((await readText(bytes)).entries)).toEqual(['/a', '/b']);
  });

  it('is one in any format', async () => {
    expect(textsOf((await readText(gzipSync(urlset('/a')))).entries)).toEqual(['/a']);
  });

  it.each([
    ['is cut', gzipSync('/a\n').subarray(0, 12), 'its gzip ends early'],
    [
      'is broken',
      Buffer.concat([gzipSync('/a\n').subarray(0, 10), Buffer.alloc(30, 0xff)]),
      'its gzip is broken',
    ],
  ])('and %s is refused', async (_, bytes, why) => {
    await expect(readText(bytes)).rejects.toThrow(`The list on standard input cannot be read: ${why}.`);
  });

  it('and is a bomb is given up early, without much memory', async () => {
    const bomb = gzipSync(Buffer.alloc(300 << 20), { level: 9 });
    const before = process.memoryUsage().arrayBuffers;
    await expect(readText(bomb)).rejects.toThrow('its gzip unpacks to more than 300 times its size');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
  });

  it('keeps what came before it was cut', async () => {
    const lines = Array.from({ length: 50_000 }, () => `/${Math.random()}`).join('\n');
    const { entries } = await readText(gzipSync(lines).subarray(0, -100_000));
    expect(entries.length).toBeGreaterThan(1000);
    expect(entries.at(-1)).toMatchObject({
      problem: 'cannot be read: its gzip ends early',
      reason: 'bad-source',
    });
  });

  it('lets the stream go when nobody reads on', async () => {
    const stdin = Readable.from([gzipSync('/a\n'.repeat(100_000))]);
    const reader = new SourceReader({ signal: new AbortController().signal, stdin: stdin as never });
    for await (const entry of reader.read([{ kind: 'stdin', name: '-' }])) {
      expect(entry.text).toBe('/a');
      break;
    }
    if (!stdin.closed) await once(stdin, 'close');
    expect(stdin.destroyed).toBe(true);
  });
});

describe('sources that follow one another', () => {
  it('are told apart, and a bad one does not take the others away', async () => {
    const { entries } = await readWords(['/first', '-', '/last'], { stdin: '<html>' });
    expect(entries).toEqual([
      { text: '/first', number: 1, source: 'arguments' },
      {
        text: '-',
        number: 0,
        source: '-',
        problem: 'cannot be read: it is a page of HTML, not a list',
        reason: 'bad-source',
      },
      { text: '/last', number: 3, source: 'arguments' },
    ]);
  });
});
