/** Errors that nobody catches must reach the process as they do without the cache: same event, same exit. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const script = fileURLToPath(new URL('server.js', import.meta.url));

interface Run {
  readonly child: ChildProcess;
  readonly lines: AsyncIterator<string>;
  readonly port: number;
  readonly stderr: () => string;
}

async function run(cacheDir: string, failure: string, survive = false): Promise<Run> {
  const child = spawn(process.execPath, [script, cacheDir, failure, ...(survive ? ['survive'] : [])]);
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const port = Number((await lines.next()).value);
  return { child, lines, port, stderr: () => stderr };
}

/** Sends a request and gives back what came until the connection ended. */
async function ask(port: number, target: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => {});
  socket.write(`GET ${target} HTTP/1.1\r\nHost: site.test\r\nConnection: close\r\n\r\n`);
  await new Promise((resolve) => socket.on('close', resolve));
  return text;
}

async function tree(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'pagetree-uncaught-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return join(dir, 'cache');
}

describe.each(['throws', 'rejects', 'throws after the first byte'])('an application that %s', (failure) => {
  it('ends the process in the same way', async () => {
    const ends = [];
    for (const cacheDir of ['off', await tree()]) {
      const { child, port, stderr } = await run(cacheDir, failure);
      const exit = once(child, 'exit');
      const answer = ask(port, '/page');
      const [code, signal] = await exit;
      const message = /^Error: the application .*$/m.exec(stderr())?.[0];
      ends.push({ code, signal, message, answered: (await answer).includes('half') });
    }
    expect(ends[0]).toMatchObject({ code: 1, message: expect.stringContaining('the application') });
    expect(ends[1]).toEqual(ends[0]);
  });

  it('is told to the same event of a process that goes on', async () => {
    const told = [];
    let dir = '';
    for (const cacheDir of ['off', await tree()]) {
      dir = cacheDir;
      const { lines, port, child } = await run(cacheDir, failure, true);
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write('GET /page HTTP/1.1\r\nHost: site.test\r\n\r\n');
      told.push((await lines.next()).value);
      socket.destroy();
      expect(await ask(port, '/fine')).toContain('fine');
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    expect(told[1]).toBe(told[0]);
    expect((await readdir(dir)).filter((name) => name !== '.pagetree').sort()).toEqual(['CACHEDIR.TAG']);
  });
});
