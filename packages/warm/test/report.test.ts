import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Meter, type MeterStream } from '../src/report/meter.ts';
import { bytes, count, duration, plural, rate } from '../src/report/numbers.ts';
import { printable, withoutPasswordOf } from '../src/report/printable.ts';
import { progressLine, RecentRate } from '../src/report/progress.ts';
import { ReportFile } from '../src/report/report-file.ts';
import { summaryText } from '../src/report/summary.ts';
import { Tally } from '../src/report/tally.ts';
import type { UrlResult } from '../src/results.ts';
import { newFolder } from './support/folders.ts';

describe('printable', () => {
  it('shows what a terminal must not obey', () => {
    expect(printable('a\x1b[2J\n\r\u009b\u202eb\u2028\ud800')).toBe(
      'a\\u{1b}[2J\\u{a}\\u{d}\\u{9b}\\u{202e}b\\u{2028}\\u{d800}',
    );
  });

  it('leaves text of any language alone', () => {
    expect(printable('/caf\u00e9/日本/😀')).toBe('/café/日本/😀');
  });

  it('cuts what is endless', () => {
    expect(printable('x'.repeat(1000), 10)).toBe('xxxxxxxxxx…');
  });

  it.each([
    ['http://me:secret@a.example/x', 'http://…@a.example/x'],
    ['see postgres://me:sec@ret@db:5432/x?a@b and ftp://u@h', 'see postgres://…@db:5432/x?a@b and ftp://…@h'],
    ['http://a.example/@me', 'http://a.example/@me'],
    [`http://me:${'secret'.repeat(3)}@a.example/`, 'http://…@a.…', 11],
    // Signs that end a password by the rules, and a password whose end was cut away.
    ['http://me:se#cret@a.example/x', 'http://…@a.example/x'],
    ['http://me:se/cr?et@a.example/x y', 'http://…@a.example/x y'],
    ['http://me:se\tcret@a.example/', 'http://…@a.example/'],
    ['http://me:secr et@a', 'http://… et@a'],
    // Quotes may be a part of it, or end the URL.
    ["http://o'brien:secret@a.example/x", 'http://…@a.example/x'],
    ["'http://me:it's-secret@a.example/x'", "'http://…@a.example/x'"],
    ["http://me:it's/secret@a.example/x", 'http://…@a.example/x'],
    ["http://o'brien:secr", 'http://…'],
    [
      `{"a": "http://a.example:80", "b": "me@b"} or <http://a> and <b@c>`,
      `{"a": "http://a.example:80", "b": "me@b"} or <http://a> and <b@c>`,
    ],
    ['expected "http://a" or <b@c>', 'expected "http://a" or <b@c>'],
    ['"http://me:secr" is', '"http://…" is'],
    [
      'http://[::1]:80/a and http://a.example:8080/@me?x=y@z',
      'http://[::1]:80/a and http://a.example:8080/@me?x=y@z',
    ],
    [
      'no page of http://127.0.0.1:80, (http://[::1]:80) or http://a:1.',
      'no page of http://127.0.0.1:80, (http://[::1]:80) or http://a:1.',
    ],
    ['must be http://host:port or unix:/path', 'must be http://host:port or unix:/path'],
    ['/to/http://a.example/http://me:secret@b/', '/to/http://a.example/http://…@b/'],
  ])('keeps the password of %s to itself', (text, said, longest = 300) => {
    expect(printable(text, longest)).toBe(said);
  });

  it.each([
    ['//me:secret@a.example/', '//…@a.example/'],
    ['http:/me:secret@a.example/', 'http://…@a.example/'],
    ['http:me:secret@a.example/', 'http://…@a.example/'],
    ["HTTPS://o'brien:secret@a.example/@b", 'HTTPS://…@a.example/@b'],
    ['/\t\\me:secret@a.example/', '//…@a.example/'],
    ['//me:sec@ret@a.example?x@y', '//…@a.example?x@y'],
    ['//me:se/cret@a.example/', '…@a.example/'],
    ['/login?to=http://me:secret@b/', '/login?to=http://…@b/'],
    ['/@me', '/@me'],
    ['mailto:me@a.example', 'mailto:me@a.example'],
    ['//a.example/@me', '//a.example/@me'],
    ['http://a.example:80/', 'http://a.example:80/'],
  ])('keeps the password of a redirect to %s to itself', (location, said) => {
    expect(withoutPasswordOf(location)).toBe(said);
  });

  it('never lets a control character through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });
});

describe('numbers', () => {
  it('are the same everywhere', () => {
    expect([0, 999, 1000, 1234567].map(count)).toEqual(['0', '999', '1,000', '1,234,567']);
    expect([0, 1, 999, 1000, 4210, 999_949, 999_950, 5e9].map(bytes)).toEqual([
      '0 bytes',
      '1 byte',
      '999 bytes',
      '1.0 kB',
      '4.2 kB',
      '999.9 kB',
      '1.0 MB',
      '5.0 GB',
    ]);
    expect([0.04, 9.94, 10, 59.6, 65, 3600, 3725].map(duration)).toEqual([
      '0.0s',
      '9.9s',
      '10s',
      '1m 00s',
      '1m 05s',
      '1h 00m',
      '1h 02m',
    ]);
    expect([0, 9.96, 10.4, 12345].map(rate)).toEqual(['0.0', '10.0', '10', '12,345']);
    expect([plural(1, 'page'), plural(2, 'page')]).toEqual(['1 page', '2 pages']);
  });
});

describe('the progress line', () => {
  const progress = { done: 1204, listed: 10_432, complete: true, refused: 14, failed: 3, perSecond: 812 };

  it('says how far it is', () => {
    expect(progressLine(progress, 80)).toBe('1,204 of 10,432 pages  812/s  3 failed  14 refused  11s left');
  });

  it('does not guess how long the last pages take', () => {
    const last = { ...progress, done: 10_430, refused: 0, failed: 0 };
    expect(progressLine(last, 80)).toBe('10,430 of 10,432 pages  812/s');
    expect(progressLine({ ...last, perSecond: 0 }, 80)).toBe('10,430 of 10,432 pages  0.0/s');
  });

  it('does not guess a total that is not known', () => {
    expect(progressLine({ ...progress, complete: false, refused: 0, failed: 0 }, 80)).toBe(
      '1,204 of 10,432+ pages  812/s',
    );
  });

  it('is never wider than the terminal', () => {
    fc.assert(
      fc.property(
        fc.record({
          done: fc.nat(),
          listed: fc.nat(),
          complete: fc.boolean(),
          refused: fc.nat(),
          failed: fc.nat(),
          perSecond: fc.double({ min: 0, max: 1e6, noNaN: true }),
        }),
        fc.nat(120),
        (any, width) => {
          expect(progressLine(any, width).length).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  it('knows the rate of the last ten seconds only', () => {
    const recent = new RecentRate();
    expect(recent.sample(0, 0)).toBe(0);
    expect(recent.sample(1000, 100)).toBe(100);
    for (let second = 2; second <= 30; second += 1) recent.sample(second * 1000, 100);
    expect(recent.sample(31_000, 100)).toBe(0);
  });
});

const failed = (page: number): UrlResult => ({
  url: `http://a/${page}`,
  outcome: 'failed',
  reason: 'timeout',
  detail: 'not complete within 1 s',
  source: 'urls.txt',
  line: page,
});
const stored: UrlResult = { url: 'http://a/', outcome: 'stored', bytes: 1, source: 'urls.txt', line: 1 };

function stream(terminal: { isTTY?: boolean; columns?: number }): MeterStream & { text: string } {
  return {
    ...terminal,
    text: '',
    write(text: string) {
      this.text += text;
    },
  };
}

describe('the meter on a terminal', () => {
  const options = { quiet: false, env: { TERM: 'xterm', NO_COLOR: '1' }, now: () => 0 };

  it('redraws one line, and prints what went wrong above it', () => {
    const terminal = stream({ isTTY: true, columns: 40 });
    const meter = new Meter(terminal, options);
    meter.result(stored);
    meter.draw();
    meter.draw();
    meter.result(failed(2));
    meter.stop();
    expect(terminal.text).toBe(
      '\r\x1b[K1 of 0+ pages  0.0/s' +
        '\r\x1b[Kfailed  http://a/2: timeout (not complete within 1 s)\n1 of 0+ pages  0.0/s' +
        '\r\x1b[K',
    );
  });

  it('follows the width of the window', () => {
    const terminal = { ...stream({ isTTY: true }), columns: 12 };
    const meter = new Meter(terminal, options);
    meter.result(stored);
    meter.draw();
    meter.stop();
    expect(terminal.text).toBe('\r\x1b[K1 of 0+ pag\r\x1b[K');
  });

  it('names twenty failures and counts the others', () => {
    const terminal = stream({ isTTY: true, columns: 80 });
    const meter = new Meter(terminal, options);
    for (let page = 1; page <= 1025; page += 1) meter.result(failed(page));
    meter.stop();
    const lines = terminal.text.split('\n');
    expect(lines).toHaveLength(22);
    expect(lines[20]).toBe('... and 1,005 more; --report FILE.json lists every one.');
  });

  it('uses colour, unless NO_COLOR says otherwise', () => {
    const coloured = stream({ isTTY: true, columns: 80 });
    const meter = new Meter(coloured, { ...options, env: { TERM: 'xterm' } });
    meter.result(failed(1));
    meter.stop();
    expect(coloured.text).toContain('\x1b[31mfailed');
  });

  it('draws at most ten times a second', async () => {
    const terminal = stream({ isTTY: true, columns: 80 });
    const meter = new Meter(terminal, { quiet: false, env: { TERM: 'xterm' } });
    const end = performance.now() + 1000;
    while (performance.now() < end) {
      meter.result(stored);
      await new Promise((resolve) => setImmediate(resolve));
    }
    meter.stop();
    expect(terminal.text.split('\r\x1b[K').length).toBeLessThanOrEqual(12);
  });
});

describe('the meter elsewhere', () => {
  it('prints a notice of several lines as such, each safe by itself', () => {
    const log = stream({});
    const meter = new Meter(log, { quiet: false, env: {}, now: () => 0 });
    meter.notice({ source: '--exec', text: 'it ended with 9. It said:\n    boom\x1b[2J' });
    meter.stop();
    expect(log.text).toBe('note    --exec: it ended with 9. It said:\n            boom\\u{1b}[2J\n');
  });

  it('prints plain lines', () => {
    const log = stream({});
    const meter = new Meter(log, { quiet: false, env: {}, now: () => 0 });
    meter.result(stored);
    meter.draw();
    meter.result(failed(2));
    meter.listed(2, true);
    meter.draw();
    meter.stop();
    expect(log.text).toBe(
      '1 of 0+ pages  0.0/s\nfailed  http://a/2: timeout (not complete within 1 s)\n2 of 2 pages  0.0/s  1 failed\n',
    );
  });

  it('takes a dumb terminal for a file', () => {
    const dumb = stream({ isTTY: true, columns: 80 });
    const meter = new Meter(dumb, { quiet: false, env: { TERM: 'dumb' }, now: () => 0 });
    meter.draw();
    meter.stop();
    expect(dumb.text).toBe('0 of 0+ pages  0.0/s\n');
  });

  it('is silent when it is told so', () => {
    const log = stream({});
    const meter = new Meter(log, { quiet: true, env: {} });
    meter.result(failed(1));
    meter.stop();
    expect(log.text).toBe('');
  });
});

describe('the summary', () => {
  it('counts by outcome and reason', () => {
    const tally = new Tally();
    for (let page = 0; page < 1500; page += 1) tally.add({ outcome: 'stored', bytes: 2000 });
    for (let page = 0; page < 12; page += 1) tally.add({ outcome: 'refused', reason: 'status' });
    tally.add({ outcome: 'failed', reason: 'timeout' });
    tally.add({ outcome: 'present', bytes: 10 });
    const text = summaryText({
      origin: 'http://127.0.0.1:3000',
      cacheDir: '/srv/cache',
      urls: tally.urls,
      ...tally.counts,
      unchanged: tally.unchanged,
      changes: tally.changes,
      cut: undefined,
      notPruned: undefined,
      duplicates: 2,
      bytes: tally.bytes,
      seconds: 2,
      reasons: tally.reasons(),
      stopped: false,
    });
    expect(text).toBe(
      [
        'Done: http://127.0.0.1:3000 into /srv/cache',
        '  stored   1,500  3.0 MB',
        '  present      1  there already, not fetched',
        '  refused     12',
        '  failed       1',
        'Not stored, and why:',
        '  12 status   The status is not 200. Nothing: only a 200 is stored.',
        '   1 timeout  The response was not complete in time. Raise `--timeout`, `--connect-timeout` or `--first-byte-timeout`, or lower `--concurrency` if the application is overloaded.',
        '1,514 URLs in 2.0s, 757 a second, 2 repetitions left out.',
        '',
      ].join('\n'),
    );
  });
});

describe('the report file', () => {
  it('has one object a line, and appears when it is finished', () => {
    const folder = newFolder();
    const file = join(folder, 'not-stored.ndjson');
    writeFileSync(file, 'old');
    const report = new ReportFile(file);
    report.result(failed(1));
    report.result(stored);
    report.result(failed(2));
    expect(readFileSync(file, 'utf8')).toBe('old');
    report.finish();
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines[1]!)).toEqual({
      url: 'http://a/2',
      outcome: 'failed',
      reason: 'timeout',
      detail: 'not complete within 1 s',
      source: 'urls.txt',
      line: 2,
    });
    expect(readdirSync(folder)).toEqual(['not-stored.ndjson']);
  });

  it('leaves nothing when the run came to nothing', () => {
    const folder = newFolder();
    new ReportFile(join(folder, 'r')).discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is not held up by what a run with the same process number left that was killed in a container', () => {
    const folder = newFolder();
    const left = join(folder, `.r.ndjson.${process.pid}.tmp`);
    writeFileSync(left, 'half');
    const report = new ReportFile(join(folder, 'r.ndjson'));
    report.result(failed(1));
    report.finish();
    // It may be of a run that goes on elsewhere.
    expect(readdirSync(folder).toSorted()).toEqual([`.r.ndjson.${process.pid}.tmp`, 'r.ndjson']);
  });

  it('removes what runs left that were killed days ago, and nothing else', () => {
    const folder = newFolder();
    const old = new Date(Date.now() - 25 * 3600 * 1000);
    const left = ['.r.ndjson.7.tmp', `.r.ndjson.${'0f'.repeat(8)}.tmp`];
    const others = ['.other.ndjson.7.tmp', '.r.ndjson.mine.tmp', 'r.ndjson.7.tmp'];
    for (const name of [...left, ...others]) {
      writeFileSync(join(folder, name), 'half');
      utimesSync(join(folder, name), old, old);
    }
    new ReportFile(join(folder, 'r.ndjson')).finish();
    expect(readdirSync(folder).toSorted()).toEqual([...others, 'r.ndjson'].toSorted());
  });

  it('is refused before the run when it cannot be written', () => {
    const folder = newFolder();
    expect(() => new ReportFile(folder)).toThrow(`The report ${folder} cannot be written: it is a folder.`);
    expect(() => new ReportFile(join(folder, 'no', 'r'))).toThrow('cannot be written: there is no such file');
  });
});
