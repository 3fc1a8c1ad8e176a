import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Line, LineSplitter, lineCap } from '../src/sources/lines.ts';

function split(...chunks: (string | Buffer)[]): Line[] {
  const splitter = new LineSplitter();
  const lines = chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk as string)));
  return [...lines, ...splitter.end()];
}

const texts = (lines: Line[]) => lines.map((line) => ('problem' in line ? line : line.text));

describe('the lines of a list', () => {
  it('tell no password of a URL that is cut', () => {
    const secret = 'S'.repeat(90);
    const [line] = split(`http://me:${secret}@a.example/${'a'.repeat(lineCap)}\n`);
    expect(line).toMatchObject({ text: expect.stringMatching(/^http:\/\/…@a\.example\/a+$/) });
  });

  it('keep their numbers when blank lines and comments are left out', () => {
    expect(split('# pages\n\n/a\n   \n/b\n#/c')).toEqual([
      { number: 3, text: '/a' },
      { number: 5, text: '/b' },
    ]);
  });

  it('lose the carriage return, the blanks around, and the byte order mark', () => {
    expect(texts(split('\ufeff /a \r\n\t/b\t\r\n/c'))).toEqual(['/a', '/b', '/c']);
  });

  it('keep a # that does not stand at the beginning', () => {
    expect(texts(split('/a#b\n'))).toEqual(['/a#b']);
  });

  it('take a mark that comes in single bytes', () => {
    const bytes = [...Buffer.from('\ufeff/a\n')].map((byte) => Buffer.of(byte));
    expect(texts(split(...bytes))).toEqual(['/a']);
  });

  it('do not take a mark in the middle of a list for one at its beginning', () => {
    expect(texts(split('/a\n\ufeff/b\n'))).toEqual(['/a', '\ufeff/b']);
  });

  it.each([
    ['a tab', '/a\tb', 'has a control character'],
    ['NUL', '/a\0', 'has a control character'],
    ['escape', '/\x1b[2J', 'has a control character'],
    ['a lone carriage return', '/a\r/b', 'has a control character'],
    ['C1', '/a\u0085b', 'has a control character'],
  ])('are refused with %s in them', (_, text, problem) => {
    expect(split(`/ok\n${text}\n`)).toEqual([
      { number: 1, text: '/ok' },
      { number: 2, text, problem },
    ]);
  });

  it('are refused when they are not UTF-8', () => {
    expect(split(Buffer.from([0x2f, 0xff, 0x0a]))).toMatchObject([{ number: 1, problem: 'not UTF-8' }]);
  });

  it('may be as long as the cap, with a carriage return on top', () => {
    const longest = `/${'x'.repeat(lineCap - 1)}`;
    expect(texts(split(`${longest}\r\n`))).toEqual([longest]);
    expect(split(`${longest}x\n/b\n`)).toMatchObject([
      { number: 1, problem: `longer than ${lineCap} bytes` },
      { number: 2, text: '/b' },
    ]);
  });

  it('hold no more than the cap of a line without an end', () => {
    const splitter = new LineSplitter();
    const chunk = Buffer.alloc(1 << 20, 'x');
    const before = process.memoryUsage().arrayBuffers;
    for (let times = 0; times < 200; times += 1) expect(splitter.push(chunk)).toEqual([]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
    expect(splitter.push(Buffer.from('\n/next\n'))).toMatchObject([
      { number: 1, problem: 'longer than 8192 bytes' },
      { number: 2, text: '/next' },
    ]);
  });

  it.each([
    ['little', Buffer.from('\ufeff/a\n', 'utf16le')],
    ['big', Buffer.from('\ufeff/a\n', 'utf16le').swap16()],
  ])('are one clear error when the list is UTF-16 (%s endian), as PowerShell writes it', (_, bytes) => {
    expect(() => split(bytes)).toThrow('it is UTF-16, not UTF-8');
  });

  it('do not depend on how the bytes are cut into chunks', () => {
    const line = fc.oneof(
      fc.constantFrom('', ' ', '#c', '/a', '/é/ü', 'http://a/', '/\t', `/${'y'.repeat(9000)}`),
      fc.string({ unit: 'grapheme' }),
    );
    const list = fc
      .array(fc.tuple(line, fc.constantFrom('\n', '\r\n')))
      .map((lines) => lines.flat().join(''));
    fc.assert(
      fc.property(list, fc.array(fc.nat(50), { minLength: 1 }), (text, cuts) => {
        const bytes = Buffer.from(text);
        const chunks: Buffer[] = [];
        for (let start = 0, cut = 0; start < bytes.length; cut += 1) {
          const size = cuts[cut % cuts.length]! + 1;
          chunks.push(bytes.subarray(start, start + size));
          start += size;
        }
        expect(split(...chunks)).toEqual(split(bytes));
      }),
    );
  });

  it('are cut as fast with a long row of blanks in them', () => {
    const line = `/a${' '.repeat(8000)}b\n`;
    const began = performance.now();
    expect(split(line.repeat(200))).toHaveLength(200);
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it('are those that a simple reader of the whole text finds', () => {
    const line = fc.stringMatching(/^[ a-z/#.]{0,12}$/);
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const expected = lines
          .map((text, at) => ({ number: at + 1, text: text.trim() }))
          .filter(({ text }) => text !== '' && !text.startsWith('#'));
        expect(split(lines.join('\n'))).toEqual(expected);
      }),
    );
  });
});
