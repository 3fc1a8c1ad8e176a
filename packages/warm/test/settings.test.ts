import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readConnection } from '../src/config/connection.ts';
import { fromEnvironment, mistyped, variableOf } from '../src/config/environment.ts';
import { resolveSettings } from '../src/config/resolve.ts';
import { checkWarm } from '../src/config/schema.ts';
import type { WarmSettings } from '../src/config/settings.ts';
import { readTolerance } from '../src/config/tolerance.ts';
import { warmOptions } from '../src/config/warm-options.ts';
import { keyOf, warmTable } from '../src/config/warm-table.ts';
import { type WarmOptions, warm } from '../src/index.ts';
import { shortcomings } from '../src/report/verdict.ts';
import { run } from './support/bins.ts';
import { cert, key } from './support/certificate.ts';
import { newFolder } from './support/folders.ts';
import { bodyOf, type Origin, startOrigin } from './support/origin.ts';

let origin: Origin;
let cwd: string;

beforeAll(async () => {
  origin = await startOrigin();
});
afterAll(() => origin.close());
beforeEach(() => {
  cwd = newFolder();
  origin.asked.clear();
});

const write = (name: string, text: string) => {
  const file = join(cwd, name);
  writeFileSync(file, text);
  return file;
};
const warmUrls = (urls: string[], more: Partial<WarmOptions> = {}) =>
  warm({ ...{ cacheDir: join(cwd, 'cache'), origin: origin.url, urls, durability: 'none' }, ...more });

describe('a setting', () => {
  const good: Record<string, unknown> = {
    ...{ exec: 'a', execCount: 2, execTimeout: 3, app: 'b' },
    ...{ origin: 'http://a', host: 'b', concurrency: 4, rate: 1.5, delay: 0, timeout: 9, connectTimeout: 1 },
    ...{ firstByteTimeout: 2, retries: 0, refresh: true, olderThan: '1d', lastmod: true, prune: true },
    ...{
      maxShrink: '5%',
      follow: true,
      journal: 'j',
      restart: false,
      mustContain: ['a'],
      mustNotContain: ['b'],
    },
    ...{ minSize: '2k', failOn: '1%', minPages: 3, maxTime: '50m', socket: '/s', header: ['A: b'] },
    ...{
      headerFile: 'h',
      user: 'u',
      passwordFile: 'p',
      cookieFile: 'c',
      ca: 'ca',
      cert: 'c',
      key: 'k',
      insecure: false,
    },
    ...{ publish: true, keep: 2, keepFailed: true, verify: 'http://127.0.0.1:8080' },
  };

  it.each(Object.keys(warmTable))('%s may stand in the configuration file', (flag) => {
    const name = keyOf(flag);
    expect(good).toHaveProperty(name);
    expect(checkWarm({ [name]: good[name] })).toEqual({ values: { [name]: good[name] } });
  });

  it.each([
    ['rate', '0', '--rate must be a number from 0.01 to 100000; it is "0".'],
    ['delay', '-1', '--delay must be a number from 0 to 3600; it is "-1".'],
    ['retries', '21', '--retries must be a whole number from 0 to 20; it is "21".'],
    ['older-than', '5', '--older-than must be a time such as 90s, 15m, 12h, 7d or 2w; it is "5".'],
    ['max-shrink', '101%', '--max-shrink must be a share from 0% to 100%; it is "101%".'],
    ['fail-on', 'many', '--fail-on must be a number of URLs or a share of all (5, 1%); it is "many".'],
    ['min-size', '0', '--min-size must be a number of bytes, such as 65536, 512k or 16M; it is "0".'],
    ['min-pages', '1.5', '--min-pages must be a whole number'],
    ['max-time', '', '--max-time must be a time such as 90s, 15m, 12h, 7d or 2w; it is empty.'],
    ['connect-timeout', '0', '--connect-timeout must be a number of seconds from 0.1 to 3600'],
  ])('--%s %j is refused', (flag, value, message) => {
    expect(() => warmOptions({ [flag]: value }, {})).toThrow(message);
  });

  it('that is wrong is named together with all others', () => {
    const flags = { rate: 'x', layout: 'flat', 'must-contain': ['a', ''], depth: '3' };
    expect(() => warmOptions(flags, {})).toThrow(
      '--layout must be mirror, html or index; it is "flat". --rate must be a number from 0.01 to 100000; it is "x". ' +
        '--must-contain must be text; it is empty. --depth must be given together with --crawl; it is "3".',
    );
  });

  it('that a program gives is checked too', async () => {
    const wrong = { retries: -1, refresh: 'yes', mustContain: 'a' } as unknown as Partial<WarmOptions>;
    await expect(warmUrls(['/'], wrong)).rejects.toThrow(
      'retries must be a whole number from 0 to 20; it is "-1". refresh must be true or false; it is "yes". ' +
        'mustContain must be a list of texts; it is "a".',
    );
  });
});

