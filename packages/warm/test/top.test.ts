/** `pagetree top`: what it reads, what it makes of it, and how it looks. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { createPageCache, type Ticket } from '@pagetree/core';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type ProcessCounts, parseCounts, readCounters } from '../src/top/counters.ts';
import { readName } from '../src/top/fills.ts';
import { Growth } from '../src/top/rates.ts';
import { Screen } from '../src/top/screen.ts';
import { frame, type Look } from '../src/top/view.ts';
import { run } from './support/bins.ts';
import { newFolder } from './support/folders.ts';
import { storeAll } from './tree/trees.ts';

let cwd: string;
let cacheDir: string;
beforeEach(async () => {
  cwd = newFolder();
  cacheDir = join(cwd, 'cache');
});

const document = {
  format: 1,
  pid: 4711,
  hits: 1200,
  hitBytes: 34_000_000,
  misses: 80,
  stored: 60,
  storedBytes: 2_000_000,
  purges: 2,
  purgedPages: 31,
  purgedBytes: 99_000,
  bypassed: { query: 7, cookie: 400 },
  refused: { 'set-cookie': 12, status: 3 },
  aborted: { unfinished: 1 },
  unstored: { busy: 5 },
  errors: {},
};

/** Writes a counter file as a middleware does. */
function share(name: string, changes: object = {}): string {
  const folder = join(cacheDir, '.pagetree', 'counters');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), JSON.stringify({ ...document, ...changes }));
  return join(folder, name);
}

describe('counter files', () => {
  it('are read from all processes; damaged ones and those of the dead are left out', async () => {
    await createPageCache({ cacheDir }).close();
    expect(readCounters(cacheDir)).toEqual([]);
    share('a.1.json');
    share('b.2.json', { pid: 4712, hits: -1, misses: 'x', refused: { 'a\u001b[2J': 1, status: 0.5, ok: 2 } });
    share('c.json', { format: 2 });
    writeFileSync(join(cacheDir, '.pagetree/counters/d.json'), '{"format":1');
    writeFileSync(join(cacheDir, '.pagetree/counters/e.json'), ' '.repeat(100_000));
    share('half.json.new');
    const seconds = Date.now() / 1000;
    const silent = share('f.json');
    utimesSync(silent, seconds - 60, seconds - 60);
    const dead = share('0123abcd.4711.89abcdef.json');
    utimesSync(dead, seconds - 3600, seconds - 3600);
    const found = readCounters(cacheDir);
    expect(found.map(({ name }) => name)).toEqual(['a.1.json', 'b.2.json']);
    expect(found[1]).toMatchObject({
      pid: 4712,
      numbers: { hits: 0, misses: 0 },
      reasons: { refused: { ok: 2 } },
    });
    expect([existsSync(silent), existsSync(dead)]).toEqual([true, false]);
  });

  it('are all that is removed, also where a link leads to the files of somebody else', async () => {
    await createPageCache({ cacheDir }).close();
    const theirs = newFolder();
    const file = join(theirs, 'settings.json');
    writeFileSync(file, '{}');
    utimesSync(file, 1000, 1000);
    symlinkSync(theirs, join(cacheDir, '.pagetree', 'counters'));
    expect(readCounters(cacheDir)).toEqual([]);
    expect(existsSync(file)).toBe(true);
  });

  it.each([null, 1, 'x', [], {}, { format: 1 }, { format: 1, pid: -1 }])('%j is none', (value) => {
    expect(parseCounts('a', value)).toBeUndefined();
  });
});

describe('growth', () => {
  const of = (name: string, hits: number, refused = 0): ProcessCounts =>
    parseCounts(name, { ...document, hits, refused: { status: refused } })!;

  it('is measured process by process, over ten seconds', () => {
    const growth = new Growth();
    expect(growth.look([of('a', 1000)], 0)).toMatchObject({ processes: 1, rates: undefined });
    expect(growth.look([of('a', 1010, 2)], 1000).rates).toMatchObject({ hits: 10, refused: 2, misses: 0 });
    // A process that comes has counted before; one that goes takes nothing away; one that began anew is another.
    const both = growth.look([of('a', 1010, 2), of('b', 5000)], 2000);
    expect(both.rates).toMatchObject({ hits: 5 });
    expect(both.numbers).toMatchObject({ hits: 6010, refused: 2 });
    expect(growth.look([of('b', 5030)], 4000).rates).toMatchObject({ hits: 10 });
    expect(growth.look([of('b', 5030)], 60_000).rates).toMatchObject({ hits: 0 });
  });
});

