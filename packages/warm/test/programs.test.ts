import { existsSync, writeFileSync } from 'node:fs';
import { createPageCache } from '@pagetree/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { run, stackTrace } from './support/bins.ts';
import { newFolder } from './support/folders.ts';

const cwd = newFolder();

describe('the programs', () => {
  it.each([
    ['cache-warm', ['--help']],
    ['cache-warm', ['-h']],
    ['cache-warm', ['urls.txt', '--help']],
    ['pagetree', ['warm', '--help']],
    ['pagetree', ['help', 'warm']],
  ])('%s %j explains the warmer, with examples', async (bin, args) => {
    const { code, stdout, stderr } = await run(bin, args, { cwd });
    expect([code, stderr]).toEqual([0, '']);
    for (const words of [
      'USAGE',
      'EXAMPLES',
      '--origin=URL',
      '--cache-dir=DIR',
      'Exit codes: 0',
      '--refresh',
    ]) {
      expect(stdout).toContain(words);
    }
  });

  it.each([
    ['cache-purge', ['--help']],
    ['cache-purge', ['-h']],
    ['cache-purge', ['/a', '--help']],
    ['pagetree', ['purge', '-h']],
  ])('%s %j explains the purge, with examples', async (bin, args) => {
    const { code, stdout, stderr } = await run(bin, args, { cwd });
    expect([code, stderr]).toEqual([0, '']);
    for (const words of ['USAGE', 'EXAMPLES', '--recursive', '--all', '--dry-run', 'Exit codes: 0']) {
      expect(stdout).toContain(words);
    }
  });

  it.each([
    ['cache-warm', ['--version']],
    ['cache-purge', ['--version']],
    ['pagetree', ['--version']],
  ])('%s %j says which it is', async (bin, args) => {
    const { code, stdout } = await run(bin, args, { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      new RegExp(`^${bin}/\\d+\\.\\d+\\.\\d+ \\w+-\\w+ node-v${process.versions.node}\\n$`),
    );
  });

  it.each([[[]], [['--help']], [['help']]])('pagetree %j lists its commands', async (args) => {
    const { code, stdout } = await run('pagetree', args, { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}purge {7}Remove pages/m);
    expect(stdout).toMatch(/^ {2}warm {8}Fetch the pages/m);
  });

  it('pagetree does what the two commands do, and gives the same exit codes', async () => {
    const none = await run('pagetree', ['purge', '/a'], { cwd });
    expect(none.code).toBe(2);
    expect(none.stderr).toMatch(/^pagetree: Nothing says which cache folder is meant\.\n/);
    const missing = await run('pagetree', ['warm', 'no.txt', '--cache-dir', 'x', '--json'], { cwd });
    expect(missing.code).toBe(5);
    expect(JSON.parse(missing.stdout)).toMatchObject({ error: { code: 'ERR_PAGETREE_LIST' } });
    const unknown = await run('pagetree', ['wram', '/a'], { cwd });
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toBe(
      'pagetree: There is no command "wram".\n  Did you mean warm? See pagetree --help.\n',
    );
  });

  it.each(['development', 'test', 'production', ''])('do not mind NODE_ENV=%s', async (NODE_ENV) => {
    for (const bin of ['cache-warm', 'cache-purge', 'pagetree']) {
      const { stderr } = await run(bin, ['--version'], { cwd, env: { NODE_ENV } });
      expect(stderr).toBe('');
    }
    const { stderr } = await run('cache-warm', ['no.txt', '--cache-dir', 'x'], { cwd, env: { NODE_ENV } });
    expect(stderr).toMatch(/^cache-warm: The list no\.txt/);
    expect(stderr).not.toMatch(stackTrace);
  });

  it('print no warning of Node', async () => {
    const { stderr } = await run('pagetree', ['warm', '--help'], { cwd, nodeArgs: ['--trace-warnings'] });
    expect(stderr).toBe('');
  });
});

describe('standard output', () => {
  const folder = newFolder();
  const cacheDir = `${folder}/cache`;
  beforeAll(async () => {
    writeFileSync(`${folder}/list.txt`, '/a\n');
    const cache = createPageCache({ cacheDir });
    const found = await cache.lookup({ method: 'GET', target: '/a', headers: {} });
    const fill =
      found.kind === 'miss'
        ? found.ticket?.begin({ status: 200, headers: { 'content-type': 'text/html' } })
        : undefined;
    fill!.write(Buffer.from('<p>a'));
    await fill!.commit();
    await cache.close();
  });
  const into = (script: string) => ({
    cwd: folder,
    prefix: ['bash', '-c', `set -o pipefail; ${script}`, 'bash'],
  });
  const tree = ['--cache-dir', cacheDir];
  const printing: [string, string[]][] = [
    ['cache-warm', ['--help']],
    ['cache-warm', ['list.txt', '--origin', 'http://127.0.0.1:9', ...tree]],
    ['cache-warm', ['list.txt', '--origin', 'http://127.0.0.1:9', '--json', ...tree]],
    ['cache-purge', ['/b', ...tree]],
    ['cache-purge', ['/b', '--json', ...tree]],
    ['pagetree', ['completion', 'bash']],
    ...['ls', 'stats', 'why /a', 'cat /a', 'config nginx'].map((command): [string, string[]] => [
      'pagetree',
      [...command.split(' '), ...tree],
    ]),
  ];

  it.each(printing)('%s %j ends as ever when nobody reads it', async (bin, args) => {
    const { code, stderr } = await run(bin, args, into('"$@" | true'));
    expect(stderr).not.toMatch(stackTrace);
    expect(code).toBe(0);
  });

  it.each(existsSync('/dev/full') ? printing : [])(
    '%s %j says that it cannot be written',
    async (bin, args) => {
      const { code, stderr } = await run(bin, args, into('exec "$@" > /dev/full'));
      expect(stderr).toContain(
        `${bin}: Standard output cannot be written: the disk is full.\n  What was done stays done.\n`,
      );
      expect(stderr).not.toMatch(stackTrace);
      expect(code).toBe(1);
    },
  );

  it('leaves a run that failed its own exit code', async () => {
    const args = ['list.txt', '--refresh', '--retries', '0', '--origin', 'http://127.0.0.1:9', ...tree];
    const { code } = await run('cache-warm', args, into('"$@" | true'));
    expect(code).toBe((await run('cache-warm', args, { cwd: folder })).code);
    expect(code).not.toBe(0);
  });

  it('is left alone by a program that says nothing', async () => {
    const args = ['config', 'nginx', '--output', 'nginx.conf', ...tree];
    const { code, stderr } = await run('pagetree', args, into('exec "$@" > /dev/full'));
    expect([code, stderr]).toEqual([0, '']);
  });
});
