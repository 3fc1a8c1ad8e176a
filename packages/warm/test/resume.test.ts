import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startOf } from '../src/app/processes.ts';
import { readConnection } from '../src/config/connection.ts';
import { canGoOn, Journal } from '../src/fetch/journal.ts';
import { commandOf, runOf } from '../src/fetch/open-journal.ts';
import { type Notice, type UrlResult, type WarmOptions, warm } from '../src/index.ts';
import { run } from './support/bins.ts';
import { newFolder } from './support/folders.ts';
import { type Origin, startOrigin } from './support/origin.ts';

const runOfOptions = (options: WarmOptions, origin = 'http://a', token: string | null = 't'.repeat(43)) =>
  runOf(commandOf(options, origin, readConnection(options)), token ?? undefined);

describe('the journal', () => {
  let file: string;
  const open = (run = 'abc', more: Partial<ConstructorParameters<typeof Journal>[0]> = {}) =>
    new Journal({ file, run, restart: false, required: false, ...more });
  /** What a run leaves that was ended at once: the number is of no process that lives. */
  const left = (lines: string, header: object = {}) => {
    const began = new Date(Date.now() - 3_600_000).toISOString();
    writeFileSync(file, `${JSON.stringify({ run: 'abc', began, pid: 2 ** 22 + 1, ...header })}\n${lines}`);
  };

  beforeEach(() => {
    file = join(newFolder(), 'journal', 'abc');
    mkdirSync(join(file, '..'));
  });

  it('is gone when the run came to its end', () => {
    const journal = open();
    journal.add('/a', 'same');
    journal.flush();
    expect(existsSync(file)).toBe(true);
    journal.finish();
    expect(existsSync(file)).toBe(false);
  });

  it('is not written through a link that somebody put in its place', () => {
    const theirs = join(newFolder(), 'profile');
    writeFileSync(theirs, 'theirs\n');
    symlinkSync(theirs, file);
    const journal = open();
    journal.add('/a', 'same');
    journal.finish();
    expect(readFileSync(theirs, 'utf8')).toBe('theirs\n');
    const folder = newFolder();
    symlinkSync(folder, join(folder, 'journal'));
    const other = open('abc', { file: join(folder, 'journal', 'abc') });
    other.add('/a', 'same');
    other.keep();
    expect(existsSync(join(folder, 'abc'))).toBe(false);
  });

  it('is written through a link where somebody named that', () => {
    const theirs = join(newFolder(), 'journal');
    symlinkSync(theirs, file);
    const journal = open('abc', { required: true });
    journal.add('/a', 'same');
    journal.keep();
    expect(readFileSync(theirs, 'utf8')).toContain('/a\n');
  });

  it('leaves a device where it is', () => {
    symlinkSync('/dev/null', file);
    const journal = open('abc', { required: true });
    journal.add('/a', 'same');
    journal.finish();
    expect(readlinkSync(file)).toBe('/dev/null');
  });

  it('tells the next run of the same command what was done, once a page', () => {
    left('/a\n/b\n');
    const journal = open();
    expect(journal.resumed).toBeDefined();
    expect(journal.size).toBe(2);
    expect(['/a', '/c', '/b'].map((target) => journal.takes(target)?.change)).toEqual([
      'same',
      undefined,
      'same',
    ]);
  });

  it('tells how the tree changed by a page that was done', () => {
    const first = open();
    for (const [target, change] of [
      ['/a', 'new'],
      ['/b', 'changed'],
      ['/c', 'same'],
    ] as const)
      first.add(target, change);
    first.keep();
    const second = open();
    expect(second.size).toBe(3);
    expect(['/c', '/b', '/a', '/d'].map((target) => second.takes(target)?.change)).toEqual([
      'same',
      'changed',
      'new',
      undefined,
    ]);
    second.keep();
  });

  it('is gone on with again and again', () => {
    left('/a\n');
    const second = open();
    second.add('/b', 'same');
    second.keep();
    expect(readFileSync(file, 'utf8')).toMatch(/^\{.*\}\n\/a\n\{.*\}\n\/b\n\{.*\}\n$/);
    expect(open().size).toBe(2);
  });

  it('counts a page until the last moment of the run that has done it, however many go on behind it', () => {
    left('/a\n/b\n');
    const ended = (second: number) => utimesSync(file, second, second);
    ended(1_800_000_000);
    const second = open();
    second.add('/b', 'changed');
    second.flush();
    second.keep();
    ended(1_800_000_100);
    const third = open();
    third.add('/c', 'new');
    third.keep();
    ended(1_800_000_200);
    const fourth = open();
    expect(['/a', '/b', '/c'].map((target) => fourth.takes(target))).toEqual([
      { change: 'same', until: 1_800_000_000_000 },
      { change: 'changed', until: 1_800_000_100_000 },
      { change: 'new', until: 1_800_000_200_000 },
    ]);
    expect(fourth.size).toBe(3);
  });

  it('is read without a note of when the runs before ended, as it was written once', () => {
    left('/a\n');
    const [header] = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, `${header}\n+/b\n`, { flag: 'a' });
    utimesSync(file, 1_800_000_000, 1_800_000_000);
    const third = open();
    expect(['/a', '/b'].map((target) => third.takes(target))).toEqual([
      { change: 'same', until: 1_800_000_000_000 },
      { change: 'new', until: 1_800_000_000_000 },
    ]);
  });

  it('knows nothing of a line that a kill cut', () => {
    left('/a\n/b/half');
    const journal = open();
    expect(journal.size).toBe(1);
    journal.add('/c', 'same');
    journal.keep();
    // Nor does the run after it.
    expect(readFileSync(file, 'utf8')).not.toContain('/b');
    const third = open();
    expect([third.size, third.takes('/c')?.change, third.takes('/b/half')]).toEqual([2, 'same', undefined]);
  });

  it('is gone on with when a kill cut its first line, or a long one', () => {
    writeFileSync(file, '{"run":"abc","beg');
    const first = open();
    first.add('/a', 'same');
    first.keep();
    writeFileSync(file, `/${'long'.repeat(50_000)}`, { flag: 'a' });
    const second = open();
    second.add('/b', 'same');
    second.keep();
    expect(readFileSync(file, 'utf8')).toMatch(/^\{.*\}\n\/a\n\{.*\}\n\{.*\}\n\/b\n\{.*\}\n$/);
    expect(open().size).toBe(2);
  });

  it.each([
    ['another command', { run: 'xyz' }, {}],
    ['a run of the day before yesterday', { began: new Date(Date.now() - 48 * 3_600_000).toISOString() }, {}],
    ['a run of tomorrow', { began: new Date(Date.now() + 48 * 3_600_000).toISOString() }, {}],
    ['nonsense', { run: 7 }, {}],
    ['what nobody wants any more', {}, { restart: true }],
  ])('does not go on with %s', (_, header, more) => {
    left('/a\n', header);
    const journal = open('abc', more);
    expect(journal.size).toBe(0);
    expect(journal.takes('/a')).toBeUndefined();
  });

  describe('that was named', () => {
    const named = (more: Partial<ConstructorParameters<typeof Journal>[0]> = {}) =>
      open('abc', { required: true, ...more });

    it('is not taken from another command, unless somebody says so', () => {
      left('/a\n', { run: 'xyz', began: new Date(Date.now() - 3_600_000).toISOString() });
      const before = readFileSync(file, 'utf8');
      expect(() => named()).toThrow(
        /^The journal \S+ is that of another command, begun at [-0-9]+ [0-9:]+, with other sources, options or another tree\.$/,
      );
      expect(readFileSync(file, 'utf8')).toBe(before);
      expect(named({ restart: true }).size).toBe(0);
    });

    it('is not taken from a run of another command that lives', () => {
      left('/a\n', { run: 'xyz', pid: process.ppid });
      expect(() => named({ restart: true })).toThrow('is that of another command');
    });

    it('is taken when it is old', () => {
      left('/a\n', { run: 'xyz', began: new Date(Date.now() - 48 * 3_600_000).toISOString() });
      expect(named().size).toBe(0);
    });

    it('is no other file', () => {
      writeFileSync(file, 'my notes\n');
      expect(() => named()).toThrow(/^The file \S+ is no journal of cache-warm\.$/);
      expect(() => named({ restart: true })).toThrow('is no journal');
      expect(readFileSync(file, 'utf8')).toBe('my notes\n');
    });
  });

  it.each<[string, Partial<WarmOptions>, boolean]>([
    ['politeness', { concurrency: 1, rate: 5, timeout: 3 }, true],
    ['what the run must reach', { failOn: '1%', minPages: 3, maxTime: '1h' }, true],
    ['a listener', { onResult: () => {} }, true],
    ['the value of a header', { header: ['X-Preview: 2'] }, false],
    ['another header', { header: ['X-Other: 1'] }, false],
    ['another tree', { cacheDir: '/tmp/other' }, false],
    ['another list', { lists: ['b.txt'] }, false],
    ['other URLs', { urls: ['/b'] }, false],
    ['a check', { mustContain: ['</html>'] }, false],
    ['the links that are followed', { include: ['/blog'] }, false],
    ['a rule of the tree', { excludePaths: ['/admin'] }, false],
    ['a new tree', { publish: true }, false],
  ])('stands for a command: %s', (_, more, same) => {
    const options: WarmOptions = {
      ...{ cacheDir: '/tmp/cache', lists: ['a.txt'], urls: ['/a'], header: ['X-Preview: 1'] },
      crawl: true,
    };
    const [one, other] = [options, { ...options, ...more }].map((said) => runOfOptions(said));
    expect(one === other).toBe(same);
    expect(runOfOptions(options, 'http://b')).not.toBe(one);
  });

  it('stands for a command with what is in its files, but for a password', () => {
    const folder = newFolder();
    const written = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return runOfOptions({
        ...{ cacheDir: '/tmp/cache', urls: ['/a'], user: 'me', passwordFile: join(folder, 'password') },
        ...{ headerFile: join(folder, 'headers'), cookieFile: join(folder, 'cookies') },
      });
    };
    writeFileSync(join(folder, 'password'), 'one');
    writeFileSync(join(folder, 'headers'), 'X-Lang: de');
    const first = written('cookies', 'name=one');
    expect(written('password', 'two')).toBe(first);
    expect(written('headers', 'X-Lang: en')).not.toBe(first);
    written('headers', 'X-Lang: de');
    expect(written('cookies', 'name=two')).not.toBe(first);
    expect(written('cookies', 'name=one')).toBe(first);
  });

  it('tells nobody without the token of the tree whether a secret is the right one', () => {
    const options: WarmOptions = { cacheDir: '/tmp/cache', header: ['X-Secret: 1'] };
    const right = runOfOptions(options);
    expect(runOfOptions(options, undefined, 'x'.repeat(43))).not.toBe(right);
    expect(runOfOptions(options, undefined, null)).not.toBe(runOfOptions(options, undefined, null));
    const plain = { cacheDir: '/tmp/cache' };
    expect(runOfOptions(plain, undefined, null)).toBe(runOfOptions(plain));
  });

  it('leaves the file to a run of the same command that lives', () => {
    left('/a\n', { pid: process.ppid });
    const before = readFileSync(file, 'utf8');
    const journal = open();
    journal.add('/b', 'same');
    journal.flush();
    journal.finish();
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('is left to a run that has it open in this process', () => {
    const first = open();
    first.add('/a', 'same');
    first.flush();
    const second = open();
    second.add('/b', 'same');
    second.finish();
    expect([second.size, second.takes('/a')]).toEqual([0, undefined]);
    expect(readFileSync(file, 'utf8')).toMatch(/^\{.*\}\n\/a\n$/);
    first.keep();
    expect(open().takes('/a')?.change).toBe('same');
  });

  it('is left to the run that writes it first, of two that begin at once', () => {
    const [first, second] = [open(), open()];
    second.add('/b', 'same');
    second.flush();
    first.add('/a', 'same');
    first.finish();
    expect(readFileSync(file, 'utf8')).toMatch(/^\{.*\}\n\/b\n$/);
    second.finish();
    expect(existsSync(file)).toBe(false);
  });

  it('is not left to a process that had the number of this one before it', () => {
    left('/a\n', { pid: process.pid, started: performance.timeOrigin - 60_000 });
    expect(open().size).toBe(1);
  });

  it('is not left to another process that was given the number of its writer', () => {
    left('/a\n', { pid: process.ppid, start: startOf(process.pid) });
    expect(canGoOn(file, 'abc')).toBe(true);
    const journal = open();
    expect(journal.takes('/a')?.change).toBe('same');
    journal.add('/b', 'same');
    journal.finish();
    expect(existsSync(file)).toBe(false);
    left('/a\n', { pid: process.ppid, start: startOf(process.ppid) });
    expect(canGoOn(file, 'abc')).toBe(false);
    expect(open().size).toBe(0);
  });

  it('says which process writes it', () => {
    open('abc', { required: true }).keep();
    const [head] = readFileSync(file, 'utf8').split('\n');
    expect(JSON.parse(head!)).toMatchObject({ pid: process.pid, start: startOf(process.pid) });
  });

  it('holds up nobody when it cannot be written, unless it was asked for', () => {
    file = join(file, '..', '..', 'no', '\0');
    const journal = open();
    for (let at = 0; at < 2000; at += 1) journal.add(`/p/${at}`, 'same');
    journal.finish();
    expect(() => open('abc', { required: true })).toThrow('cannot be written');
  });
});

