/** The examples as their READMEs tell it: the real server as a process, the real commands in a shell. */
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ask } from '../support/ask.ts';
import { hear, type Started, start, stop } from '../support/processes.ts';
import { leftovers, temporaryFolder } from '../support/tree.ts';
import { commandsOf, print } from './readme.ts';

const examples = join(import.meta.dirname, '../../examples');
const token = 'q8sHAVO2yRj7c0LWmZ4TtXeKpN1uB6gD';
const address = 'http://127.0.0.1:3000';
const root = await temporaryFolder();
let runs = 0;

interface Example {
  readonly program: Started;
  readonly origin: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Starts an example in a folder of its own, so that its cache is there. */
async function started(name: string, environment: NodeJS.ProcessEnv = {}): Promise<Example> {
  runs += 1;
  const cwd = join(root, `${name}-${runs}`);
  await cp(join(examples, name), cwd, {
    recursive: true,
    filter: (path) => !/\/(?:node_modules|cache)$/.test(path),
  });
  const { PURGE_TOKEN: _, PAGETREE_CACHE_DIR: __, ...others } = process.env;
  const env = { ...others, PORT: '0', ...environment };
  const program = start(process.execPath, [join(examples, name, 'server.js')], { cwd, env });
  onTestFinished(() => stop(program));
  const [, origin] = await hear(program, 'stdout', /^Listening on (http:\S+)\/$/m);
  return { program, origin: origin!, cwd, env };
}

/** Runs a command again until it prints what is expected: a page is stored behind the answer that shows it. */
async function printed(command: string, prints: string, { cwd, env }: Example): Promise<string> {
  const isLooking = !/\bPOST\b|\brm\b/.test(command);
  for (let left = isLooking ? 50 : 0; ; left -= 1) {
    const said = await print(command, cwd, env);
    if (said === prints || left === 0) return said;
    await sleep(50);
  }
}

describe.each(['express', 'fastify', 'hono', 'koa', 'node-http'])('examples/%s', (name) => {
  it('does what its README shows: a miss, a hit, a 304, a purge, a miss', async () => {
    const example = await started(name, { PURGE_TOKEN: token });
    const commands = await commandsOf(join(examples, name, 'README.md'));
    expect(commands.map(({ command }) => command.split(' ')[0])).toEqual([
      'curl',
      'curl',
      'curl',
      'curl',
      'curl',
      'curl',
      'curl',
      'rm',
      'curl',
    ]);
    for (const { command, prints } of commands) {
      expect(await printed(command.replace(address, example.origin), prints, example)).toBe(prints);
    }
  });

  it('shows a page that stands still once it is stored', async () => {
    const { origin, cwd } = await started(name);
    const first = await ask(origin, '/');
    expect(first.headers['content-type']?.toLowerCase()).toBe('text/html; charset=utf-8');
    expect(first.body.toString()).toMatch(
      /^<!doctype html><title>Time<\/title><p>Made at 2\d{3}-[\d-]+T[\d:.]+Z\n$/,
    );
    const page = join(cwd, 'cache', '__index.html');
    for (let left = 100; left > 0; left -= 1) {
      if ((await readFile(page, 'utf8').catch(() => '')) !== '') break;
      await sleep(20);
    }
    const second = await ask(origin, '/');
    expect(second.headers['cache-status']).toBe('pagetree; hit');
    expect(second.body).toEqual(await readFile(page));
    expect(second.body).toEqual(first.body);
  });

  it('has no purge route without a token, and asks for it with one', async () => {
    const off = await started(name);
    expect((await ask(off.origin, '/purge')).status).toBe(404);
    const on = await started(name, { PURGE_TOKEN: token });
    expect((await ask(on.origin, '/purge')).status).toBe(405);
    expect((await ask(on.origin, '/purge', { method: 'POST' })).status).toBe(401);
  });

  it('does not start with a token that is too short, and does not show it', async () => {
    const { PORT: _, ...others } = process.env;
    const env = { ...others, PORT: '0', PURGE_TOKEN: 'sesame' };
    const cwd = join(root, `${name}-short`);
    await cp(join(examples, name), cwd, {
      recursive: true,
      filter: (path) => !/\/(?:node_modules|cache)$/.test(path),
    });
    const { ended } = start(process.execPath, [join(examples, name, 'server.js')], { cwd, env });
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr).toContain('token: expected a secret of at least 32');
    expect(stderr + stdout).not.toContain('sesame');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends by %s, and leaves no temporary file', async (signal) => {
    const { program, origin, cwd } = await started(name);
    await ask(origin, '/');
    program.process.kill(signal);
    expect(await program.ended).toMatchObject({ code: 0, stderr: '' });
    expect(await leftovers(join(cwd, 'cache'))).toEqual([]);
  });

  it('has no file but those that a reader looks at', async () => {
    const names = (await readdir(join(examples, name))).filter(
      (file) => !['node_modules', 'cache', 'pagetree.config.json'].includes(file),
    );
    expect(names.sort()).toEqual(['README.md', 'package.json', 'server.js']);
  });
});
