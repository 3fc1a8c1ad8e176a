import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { AppOutput } from '../src/app/output.ts';
import { runningProcesses } from '../src/app/processes.ts';
import { type Notice, type UrlResult, type WarmOptions, warm } from '../src/index.ts';
import { run, stackTrace } from './support/bins.ts';
import { newFolder } from './support/folders.ts';

let cwd: string;
beforeEach(() => {
  cwd = newFolder();
});

const page = (place: string) => readFileSync(join(cwd, 'cache', place), 'utf8');
const write = (name: string, text: string) => {
  const file = join(cwd, name);
  writeFileSync(file, text);
  return file;
};
/** Also what has ended and whose parent was not told yet: that is for the system to do, when it has time. */
const gone = (pid: number) => !runningProcesses().some((one) => one.pid === pid && !one.ended);

/** A site that notes the processes it is made of, and answers on the port in PORT. */
const site = `
  const { appendFileSync } = require('node:fs');
  const { spawn } = require('node:child_process');
  appendFileSync('pids', process.pid + '\\n');
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  appendFileSync('pids', child.pid + '\\n');
  require('node:http').createServer((request, response) => {
    response.setHeader('content-type', 'text/html').end(request.headers.host + ' ' + request.url + ' ' + process.pid);
  }).listen(process.env.PORT, '127.0.0.1');
`;
const pids = () => readFileSync(join(cwd, 'pids'), 'utf8').trim().split('\n').map(Number);
const node = JSON.stringify(process.execPath);
const cacheWarm = (...args: string[]) =>
  run('cache-warm', [...args, '--cache-dir', 'cache', '--variants', 'none'], { cwd });

