/** Folders that are no tree, empty trees, and trees of somebody else. */
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createPageCache } from '@pagetree/core';
import { beforeEach, describe, expect, it } from 'vitest';
import type { commands } from '../../src/commands/all.ts';
import { commandNames } from '../../src/commands/names.ts';
import { run, stackTrace } from '../support/bins.ts';
import { newFolder } from '../support/folders.ts';
import { runHere } from '../support/in-process.ts';
import { storeAll } from './trees.ts';

const lookers: readonly (readonly [name: string, ...args: string[]])[] = [
  ['ls'],
  ['ls', '--json'],
  ['ls', '-r', '/a'],
  ['why', '/a'],
  ['stats'],
  ['verify'],
  ['verify', '--fix'],
  ['sweep'],
  ['cat', '/a'],
  ['top', '--once'],
  ['top', '--json'],
  ['check', 'http://127.0.0.1:9'],
  ['check', 'http://127.0.0.1:9', '--json'],
  ...['nginx', 'apache', 'caddy', 'static'].map((server) => ['config', server] as const),
  ['purge', '/a'],
  ['purge', '/a', '--rewarm', '--origin', 'http://127.0.0.1:9'],
  ['purge', '/**', '--yes'],
  ['purge', '--all', '--yes'],
  ['purge', '--older-than', '0s', '--yes'],
];

let cwd: string;
beforeEach(() => {
  cwd = newFolder();
});

describe('a folder that is no tree', () => {
  it.each(lookers)('is refused by %s %s %s, and nothing in it is touched', async (name, ...args) => {
    const folder = join(cwd, 'precious');
    mkdirSync(folder);
    writeFileSync(join(folder, 'a'), 'data');
    writeFileSync(join(folder, 'empty'), '');
    const ran = await runHere(name as keyof typeof commands, [...args, '--cache-dir', folder]);
    const { code, stdout, stderr } = ran;
    expect(code).toBe(2);
    expect(stderr).toBe(
      `pagetree: cacheDir: ${folder} is not a Pagetree cache: .pagetree/tree.json is missing.\n` +
        '  Name the folder that the middleware or cache-warm writes to.\n',
    );
    expect(stdout === '' || JSON.parse(stdout).error.code === 'ERR_PAGETREE_NO_TREE').toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['a', 'empty']);
  });

  it.each(lookers)('that does not exist is not made by %s %s %s', async (...args) => {
    const { code, stderr } = await run('pagetree', [...args, '--cache-dir', 'none'], { cwd });
    expect([code, stderr.split('\n', 1)[0]]).toEqual([2, `pagetree: cacheDir: ${cwd}/none does not exist.`]);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('is not guessed', async () => {
    const { code, stderr } = await run('pagetree', ['ls'], { cwd });
    expect([code, stderr.split('\n', 1)[0]]).toEqual([
      2,
      'pagetree: Nothing says which cache folder is meant.',
    ]);
  });

  it.each([[[]], [['--list']], [['--to', '1', '--json']]])(
    'has nothing to go back to for rollback %j, and is not touched',
    async (args) => {
      mkdirSync(join(cwd, 'precious'));
      writeFileSync(join(cwd, 'precious/a'), 'data');
      for (const folder of ['precious', 'none']) {
        const ran = await run('pagetree', ['rollback', ...args, '--cache-dir', folder], { cwd });
        expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining(join(cwd, folder))]);
        expect(ran.stderr).not.toMatch(stackTrace);
      }
      expect(readdirSync(cwd)).toEqual(['precious']);
      expect(readdirSync(join(cwd, 'precious'))).toEqual(['a']);
    },
  );

  it('is of no interest to completion', async () => {
    const { code, stderr, stdout } = await run('pagetree', ['completion', 'bash'], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('complete ');
  });

  it('no command is left out of these tables', () => {
    const tried = new Set(['rollback', 'completion', ...lookers.map(([name]) => name)]);
    // To fill a folder that is no tree yet is what the warmer is for.
    expect(commandNames.filter((name) => name !== 'warm' && !tried.has(name))).toEqual([]);
  });
});

