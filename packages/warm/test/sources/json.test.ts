import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJsonArray } from '../../src/sources/json.ts';
import { readText, textsOf } from './support.ts';

describe('a list of JSON lines', () => {
  it('gives URLs with their tags, priority and time', async () => {
    const lines = [
      '{"url":"/a","tags":["news","front"],"priority":0.8,"lastmod":"2026-03-01T00:00:00Z"}',
      '',
      '"/b"',
      '{"url":"http://a.example/c", "tags": "one",\t"other": {"x": 1}}',
      '{"url":"/d","tags":[],"priority":null}',
    ];
    expect((await readText(lines.join('\r\n'))).entries).toEqual([
      {
        text: '/a',
        number: 1,
        source: '-',
        tags: ['news', 'front'],
        priority: 0.8,
        lastmod: Date.UTC(2026, 2, 2),
      },
      { text: '/b', number: 3, source: '-' },
      { text: 'http://a.example/c', number: 4, source: '-', tags: ['one'] },
      { text: '/d', number: 5, source: '-' },
    ]);
  });

  it('tells no password of a URL that is cut', async () => {
    const { entries } = await readText(`{"url":"/a"}\n{"url":"http://me:${'S'.repeat(90)}@a.example/",}\n`);
    expect(JSON.stringify(entries)).not.toContain('SSS');
  });

  it('takes the report of another run', async () => {
    const line =
      '{"url":"http://a.example/x","outcome":"failed","reason":"timeout","source":"u.txt","line":7}';
    expect(textsOf((await readText(`${line}\n`)).entries)).toEqual(['http://a.example/x']);
    expect(textsOf((await readText(`[\n${line},\n${line}\n]\n`)).entries)).toEqual(
      Array(2).fill('http://a.example/x'),
    );
  });

  it.each([
    ['{"url":', 'not JSON'],
    ['5', 'neither an object nor a text'],
    ['null', 'neither an object nor a text'],
    ['{"path":"/a"}', 'has no "url"'],
    ['{"url":["/a"]}', 'has no "url"'],
    ['{"url":"/a","tags":[1]}', '"tags" is not a list of texts without blanks'],
    ['{"url":"/a","tags":["a b"]}', '"tags" is not a list of texts without blanks'],
    ['{"url":"/a","tags":{"a":1}}', '"tags" is not a list of texts without blanks'],
    ['{"url":"/a","priority":"high"}', '"priority" is not a number'],
    ['{"url":"/a","lastmod":"soon"}', '"lastmod" is not a date'],
    ['{"url":"/a\\u001b[2J"}', 'has a control character'],
    ['{"url":"/a\\ud800"}', 'has half a character (a lone surrogate)'],
    [`{"url":"/${'x'.repeat(9000)}"}`, 'longer than 8192 bytes'],
    [`{"url":"/${'x'.repeat(70_000)}"}`, 'longer than 65536 bytes'],
  ])('names what is wrong with a line: %s', async (line, problem) => {
    const { entries } = await readText(`{"url":"/ok"}\n${line}\n{"url":"/next"}\n`);
    expect(entries).toMatchObject([{ text: '/ok' }, { number: 2, problem }, { text: '/next', number: 3 }]);
    expect(entries[1]!.text.length).toBeLessThanOrEqual(80);
  });

  it('that ends within a line is a source that cannot be read, wherever it was cut', async () => {
    const line = Buffer.from('{"url":"/ö"}');
    for (let end = 1; end < line.length; end += 1) {
      const cut = Buffer.concat([Buffer.from('{"url":"/a"}\n'), line.subarray(0, end)]);
      expect((await readText(cut)).entries).toMatchObject([
        { text: '/a' },
        { text: '-', number: 2, problem: 'ends within a line', reason: 'bad-source' },
      ]);
    }
    expect(textsOf((await readText('{"url":"/a"}\n{"url":"/b"}')).entries)).toEqual(['/a', '/b']);
    const { entries } = await readText('{"url":"/a"}\n{"path":"/b"}');
    expect(entries[1]).not.toMatchObject({ reason: 'bad-source' });
  });

  it('is not UTF-8 in one line only', async () => {
    const bytes = Buffer.concat([Buffer.from('{"url":"/a"}\n"/'), Buffer.of(0xff), Buffer.from('"\n"/b"\n')]);
    expect((await readText(bytes)).entries).toMatchObject([
      { text: '/a' },
      { number: 2, problem: 'not UTF-8' },
      { text: '/b' },
    ]);
  });
});