describe('--exec', () => {
  it('starts the application, warms it, and leaves nothing of it running', async () => {
    write('site.cjs', site);
    write('urls.txt', '/a\n/b\n');
    const ran = await cacheWarm('urls.txt', '--exec', `echo starting && ${node} site.cjs`);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(page('a')).toMatch(/^127\.0\.0\.1:\d+ \/a \d+$/);
    expect(pids()).toHaveLength(2);
    expect(pids().every(gone)).toBe(true);
  });

  it('ends also what it started in a group of its own', async () => {
    const stray = `
      const stray = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit', detached: true });
      appendFileSync('pids', stray.pid + '\\n');
    `;
    write('site.cjs', site + stray);
    write('urls.txt', '/a\n');
    expect(await cacheWarm('urls.txt', '--exec', `${node} site.cjs`)).toMatchObject({ code: 0 });
    expect(pids()).toHaveLength(3);
    expect(pids().every(gone)).toBe(true);
  });

  it('gives several of them the work', async () => {
    write('site.cjs', site);
    write('urls.txt', Array.from({ length: 60 }, (_, at) => `/p/${at}`).join('\n'));
    const ran = await cacheWarm('urls.txt', '--exec', `${node} site.cjs`, '--exec-count', '3');
    expect(ran.code).toBe(0);
    const who = new Set(Array.from({ length: 60 }, (_, at) => page(`p/${at}`).split(' ')[2]));
    expect(who.size).toBe(3);
    expect(pids().every(gone)).toBe(true);
  });

  it('has the others do the work of one that ends in the middle', async () => {
    write(
      'site.cjs',
      site.replace(
        'response.setHeader',
        "if (request.url === '/crash') process.exit(9);\n    response.setHeader",
      ),
    );
    const urls = Array.from({ length: 60 }, (_, at) => `/p/${at}`);
    write('urls.txt', ['/p/a', '/crash', ...urls].join('\n'));
    const more = ['--exec-count', '3', '--retries', '0', '--concurrency', '1', '--json'];
    const ran = await cacheWarm('urls.txt', '--exec', `${node} site.cjs`, ...more);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      ...{ stored: 61, failed: 1, reasons: [{ reason: 'connection-reset', count: 1 }] },
    });
    const who = new Set(urls.map((url) => page(url.slice(1)).split(' ')[2]));
    expect(who.size).toBe(2);
    expect(pids().every(gone)).toBe(true);
  });

  it('fails what it asks for when all of them have ended', async () => {
    write(
      'site.cjs',
      site.replace('response.setHeader', 'if (request.url !== "/") process.exit(9);\n    response.setHeader'),
    );
    write('urls.txt', ['/1', '/2', '/3', '/4'].join('\n'));
    const more = ['--exec-count', '2', '--retries', '0', '--concurrency', '1', '--json'];
    const ran = await cacheWarm('urls.txt', '--exec', `${node} site.cjs`, ...more);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      ...{ stored: 0, failed: 4 },
      reasons: [
        { reason: 'connection-refused', count: 2 },
        { reason: 'connection-reset', count: 2 },
      ],
    });
  });

  it('is started in the folder of the configuration file that names it, as all that the file names', async () => {
    write('site.cjs', site.replace('process.pid);', "process.pid + ' ' + request.headers.authorization);"));
    write('pw', 'secret\n');
    const files = { passwordFile: './pw', report: ['run.json'], failed: 'failed.txt' };
    const named = { exec: `${node} site.cjs`, user: 'me', ...files };
    write('pagetree.config.json', JSON.stringify({ cacheDir: './cache', warm: named }));
    mkdirSync(join(cwd, 'sub'));
    const ran = await run('cache-warm', ['/a'], { cwd: join(cwd, 'sub') });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(page('a')).toMatch(/ Basic bWU6c2VjcmV0$/);
    expect(readdirSync(cwd)).toEqual(expect.arrayContaining(['run.json', 'failed.txt', 'pids']));
    expect(readdirSync(join(cwd, 'sub'))).toEqual([]);
    // What is said elsewhere counts from where it is said.
    const here = ['/b', '--exec', `${node} ../site.cjs`, '--failed', 'here.txt'];
    expect(await run('cache-warm', here, { cwd: join(cwd, 'sub') })).toMatchObject({ code: 0 });
    expect(readdirSync(join(cwd, 'sub')).toSorted()).toEqual(['here.txt', 'pids']);
  });

  it('is not handed the secrets that the site is asked with', async () => {
    const env = {
      PAGETREE_PASSWORD: 'hush-1',
      PAGETREE_HEADER: 'X-Key: hush-2',
      PAGETREE_CACHE_DIR: 'cache',
    };
    const tell = `${node} tell.cjs`;
    write(
      'tell.cjs',
      "for (const one of Object.entries(process.env)) if (/^PAGETREE/.test(one[0])) console.log(one.join('=')); process.exit(1);",
    );
    const ran = await run('cache-warm', ['/a', '--user', 'me', '--exec', tell], { cwd, env });
    expect(ran.code).toBe(4);
    expect(ran.stderr).toContain('PAGETREE_CACHE_DIR');
    expect(ran.stdout + ran.stderr).not.toMatch(/hush/);
  });

  it('asks it under the name of the site', async () => {
    write('site.cjs', site);
    write('urls.txt', 'https://www.example.org/a\n');
    const ran = await cacheWarm(
      'urls.txt',
      '--origin',
      'https://www.example.org',
      '--exec',
      `${node} site.cjs`,
    );
    expect(ran.code).toBe(0);
    expect(page('a')).toMatch(/^www\.example\.org \/a /);
  });

  it('learns the port from what the application says', async () => {
    write(
      'site.cjs',
      site.replace(
        "listen(process.env.PORT, '127.0.0.1')",
        "listen(0, '127.0.0.1', function () { console.log('\\x1b[32mReady\\x1b[0m on http://localhost:' + this.address().port); })",
      ),
    );
    write('urls.txt', '/a\n');
    const ran = await cacheWarm('urls.txt', '--exec', `${node} site.cjs`);
    expect(ran).toMatchObject({ code: 0 });
    expect(pids().every(gone)).toBe(true);
  });

  it('does not take a service that the application uses, and names, for the application', async () => {
    const service = createServer((_, response) => response.end('somebody else'));
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    const { port } = service.address() as AddressInfo;
    const named = `using the API available at http://localhost:${port}`;
    write('site.cjs', `console.log('${named}'); ${site.replace('.listen(', '.toString(')}`);
    write('urls.txt', '/a\n');
    const ran = await cacheWarm('urls.txt', '--exec', `${node} site.cjs`, '--exec-timeout', '2');
    service.close();
    expect(ran.code).toBe(4);
    expect(ran.stderr).toContain(named);
    expect(existsSync(join(cwd, 'cache'))).toBe(false);
  });

  it('finds the application where somebody else is at the same port of another address', async () => {
    const other = createServer((_, response) => response.end('somebody else'));
    await new Promise<void>((resolve) => other.listen({ host: '::1', port: 0, ipv6Only: true }, resolve));
    const { port } = other.address() as AddressInfo;
    const at = `.listen(${port}, '127.0.0.1'`;
    write(
      'site.cjs',
      `console.log('Listening on http://localhost:${port}'); ${site.replace(/\.listen\([^,)]*(, '[^']*')?/, at)}`,
    );
    write('urls.txt', '/a\n');
    const ran = await cacheWarm('urls.txt', '--exec', `${node} site.cjs`, '--exec-timeout', '10');
    other.close();
    expect(ran).toMatchObject({ code: 0 });
    expect(page('a')).not.toContain('somebody else');
  });

  it('ends with 4 and shows the log when the application does not start', async () => {
    write('urls.txt', '/a\n');
    const ran = await cacheWarm(
      'urls.txt',
      '--exec',
      `${node} -e 'console.error("no \\x1b[2Jdatabase"); process.exit(7)'`,
    );
    expect(ran.code).toBe(4);
    expect(ran.stderr).toMatch(/^cache-warm: The application ".*" did not start: it ended with 7\.\n/);
    expect(ran.stderr).toContain('It said:\n    no database\n');
    expect(ran.stderr).not.toMatch(stackTrace);
    expect(existsSync(join(cwd, 'cache'))).toBe(false);
  });

  it('warns of nothing when there are many of them', async () => {
    const ran = await cacheWarm('/a', '--exec', 'exit 3', '--exec-count', '12');
    expect(ran.code).toBe(4);
    expect(ran.stderr).not.toContain('Warning');
  });

  it('ends with 4 when nothing answers in time, and stops what it started', async () => {
    write('site.cjs', site.replace('.listen(', '.toString('));
    write('urls.txt', '/a\n');
    const ran = await cacheWarm('urls.txt', '--exec', `${node} site.cjs & wait`, '--exec-timeout', '2');
    expect(ran.code).toBe(4);
    expect(ran.stderr).toMatch(/did not start: nothing answers on port \d+ after 2 s\./);
    expect(pids().every(gone)).toBe(true);
  });

  it('does not warm somebody else who listens there', async () => {
    const server = createServer((_, response) => response.end('somebody else'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    write('urls.txt', '/a\n');
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const ran = await cacheWarm('urls.txt', '--origin', origin, '--exec', `${node} site.cjs`);
    server.close();
    expect(ran.code).toBe(4);
    expect(ran.stderr).toContain('Something listens on port');
  });

  it.each([
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)(
    'is over with %s, also while it starts, and with everything it started',
    async (signal, code) => {
      write('site.cjs', site.replace('.listen(', '.toString('));
      write('urls.txt', '/a\n');
      const args = ['urls.txt', '--cache-dir', 'cache', '--exec', `${node} site.cjs`];
      const ran = await run('cache-warm', args, {
        cwd,
        watch: (child) => {
          const look = setInterval(() => {
            if (!existsSync(join(cwd, 'pids')) || pids().length < 2) return;
            clearInterval(look);
            child.kill(signal);
          }, 20);
        },
      });
      expect(ran.code).toBe(code);
      expect(ran.stderr).not.toMatch(stackTrace);
      expect(pids().every(gone)).toBe(true);
    },
  );

  it('tells when the application ended in the middle', async () => {
    write(
      'site.cjs',
      site.replace('response.setHeader', "if (request.url === '/die') process.exit(9); response.setHeader"),
    );
    const notices: Notice[] = [];
    const summary = await warm({
      ...{ cacheDir: join(cwd, 'cache'), urls: ['/a', '/die', '/b'], concurrency: 1, retries: 0 },
      exec: `cd ${JSON.stringify(cwd)} && ${node} site.cjs`,
      onNotice: (notice) => notices.push(notice),
    });
    expect(summary).toMatchObject({ stored: 1, failed: 2 });
    expect(notices).toMatchObject([{ source: '--exec', text: expect.stringContaining('it ended with 9') }]);
    expect(pids().every(gone)).toBe(true);
  });

  it.each([
    ['Listening on port 3000', [3000]],
    ['  ➜  Local:   http://localhost:5173/', [5173]],
    ['ready - started server on 0.0.0.0:3001, url: http://localhost:3001', [3001]],
    ['Server running at http://[::1]:8080/', [8080]],
    ['connected to postgres://localhost:5432/db', []],
    ['took 3000 ms', []],
  ])('reads %j', (line, ports) => {
    const output = new AppOutput();
    output.add(`${line}\n`);
    expect(output.ports()).toEqual(ports);
  });

  it('keeps the end of a log that never ends', () => {
    const output = new AppOutput();
    for (let at = 0; at < 10_000; at += 1) output.add(`line ${at} ${'x'.repeat(50)}\n`);
    expect(output.lastLines(2)[1]).toMatch(/^line 9999 /);
    expect(output.lastLines(100_000).length).toBeLessThan(2000);
  });
});

describe('--app', () => {
  const body = 'x'.repeat(300_000);
  const listener = `(request, response) => {
    response.setHeader('content-type', 'text/html');
    if (request.url === '/big') response.end('${'x'.repeat(10)}'.repeat(30000));
    else if (request.url === '/broken') { response.write('half'); response.destroy(); }
    else if (request.url === '/throws') throw new Error('oops');
    else response.end(request.headers.host + ' ' + request.url);
  }`;
  const forms: [string, string, string][] = [
    ['a request listener', 'app.mjs', `export default ${listener}`],
    ['a request listener that is asynchronous', 'app.mjs', `export default async ${listener}`],
    [
      'a module that was compiled to CommonJS',
      'app.cjs',
      `exports.__esModule = true; exports.default = ${listener}`,
    ],
    [
      'a server',
      'app.mjs',
      `import { createServer } from 'node:http'; export default createServer(${listener.replace("throw new Error('oops')", 'response.writeHead(500).end()')})`,
    ],
    [
      'CommonJS',
      'app.cjs',
      `module.exports = ${listener.replace("throw new Error('oops')", 'response.writeHead(500).end()')}`,
    ],
    [
      'a fetch handler',
      'app.mjs',
      `const page = (text) => new Response(text, { headers: { 'content-type': 'text/html' } });
       export default { async fetch(request) {
         const { pathname, host } = new URL(request.url);
         if (pathname === '/big') return page('x'.repeat(300000));
         if (pathname === '/throws') throw new Error('oops');
         if (pathname === '/broken') return new Response(new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('half')); }, pull(c) { c.error(new Error('broke')); } }), { headers: { 'content-type': 'text/html' } });
         return page(host + ' ' + pathname);
       } }`,
    ],
    [
      'what Koa is',
      'app.mjs',
      `export default { callback() { return ${listener.replace("throw new Error('oops')", 'response.writeHead(500).end()')} } }`,
    ],
    [
      'what Fastify is',
      'app.mjs',
      `import { createServer } from 'node:http';
       let ready = false;
       const server = createServer((request, response) => ready ? (${listener.replace("throw new Error('oops')", 'response.writeHead(500).end()')})(request, response) : response.writeHead(503).end());
       export default { server, async ready() { ready = true; } }`,
    ],
  ];
  const warmApp = (app: string, urls: string[], more: Partial<WarmOptions> = {}) =>
    warm({ ...{ cacheDir: join(cwd, 'cache'), app, urls, retries: 0, variants: false }, ...more });

  it.each(forms)('asks %s without a socket', async (_, name, text) => {
    const urls = ['/a', '/big', '/broken', '/throws', ...Array.from({ length: 50 }, (_, at) => `/p/${at}`)];
    const summary = await warmApp(write(name, text), urls);
    expect(page('a')).toBe('localhost /a');
    expect(page('big')).toBe(body);
    expect(summary).toMatchObject({ stored: 52 });
    expect(
      summary.reasons
        .map(({ reason }) => reason)
        .sort()
        .join(),
    ).toMatch(/^(connection-reset,status|status,unfinished)$/);
    expect(existsSync(join(cwd, 'cache', 'broken'))).toBe(false);
  });

  it('waits for no body of an application that throws after it said how long that is', async () => {
    const text = `export default (request, response) => {
      response.setHeader('content-type', 'text/html');
      response.setHeader('content-length', 100);
      response.setHeader('content-encoding', 'gzip');
      response.setHeader('x-page', '1');
      throw new Error('oops');
    }`;
    const results: UrlResult[] = [];
    const onResult = (result: UrlResult) => results.push(result);
    await warmApp(write('app.mjs', text), ['/a'], { onResult });
    expect(results).toMatchObject([{ outcome: 'refused', reason: 'status', status: 500 }]);
  });

  it('takes a response that has ended as whole, whatever its application does then', async () => {
    const text = `export default async (_, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('x'.repeat(300000));
      throw new Error('too late');
    }`;
    writeFileSync(join(cwd, 'late.mjs'), text);
    expect(await warmApp(join(cwd, 'late.mjs'), ['/a'])).toMatchObject({ stored: 1, bytes: 300_000 });
  });

  it('is a command as well', async () => {
    write('app.mjs', forms[0]![2]);
    const ran = await cacheWarm('/a', '--app', 'app.mjs', '--origin', 'https://www.example.org');
    expect(ran).toMatchObject({ code: 0 });
    expect(page('a')).toBe('www.example.org /a');
  });

  it.each([
    ['is missing', undefined, 'there is no such file'],
    ['throws', 'throw new Error("no database")', 'no database'],
    ['exports nothing', 'export const x = 1', 'its default export is neither'],
  ])('ends with 4 when it %s', async (_, text, why) => {
    if (text !== undefined) write('app.mjs', text);
    const ran = await cacheWarm('/a', '--app', 'app.mjs');
    expect(ran.code).toBe(4);
    expect(ran.stderr).toContain(why);
    expect(ran.stderr).not.toMatch(stackTrace);
  });

  it('ends with its time also while it loads, whatever keeps its process alive', async () => {
    write('app.mjs', 'setInterval(() => {}, 60_000); await new Promise(() => {});');
    const ran = await cacheWarm('/a', '--app', 'app.mjs', '--max-time', '1s');
    expect(ran.code).toBe(6);
    expect(ran.stderr).toContain('The time of the run (1 s) was over');
  });

  it('ends with its time also while it makes itself ready', async () => {
    const text = `import { createServer } from 'node:http';
      export default { server: createServer(), ready: () => new Promise(() => {}) };`;
    const warming = warmApp(write('app.mjs', text), ['/a'], { maxTime: '1s' });
    await expect(warming).rejects.toMatchObject({ code: 'ERR_PAGETREE_MAX_TIME' });
  });

  it('has nothing beside it', async () => {
    await expect(warmApp('app.mjs', ['/'], { exec: 'true' })).rejects.toThrow(
      'app must be left out with exec',
    );
    await expect(warmApp('app.mjs', ['/'], { socket: '/s' })).rejects.toThrow('socket must be left out');
    await expect(warm({ cacheDir: join(cwd, 'c'), urls: ['/'], execCount: 2 })).rejects.toThrow(
      'execCount must be given together with exec',
    );
  });
});
