/** The demo as a person runs it: what it shows, and that nothing of it is left, however it ends. */
import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { processesAt } from '../support/leaks.ts';
import { hear, type Started, siteFile, start } from '../support/processes.ts';
import { pagesOf, temporaryFolder } from '../support/tree.ts';

const folder = await temporaryFolder();
let temp: string;
let runs = 0;

beforeEach(async () => {
  runs += 1;
  temp = join(folder, `run-${runs}`);
  await mkdir(temp);
});

function demo(...args: string[]): Started {
  return start(process.execPath, [siteFile('demo.js'), ...args], { env: { ...process.env, TMPDIR: temp } });
}

async function expectNothingLeft() {
  expect(await readdir(temp)).toEqual([]);
  expect(await processesAt(temp)).toEqual([]);
}

/** Waits until the warmer has written some pages. */
async function untilWarming() {
  for (;;) {
    const [made] = await readdir(temp);
    const pages = await pagesOf(join(temp, made ?? '', 'cache')).catch(() => []);
    if (pages.length > 50) return;
    await sleep(20);
  }
}

describe('a run to the end', () => {
  test('warms, asks, looks, purges, and leaves nothing', async () => {
    const { code, stdout } = await demo('--urls', '300').ended;
    expect(code).toBe(0);
    const table = / pages +seconds +pages a second +bytes\n +(\S+) +(\S+) +(\S+) +(\S+ \S+)\n/.exec(stdout);
    const [, pages, seconds, rate, bytes] = table!;
    expect(pages).toBe('300');
    expect(Number(seconds)).toBeGreaterThan(0);
    expect(Number(rate?.replaceAll(',', ''))).toBeGreaterThan(0);
    expect(bytes).toMatch(/^\d+\.\d MB$/);

    expect(stdout).toMatch(/\n {2}\/api\/ +\d+\.\d\d ms +\d+\.\d\d ms/);
    expect(stdout).toMatch(/\/search\?q=grid +pagetree; fwd=bypass; detail=query\n/);
    expect(stdout).toMatch(/\/hello +pagetree; fwd=uri-miss; detail=set-cookie\n/);
    expect(stdout).toContain('cache/api/AbortController/__page.html');
    const missThenHit =
      / {2}(\/\S+) +\S+ ms +pagetree; fwd=uri-miss; stored\n {2}\1 +\S+ ms +pagetree; hit\n/g;
    expect([...stdout.matchAll(missThenHit)].map(([, path]) => path)).toEqual([
      '/api/AbortController',
      '/api/AbortController/signal',
    ]);
    expect(stdout).not.toContain('\x1b');
    const tooWide = stdout.split('\n').filter((line) => line.length > 80 && !line.includes(temp));
    expect(tooWide).toEqual([]);
    await expectNothingLeft();
  });

  test('--keep leaves the tree, and says where', async () => {
    const { code, stdout } = await demo('--urls', '30', '--keep').ended;
    expect(code).toBe(0);
    const kept = /The tree stays in (\S+)/.exec(stdout)![1]!;
    expect(kept.startsWith(temp)).toBe(true);
    expect(stdout).toContain(`--cache-dir ${kept}`);
    expect(await pagesOf(kept)).toContain('api/__index.html');
    expect(await readFile(join(kept, 'api/AbortController/signal'), 'utf8')).toContain('</html>');
    expect(await processesAt(temp)).toEqual([]);
  });
});

describe('a run that is stopped', () => {
  test('SIGINT while it warms: 130', async () => {
    const run = demo();
    await untilWarming();
    run.process.kill('SIGINT');
    expect(await run.ended).toMatchObject({ code: 130, stderr: expect.stringContaining('Stopped.') });
    await expectNothingLeft();
  });

  test('a second SIGINT changes nothing', async () => {
    const run = demo();
    await untilWarming();
    run.process.kill('SIGINT');
    await hear(run, 'stderr', /Stopped\./);
    run.process.kill('SIGINT');
    expect(await run.ended).toMatchObject({ code: 130 });
    await expectNothingLeft();
  });

  test('SIGTERM while the site starts: 143', async () => {
    const run = demo();
    await hear(run, 'stdout', /Pagetree/);
    run.process.kill('SIGTERM');
    expect(await run.ended).toMatchObject({ code: 143 });
    await expectNothingLeft();
  });

  test('SIGINT while it purges: 130', async () => {
    const run = demo('--urls', '30');
    await hear(run, 'stdout', /cache-purge/);
    run.process.kill('SIGINT');
    expect(await run.ended).toMatchObject({ code: 130 });
    await expectNothingLeft();
  });

  test('a reader that goes away, as in `demo | head`', async () => {
    const run = demo('--urls', '30');
    await hear(run, 'stdout', /Pagetree/);
    run.process.stdout!.destroy();
    await run.ended;
    await expectNothingLeft();
  });
});

describe('a run that fails', () => {
  test('a port that is taken: 1, with what the site said about it', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const { code, stderr } = await demo('--port', `${port}`).ended;
    server.close();
    expect(code).toBe(1);
    expect(stderr).toContain('The demo failed: The site ended with exit code 2. It said:');
    expect(stderr).toContain(`127.0.0.1:${port} is in use`);
    expect(stderr).not.toContain('    at ');
    await expectNothingLeft();
  });

  test('a temporary folder that is not there: 1, in a sentence', async () => {
    temp = join(temp, 'gone');
    const { code, stderr } = await demo().ended;
    expect(code).toBe(1);
    expect(stderr).toContain('gone');
    expect(stderr).not.toContain('    at ');
  });

  test.each([
    [['--urls', 'many'], "--urls must be a whole number from 1 to 10000000, not 'many'."],
    [['--port', '70000'], "--port must be a whole number from 0 to 65535, not '70000'."],
    [['--sideways'], '--sideways'],
  ])('%j: 2, with what is wrong', async (args, sentence) => {
    const { code, stdout, stderr } = await demo(...args).ended;
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
    expect(stdout).toBe('');
  });

  test('--help says what can be chosen', async () => {
    const { code, stdout } = await demo('--help').ended;
    expect(code).toBe(0);
    for (const option of ['--urls', '--port', '--keep']) expect(stdout).toContain(option);
  });
});