describe('a JSON array', () => {
  const chunksOf = async function* (text: string, size: number) {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  };
  const read = async (text: string, size = 1000) => {
    const entries = [];
    for await (const entry of readJsonArray(chunksOf(text, size), 'a.json')) entries.push(entry);
    return entries;
  };

  it('gives the values of JSON.parse, however it is laid out and cut', async () => {
    const text = fc.string({ unit: 'grapheme-ascii' }).map((name) => `/${name.replace(/[^!-~]/g, '')}`);
    const value = fc.oneof(text, fc.record({ url: text, other: fc.array(fc.string()) }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(value),
        fc.nat(4),
        fc.integer({ min: 1, max: 40 }),
        async (values, indent, size) => {
          const entries = await read(JSON.stringify(values, null, indent), size);
          const expected = (JSON.parse(JSON.stringify(values)) as (string | { url: string })[]).map((one) =>
            typeof one === 'string' ? one : one.url,
          );
          expect(entries.map((entry) => entry.text)).toEqual(expected);
        },
      ),
    );
  });

  it('says in which line a value begins', async () => {
    const entries = await read('[\n\n  "/a",\n  {\n    "url": "/b"\n  },"/c"\n]', 3);
    expect(entries.map(({ text, number }) => [text, number])).toEqual([
      ['/a', 3],
      ['/b', 4],
      ['/c', 6],
    ]);
  });

  it('may have nothing in it', async () => {
    expect(await read(' [ ] \n')).toEqual([]);
  });

  it.each([
    ['["/a", "/b"', 'it ends before its array does'],
    ['["/a', 'it ends before its array does'],
    ['{"url":"/a"}', 'it is not a JSON array'],
    [`["/${'x'.repeat(200_000)}"]`, 'line 1: a value is longer than 65536 characters'],
    [`[${'['.repeat(200_000)}`, 'line 1: a value is longer than 65536 characters'],
    ['["/a"]\n["/b","/c"]', 'line 2: something stands behind the end of its array'],
    ['["/a"],"/b"', 'line 1: something stands behind the end of its array'],
    ['["/a"]]}"/b"', 'line 1: something stands behind the end of its array'],
    ['["/a"}["/b"]', 'line 1: its brackets do not fit'],
  ])('that does not fit is refused: %.20s', async (text, why) => {
    await expect(read(text)).rejects.toThrow(why);
  });

  it.each([1, 3, 1000])('gives what stood before the mistake, cut into pieces of %d bytes', async (size) => {
    const texts: string[] = [];
    const all = async () => {
      const text = ' [ "/a" , {"url": "/b"} ] \n\n "/c"';
      for await (const entry of readJsonArray(chunksOf(text, size), 'a.json')) texts.push(entry.text);
    };
    await expect(all()).rejects.toThrow('line 3: something stands behind the end of its array');
    expect(texts).toEqual(['/a', '/b']);
  });

  it('counts as a source that could not be read when it has something behind it', async () => {
    expect((await readText('["/a"]\n["/b"]\n')).entries).toMatchObject([
      { text: '/a' },
      {
        problem: 'cannot be read: line 2: something stands behind the end of its array',
        reason: 'bad-source',
      },
    ]);
  });

  it('takes no longer for blanks and numbers than for anything else', async () => {
    const began = performance.now();
    const value = `${' '.repeat(30_000)}${'1'.repeat(30_000)},`;
    expect(await read(`[${value.repeat(10)}"/a"]`, 64 * 1024)).toHaveLength(11);
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it('is refused when it is not UTF-8', async () => {
    async function* chunks() {
      yield Buffer.of(0x5b, 0x22, 0xff, 0x22, 0x5d);
    }
    await expect(readJsonArray(chunks(), 'a').next()).rejects.toThrow('it is not UTF-8');
  });
});