describe('the environment', () => {
  const shapes = {
    'must-contain': { type: 'option', multiple: true },
    timeout: { type: 'option' },
    refresh: { type: 'boolean' },
    quiet: { type: 'boolean' },
    help: { type: 'boolean' },
    'cache-dir': { type: 'option' },
  };

  it('has a name for every option', () => {
    expect(variableOf('first-byte-timeout')).toBe('PAGETREE_FIRST_BYTE_TIMEOUT');
  });

  it('says what the command line does not', () => {
    const env = {
      PAGETREE_MUST_CONTAIN: 'a\nb c\n',
      PAGETREE_TIMEOUT: '9',
      PAGETREE_REFRESH: 'yes',
      PAGETREE_QUIET: '',
      PAGETREE_HELP: '1',
      PAGETREE_CACHE_DIR: 'x',
    };
    expect(fromEnvironment(shapes, { timeout: '3' }, env)).toEqual({
      'must-contain': ['a', 'b c'],
      refresh: true,
    });
    expect(fromEnvironment(shapes, { timeout: '3', refresh: false, 'must-contain': ['x'] }, env)).toEqual({});
  });

  it('is told when a variable was probably meant for an option', () => {
    const env = {
      PAGETREE_TIMEOT: '9',
      PAGETREE_TIMEOUT: '9',
      PAGETREE_LONG: '1',
      PAGETREE_PASWORD: 'x',
      PATH: '/',
    };
    expect(mistyped(shapes, env)).toEqual([
      { name: 'PAGETREE_TIMEOT', meant: 'PAGETREE_TIMEOUT' },
      { name: 'PAGETREE_PASWORD', meant: 'PAGETREE_PASSWORD' },
    ]);
  });

  it('is named where a value of it is wrong', async () => {
    const env = { PAGETREE_RATE: 'x', PAGETREE_LAYOUT: 'y', PAGETREE_MAX_PAGES: 'z' };
    const ran = await run('cache-warm', ['--timeout', '-1', '--shard', '3/2'], { cwd, env });
    expect(ran.code).toBe(2);
    const named = [...ran.stderr.matchAll(/(?:--|PAGETREE_)[\w-]+(?= must)/g)].map(([name]) => name);
    expect(named).toEqual(['PAGETREE_LAYOUT', 'PAGETREE_RATE', '--timeout', 'PAGETREE_MAX_PAGES', '--shard']);
  });

  it('names every switch that is neither on nor off', () => {
    expect(() => fromEnvironment(shapes, {}, { PAGETREE_REFRESH: 'maybe', PAGETREE_QUIET: '2' })).toThrow(
      'PAGETREE_REFRESH must be 1 or 0; it is "maybe". PAGETREE_QUIET must be 1 or 0; it is "2".',
    );
  });

  it('is stronger than the file, and weaker than the command line', async () => {
    write('urls.txt', '/a\n');
    write('pagetree.config.json', JSON.stringify({ warm: { minSize: '1M', mustContain: ['title'] } }));
    const args = ['urls.txt', '--cache-dir', 'cache', '--origin', origin.url];
    const config = ['--config', 'pagetree.config.json'];
    const byFile = await run('cache-warm', [...args, ...config], { cwd });
    expect(byFile.stdout).toContain('too-small');
    const env = { PAGETREE_MIN_SIZE: '10', PAGETREE_MUST_CONTAIN: 'nowhere' };
    const byEnvironment = await run('cache-warm', [...args, ...config], { cwd, env });
    expect(byEnvironment.stdout).toContain('wrong-text');
    const byFlag = await run('cache-warm', [...args, ...config, '--must-contain', '/a'], { cwd, env });
    expect(byFlag.code).toBe(0);
  });
});