describe('a run that goes on', () => {
  let origin: Origin;
  let cwd: string;
  let cacheDir: string;
  let notices: Notice[];
  let results: UrlResult[];

  beforeAll(async () => {
    origin = await startOrigin();
  });
  afterAll(() => origin.close());
  beforeEach(() => {
    cwd = newFolder();
    cacheDir = join(cwd, 'cache');
    notices = [];
    results = [];
    origin.asked.clear();
    origin.latency = 0;
  });

  const urls = Array.from({ length: 120 }, (_, at) => `/p/${at}`);
  const warmUrls = (more: Partial<WarmOptions> = {}) =>
    warm({
      ...{ cacheDir, origin: origin.url, urls, refresh: true, variants: false, durability: 'none' },
      onNotice: (notice) => notices.push(notice),
      onResult: (result) => results.push(result),
      ...more,
    });
  const journals = () => {
    const folder = join(cacheDir, '.pagetree', 'journal');
    return existsSync(folder) ? readdirSync(folder) : [];
  };
  /** Stops a refresh in its middle. */
  const interrupted = async (more: Partial<WarmOptions> = {}) => {
    await warmUrls(more);
    origin.asked.clear();
    const controller = new AbortController();
    let seen = 0;
    await warmUrls({
      ...more,
      concurrency: 4,
      signal: controller.signal,
      onResult: () => {
        seen += 1;
        if (seen === 50) controller.abort();
      },
    });
  };

  it('asks again for what is left only, also when everything is asked for', async () => {
    await interrupted();
    const asked = [...origin.asked.keys()];
    expect(asked.length).toBeGreaterThanOrEqual(50);
    expect(asked.length).toBeLessThan(80);
    expect(journals()).toHaveLength(1);
    const summary = await warmUrls();
    expect(summary).toMatchObject({ present: 120, stopped: false });
    expect(notices.at(-1)!.text).toMatch(/^going on with the run of .*, which has done \d+ pages; --restart/);
    expect([...origin.asked.values()].every((times) => times === 1)).toBe(true);
    expect(origin.asked.size).toBe(120);
    expect(journals()).toEqual([]);
  });

  it('begins anew when it is told so, or when the command is another one', async () => {
    await interrupted();
    await warmUrls({ restart: true });
    expect([...origin.asked.values()].filter((times) => times === 2).length).toBeGreaterThanOrEqual(50);
    await interrupted();
    await warmUrls({ refresh: false, olderThan: '1h' });
    expect(notices).toEqual([]);
  });

  it('begins anew when a header has another value, and goes on when it has the same', async () => {
    await interrupted({ header: ['X-Lang: de'] });
    await warmUrls({ header: ['X-Lang: en'] });
    expect(notices).toEqual([]);
    expect([...origin.asked.values()].filter((times) => times === 2).length).toBeGreaterThanOrEqual(50);
    await interrupted({ header: ['X-Lang: fr'] });
    await warmUrls({ header: ['X-Lang: fr'] });
    expect(notices.at(-1)!.text).toMatch(/^going on with the run of /);
  });

  it('is not beside a run that does the same in this process', async () => {
    await warmUrls();
    let version = 'second version';
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const halted = new Promise<void>((halt) => {
      for (const [at, url] of urls.entries()) {
        origin.routes[url] = async (response) => {
          const said = version;
          if (at >= 60 && said === 'second version') {
            halt();
            await opened;
          }
          response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(said);
        };
      }
    });
    const first = warmUrls({ concurrency: 4 });
    await halted;
    version = 'third version';
    let results = 0;
    const onResult = () => {
      results += 1;
      if (results === 60) open();
    };
    const second = await warmUrls({ onResult });
    await first;
    for (const url of urls) delete origin.routes[url];
    expect([notices, journals()]).toEqual([[], []]);
    expect(readFileSync(join(cacheDir, 'p/0'), 'utf8')).toBe('third version');
    expect(second.changes.changed).toBeGreaterThanOrEqual(60);
  });

  it('tells of the changes of the run that it goes on with, too', async () => {
    const controller = new AbortController();
    const onResult = () => {
      if (origin.asked.size >= 50) controller.abort();
    };
    const first = await warmUrls({ concurrency: 4, signal: controller.signal, onResult });
    expect(first).toMatchObject({ stopped: true });
    const second = await warmUrls();
    expect(second.stored).toBeLessThan(120);
    expect(second.changes).toMatchObject({ new: 120, changed: 0, same: 0 });
  });

  it('asks again for a page that another command has stored in between', async () => {
    for (const url of urls) {
      origin.routes[url] = (response, request) =>
        response
          .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
          .end(`page in ${request.headers['x-lang']}`);
    }
    const controller = new AbortController();
    const onResult = () => {
      if (origin.asked.size >= 50) controller.abort();
    };
    const german = { header: ['X-Lang: de'] };
    await warmUrls({ ...german, concurrency: 4, signal: controller.signal, onResult });
    await warmUrls({ header: ['X-Lang: en'] });
    expect(readFileSync(join(cacheDir, urls[0]!), 'utf8')).toBe('page in en');
    await warmUrls(german);
    for (const url of urls) delete origin.routes[url];
    expect(notices.at(-1)!.text).toMatch(/^going on with the run of /);
    const found = urls.map((url) => readFileSync(join(cacheDir, url), 'utf8'));
    expect(new Set(found)).toEqual(new Set(['page in de']));
  });

  it('asks for it again also after a run that went on and did not come to it', async () => {
    const page = urls[0]!;
    for (const url of urls) {
      origin.routes[url] = (response, request) =>
        response
          .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
          .end(`page in ${request.headers['x-lang']}`);
    }
    const controller = new AbortController();
    const german = { header: ['X-Lang: de'], concurrency: 1 };
    await warmUrls({ ...german, signal: controller.signal, onResult: () => controller.abort() });
    await warmUrls({ header: ['X-Lang: en'] });
    const journal = join(cacheDir, '.pagetree', 'journal', journals()[0]!);
    const run = readFileSync(journal, 'utf8').slice(8, 40);
    const second = new Journal({ file: journal, run, restart: false, required: false });
    second.add('/another', 'same');
    second.keep();
    await warmUrls(german);
    for (const url of urls) delete origin.routes[url];
    expect(notices.at(-1)!.text).toMatch(/^going on with the run of /);
    expect(readFileSync(join(cacheDir, page), 'utf8')).toBe('page in de');
  });

  it.each([true, false])(
    'tells of what the run before has stored and could not note any more (refresh: %s)',
    async (refresh) => {
      for (const url of refresh ? urls : []) {
        origin.routes[url] = (response) =>
          response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('second version');
      }
      if (refresh) {
        const own = Object.values(origin.routes);
        for (const url of urls) delete origin.routes[url];
        await warmUrls();
        for (const [at, url] of urls.entries()) origin.routes[url] = own[at]!;
        origin.asked.clear();
      }
      const controller = new AbortController();
      const onResult = () => {
        if (origin.asked.size >= 50) controller.abort();
      };
      await warmUrls({ refresh, concurrency: 4, signal: controller.signal, onResult });
      const file = join(cacheDir, '.pagetree', 'journal', journals()[0]!);
      const lines = readFileSync(file, 'utf8').split('\n');
      expect(lines.length).toBeGreaterThan(50);
      // What a kill takes.
      writeFileSync(file, `${[...lines.slice(0, 20), lines.at(-2)].join('\n')}\n`);
      const { changes } = await warmUrls({ refresh });
      for (const url of urls) delete origin.routes[url];
      expect(changes.same).toBe(0);
      expect(changes.new + changes.changed).toBe(120);
    },
  );

  it('fetches a page that was done and is gone from the tree', async () => {
    await interrupted();
    const [first] = origin.asked.keys();
    const { rmSync } = await import('node:fs');
    rmSync(join(cacheDir, first!));
    const summary = await warmUrls();
    expect(summary.stored).toBe(1);
    expect(origin.asked.get(first!)).toBe(2);
  });

  it.skipIf(process.platform === 'win32')(
    'leaves no journal at its end, also where that could not be written',
    async () => {
      const named = urls.map((url) => `${url}/${'x'.repeat(100)}`);
      writeFileSync(join(cwd, 'urls.txt'), `${named.join('\n')}\n`);
      const tree = ['--cache-dir', 'cache', '--variants', 'none', '--journal', 'journal'];
      const args = ['urls.txt', ...tree, '--origin', origin.url, '--refresh'];
      // No file may have more than so many blocks: the end of the journal is refused, as by a full disk.
      const prefix = ['sh', '-c', 'ulimit -f 8; exec "$0" "$@"'];
      for (const more of [{ prefix }, {}]) {
        origin.asked.clear();
        expect(await run('cache-warm', args, { cwd, ...more })).toMatchObject({ code: 0 });
        expect(existsSync(join(cwd, 'journal'))).toBe(false);
        expect(origin.asked.size).toBe(120);
      }
    },
  );

  it('stops by itself when its time is over, and ends with 6', async () => {
    origin.latency = 100;
    writeFileSync(join(cwd, 'urls.txt'), `${urls.map((url) => `${url}/slow`).join('\n')}\n`);
    const args = ['urls.txt', '--cache-dir', 'cache', '--origin', origin.url, '-c', '1', '--max-time', '1s'];
    const ran = await run('cache-warm', args, { cwd });
    expect(ran.code).toBe(6);
    expect(ran.stdout).toMatch(/^Out of time: /);
    expect(ran.stdout).toContain('Run the same command again to go on: what is done is not done again.');
    origin.latency = 0;
    const again = await run('cache-warm', args.slice(0, -2), { cwd });
    expect(again.code).toBe(0);
    expect([...origin.asked.values()].every((times) => times === 1)).toBe(true);
    expect(origin.asked.size).toBe(120);
  });

  it('ends with 6 when its time is over before a silent input says which site it is', async () => {
    const ran = await run('cache-warm', ['-', '--cache-dir', 'cache', '--max-time', '1s', '--json'], {
      cwd,
      // Open, and silent, for as long as the program runs.
      open: true,
    });
    expect(ran.code).toBe(6);
    expect(ran.stderr).toBe(
      'cache-warm: The time of the run (1 s) was over before it was known what to fetch.\n  Raise `--max-time`, or look why the list, the site or the application takes so long.\n',
    );
    expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: 'ERR_PAGETREE_MAX_TIME' }, exitCode: 6 });
  });

  it.each<[string, (response: ServerResponse) => unknown]>([
    ['is asked for again', (response) => response.writeHead(503, { 'retry-after': '30' }).end()],
    ['does not come', () => {}],
  ])('ends with 6 when its time is over while robots.txt %s', async (_, answer) => {
    origin.routes['/robots.txt'] = answer;
    for (const more of [['--crawl'], ['--robots']]) {
      const args = ['--cache-dir', 'cache', '--origin', origin.url, '--max-time', '1s', ...more];
      const ran = await run('cache-warm', args, { cwd });
      expect(ran).toMatchObject({ code: 6, stderr: expect.not.stringMatching(/internal|Error/) });
    }
    delete origin.routes['/robots.txt'];
  });

  it('ends with 6 when its time is over before the application answers', async () => {
    const args = ['--exec', 'sleep 60', '/', '--cache-dir', 'cache', '--max-time', '1s'];
    const ran = await run('cache-warm', args, { cwd });
    expect(ran).toMatchObject({ code: 6, stderr: expect.stringContaining('was over before') });
  });

  it('takes the list of failed URLs, and its report, as lists', async () => {
    const broken = Object.fromEntries(urls.filter((_, at) => at % 10 === 0).map((url) => [url, true]));
    for (const url of Object.keys(broken)) origin.routes[url] = (response) => response.writeHead(404).end();
    writeFileSync(join(cwd, 'urls.txt'), `${urls.join('\n')}\nnonsense\n`);
    const tree = ['--cache-dir', 'cache', '--variants', 'none'];
    const files = ['--failed', 'failed.txt', '--report', 'why.ndjson'];
    const ran = await run('cache-warm', ['urls.txt', ...tree, ...files, '--origin', origin.url], { cwd });
    expect(ran.code).toBe(3);
    expect(readFileSync(join(cwd, 'failed.txt'), 'utf8').split('\n')).toHaveLength(13);
    for (const url of Object.keys(broken)) delete origin.routes[url];
    origin.asked.clear();
    const again = await run('cache-warm', ['failed.txt', ...tree], { cwd });
    expect(again).toMatchObject({ code: 0 });
    expect([...origin.asked.keys()].sort()).toEqual(Object.keys(broken).sort());
    const report = await run('cache-warm', ['why.ndjson', ...tree, '--json', '--fail-on', '1'], { cwd });
    expect(report.code).toBe(0);
    expect(JSON.parse(report.stdout)).toMatchObject({ present: 12, refused: 1 });
  });
});

