/** Every mistake of the issue: one sentence, what to do, exit code 2, nothing lost, no stack trace. */
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Ran, run, stackTrace } from './support/bins.ts';
import { newFolder } from './support/folders.ts';
import { type Origin, startOrigin } from './support/origin.ts';

let origin: Origin;
let cwd: string;

beforeAll(async () => {
  origin = await startOrigin();
});
afterAll(() => origin.close());
beforeEach(() => {
  cwd = newFolder();
  writeFileSync(join(cwd, 'urls.txt'), '/a\n/b\n');
  writeFileSync(join(cwd, 'absolute.txt'), `${origin.url}/a\n`);
  origin.asked.clear();
});

const warm = (...args: string[]) => run('cache-warm', args, { cwd });
const purge = (...args: string[]) => run('cache-purge', args, { cwd });
const asUsual = () => ['--cache-dir', 'cache', '--origin', origin.url];

function expectMistake(ran: Ran, stderr: string, code = 2): void {
  expect(ran.stderr).toBe(stderr);
  expect(ran.code).toBe(code);
  expect(ran.stdout).toBe('');
  expect(ran.stderr).not.toMatch(stackTrace);
}

describe('cache-warm, with a list that cannot be used', () => {
  const hint = '  Name a text file with one path or URL a line, or `-` for standard input.\n';
  const emptyHint = '  Write one path (/about) or URL a line; lines that start with # are comments.\n';

  it('says that none is named', async () => {
    expectMistake(
      await warm(...asUsual()),
      'cache-warm: No list of URLs is named.\n' +
        '  Name a file with one path or URL a line, or - for standard input: cache-warm urls.txt --cache-dir ./cache\n',
    );
  });

  it('says that it is missing, before it touches anything', async () => {
    expectMistake(
      await warm('urls.txt', 'no/such.txt', ...asUsual()),
      `cache-warm: The list no/such.txt cannot be read: there is no such file.\n${hint}`,
      5,
    );
    expect(existsSync(join(cwd, 'cache'))).toBe(false);
    expect(origin.asked.size).toBe(0);
  });

  it('says that it is a folder', async () => {
    expectMistake(
      await warm('.', ...asUsual()),
      `cache-warm: The list . cannot be read: it is a folder.\n${hint}`,
      5,
    );
  });

  it('says that it is not readable', async () => {
    writeFileSync(join(cwd, 'urls.txt'), '/a\n', { mode: 0o000 });
    chmodSync(join(cwd, 'urls.txt'), 0);
    const ran = await asNobody('cache-warm', ['urls.txt', ...asUsual()]);
    expectMistake(
      ran,
      `cache-warm: The list urls.txt cannot be read: this user may not do that.\n${hint}`,
      5,
    );
  });

  it.each([
    ['empty', ''],
    ['only comments', '# nothing\n\n   \r\n'],
    ['only a byte order mark', '\ufeff'],
  ])('says that it is empty (%s)', async (_, text) => {
    writeFileSync(join(cwd, 'urls.txt'), text);
    expectMistake(
      await warm('urls.txt', ...asUsual()),
      `cache-warm: The list urls.txt is empty: it has no URL.\n${emptyHint}`,
      5,
    );
    const ran = await run('cache-warm', ['-', '--cache-dir', 'cache'], { cwd, input: text });
    expectMistake(ran, `cache-warm: The list on standard input is empty: it has no URL.\n${emptyHint}`, 5);
  });

  it('says that it is UTF-16', async () => {
    writeFileSync(join(cwd, 'urls.txt'), Buffer.from('\ufeff/a\r\n', 'utf16le'));
    expectMistake(
      await warm('urls.txt', ...asUsual()),
      'cache-warm: The list urls.txt cannot be read: it is UTF-16, not UTF-8.\n' +
        '  Save the list as UTF-8; in PowerShell: `... | Out-File -Encoding utf8 urls.txt`.\n',
      5,
    );
  });

  it('says that standard input is named twice', async () => {
    expectMistake(
      await warm('-', '-', ...asUsual()),
      'cache-warm: Standard input (-) is named more than once.\n  It can be read once only: name `-` once.\n',
      2,
    );
  });

  it('says that paths need an origin', async () => {
    expectMistake(
      await warm('urls.txt', '--cache-dir', 'cache'),
      'cache-warm: The list urls.txt has a path in line 1 (/a), and nothing says which site it belongs to.\n' +
        '  Add --origin with the address of the site, for example --origin http://127.0.0.1:3000\n',
    );
    expectMistake(
      await warm('/about', '--cache-dir', 'cache'),
      'cache-warm: /about is a path, and nothing says which site it belongs to.\n' +
        '  Add --origin with the address of the site, for example --origin http://127.0.0.1:3000\n',
    );
    expect(existsSync(join(cwd, 'cache'))).toBe(false);
  });

  it('never repeats the password of a URL', async () => {
    for (const list of ['http://me:s3cret@127.0.0.1:9/sitemap.xml', 'http://me:s3cret@127.0.0.1:9/page']) {
      const ran = await warm(list, '--cache-dir', 'cache', '--origin', 'http://127.0.0.1:9', '-v', '--json');
      expect(ran.code).not.toBe(0);
      expect(ran.stdout + ran.stderr).not.toContain('s3cret');
    }
  });

  it('never repeats the password of a redirect, in no report', async () => {
    const locations = [
      'http://me:s3cret@a.example/',
      "http://o'brien:s3cret@a.example/",
      '//me:s3cret@a.example/',
      'http:/me:s3cret@a.example/',
    ];
    const origin = createHttpServer(({ url }, response) =>
      response.writeHead(301, { location: locations[Number(url!.slice(1))], 'content-length': 0 }).end(),
    );
    await once(origin.listen(0, '127.0.0.1'), 'listening');
    try {
      const site = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
      const reports = ['r.json', 'r.ndjson', 'r.xml', 'r.html'];
      const ran = await warm(
        ...Object.keys(locations).map((at) => `/${at}`),
        '--cache-dir',
        'cache',
        '--origin',
        site,
        '--json',
        ...reports.flatMap((name) => ['--report', name]),
      );
      expect(ran.code).toBe(3);
      const said = reports.map((name) => readFileSync(join(cwd, name), 'utf8'));
      for (const text of [...said, ran.stdout + ran.stderr]) expect(text).not.toContain('s3cret');
      const details = said[1]!
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).detail);
      const http = '301 to http://…@a.example/';
      expect(details.sort()).toEqual(['301 to //…@a.example/', http, http, http]);
    } finally {
      origin.close();
    }
  });
});

