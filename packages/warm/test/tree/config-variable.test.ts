/** `PAGETREE_CONFIG`: every command that takes `--config` finds its file there, too. */
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { commands } from '../../src/commands/all.ts';
import { run } from '../support/bins.ts';
import { newFolder } from '../support/folders.ts';
import { storeAll } from './trees.ts';

let cwd: string;
let cacheDir: string;
let env: Record<string, string>;

const site: Server = createServer((_, response) => response.setHeader('server', 'test').end('page'));
await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
afterAll(() => site.close());

beforeEach(async () => {
  cwd = newFolder();
  const elsewhere = newFolder();
  // A link, as --publish makes it, so that rollback has something to say.
  cacheDir = join(elsewhere, 'public');
  mkdirSync(`${cacheDir}.releases`);
  symlinkSync('public.releases/1', cacheDir);
  await storeAll(`${cacheDir}.releases/1`, [{ path: '/about', headers: {} }]);
  const config = {
    cacheDir: './public',
    hosts: ['example.org'],
    excludePaths: ['/secret'],
    warm: { origin, host: 'example.org' },
  };
  writeFileSync(join(elsewhere, 'site.json'), JSON.stringify(config));
  env = { PAGETREE_CONFIG: join(elsewhere, 'site.json') };
});

const lines: readonly (readonly [line: string, code: number, stdout: RegExp])[] = [
  ['pagetree ls --plain', 0, /^\/about\n$/],
  ['pagetree why /secret', 0, /excluded-path/],
  ['pagetree stats', 0, /^1 page, /],
  ['pagetree top --once', 0, /1 page, .*counted/],
  ['pagetree cat /about', 0, /the page \/about/],
  ['pagetree verify', 0, /^$/],
  ['pagetree sweep', 0, /^Nothing to sweep/],
  [`pagetree check ${origin} --pages-only --host example.org`, 3, /about/],
  ['pagetree config nginx', 0, /secret/],
  ['pagetree rollback --list', 0, /1 .*live/],
  ['pagetree warm /about --dry-run --json', 0, /"present"|"stored"|dryRun/],
  ['pagetree purge /about --dry-run', 0, /^\/about: would be removed, 1 page/],
  ['cache-purge /about', 0, /^\/about: removed, 1 page/],
  ['cache-purge https://example.com/about', 2, /^$/],
  ['cache-purge /about --rewarm --dry-run', 0, /^\/about: would be fetched again, 1 page/],
];

it.each(lines)('%s', async (line, code, stdout) => {
  const [bin, ...args] = line.split(' ');
  const ran = await run(bin!, args, { cwd, env });
  // What a run tells on its way, and what is wrong in a line, stands there.
  const told = code === 2 || args[0] === 'warm' ? expect.any(String) : '';
  expect([ran.code, ran.stderr]).toEqual([code, told]);
  expect(ran.stdout).toMatch(stdout);
});

it('no command is left out of that table', () => {
  const named = Object.entries(commands).flatMap(([name, { flags }]) => ('config' in flags ? [name] : []));
  const tried = new Set(lines.map(([line]) => line.split(' ')[1]));
  expect(named.filter((name) => !tried.has(name))).toEqual([]);
});

it('is weaker than --config, and an empty one says nothing', async () => {
  writeFileSync(join(cwd, 'other.json'), JSON.stringify({ cacheDir: './other' }));
  const other = await run('pagetree', ['ls', '--config', 'other.json'], { cwd, env });
  expect(other.stderr).toContain(`${join(cwd, 'other')} does not exist`);
  for (const bin of ['pagetree ls', 'cache-purge']) {
    const [program, ...args] = bin.split(' ');
    const none = await run(program!, [...args, '/about'], { cwd, env: { PAGETREE_CONFIG: '' } });
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringContaining('Nothing says which cache folder is meant.'),
    ]);
    const missing = await run(program!, [...args, '/about'], { cwd, env: { PAGETREE_CONFIG: 'none.json' } });
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('there is no such file')]);
    const empty = await run(program!, [...args, '/about', '--config='], { cwd, env });
    expect([empty.code, empty.stderr.split('\n', 1)[0]]).toEqual([
      2,
      `${program}: --config must be a file; it is empty.`,
    ]);
  }
  expect(existsSync(join(cacheDir, 'about'))).toBe(true);
});