describe('an empty tree', () => {
  it.each([
    [['ls'], 0, /^No page was found in /],
    [['ls', '--json'], 0, /"count": 0/],
    [['ls', '--plain'], 0, /^$/],
    [['why', '/a'], 0, /stored {6}no: /],
    [['stats'], 0, /^0 pages, 0 bytes in /],
    [['verify'], 0, /^$/],
    [['verify', '--fix'], 0, /^$/],
    [['sweep'], 0, /^Nothing to sweep in /],
    [['cat', '/a'], 3, /^$/],
    [['top', '--once'], 0, /\n0 pages, 0 bytes/],
    [['top', '--json'], 0, /"pages": \{?/],
    [['check', 'http://127.0.0.1:9'], 5, /^$/],
    [['config', 'nginx'], 0, /^# nginx in front of a Pagetree cache/],
    [['config', 'apache'], 0, /^# Apache in front of a Pagetree cache/],
    [['config', 'caddy'], 0, /^# Caddy in front of a Pagetree cache/],
    [['config', 'static'], 2, /^$/],
    [['rollback'], 2, /^$/],
    [['rollback', '--list'], 2, /^$/],
    [['completion', 'zsh'], 0, /compdef/],
    [['purge', '/a'], 0, /^\/a: was not stored\n$/],
    [['purge', '/**', '--yes'], 0, /^\/\*\*: no page is stored\n$/],
    [['purge', '--older-than', '1s'], 0, /^older than 1s: no page is stored\n$/],
  ])('%j', async (args, code, stdout) => {
    await createPageCache({ cacheDir: join(cwd, 'cache') }).close();
    const ran = await run('pagetree', args, { cwd });
    expect([ran.code, ran.stderr]).toEqual([code, code === 0 ? '' : expect.stringMatching(/^.+\n/)]);
    expect(ran.stdout).toMatch(stdout);
    expect(ran.stderr).not.toMatch(stackTrace);
  });
});

/** A mode says nothing to root, so the programs run as somebody else. */
const asNobody = (args: string[]) =>
  run('pagetree', args, {
    cwd,
    env: { HOME: cwd },
    prefix: ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'],
  });

describe.runIf(process.getuid?.() === 0)('a tree of somebody else', () => {
  beforeEach(async () => {
    chmodSync(cwd, 0o755);
    await storeAll(join(cwd, 'cache'), [
      { path: '/a', headers: {} },
      { path: '/b/c', headers: {} },
    ]);
    writeFileSync(join(cwd, 'cache/zero'), '');
  });

  it.each([
    [['ls', '--plain'], 0, /^\/a\n\/b\/c\n$/],
    [['why', '/a'], 0, /by the middleware/],
    [['stats'], 0, /^2 pages/],
    [['cat', '/a'], 0, /^<p>the page \/a<\/p>/],
    [['verify'], 3, /^empty-page {6}zero\n/],
    [['top', '--once'], 0, /\n2 pages, /],
    [['top', '--json'], 0, /"pages"/],
    [['config', 'nginx'], 0, /^# nginx in front of a Pagetree cache/],
    [['config', 'apache'], 0, /^# Apache in front of a Pagetree cache/],
    [['config', 'caddy'], 0, /^# Caddy in front of a Pagetree cache/],
    [['completion', 'fish'], 0, /^complete /m],
    [['purge', '/a', '--dry-run'], 0, /^\/a: would be removed, 1 page/],
  ])('can be looked at by %j', async (args, code, stdout) => {
    const ran = await asNobody(args);
    expect([ran.code, ran.stderr]).toEqual([code, '']);
    expect(ran.stdout).toMatch(stdout);
  });

  it.each([[['sweep']], [['verify', '--fix']]])('cannot be changed by %j', async (args) => {
    const { code, stderr } = await asNobody(args);
    expect([code, stderr]).toEqual([
      2,
      `pagetree: This user may not change the tree ${cwd}/cache.\n  Run it as the user that the site runs as.\n`,
    ]);
  });

  it.each([[[]], [['--pages-only']]])(
    'is compared with a web server by check %j as far as that may be',
    async (args) => {
      const server = createServer((_, response) => response.setHeader('server', 'test').end('page')).listen(
        0,
      );
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const ran = await asNobody(['check', `http://127.0.0.1:${port}`, ...args]);
      server.closeAllConnections();
      server.close();
      // Pages of its own cannot be stored here, which is no bug and says so.
      expect([args, ran.code]).toEqual([args, args.length === 0 ? 2 : 3]);
      expect(ran.stderr).not.toMatch(stackTrace);
    },
  );

  it('is not switched by rollback', async () => {
    const releases = join(cwd, 'public.releases');
    for (const one of ['1', '2']) await storeAll(join(releases, one), [{ path: '/a' }]);
    symlinkSync('public.releases/2', join(cwd, 'public'));
    const listed = await asNobody(['rollback', '--list', '--cache-dir', 'public']);
    expect([listed.code, listed.stderr]).toEqual([0, '']);
    expect(listed.stdout).toMatch(/ 2 .* live\n/);
    const { code, stdout, stderr } = await asNobody(['rollback', '--cache-dir', 'public']);
    expect([code === 0, stdout]).toEqual([false, '']);
    expect(stderr).toMatch(/EACCES|may not/);
    expect(stderr).not.toMatch(stackTrace);
    expect(readlinkSync(join(cwd, 'public'))).toBe('public.releases/2');
  });

  it('keeps its pages when somebody else purges, and the command says so', async () => {
    for (const args of [
      ['purge', '/a'],
      ['purge', '--all', '--yes'],
      ['purge', '/**', '--yes'],
    ]) {
      const { code, stderr, stdout } = await asNobody(args);
      expect(code).not.toBe(0);
      expect(stderr).toContain('EACCES');
      expect(stderr).not.toMatch(stackTrace);
      expect(stdout).toBe('');
    }
    expect(readdirSync(join(cwd, 'cache')).sort()).toEqual([
      '.pagetree',
      'CACHEDIR.TAG',
      'a',
      'a.br',
      'a.gz',
      'b',
      'zero',
    ]);
  });

  it('that is closed says so, and so does a folder in it', async () => {
    mkdirSync(join(cwd, 'cache/closed'));
    writeFileSync(join(cwd, 'cache/closed/d'), 'x');
    chmodSync(join(cwd, 'cache/closed'), 0o700);
    for (const command of ['ls', 'stats', 'verify']) {
      const { code, stderr } = await asNobody([command]);
      expect([command, code]).toEqual([command, 1]);
      expect(stderr).toMatch(/^pagetree: EACCES: permission denied, opendir.*\n$/);
    }
    chmodSync(join(cwd, 'cache'), 0o700);
    const { code, stderr } = await asNobody(['ls', '--cache-dir', 'cache']);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/EACCES|may not be used by this user/)]);
  });
});
