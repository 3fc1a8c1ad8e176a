import { type ChildProcess, execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { openTree } from '@pagetree/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { run, stackTrace } from './support/bins.ts';
import { leftovers, newFolder } from './support/folders.ts';
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
  origin.latency = 20;
});

const args = () => ['urls.txt', '--cache-dir', 'cache', '--origin', origin.url, '--variants', 'none'];

function asked(times: number): Promise<void> {
  return new Promise((resolve) => {
    const look = setInterval(() => {
      const sum = [...origin.asked.values()].reduce((one, other) => one + other, 0);
      if (sum < times) return;
      clearInterval(look);
      resolve();
    }, 5);
  });
}

/** Resolves when a program reads its standard input: more is written than a pipe holds by itself. */
function readsItsInput(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.stdin!.write('# nothing yet\n'.repeat(40_000), () => resolve());
  });
}

describe('a run that is stopped', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('by %s ends what it has begun, tells, and ends with %i', async (signal, code) => {
    writeFileSync(join(cwd, 'urls.txt'), Array.from({ length: 2000 }, (_, at) => `/p/${at}\n`).join(''));
    const ran = await run('cache-warm', [...args(), '--report', 'r.ndjson'], {
      cwd,
      watch: (child) => void asked(60).then(() => child.kill(signal)),
    });
    expect(ran.code).toBe(code);
    expect(ran.stderr).toBe('Stopping: what is being fetched may still end. Once more to stop at once.\n');
    expect(ran.stdout).toMatch(/^Stopped: /);
    expect(ran.stdout).toContain('Run the same command again to go on');
    const stored = Number(/stored +([\d,]+)/.exec(ran.stdout)![1]!.replace(',', ''));
    const pages = readdirSync(join(cwd, 'cache', 'p'));
    expect(pages).toHaveLength(stored);
    expect(stored).toBe([...origin.asked.values()].reduce((one, other) => one + other, 0));
    for (const page of pages) {
      expect(readFileSync(join(cwd, 'cache', 'p', page), 'utf8')).toBe(bodyOf(`/p/${page}`));
    }
    expect(readdirSync(cwd).sort()).toEqual(['cache', 'r.ndjson', 'urls.txt']);
    expect(leftovers(join(cwd, 'cache'))).toEqual([]);
  });

  it('goes on where it was when the command is given again', async () => {
    writeFileSync(join(cwd, 'urls.txt'), Array.from({ length: 200 }, (_, at) => `/p/${at}\n`).join(''));
    await run('cache-warm', args(), {
      cwd,
      watch: (child) => void asked(50).then(() => child.kill('SIGINT')),
    });
    const again = await run('cache-warm', [...args(), '--json'], { cwd });
    expect(again.code).toBe(0);
    const { stored, present } = JSON.parse(again.stdout);
    expect(stored + present).toBe(200);
    expect(present).toBeGreaterThan(40);
    expect([...origin.asked.values()].every((times) => times === 1)).toBe(true);
  });

  it('twice stops at once, whatever hangs', async () => {
    writeFileSync(join(cwd, 'urls.txt'), '/hang/head\n/hang/body\n');
    let first = 0;
    const ran = await run('cache-warm', args(), {
      cwd,
      watch: (child) =>
        void asked(2).then(() => {
          first = performance.now();
          child.kill('SIGINT');
          setTimeout(() => child.kill('SIGINT'), 200);
        }),
    });
    expect(ran.code).toBe(130);
    expect(performance.now() - first).toBeLessThan(2000);
    expect(ran.stdout).toBe('');
    expect(ran.stderr).not.toMatch(stackTrace);
    expect(ran.stderr).toMatch(/\nStopped at once\. Run the same command again to go on\.\n$/);
  });

  it('while it waits for its list ends quietly', async () => {
    const ran = await run('cache-warm', ['-', '--cache-dir', 'cache'], {
      cwd,
      watch: (child) => {
        child.stdin!.end = (() => {}) as never;
        void readsItsInput(child).then(() => child.kill('SIGINT'));
      },
    });
    expect(ran.code).toBe(130);
    expect(ran.stderr).not.toMatch(stackTrace);
  });
});

describe.runIf(process.platform === 'linux')('a run whose list comes from a pipe with a name', () => {
  let pipe: string;
  beforeEach(() => {
    pipe = join(cwd, 'list');
    execFileSync('mkfifo', [pipe]);
  });
  const pipeArgs = ['list', '--cache-dir', 'cache', '--variants', 'none'];

  it('takes what is written when it is', async () => {
    const ran = run('cache-warm', [...pipeArgs, '--origin', origin.url], { cwd });
    // There is a writer as soon as there is a reader.
    const writer = await open(pipe, 'w');
    await writer.write('/p/1\n/p/2\n');
    await asked(2);
    await writer.write('/p/3\n');
    await asked(3);
    await writer.close();
    expect(await ran).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(join(cwd, 'cache', 'p')).sort()).toEqual(['1', '2', '3']);
  });

  it('ends when it is stopped, though the writer goes on', async () => {
    let child: ChildProcess | undefined;
    const watch = (started: ChildProcess) => {
      child = started;
    };
    const ran = run('cache-warm', [...pipeArgs, '--origin', origin.url], { cwd, watch });
    const writer = await open(pipe, 'w');
    await writer.write('/p/1\n');
    await asked(1);
    child!.kill('SIGINT');
    expect(await ran).toMatchObject({ code: 130, stderr: expect.not.stringMatching(stackTrace) });
    await writer.close();
  });

  it('ends when its time is over, though nobody ever writes', async () => {
    const ran = await run('cache-warm', [...pipeArgs, '--max-time', '1s'], { cwd });
    expect(ran).toMatchObject({ code: 6, stderr: expect.stringContaining('was over before') });
  });

  it('is told that the list is empty when the writer writes nothing', async () => {
    const ran = run('cache-warm', [...pipeArgs, '--origin', origin.url], { cwd });
    await (await open(pipe, 'w')).close();
    expect(await ran).toMatchObject({ code: 5, stderr: expect.stringContaining('list') });
  });
});

describe('a tree after kill -9', () => {
  it('holds whole pages only, and the next run makes it whole', async () => {
    origin.latency = 2;
    writeFileSync(join(cwd, 'urls.txt'), Array.from({ length: 600 }, (_, at) => `/p/${at}\n`).join(''));
    const ran = await run('cache-warm', args(), {
      cwd,
      watch: (child) => void asked(100).then(() => child.kill('SIGKILL')),
    });
    expect(ran.code).toBeNull();
    for (const page of readdirSync(join(cwd, 'cache', 'p'))) {
      expect(readFileSync(join(cwd, 'cache', 'p', page), 'utf8')).toBe(bodyOf(`/p/${page}`));
    }
    const again = await run('cache-warm', args(), { cwd });
    expect(again.code).toBe(0);
    expect(readdirSync(join(cwd, 'cache', 'p'))).toHaveLength(600);
    // A page that was published just before the kill is not fetched again; its emptied folder waits for a sweep.
    const cache = openTree(join(cwd, 'cache'));
    await cache.sweep();
    await cache.close();
    expect(leftovers(join(cwd, 'cache'))).toEqual([]);
  });
});