describe('cache-warm, with an origin that does not answer', () => {
  const hint = '  Start the application, or name the address it listens on with `--origin`.\n';

  it('says that nothing listens there, once', async () => {
    expectMistake(
      await warm('urls.txt', '--cache-dir', 'cache', '--origin', 'http://127.0.0.1:1'),
      `cache-warm: The origin http://127.0.0.1:1 does not answer: nothing listens there.\n${hint}`,
    );
  });

  it('says that its name is unknown', async () => {
    const ran = await warm('urls.txt', '--cache-dir', 'cache', '--origin', 'http://no-such-site.invalid');
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(
      /^cache-warm: The origin http:\/\/no-such-site.invalid does not answer: its name cannot/,
    );
  });

  it('says that it takes no connections in time', async () => {
    // TEST-NET-1 (RFC 5737): either nobody answers, or the network says at once that there is no way.
    const ran = await warm(
      'urls.txt',
      '--cache-dir',
      'cache',
      '--origin',
      'http://192.0.2.1',
      '--timeout',
      '1',
    );
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/^cache-warm: The origin http:\/\/192.0.2.1 does not answer: /);
  });

  it('keeps every page that is there', async () => {
    await warm('urls.txt', ...asUsual());
    const before = readFileSync(join(cwd, 'cache', 'a'));
    const ran = await warm('urls.txt', '--cache-dir', 'cache', '--origin', 'http://127.0.0.1:1', '--refresh');
    expect(ran.code).toBe(2);
    expect(readFileSync(join(cwd, 'cache', 'a'))).toEqual(before);
  });

  it('does not wait for a standard input that stays open', async () => {
    const args = ['-', '--cache-dir', 'cache', '--origin', 'http://127.0.0.1:1'];
    const began = performance.now();
    const ran = await run('cache-warm', args, {
      cwd,
      watch: (child) => {
        const { stdin } = child;
        const end = stdin!.end.bind(stdin);
        stdin!.end = (() => stdin!.write('/a\n')) as never;
        setTimeout(end, 20_000).unref();
      },
    });
    expect(ran.code).toBe(2);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('says so as JSON too when JSON was asked for', async () => {
    const ran = await warm('urls.txt', '--cache-dir', 'cache', '--origin', 'http://127.0.0.1:1', '--json');
    expect(JSON.parse(ran.stdout)).toEqual({
      error: {
        code: 'ERR_PAGETREE_ORIGIN',
        message: 'The origin http://127.0.0.1:1 does not answer: nothing listens there.',
        hint: hint.trim(),
      },
      exitCode: 2,
    });
  });

  it('reports a port that accepts and says nothing as the failure of each URL', async () => {
    const mute = createServer(() => {});
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(mute.address() as AddressInfo).port}`;
    const ran = await warm('urls.txt', '--cache-dir', 'cache', '--origin', url, '--timeout', '0.3', '--json');
    mute.close();
    expect(ran.code).toBe(3);
    expect(JSON.parse(ran.stdout)).toMatchObject({ failed: 2, reasons: [{ reason: 'timeout', count: 2 }] });
  });
});

describe('cache-warm, with a cache folder that cannot be used', () => {
  it('says that none is named', async () => {
    expectMistake(
      await warm('absolute.txt'),
      'cache-warm: Nothing says which cache folder is meant.\n' +
        '  Add --cache-dir ./cache, or write { "cacheDir": "./cache" } into pagetree.config.json, or set PAGETREE_CACHE_DIR.\n',
    );
  });

  it('says that it is a file', async () => {
    writeFileSync(join(cwd, 'file'), 'precious');
    const ran = await warm('urls.txt', '--cache-dir', 'file', '--origin', origin.url);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(/^cache-warm: .*file.*\n {2}\S.*\n$/);
    expect(ran.stderr).not.toMatch(stackTrace);
    expect(readFileSync(join(cwd, 'file'), 'utf8')).toBe('precious');
    expect(origin.asked.size).toBe(0);
  });

  it('says that it cannot be written', async () => {
    mkdirSync(join(cwd, 'locked'), { mode: 0o755 });
    const ran = await asNobody('cache-warm', [
      'urls.txt',
      '--cache-dir',
      'locked/cache',
      '--origin',
      origin.url,
    ]);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(/^cache-warm: .*locked.*\n {2}\S.*\n$/);
    expect(ran.stderr).not.toMatch(stackTrace);
  });

  it('says that the tree belongs to somebody else, before it asks the origin for every page', async () => {
    await warm('urls.txt', ...asUsual());
    origin.asked.clear();
    const args = ['urls.txt', ...asUsual()];
    expectMistake(
      await asNobody('cache-warm', [...args, '--refresh']),
      `cache-warm: The cache ${join(cwd, 'cache')} cannot be written by this user.\n` +
        '  Name a folder that exists or can be made, and that this user may write to.\n',
    );
    expect(await asNobody('cache-warm', args)).toMatchObject({ code: 0 });
    expect(origin.asked.size).toBe(0);
  });

  it('says that it holds files of somebody else', async () => {
    mkdirSync(join(cwd, 'home'));
    writeFileSync(join(cwd, 'home', 'diary.txt'), 'dear diary');
    const ran = await warm('urls.txt', '--cache-dir', 'home', '--origin', origin.url);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toContain('--adopt');
    expect(readdirSync(join(cwd, 'home'))).toEqual(['diary.txt']);
  });

  it('names both values when the tree has another layout', async () => {
    await warm('urls.txt', ...asUsual());
    const ran = await warm('urls.txt', ...asUsual(), '--layout', 'html');
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(/^cache-warm: .*html.*mirror|^cache-warm: .*mirror.*html/);
    expect(ran.stderr).not.toMatch(stackTrace);
    expect(readFileSync(join(cwd, 'cache', 'a'), 'utf8')).toContain('/a');
  });
});

describe('cache-warm, with an option that is wrong', () => {
  it.each([
    ['--concurrency', '0', 'a whole number from 1 to 512; it is "0".'],
    ['--concurrency', 'many', 'a whole number from 1 to 512; it is "many".'],
    ['--timeout', '-1', 'a number of seconds from 0.1 to 3600; it is "-1".'],
    ['--max-page-size', 'big', 'a number of bytes, such as 65536, 512k or 16M; it is "big".'],
    ['--host', 'a b', 'a host name, with or without a port (example.org); it is "a b".'],
    ['--layout', 'flat', 'mirror, html or index; it is "flat".'],
  ])('%s %s', async (option, value, message) => {
    expectMistake(
      await warm('urls.txt', ...asUsual(), `${option}=${value}`),
      `cache-warm: ${option} must be ${message}\n  Correct ${option}, or leave it out to use the default.\n`,
    );
  });

  it.each([
    ['http://127.0.0.1:3000/app', 'has the path "/app" too'],
    ['ftp://127.0.0.1', 'is "ftp://127.0.0.1"'],
    ['http://me:secret@127.0.0.1', 'has a user name or password in it'],
  ])('--origin %s', async (value, message) => {
    expectMistake(
      await warm('urls.txt', '--cache-dir', 'cache', '--origin', value),
      `cache-warm: --origin must be the scheme, host and port of the site; it ${message}.\n` +
        '  For example: --origin http://127.0.0.1:3000\n',
    );
  });

  it('an option that there is not', async () => {
    expectMistake(
      await warm('urls.txt', '--colour'),
      'cache-warm: There is no option --colour.\n  See cache-warm --help.\n',
    );
    expectMistake(
      await warm('urls.txt', '--origin'),
      'cache-warm: The option --origin expects a value.\n  See cache-warm --help.\n',
    );
    expectMistake(
      await warm('urls.txt', '--origin', 'http://a', '--origin', 'http://b'),
      'cache-warm: The option --origin can only be specified once.\n  See cache-warm --help.\n',
    );
  });

  it('a report that cannot be written', async () => {
    expectMistake(
      await warm('urls.txt', ...asUsual(), '--report', 'no/such/folder/r.json'),
      'cache-warm: --report no/such/folder/r.json cannot be written: there is no such folder.\n' +
        '  Name a file in a folder that exists and that this user may write to.\n',
    );
    const two = ['--failed', 'none/x', '--changes', 'none/y'];
    expectMistake(
      await warm('urls.txt', ...asUsual(), ...two),
      'cache-warm: --failed none/x cannot be written: there is no such folder. --changes none/y cannot be written: there is no such folder.\n' +
        '  Correct each of them, or leave it out to use its default.\n',
    );
    mkdirSync(join(cwd, 'one'));
    mkdirSync(join(cwd, 'two'));
    expectMistake(
      await warm('urls.txt', ...asUsual(), '--failed', 'one', '--changes', 'two', '--report', 'r.json'),
      'cache-warm: The list of failed URLs one cannot be written: it is a folder. The change report two cannot be written: it is a folder.\n' +
        '  Correct each of them, or leave it out to use its default.\n',
    );
    expect(readdirSync(cwd).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(origin.asked.size).toBe(0);
  });

  it('a configuration file with mistakes: all of them', async () => {
    const file = join(cwd, 'pagetree.config.json');
    writeFileSync(file, JSON.stringify({ cache_dir: 'x', layout: 'flat', warm: { timeout: 'long' } }));
    expectMistake(
      await warm('urls.txt', ...asUsual()),
      `cache-warm: The configuration file ${file} cannot be used: cache_dir: no option has this name, did you mean cacheDir?; ` +
        `warm.timeout: it must be a number of seconds from 0.1 to 3600; it is "long"; layout: expected one of 'mirror', 'html', 'index', or a layout of your own, but got "flat".\n` +
        '  The message names every key that is wrong. Correct them all.\n',
    );
  });

  it.each([
    ['is not there', undefined, 'c.json', /: there is no such file\.$/],
    ['is no JSON', '{', 'c.json', /JSON/],
    ['exports a function', 'export default () => {}', 'c.mjs', /but got a function\.$/],
  ])('a configuration file that %s', async (_, text, name, why) => {
    if (text !== undefined) writeFileSync(join(cwd, name), text);
    const ran = await warm('urls.txt', ...asUsual(), '--config', name);
    const [message, hint] = ran.stderr.split('\n');
    expect([ran.code, hint]).toEqual([
      2,
      '  Name a file that this user may read, with one object of options in it: JSON, or the default export of a module.',
    ]);
    expect(message).toMatch(why);
  });
});

describe('cache-purge, with a mistake', () => {
  it('says that nothing is named', async () => {
    expectMistake(
      await purge(),
      'cache-purge: Nothing is named that should be purged.\n' +
        '  Name a path (cache-purge /about), a path and what is below it (cache-purge -r /blog), or --all.\n',
    );
  });

  it.each([
    [
      '',
      'A path to purge is empty.',
      'Is a variable of your script not set? The front page is /, everything is --all.',
    ],
    [
      '/.pagetree/token',
      'path: "/.pagetree/token" has no place in the tree (hidden-segment).',
      'Give the path of a page, as a request would name it: it starts with `/` and has no query.',
    ],
    ['about', '"about" is neither a path nor a URL.', 'A path starts with a slash: /about'],
  ])('says what is wrong with "%s", and removes nothing', async (path, message, hint) => {
    await warm('urls.txt', ...asUsual());
    expectMistake(await purge('/a', path, '--cache-dir', 'cache'), `cache-purge: ${message}\n  ${hint}\n`);
    expect(existsSync(join(cwd, 'cache', 'a'))).toBe(true);
  });

  it.each(['/a?b', '/a//b', '/../etc/passwd', '/.pagetree/tree.json', '/%00', '/a\x1b[2J'])(
    'says why %j cannot be a page',
    async (path) => {
      await warm('urls.txt', ...asUsual());
      const ran = await purge(path, '--cache-dir', 'cache');
      expect(ran).toMatchObject({ code: 2, stdout: '' });
      expect(ran.stderr).toMatch(/^cache-purge: .+\n {2}.+\n$/);
      expect(ran.stderr).not.toMatch(stackTrace);
      expect(ran.stderr).not.toContain('\x1b');
    },
  );

  it('refuses a folder that is no tree, and one that is not there', async () => {
    mkdirSync(join(cwd, 'home'));
    writeFileSync(join(cwd, 'home', 'a'), 'precious');
    for (const args of [['/a'], ['-r', '/', '--yes'], ['--all', '--yes']]) {
      for (const folder of ['home', 'missing', 'urls.txt']) {
        const ran = await purge(...args, '--cache-dir', folder);
        expect(ran).toMatchObject({ code: 2, stdout: '' });
        expect(ran.stderr).toMatch(new RegExp(`^cache-purge: .*${folder}.*\\n {2}.+\\n$`));
        expect(ran.stderr).not.toMatch(stackTrace);
      }
    }
    expect(readFileSync(join(cwd, 'home', 'a'), 'utf8')).toBe('precious');
    expect(existsSync(join(cwd, 'missing'))).toBe(false);
  });

  it('does not remove everything when nobody can be asked', async () => {
    await warm('urls.txt', ...asUsual());
    for (const args of [['--all'], ['-r', '/']]) {
      expectMistake(
        await purge(...args, '--cache-dir', 'cache'),
        'cache-purge: This would remove every page, and nobody is there to be asked.\n  Add --yes if that is meant.\n',
      );
    }
    expect(existsSync(join(cwd, 'cache', 'a'))).toBe(true);
    expectMistake(
      await purge('--all', '/a', '--yes', '--cache-dir', 'cache'),
      'cache-purge: --all takes no paths and no --recursive: it is every page.\n' +
        '  Leave out --all to purge the paths only.\n',
    );
  });

  it('says when the system kept a page, and does not end with 0', async () => {
    await warm('urls.txt', ...asUsual());
    const ran = await asNobody('cache-purge', ['/a', '--cache-dir', 'cache']);
    expect(ran.code).toBeGreaterThan(0);
    expect(ran.stderr).toMatch(/^cache-purge: /);
    expect(ran.stderr).not.toMatch(stackTrace);
    expect(existsSync(join(cwd, 'cache', 'a'))).toBe(true);
  });
});

/** As a user without rights: root may do everything. */
function asNobody(bin: string, args: string[]): Promise<Ran> {
  chmodSync(cwd, 0o755);
  if (process.getuid?.() !== 0) return run(bin, args, { cwd });
  chownSync(cwd, 0, 0);
  const prefix = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  return run(bin, args, { cwd, prefix });
}
