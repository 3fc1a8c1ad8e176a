import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { cacheablePaths } from '../paths.js';
import { spread } from './running.ts';

const SERVER = fileURLToPath(new URL('../server.js', import.meta.url));

function start(...args: string[]) {
  const child = spawn(process.execPath, [SERVER, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.on('data', (data) => (said.out += data));
  child.stderr.on('data', (data) => (said.err += data));
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...said }));
  const listening = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const origin = /^compat-site listens on (http:\/\/\S+)\n/.exec(said.out)?.[1];
      if (origin) resolve(origin);
    });
    ended.then(({ err }) => reject(new Error(`ended without listening: ${err}`)));
  });
  listening.catch(() => {});
  return { child, listening, ended };
}

test.each(['SIGINT', 'SIGTERM'] as const)('one line when it listens, a clean end on %s', async (signal) => {
  const { child, listening, ended } = start('--port', '0');
  const origin = await listening;
  expect((await fetch(`${origin}/api/AbortController`)).status).toBe(200);
  child.kill(signal);
  expect(await ended).toEqual({ code: 0, signal: null, out: `compat-site listens on ${origin}\n`, err: '' });
});

test('two processes render the same bytes', async () => {
  const servers = [start('--port', '0'), start('--port', '0')];
  const origins = await Promise.all(servers.map(({ listening }) => listening));
  const paths = spread([...cacheablePaths()], 120).filter((path) => path !== '/robots.txt');
  for (const path of ['/api/', '/css/', '/search?q=grid', '/missing', ...paths]) {
    const [one, two] = await Promise.all(origins.map(async (origin) => (await fetch(origin + path)).text()));
    expect([path, one === two]).toEqual([path, true]);
  }
  for (const { child } of servers) child.kill();
  await Promise.all(servers.map(({ ended }) => ended));
});

test('a port in use is a sentence and exit code 2', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as { port: number };
  const { code, out, err } = await start('--port', String(port)).ended;
  holder.close();
  expect([code, out]).toEqual([2, '']);
  expect(err).toBe(`127.0.0.1:${port} is in use; choose another port with --port, or 0 for any.\n`);
});

test.each([
  [['--port', 'http'], "--port must be a number from 0 to 65535, not 'http'."],
  [['--port', '65536'], "--port must be a number from 0 to 65535, not '65536'."],
  [['--cache-dir', ''], '--cache-dir must name a folder, not be empty.'],
  [['--host', ''], '--host must be a name or an address, not empty.'],
  [['--prot', '1'], 'Usage: node server.js'],
  [['--port'], 'Usage: node server.js'],
  [['stray'], 'Usage: node server.js'],
])('%j is refused with exit code 2', async (args, sentence) => {
  const { code, err } = await start(...args).ended;
  expect(code).toBe(2);
  expect(err).toContain(sentence);
  expect(err).not.toContain('    at ');
});