describe('names of fills', () => {
  it.each([
    ['01234567-4711-998-89abcdef-1f@%2Fblog%2Fa.body', { key: '/blog/a', pid: 4711 }],
    ['01234567-4711-998-89abcdef-1f@.meta', { key: undefined, pid: 4711 }],
    [`${'0f'.repeat(16)}.01234567-4711-998-89abcdef-1f@%2Fa.lock`, { key: '/a', pid: 4711 }],
    ['nonsense', { key: undefined, pid: undefined }],
  ])('%s', (name, expected) => {
    expect(readName(name)).toEqual(expected);
  });
});

describe('the view', () => {
  const now = Date.UTC(2026, 0, 2, 3, 4, 5);
  const growth = new Growth();
  growth.look([parseCounts('a', document)!], 0);
  const look: Look = {
    cacheDir: '/srv/site/cache',
    now,
    pages: { pages: 10_432, bytes: 78_200_000, at: now - 4000 },
    totals: growth.look([parseCounts('a', { ...document, hits: 2012, stored: 61 })!], 1000),
    underWay: {
      fills: 3,
      purges: 1,
      oldest: [
        { key: '/slow/page', pid: 4711, since: now - 2500 },
        { key: '/od\u001bd', pid: 4711, since: now - 100 },
        { key: undefined, pid: undefined, since: now },
      ],
    },
  };
  const plain = (_: string, text: string) => text;
  const shown = (columns: number, rows: number, what: Look = look) => frame(what, { columns, rows }, plain);

  it.each([
    [100, 40],
    [60, 20],
    [30, 10],
  ])('fits into %i times %i characters', (columns, rows) => {
    const lines = shown(columns, rows);
    expect(lines.length).toBeLessThanOrEqual(rows);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(`\n${lines.join('\n')}\n`).toMatchSnapshot();
  });

  it('fits into any room, and has no control character', () => {
    for (let rows = 0; rows < 40; rows += 1) {
      for (let columns = 1; columns < 140; columns += 13) {
        const lines = shown(columns, rows);
        expect(lines.length).toBeLessThanOrEqual(rows);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
        expect(lines.join('\n')).not.toMatch(/[^\P{Cc}\n]/u);
      }
    }
  });

  it('says what is not known', () => {
    const nobody = { ...look, pages: undefined, totals: new Growth().look([], 0) };
    expect(shown(100, 40, nobody).slice(0, 4)).toEqual([
      '/srv/site/cache  03:04:05 UTC',
      'pages are being counted',
      'No application shares its numbers: set counters: true in its middleware.',
      '',
    ]);
  });

  it('cuts before it colours', () => {
    const lines = frame(look, { columns: 8, rows: 3 }, (_, text) => `<${text}>`);
    expect(lines[0]).toBe('</srv/sit>');
  });
});

describe('the screen', () => {
  it('is entered once, and given back once', () => {
    const written: string[] = [];
    const screen = new Screen({ columns: 10, rows: 3, write: (text) => written.push(text) });
    expect(screen.room).toEqual({ columns: 9, rows: 3 });
    screen.close();
    screen.draw(['a']);
    screen.draw(['b', 'c']);
    screen.close();
    screen.close();
    const text = written.join('');
    expect(text.split('\x1b[?1049h')).toHaveLength(2);
    expect(text.split('\x1b[?1049l')).toHaveLength(2);
    expect(text.endsWith('\x1b[?25h\x1b[?1049l')).toBe(true);
    expect(written.filter((one) => one.includes('\n') && !one.includes('\r\n'))).toEqual([]);
  });
});