describe('warm() as a loop', () => {
  let origin: Origin;
  let cacheDir: string;
  beforeAll(async () => {
    origin = await startOrigin();
  });
  afterAll(() => origin.close());
  beforeEach(() => {
    cacheDir = join(newFolder(), 'cache');
    origin.asked.clear();
  });
  const urls = Array.from({ length: 1000 }, (_, at) => `/p/${at}`);
  const start = () => warm({ cacheDir, origin: origin.url, urls, variants: false, durability: 'none' });

  it('gives every result, and the summary afterwards', async () => {
    const found: string[] = [];
    const running = start();
    for await (const { url } of running) found.push(url);
    expect(found).toHaveLength(1000);
    expect(await running).toMatchObject({ stored: 1000 });
  });

  it('begins no more than is taken', async () => {
    const results = start()[Symbol.asyncIterator]();
    await results.next();
    let before = -1;
    // Until nothing moves any more, for as long as it takes.
    while (origin.asked.size !== before) {
      before = origin.asked.size;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(origin.asked.size).toBeLessThan(500);
    await results.return!();
  });

  it('stops the run when it is left', async () => {
    const running = start();
    for await (const { outcome } of running) {
      expect(outcome).toBe('stored');
      break;
    }
    expect(await running).toMatchObject({ stopped: true });
    expect(origin.asked.size).toBeLessThan(600);
  });

  it('throws what the promise rejects with', async () => {
    const running = warm({ cacheDir, origin: origin.url, urls: [] });
    const loop = (async () => {
      for await (const _ of running) expect.unreachable();
    })();
    await expect(loop).rejects.toMatchObject({ code: 'ERR_PAGETREE_LIST' });
    await expect(running).rejects.toMatchObject({ code: 'ERR_PAGETREE_LIST' });
  });
});
