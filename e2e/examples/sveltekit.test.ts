/** The SvelteKit example as its README tells it: built with Vite, started as a process, asked over real sockets. */
import { once } from 'node:events';
import { cp, readFile, symlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ask } from '../support/ask.ts';
import { freePort } from '../support/nginx.ts';
import { hear, type Started, start, stop } from '../support/processes.ts';
import { leftovers, temporaryFolder } from '../support/tree.ts';
import { commandsOf, print } from './readme.ts';

const example = join(import.meta.dirname, '../../examples/sveltekit');
const token = 'q8sHAVO2yRj7c0LWmZ4TtXeKpN1uB6gD';
const root = await temporaryFolder();
const built = join(root, 'built');
let runs = 0;

/** The build, in a folder of its own. */
beforeAll(async () => {
  await cp(example, built, {
    recursive: true,
    filter: (path) => !/\/(?:node_modules|cache|build|\.svelte-kit)$/.test(path),
  });
  await symlink(join(example, 'node_modules'), join(built, 'node_modules'));
  const vite = join(built, 'node_modules/vite/bin/vite.js');
  const { code, stderr } = await start(process.execPath, [vite, 'build'], { cwd: built }).ended;
  expect(code, stderr).toBe(0);
}, 240_000);

interface Running {
  readonly program: Started;
  readonly origin: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Starts the server with a cache of its own. */
async function started(environment: NodeJS.ProcessEnv = {}): Promise<Running> {
  runs += 1;
  const cwd = join(root, `run-${runs}`);
  await cp(join(built, 'build'), join(cwd, 'build'), { recursive: true });
  await cp(join(built, 'package.json'), join(cwd, 'package.json'));
  await symlink(join(example, 'node_modules'), join(cwd, 'node_modules'));
  const port = await freePort();
  const { ORIGIN: _, PURGE_TOKEN: __, ...others } = process.env;
  const env = { ...others, HOST: '127.0.0.1', PORT: `${port}`, DELAY: '100', ...environment };
  const program = start(process.execPath, ['build'], { cwd, env });
  onTestFinished(() => stop(program));
  await hear(program, 'stdout', /^Listening on http:/m);
  return { program, origin: `http://127.0.0.1:${port}`, cwd, env };
}

/** The page of a tree, once it is there. */
async function stored({ cwd }: Running): Promise<string> {
  for (let left = 200; left > 0; left -= 1) {
    const page = await readFile(join(cwd, 'cache/__index.html'), 'utf8').catch(() => '');
    if (page !== '') return page;
    await sleep(25);
  }
  throw new Error('the page was not stored');
}

describe('examples/sveltekit', () => {
  it('sends the first part of a miss long before its end, and a hit all at once', async () => {
    const running = await started({ DELAY: '3000' });
    const socket = connect(Number(new URL(running.origin).port), '127.0.0.1');
    socket.setEncoding('utf8');
    socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
    let received = '';
    socket.on('data', (text) => {
      received += text;
    });
    while (!received.includes('Wait a moment.')) await once(socket, 'data');
    expect(received).toMatch(/^cache-status: pagetree; fwd=uri-miss; stored\r$/m);
    expect(received).not.toContain('</html>\r\n0\r\n');
    expect(received).not.toMatch(/resolve\(1, \(\) => \["2\d{3}-/);
    await once(socket, 'close');
    expect(received).toMatch(/resolve\(1, \(\) => \["2\d{3}-/);
    const page = await stored(running);
    const hit = await ask(running.origin, '/', { headers: { host: '127.0.0.1' } });
    expect(hit.headers['cache-status']).toBe('pagetree; hit');
    expect(hit.body.toString()).toBe(page);
    for (const part of page.split('\n')) expect(received).toContain(part);
  });

  it('does what its README shows: a hit, a 304, a purge, a miss', async () => {
    const running = await started({ PURGE_TOKEN: token });
    await ask(running.origin, '/');
    await stored(running);
    const shown = await commandsOf(join(example, 'README.md'));
    expect(shown).toHaveLength(8);
    for (const { command, prints } of shown) {
      const real = command.replace('http://127.0.0.1:3000', running.origin);
      expect(await print(real, running.cwd, running.env)).toBe(prints);
      // What a miss shows is stored behind its end.
      if (prints.includes('stored')) await stored(running);
    }
  });

  it('bypasses the cache for another spelling, for the data of a page, and for another host', async () => {
    const { origin } = await started();
    const said = async (path: string, headers = {}): Promise<unknown> =>
      (await ask(origin, path, { headers })).headers['cache-status'];
    expect(await said('/x/../')).toBe('pagetree; fwd=bypass; detail=dot-segment');
    expect(await said('/__data.json?x-sveltekit-invalidated=01')).toBe('pagetree; fwd=bypass; detail=query');
    expect(await said('/', { 'x-forwarded-host': 'evil.test' })).toBe(
      'pagetree; fwd=bypass; detail=forwarded-host',
    );
  });

  it('with ORIGIN has two names, and bypasses while one of them is unknown', async () => {
    const { origin } = await started({ ORIGIN: 'https://example.org' });
    expect((await ask(origin, '/')).headers['cache-status']).toBe(
      'pagetree; fwd=bypass; detail=forwarded-host',
    );
  });

  it('ends by SIGTERM, and leaves no temporary file', async () => {
    const running = await started();
    await ask(running.origin, '/');
    running.program.process.kill('SIGTERM');
    await running.program.ended;
    expect(await leftovers(join(running.cwd, 'cache'))).toEqual([]);
  });
});