describe('pagetree top', () => {
  const top = (...args: string[]) => run('pagetree', ['top', ...args], { cwd });

  it('looks once where there is no terminal, and with --once', async () => {
    await storeAll(cacheDir);
    share('a.1.json');
    for (const args of [[], ['--once']]) {
      const { code, stdout, stderr } = await top(...args);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toContain('8 pages, 18.0 kB, counted 0s ago\n1 process shares numbers: 4711\n');
      expect(stdout).toMatch(/^hits +- +1,200 {2}93\.8 % of hits and misses$/m);
      expect(stdout).toMatch(/^UNDER WAY {2}0 fills, 0 purges$/m);
      expect(stdout).not.toContain('\x1b');
    }
  });

  it('has all of it as JSON, with what is being stored', async () => {
    const cache = createPageCache({ cacheDir });
    const found = await cache.lookup({ method: 'GET', target: '/blog/new', headers: {} });
    share('a.1.json');
    share('b.1.json', { pid: 4712 });
    const told = JSON.parse((await top('--json')).stdout);
    expect(told).toMatchObject({
      cacheDir,
      pages: 0,
      processes: 2,
      pids: [4711, 4712],
      counts: { hits: 2400, refused: 30, purges: 4 },
      reasons: { refused: { 'set-cookie': 24, status: 6 }, errors: {} },
      fills: 1,
      purges: 0,
      oldest: [{ key: '/blog/new', pid: process.pid }],
    });
    const { ticket } = found as { ticket: Ticket };
    ticket.abandon('unfinished');
    await cache.close();
    expect(JSON.parse((await top('--json')).stdout)).toMatchObject({ fills: 0, oldest: [] });
  });

  it.each([
    [['--interval', '0'], '--interval must be a number of seconds from 0.1 to 3600; it is "0".'],
    [['--intervall', '1'], 'There is no option --intervall.'],
    [['x'], 'The command top takes no argument; there is "x".'],
  ])('says what is wrong with %j', async (args, sentence) => {
    await createPageCache({ cacheDir }).close();
    const { code, stderr } = await top(...args);
    expect([code, stderr.split('\n', 1)[0]]).toEqual([2, `pagetree: ${sentence}`]);
  });
});

describe('pagetree top, where', () => {
  const top = (...args: string[]) => run('pagetree', ['top', ...args], { cwd });

  it.each([['--once'], ['--json']])('there is no tree, says so with %s and makes nothing', async (form) => {
    mkdirSync(join(cwd, 'precious'));
    writeFileSync(join(cwd, 'precious/a'), 'data');
    const { code, stderr } = await top(form, '--cache-dir', 'precious');
    expect([code, stderr.split('\n', 1)[0]]).toEqual([
      2,
      `pagetree: cacheDir: ${cwd}/precious is not a Pagetree cache: .pagetree/tree.json is missing.`,
    ]);
    expect(readdirSync(join(cwd, 'precious'))).toEqual(['a']);
  });

  it('the tree is empty, or damaged, shows what there is', async () => {
    await createPageCache({ cacheDir }).close();
    expect((await top()).stdout).toContain(
      '\n0 pages, 0 bytes, counted 0s ago\nNo application shares its numbers',
    );
    writeFileSync(join(cacheDir, 'zero'), '');
    writeFileSync(join(cacheDir, '\u001b[2Jodd'), 'x');
    writeFileSync(join(cacheDir, '.pagetree/counters'), 'in the way');
    mkdirSync(join(cacheDir, '.pagetree/fills'), { recursive: true });
    const odd = join(cacheDir, '.pagetree/fills', 'f');
    mkdirSync(odd);
    writeFileSync(join(odd, '\u001b[2J@odd'), '');
    const { code, stdout, stderr } = await top();
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^UNDER WAY {2}1 fill, 0 purges$/m);
    expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
  });

  it.runIf(process.getuid?.() === 0)(
    'the tree is of somebody else, needs no rights but to read',
    async () => {
      await storeAll(cacheDir);
      const dead = share('0123abcd.4711.89abcdef.json');
      utimesSync(dead, 1000, 1000);
      share('b.1.json');
      chmodSync(cwd, 0o755);
      const { code, stdout, stderr } = await run('pagetree', ['top'], {
        cwd,
        env: { HOME: cwd },
        prefix: ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'],
      });
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toContain('8 pages, ');
      expect(stdout).toContain('1 process shares numbers: 4711');
      expect(existsSync(dead)).toBe(true);
    },
  );
});