describe('settings in a program', () => {
  it('that do not exist are named together, before the application is started', async () => {
    const wrong = { concurency: 1, layout: 'weird', foo: 1 };
    const exec = `touch ${join(cwd, 'started')}`;
    const run = warm({
      cacheDir: join(cwd, 'cache'),
      urls: ['/a'],
      exec,
      ...wrong,
    } as unknown as WarmOptions);
    await expect(run).rejects.toMatchObject({
      code: 'ERR_PAGETREE_OPTION',
      message:
        'concurency: no option has this name, did you mean concurrency? foo: no option has this name. ' +
        `layout: expected one of 'mirror', 'html', 'index', or a layout of your own, but got "weird".`,
    });
    expect(existsSync(join(cwd, 'started'))).toBe(false);
  });

  it.each([
    [{ urls: '/p/1' }, /^urls must be a list of texts, or .*; it is "\/p\/1"\.$/],
    [{ urls: ['/a', 1] }, /^urls must be a list of texts, or .*; it is "\[ '\/a', 1 \]"\.$/],
    [
      { urls: new Set(['/a', null]) },
      /^urls must be texts, such as \/about; it is "null, number 2 of them"\.$/,
    ],
    [{ lists: 'one.txt' }, /^lists must be a list of texts; it is "one\.txt"\.$/],
    [{ shard: { part: 1, of: 2 } }, /^shard must be text; it is "\{ part: 1, of: 2 \}"\.$/],
    [{ crawl: true, include: '/d' }, /^include must be a list of texts; it is "\/d"\.$/],
    [{ dryRun: 'false' }, /^dryRun must be true or false; it is "false"\.$/],
    [{ drain: 'x' }, /^drain must be a number of seconds, 0 or more; it is "x"\.$/],
    [{ signal: {} }, /^signal must be an AbortSignal; it is "\{\}"\.$/],
    [{ onResult: true }, /^onResult must be a function; it is "true"\.$/],
    [{ cacheDir: undefined }, /^cacheDir: expected the path of a folder, but got undefined\.$/],
    [
      { maxPages: -5, rate: -1, drain: -1, variants: 7 },
      /^drain must be .* maxPages must be .* rate must be .* variants: expected .*$/,
    ],
  ])('are what they are said to be: %o is not', async (wrong, message) => {
    const options = { cacheDir: join(cwd, 'cache'), origin: origin.url, urls: ['/a'], ...wrong };
    const run = warm(options as unknown as WarmOptions);
    await expect(run).rejects.toMatchObject({ name: 'WarmError', code: 'ERR_PAGETREE_OPTION' });
    await expect(run).rejects.toThrow(message);
  });

  it('are told of as missing when there are none at all', async () => {
    const nothing = warm as unknown as () => Promise<unknown>;
    await expect(nothing()).rejects.toMatchObject({
      code: 'ERR_PAGETREE_OPTION',
      message: expect.stringMatching(/^cacheDir: /),
    });
  });

  it('are numbers or text, whichever is written', () => {
    const settings = { failOn: 5, concurrency: '8', rate: '10', minSize: 100, minPages: '3' };
    expect(resolveSettings(settings as unknown as WarmSettings)).toMatchObject({
      tolerance: resolveSettings({ failOn: '5' }).tolerance,
      ...{ concurrency: 8, rate: 10, minPages: 3 },
      checks: { minSize: 100 },
    });
  });
});

