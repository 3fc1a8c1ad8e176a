/** `pagetree check` as a program: mistakes, what it leaves behind, and how it stops. */
import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serverKind, settingsOf, whereToLook } from '../../src/check/where.ts';
import { run, stackTrace } from '../support/bins.ts';
import { cert, key } from '../support/certificate.ts';
import { newFolder } from '../support/folders.ts';
import { storeAll } from '../tree/trees.ts';

const cwd = newFolder();
const cacheDir = join(cwd, 'cache');
const started: Server[] = [];
let nowhere: string;

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  started.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  await storeAll(cacheDir);
  nowhere = await serve(() => {});
  const gone = started.pop()!;
  gone.close();
});
afterAll(() => {
  for (const server of started) {
    server.closeAllConnections();
    server.close();
  }
});

const check = (...args: string[]) => run('pagetree', ['check', ...args], { cwd });

describe('pagetree check', () => {
  it.each<[string[], string]>([
    [[], 'No web server is named that should be asked.'],
    [
      ['localhost'],
      'The address of the web server must be the scheme, host and port of the site; it is "localhost".',
    ],
    [
      ['http://127.0.0.1:1/a\u001b[2J'],
      'The address of the web server must be the scheme, host and port of the site; it has the path "/a\\u{1b}[2J" too.',
    ],
    [
      ['http://127.0.0.1:1', '--sample', 'x'],
      '--sample must be a whole number from 1 to 1000000; it is "x".',
    ],
    [
      ['http://127.0.0.1:1', '--concurrency', '99'],
      '--concurrency must be a whole number from 1 to 64; it is "99".',
    ],
    [
      ['http://127.0.0.1:1', '--timeout', '0'],
      '--timeout must be a number of seconds from 0.1 to 3600; it is "0".',
    ],
    [
      ['http://127.0.0.1:1', '--host', 'a b'],
      '--host must be a host name, with or without a port (example.org); it is "a b".',
    ],
    [
      ['http://127.0.0.1:1', '--static', '--origin', 'http://127.0.0.1:2'],
      '--static and --origin contradict each other.',
    ],
    [['http://127.0.0.1:1', '--no-such'], 'There is no option --no-such.'],
  ])('says what is wrong with %j', async (args, sentence) => {
    const { code, stderr, stdout } = await check(...args);
    expect([code, stdout, stderr.split('\n', 1)[0]]).toEqual([2, '', `pagetree: ${sentence}`]);
  });

  it('does not repeat a password', async () => {
    const { code, stderr } = await check('http://me:secret@127.0.0.1:1');
    expect(code).toBe(2);
    expect(stderr).not.toContain('secret');
  });

  it('ends with 5 when nobody answers', async () => {
    const { code, stderr, stdout } = await check(nowhere);
    expect([code, stdout]).toEqual([5, '']);
    expect(stderr).toContain(`The web server ${nowhere} does not answer: nothing listens there.`);
    expect(stderr).not.toMatch(stackTrace);
  });

  it('ends with 5 when no answer comes in time', async () => {
    const silent = await serve(() => {});
    const { code, stderr } = await check(silent, '--timeout', '0.2');
    expect(code).toBe(5);
    expect(stderr).toContain('does not answer: no whole answer in 0.2 seconds.');
  });

  it('asks who signed the certificate, unless it is told not to', async () => {
    const server = createSecureServer({ key, cert }, (_, res) => res.end('page')).listen(0, '127.0.0.1');
    started.push(server);
    await new Promise((resolve) => server.once('listening', resolve));
    const secure = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const doubting = await check(secure, '--pages-only');
    expect([doubting.code, doubting.stderr]).toEqual([5, expect.stringContaining('self-signed certificate')]);
    const { code, stderr, stdout } = await check(secure, '--pages-only', '--insecure', '--sample', '1');
    expect([code, stderr]).toEqual([3, '']);
    expect(stdout).toContain('body: expected the bytes of the page; got other bytes');
  });

  it('ends with 5 when the application does not run, and with 2 when it has no middleware', async () => {
    const plain = await serve((_, res) => res.end('page'));
    const gone = await check(plain, '--origin', nowhere);
    expect([gone.code, gone.stderr]).toEqual([
      5,
      expect.stringContaining('The application http://127.0.0.1'),
    ]);
    const bare = await check(plain, '--origin', plain);
    expect([bare.code, bare.stderr]).toEqual([
      2,
      expect.stringContaining('The application at --origin answers without the middleware.'),
    ]);
  });

  it('says it when the host is none of the site', async () => {
    const config = join(cwd, 'hosts.json');
    writeFileSync(config, JSON.stringify({ cacheDir: './cache', hosts: ['example.org'] }));
    const plain = await serve((_, res) => res.end('page'));
    const { code, stderr } = await check(plain, '--config', config);
    expect([code, stderr]).toEqual([2, expect.stringContaining('is none of the hosts of the configuration')]);
    expect(stderr).toContain('--host example.org');
  });

  it.runIf(process.getuid?.() === 0)('says it when this user may not write', async () => {
    const plain = await serve((_, res) => res.end('page'));
    chmodSync(cwd, 0o755);
    const args = ['check', plain, '--cache-dir', cacheDir, '--sample', '1'];
    const prefix = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const { code, stderr } = await run('pagetree', args, { cwd, prefix });
    expect(code, stderr).toBe(2);
    expect(stderr).toContain('A page for the questions cannot be stored');
    expect(stderr).toContain('--pages-only');
  });

  it('prints nothing that a terminal obeys', async () => {
    const odd = await serve((_, res) => {
      res.setHeader('content-type', 'text/\u009bhtml');
      res.end('page');
    });
    for (const args of [[], ['--json']]) {
      const { code, stdout } = await check(odd, '--pages-only', ...args);
      expect(code).toBe(3);
      expect(stdout).not.toContain('\u009b');
      expect(stdout).toMatch(/u\{?0{0,2}9b/);
    }
  });

  it.each<[NodeJS.Signals, number]>([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('takes its pages away after %s', async (signal, expected) => {
    let stop = () => {};
    const slow = await serve((req, res) => {
      if (/^\/pagetree-check-/.test(req.url!)) stop();
      else res.end('page');
    });
    const { code, stderr } = await run('pagetree', ['check', slow, '--sample', '1'], {
      cwd,
      watch: (child) => {
        stop = () => child.kill(signal);
      },
    });
    expect([code, stderr]).toEqual([expected, 'Stopping; the pages of this check are taken away.\n']);
    expect(readdirSync(cacheDir).filter((name) => name.startsWith('pagetree-check'))).toEqual([]);
  });
});

describe('where to look', () => {
  it('knows a server by how it calls itself', () => {
    expect(
      ['nginx/1.22.1', 'Apache/2.4.57 (Debian)', 'Caddy', 'openresty', 'other', undefined].map(serverKind),
    ).toEqual([...['nginx', 'apache', 'caddy', 'nginx'], ...[undefined, undefined]]);
  });

  it.each(['nginx', 'apache', 'caddy'] as const)(
    'names what stands in the configuration of %s',
    async (server) => {
      const { stdout } = await run('pagetree', ['config', server], { cwd });
      const names = settingsOf(server)
        .join('\n')
        .match(/\$pagetree_\w+|@pagetree\w*|PAGETREE_\w+|\{pagetree_\w+\}/g);
      expect(names?.length).toBeGreaterThan(4);
      for (const name of new Set(names)) expect(stdout, name).toContain(name);
      const directives = {
        nginx: ['open_file_cache off', 'merge_slashes off', 'disable_symlinks on', 'charset off'],
        apache: [
          'EnableMMAP Off',
          'MergeSlashes Off',
          'AllowEncodedSlashes NoDecode',
          'DirectorySlash Off',
          'Options None',
        ],
        caddy: ['method GET HEAD', 'header !Authorization', 'disable_canonical_uris', 'precompressed'],
      }[server];
      for (const directive of directives) {
        expect(stdout).toContain(directive);
        expect(settingsOf(server).join('\n')).toContain(directive);
      }
    },
  );

  it('names the setting of that server, or of all', () => {
    const flaw = { aspect: 'leak', expected: '', got: '', harmless: false } as const;
    expect(whereToLook('query', flaw, 'nginx')).toHaveLength(1);
    const all = whereToLook('query', flaw, undefined);
    expect(all.map((line) => line.split(':', 1)[0])).toEqual(['nginx', 'Apache', 'Caddy']);
  });
});