/** A real terminal. `script` puts everything that the program draws on its standard output. */
describe('pagetree top on a terminal', () => {
  const bin = new URL('../bin/pagetree.js', import.meta.url).pathname;

  function onTerminal(before = 'stty cols 100 rows 30', env: Record<string, string> = {}) {
    const command = `${before}; echo $$ > pid; exec ${process.execPath} ${bin} top --interval 0.1 --cache-dir cache`;
    const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, ...outer } = process.env;
    const child = spawn('/usr/bin/script', ['-qec', command, '/dev/null'], {
      cwd,
      env: { ...outer, TERM: 'xterm-256color', SHELL: '/bin/sh', ...env },
    });
    const drawn = { text: '' };
    child.stdout.setEncoding('utf8').on('data', (text) => {
      drawn.text += text;
    });
    const pid = () => Number(readFileSync(join(cwd, 'pid'), 'utf8'));
    return { child, drawn, pid, closed: once(child, 'close') };
  }

  beforeEach(async () => {
    await storeAll(cacheDir);
    share('a.1.json');
  });

  it.each([
    ['q', 0],
    ['\x03', 0],
    ['SIGINT', 0],
    ['SIGTERM', 143],
    ['SIGHUP', 143],
  ])('ends by %j, and gives the terminal back', async (how, code) => {
    const { child, drawn, pid, closed } = onTerminal();
    await vi.waitFor(() => expect(drawn.text).toContain('8 pages'), 10_000);
    if (how.startsWith('SIG')) process.kill(pid(), how as NodeJS.Signals);
    else child.stdin.write(how);
    expect((await closed)[0]).toBe(code);
    expect(drawn.text.startsWith('\x1b[?1049h\x1b[?25l')).toBe(true);
    expect(drawn.text.endsWith('\x1b[?25h\x1b[?1049l')).toBe(true);
  });

  it('draws what changes', async () => {
    const { child, drawn, closed } = onTerminal();
    await vi.waitFor(() => expect(drawn.text).toContain('1,200'), 10_000);
    share('a.1.json', { hits: 1234 });
    await vi.waitFor(() => expect(drawn.text).toContain('1,234'), 10_000);
    child.stdin.write('q');
    await closed;
  });

  it('fits when the terminal is made smaller', async () => {
    const smaller =
      '(while [ ! -e small ]; do sleep 0.05; done; stty cols 30 rows 8 < /dev/tty) & stty cols 100 rows 30';
    const { child, drawn, closed } = onTerminal(smaller);
    await vi.waitFor(() => expect(drawn.text).toContain('UNDER WAY'), 10_000);
    writeFileSync(join(cwd, 'small'), '');
    const last = () => drawn.text.split('\x1b[H').at(-1)!;
    await vi.waitFor(() => expect(last().split('\r\n').length).toBe(8), 10_000);
    const lines = stripVTControlCharacters(last()).split(/\r+\n/);
    expect(lines.filter((line) => line.length >= 30)).toEqual([]);
    child.stdin.write('q');
    await closed;
  });

  it('has no colours with NO_COLOR, and draws nothing on a dumb terminal', async () => {
    const colourless = onTerminal(undefined, { NO_COLOR: '1' });
    await vi.waitFor(() => expect(colourless.drawn.text).toContain('8 pages'), 10_000);
    colourless.child.stdin.write('q');
    await colourless.closed;
    expect(colourless.drawn.text).not.toMatch(new RegExp(`${String.fromCharCode(27)}\\[\\d+m`));
    const dumb = onTerminal(undefined, { TERM: 'dumb' });
    expect((await dumb.closed)[0]).toBe(0);
    expect(dumb.drawn.text).not.toContain('\x1b');
    expect(dumb.drawn.text).toContain('8 pages');
  });

  it('leaves nothing in the tree', async () => {
    const files = () => readdirSync(cacheDir, { recursive: true }).sort();
    const before = files();
    const { child, drawn, closed } = onTerminal();
    await vi.waitFor(() => expect(drawn.text).toContain('8 pages'), 10_000);
    child.stdin.write('q');
    await closed;
    expect(files()).toEqual(before);
  });
});
