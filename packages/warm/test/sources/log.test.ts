import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLogLine } from '../../src/sources/access-log.ts';
import { Hottest } from '../../src/sources/hottest.ts';
import { readText, textsOf } from './support.ts';

const time = '[10/Oct/2026:13:55:36 +0000]';
const line = (request: string, status = 200, rest = ' "-" "Mozilla/5.0"') =>
  `192.0.2.1 - - ${time} "${request}" ${status} 512${rest}`;

describe('a line of an access log', () => {
  it.each([
    ['common', line('GET /a HTTP/1.1', 200, ''), { method: 'GET', target: '/a', status: 200, agent: '' }],
    ['combined', line('GET /a HTTP/2.0'), { method: 'GET', target: '/a', status: 200, agent: 'Mozilla/5.0' }],
    [
      'combined, with more behind',
      line('HEAD / HTTP/1.0', 304, ' "http://a/?[x]" "M (\\"x\\")" "1.2.3.4"'),
      { method: 'HEAD', target: '/', status: 304, agent: 'M (\\"x\\")' },
    ],
    [
      'with a host in front',
      `a.example:443 ${line('GET /a HTTP/1.1')}`,
      { method: 'GET', target: '/a', status: 200 },
    ],
    [
      'with a user of two words',
      `1.2.3.4 - me too ${time} "GET /a HTTP/1.1" 200 -`,
      { method: 'GET', target: '/a' },
    ],
    ['with escaped bytes', line('GET /caf\\xC3\\xA9/\\x22 HTTP/1.1'), { target: '/caf%C3%A9/"' }],
    ['with an escaped quote', line('GET /a\\"b HTTP/1.1'), { target: '/a"b' }],
    ['with an escaped control byte', line('GET /a\\x1B[2J HTTP/1.1'), { target: '/a%1B[2J' }],
    ['of a request that was none', line('\\x16\\x03\\x01', 400), { method: '', target: '', status: 400 }],
    ['of HTTP/0.9', line('GET /a', 200), { method: '', target: '' }],
    ['of a request with blanks', line('GET /a b HTTP/1.1', 400), { method: '', status: 400 }],
  ])('%s is taken apart', (_, text, expected) => {
    expect(parseLogLine(text)).toMatchObject(expected);
  });

  it.each([
    '',
    '/a',
    '127.0.0.1 - - "GET /a HTTP/1.1" 200 5',
    `x ${time} "GET /a HTTP/1.1`,
    `x ${time} "GET /a HTTP/1.1" abc 5`,
  ])('is none: %s', (text) => {
    expect(parseLogLine(text)).toBeUndefined();
  });

  it('is taken apart in time that grows with its length, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.constantFrom('[', '"', '\\', '] "', ' ', 'x'), (part) => {
        const began = performance.now();
        parseLogLine(`${time} "${part.repeat(60_000)}`);
        expect(performance.now() - began).toBeLessThan(500);
      }),
    );
  });
});

describe('an access log', () => {
  it('gives what visitors got, the hottest first, and says what it leaves out', async () => {
    const lines = [
      line('GET /rare HTTP/1.1'),
      line('GET /hot HTTP/1.1'),
      line('GET /hot HTTP/1.1'),
      line('POST /form HTTP/1.1'),
      line('GET /hot HTTP/1.1'),
      line('GET /gone HTTP/1.1', 404),
      line('GET /search?q=1 HTTP/1.1'),
      line('GET /warm HTTP/1.1'),
      line('GET /warm HTTP/1.1'),
      line('GET /cold HTTP/1.1', 200, ' "-" "pagetree-warm/1.0.0"'),
      'no line of a log',
      line('POST /form HTTP/1.1'),
    ];
    const { entries, notices } = await readText(`${lines.join('\n')}\n`);
    expect(entries).toEqual([
      { text: '/hot', number: 2, source: '-', priority: 3 },
      { text: '/warm', number: 8, source: '-', priority: 2 },
      { text: '/rare', number: 1, source: '-', priority: 1 },
      { text: '/cold', number: 10, source: '-', priority: 0 },
    ]);
    expect(notices).toEqual([
      {
        source: '-',
        text: 'left out of 12 lines: 2 not GET (first: line 4), 1 not answered 200 (first: line 6), 1 with a query (first: line 7), 1 no log lines (first: line 11)',
      },
    ]);
  });

  it('has a problem where a target is one', async () => {
    const { entries } = await readText(
      `${line(`GET /${'x'.repeat(9000)} HTTP/1.1`)}\n${line('GET /a HTTP/1.1')}\n`,
    );
    expect(entries).toMatchObject([{ number: 1, problem: 'longer than 8192 bytes' }, { text: '/a' }]);
  });

  it('without a line of a log is none', async () => {
    await expect(readText('/a\n/b\n', 'log')).rejects.toThrow('it has no line of an access log');
  });
});

describe('the hottest targets', () => {
  it('are sorted by hits, and by their first line among equals', () => {
    const hottest = new Hottest();
    for (const [at, target] of ['/b', '/a', '/c', '/c'].entries()) hottest.add(target, at + 1);
    expect([...hottest.drain()].map(({ target }) => target)).toEqual(['/c', '/b', '/a']);
  });

  it('lose no target when there is no room for all, and hot ones stay first', () => {
    const hottest = new Hottest({ targets: 100, characters: 100_000 });
    for (let page = 0; page < 5000; page += 1) {
      hottest.add(`/rare/${page}`, page);
      if (page % 10 === 0) hottest.add('/hot', page);
    }
    const targets = [...hottest.drain()].map(({ target }) => target);
    expect(targets[0]).toBe('/hot');
    expect(new Set(targets).size).toBe(5001);
  });

  it('hold a bounded number of characters', () => {
    const hottest = new Hottest({ targets: 1_000_000, characters: 50_000 });
    for (let page = 0; page < 1000; page += 1) hottest.add(`/${'x'.repeat(1000)}/${page}`, page);
    expect([...hottest.drain()]).toHaveLength(1000);
  });

  it('of a log that fits nowhere are all there', async () => {
    const lines = Array.from({ length: 120_000 }, (_, at) => line(`GET /page/${at % 60_000} HTTP/1.1`));
    const { entries } = await readText(lines.join('\n'));
    expect(new Set(textsOf(entries)).size).toBe(60_000);
  });
});