describe('the connection', () => {
  it('has the fields, the cookies and the password that files and the environment keep', async () => {
    const more = {
      header: ['X-Preview: 1', 'Accept: text/plain', 'Cookie: x=1', 'Cookie: y=2'],
      headerFile: write('fields', '# of ours\nX-Secret: s3cret\n\nX-Preview: 2\n'),
      cookieFile: write(
        'cookies',
        '\ufeffa=1\n# comment\n#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t0\tb\t2\n127.0.0.1\tFALSE\t/\tFALSE\t0\tc\t3\n',
      ),
      user: 'me',
      passwordFile: write('password', '\ufeff#p:w\n'),
    };
    await warmUrls(['/a'], more);
    expect(origin.lastHeaders).toMatchObject({
      'x-preview': '1, 2',
      accept: 'text/plain',
      'x-secret': 's3cret',
      cookie: 'x=1; y=2; a=1; b=2; c=3',
      authorization: `Basic ${Buffer.from('me:#p:w').toString('base64')}`,
    });
    expect(readConnection({ user: 'me' }, { PAGETREE_PASSWORD: 'x' }).headers).toEqual({
      authorization: `Basic ${Buffer.from('me:x').toString('base64')}`,
    });
  });

  it.each([
    [{ header: ['no colon s3cret'] }, 'Header 1 is no header field.'],
    [{ header: ['A: s3cret\r\nB: c'] }, 'Header 1 is no header field.'],
    [{ header: ['Host: s3cret'] }, 'The header field Host cannot be set'],
    [{ header: ['Range: s3cret'] }, 'The header field Range cannot be set'],
    [{ headerFile: '/no/such' }, 'The header file /no/such cannot be read: there is no such file.'],
    [{ user: 'me' }, 'A user is named, but no password.'],
    [{ user: 'a:b', passwordFile: '/dev/null' }, 'The name of the user has a colon in it.'],
    [{ passwordFile: '/dev/null' }, 'A password file is named, but no user.'],
    [
      { user: 'a', passwordFile: '/dev/null' },
      'The password file /dev/null has no password in its first line.',
    ],
    [{ cert: '/dev/null' }, 'A certificate and its key are needed together'],
    [{ ca: '/no/such' }, 'The certificate file /no/such cannot be read'],
  ])('%j is refused, and no value is repeated', (settings, message) => {
    expect(() => readConnection(settings, {})).toThrow(message);
    try {
      readConnection(settings, {});
    } catch (error) {
      expect(String(error)).not.toContain('s3cret');
    }
  });

  it('names everything that is wrong with it at once', () => {
    const headerFile = write('fields', '# of ours\nX-A: 1\nno colon s3cret\n');
    const more = { header: ['X-B: 1', 'Range: s3cret'], cookieFile: '/no/cookies', ca: '/no/ca', user: 'me' };
    expect(() => readConnection({ ...more, headerFile }, {})).toThrow(
      /^The header field Range cannot .* Line 3 of the header file is no .* A user is named.* \/no\/cookies .* \/no\/ca /,
    );
  });

  it('refuses a line of a cookie file that would be more than a cookie', () => {
    const cookieFile = write('cookies', 'a=s3cret; b=2\n');
    expect(() => readConnection({ cookieFile }, {})).toThrow(/^Line 1 of the cookie file .* is no cookie\.$/);
  });

  it('never shows a secret, whatever goes wrong', async () => {
    write('urls.txt', '/a\n/status/404\n/hang/head\n');
    write('fields', 'Authorization: Bearer s3cret\nCookie: s=s3cret\n');
    const args = [
      'urls.txt',
      '--cache-dir',
      'cache',
      '--origin',
      origin.url,
      '--header-file',
      'fields',
      '--verbose',
    ];
    const more = ['--timeout', '0.5', '--retries', '0', '--report', 'r.json', '--json'];
    const ran = await run('cache-warm', [...args, ...more], {
      cwd,
      env: { PAGETREE_HEADER: 'X-Key: s3cret' },
    });
    expect(origin.lastHeaders).toMatchObject({ 'x-key': 's3cret', authorization: 'Bearer s3cret' });
    expect(ran.code).toBe(3);
    expect(ran.stdout + ran.stderr + readFileSync(join(cwd, 'r.json'), 'utf8')).not.toContain('s3cret');
  });

  it('goes over a Unix socket', async () => {
    const socket = join(cwd, 'site.sock');
    const server = createServer((request, response) => {
      response.setHeader('content-type', 'text/html').end(`${request.headers.host} over a socket`);
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    await warmUrls(['/a'], { origin: 'http://www.example.org', socket });
    expect(readFileSync(join(cwd, 'cache', 'a'), 'utf8')).toBe('www.example.org over a socket');
    server.close();
    await expect(warmUrls(['/b'], { origin: 'http://a', socket: '/no/such.sock' })).rejects.toThrow(
      'The origin /no/such.sock does not answer: there is no such socket.',
    );
  });

  it('trusts the certificates that it is told to, and shows its own', async () => {
    const files = { ca: write('ca.pem', cert), cert: write('cert.pem', cert), key: write('key.pem', key) };
    let shown: string | undefined;
    const server = createTlsServer(
      { key, cert, ca: cert, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        const socket = request.socket as import('node:tls').TLSSocket;
        shown = socket.getPeerCertificate().subject?.CN as string | undefined;
        response.setHeader('content-type', 'text/html').end(bodyOf('/a'));
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const there = `https://localhost:${(server.address() as AddressInfo).port}`;
    await expect(warmUrls(['/a'], { origin: there })).rejects.toThrow('self-signed certificate');
    expect(await warmUrls(['/a'], { origin: there, ...files })).toMatchObject({ stored: 1 });
    expect(shown).toBe('localhost');
    expect(await warmUrls(['/b'], { origin: there, insecure: true })).toMatchObject({ stored: 1 });
    server.close();
  });
});

describe('what is good enough', () => {
  const summary = { urls: 200, stored: 100, present: 97, refused: 2, failed: 1, notPruned: undefined };
  const expected = (failOn: string, minPages = 0) => ({
    tolerance: readTolerance('failOn', failOn),
    minPages,
  });

  it.each([
    ['0', ['3 of 200 URLs were not stored; no more than 0 may be.']],
    ['2', ['3 of 200 URLs were not stored; no more than 2 may be.']],
    ['3', []],
    ['1%', ['3 of 200 URLs were not stored; no more than 1% may be.']],
    ['1.5%', []],
    ['100%', []],
  ])('with %s allowed', (failOn, problems) => {
    expect(shortcomings(summary, expected(failOn))).toEqual(problems);
  });

  it('counts the pages, and says why nothing was pruned', () => {
    expect(shortcomings({ ...summary, notPruned: 'it is a test' }, expected('3', 198))).toEqual([
      '197 pages are in the tree; at least 198 must be.',
      'Nothing was pruned: it is a test.',
    ]);
    expect(shortcomings(summary, expected('3', 197))).toEqual([]);
  });

  it('counts a page once, however many URLs lead to it', async () => {
    const urls = Array.from({ length: 10 }, (_, at) => `/old/${at}`);
    for (const url of urls)
      origin.routes[url] = (response) => response.writeHead(301, { location: '/new' }).end();
    const pages = await warmUrls([...urls, '/other'], { follow: true, concurrency: 1 });
    expect(pages).toMatchObject({ stored: 2, present: 9, pages: 2 });
    expect(shortcomings(pages, expected('0', 3))).toEqual(['2 pages are in the tree; at least 3 must be.']);
    expect(shortcomings(pages, expected('0', 2))).toEqual([]);
    const link = { cacheDir: join(cwd, 'link'), publish: true, follow: true };
    expect(await warmUrls(urls, { ...link, minPages: 2 })).toMatchObject({
      notPublished: '1 page is in the tree; at least 2 must be',
    });
    expect(await warmUrls(urls, { ...link, minPages: 1 })).toMatchObject({ published: { tree: 1 } });
    for (const url of urls) delete origin.routes[url];
  });

  it('decides about the exit code', async () => {
    write('urls.txt', ['/a', '/b', '/c', '/status/404'].join('\n'));
    const args = ['urls.txt', '--cache-dir', 'cache', '--origin', origin.url];
    expect((await run('cache-warm', args, { cwd })).code).toBe(3);
    expect((await run('cache-warm', [...args, '--fail-on', '25%'], { cwd })).code).toBe(0);
    const few = await run('cache-warm', [...args, '--fail-on', '25%', '--min-pages', '4'], { cwd });
    expect(few.code).toBe(3);
    expect(few.stdout).toContain('3 pages are in the tree; at least 4 must be.');
    expect(existsSync(join(cwd, 'cache', 'a'))).toBe(true);
  });

  it('is no run with a sitemap that cannot be read, whatever may fail', async () => {
    const index = `<sitemapindex><sitemap><loc>${origin.url}/status/404</loc></sitemap></sitemapindex>`;
    origin.routes['/index.xml'] = (response) =>
      response.writeHead(200, { 'content-type': 'application/xml' }).end(index);
    const args = [`${origin.url}/index.xml`, '/a', '/b', '--cache-dir', 'cache', '--fail-on', '50%'];
    const ran = await run('cache-warm', [...args, '--report', 'run.json'], { cwd });
    expect(ran.code).toBe(3);
    expect(ran.stdout).toContain('A source cannot be read: how many pages are missing is not known.\n');
    const { stored, unread, missed } = JSON.parse(readFileSync(join(cwd, 'run.json'), 'utf8'));
    expect({ stored, unread }).toEqual({ stored: 2, unread: 1 });
    expect(missed).toEqual(['A source cannot be read: how many pages are missing is not known.']);
    delete origin.routes['/index.xml'];
    expect(shortcomings({ ...summary, unread: 1200 }, expected('100%'))).toEqual([
      '1,200 sources cannot be read: how many pages are missing is not known.',
    ]);
  });
});
