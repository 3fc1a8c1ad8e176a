/** The commands on the tree of a real site with more than ten thousand pages, at rest and while it is filled and purged. */

import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allPaths } from '../support/compat-paths.ts';
import { binOf, cacheWarm, type Ended, runNode, type Site, start, startSite } from '../support/processes.ts';
import { leftovers, pagesOf, placesFor, temporaryFolder } from '../support/tree.ts';

const HIT = 'pagetree; hit';
const LONG = 600_000;
/** How often each command runs while the site fills its tree. */
const RUNS = 2;

const folder = await temporaryFolder();
const cacheDir = join(folder, 'cache');
/** A quarter of the site, from all of it, and one section whole: more than ten thousand pages. */
const paths = allPaths.filter(
  (path, at) => at % 4 === 0 || path.endsWith('/') || path.startsWith('/css/selectors/'),
);
const places = placesFor(paths);
/** A page that others purge while the site stores it. */
const purged = '/api/AbortController';
let site: Site;

const pagetree = (...args: string[]): Promise<Ended> =>
  runNode(binOf('pagetree'), [...args, '--cache-dir', cacheDir], { cwd: folder });

/** Asks the site for pages as eight visitors do, each for the next one, until they have seen enough. */
async function visit(asked: Iterable<string>, enough: () => boolean): Promise<void> {
  const next = asked[Symbol.iterator]();
  const visitor = async () => {
    for (let one = next.next(); one.done !== true && !enough(); one = next.next()) {
      expect((await site.ask(one.value)).status, one.value).toBe(200);
    }
  };
  await Promise.all(Array.from({ length: 8 }, visitor));
}

/** Stores every page of the site that is not there yet. Some have variants from the site itself: that is enough of them. */
async function fill(): Promise<void> {
  const list = join(folder, 'urls.txt');
  await writeFile(list, paths.join('\n'));
  const cheap = ['--variants', 'none', '--durability', 'none'];
  const args = [list, '--cache-dir', cacheDir, '--origin', site.origin, ...cheap];
  const { code, stderr } = await cacheWarm(args);
  if (code !== 0) throw new Error(stderr);
}

beforeAll(async () => {
  site = await startSite({ cacheDir });
}, LONG);

afterAll(() => site?.stop());

describe('while the site fills its tree and others purge it', () => {
  test('every command works, and verify blames no page that is being made', { timeout: LONG }, async () => {
    const commands = [
      ['verify', '--ndjson'],
      ['purge', '/api/A**'],
      ['ls', '--ndjson'],
      ['stats'],
      ['sweep'],
      ['top', '--json'],
      ['why', purged, '--json'],
      ['cat', purged],
      ['verify', '--fix', '--ndjson'],
    ];
    const body = (await site.ask(purged)).body.toString();
    const runs = new Map(commands.map((args) => [args, 0]));
    const enough = () => [...runs.values()].every((times) => times >= RUNS);
    const problems: unknown[] = [];
    const runOnce = async (args: string[]) => {
      const { code, stdout, stderr } = await pagetree(...args);
      const blamed = args[0] === 'verify' ? blamedIn(stdout) : [];
      // A page that is purged all the time is there whole, or not at all.
      const isMissing = args[0] === 'cat' && code === 3 && stderr === `${purged} is not stored.\n`;
      const isTorn = args[0] === 'cat' && stdout !== (isMissing ? '' : body);
      const isWrong = stderr !== '' || isTorn || (code !== 0 && args[0] !== 'verify');
      if ((isWrong && !isMissing) || isTorn || blamed.length > 0) problems.push([args, code, blamed, stderr]);
      // What ran when nothing was filled any more proves nothing.
      if (filling) runs.set(args, runs.get(args)! + 1);
    };
    const named = (...names: string[]) => commands.filter(([name]) => names.includes(name!));
    let filling = true;
    const visits = visit(paths, enough).finally(() => {
      filling = false;
    });
    const line = async (own: string[][]) => {
      while (filling) for (const args of own) if (filling) await runOnce(args);
    };
    await Promise.all([
      visits,
      line(named('verify')),
      line(named('purge', 'why', 'cat')),
      line(named('ls', 'stats', 'sweep', 'top')),
    ]);
    expect(enough(), JSON.stringify([...runs])).toBe(true);
    expect(problems).toEqual([]);
  });

  /** Meta of a page that a purge overtook stands there until its fill has removed it, and nobody holds the key any more then. */
  function blamedIn(findings: string): string[] {
    return findings.split('\n').filter((line) => line !== '' && JSON.parse(line).fault !== 'orphan-meta');
  }
});

describe('at rest', () => {
  beforeAll(fill, LONG);

  test('ls names every page of the site, in every form', { timeout: LONG }, async () => {
    expect(paths.length).toBeGreaterThan(10_000);
    const plain = (await pagetree('ls', '--plain')).stdout.split('\n').slice(0, -1);
    expect(plain.sort()).toEqual([...paths].sort());
    const document = JSON.parse((await pagetree('ls', '--json')).stdout);
    const listed = document.pages.map(({ key, place }: { key: string; place: string }) => [key, place]);
    expect(new Map(listed.sort())).toEqual(new Map([...places].sort()));
    const rows = (await pagetree('ls', '--ndjson', '--glob', '/api/**')).stdout.trim().split('\n');
    expect(rows.length).toBe(paths.filter((path) => path.startsWith('/api/')).length);
    const table = (await pagetree('ls')).stdout.split('\n');
    expect(table.length).toBe(paths.length + 3);
  });

  test('stats counts what is on the disk', async () => {
    const files = await pagesOf(cacheDir);
    const stats = JSON.parse((await pagetree('stats', '--json')).stdout);
    expect(stats.pages).toBe(paths.length);
    expect(stats.pages + stats.variants + stats.others).toBe(files.length);
    expect(stats.others).toBe(0);
    expect(stats.savings.br.pages).toBe(files.filter((file) => file.endsWith('.br')).length);
  });

  test('verify is silent, and sweep finds nothing', { timeout: LONG }, async () => {
    expect(await pagetree('verify')).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    expect((await pagetree('sweep')).stdout).toBe(`Nothing to sweep in ${cacheDir}.\n`);
    expect(await leftovers(cacheDir)).toEqual([]);
  });

  test('why tells of the tree what the site does', async () => {
    const { stdout } = await pagetree('why', '/', '--origin', site.origin, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      bypass: null,
      stored: { by: 'middleware' },
      frontEnd: { served: true },
      site: { status: 200, cacheStatus: HIT },
    });
    const query = JSON.parse((await pagetree('why', '/?q=a', '--origin', site.origin, '--json')).stdout);
    expect(query).toMatchObject({ bypass: { reason: 'query' }, site: { reason: 'query' } });
  });

  test('cat prints what the site answers', { timeout: LONG }, async () => {
    for (const path of paths.filter((_, at) => at % 3000 === 0)) {
      const answer = await site.ask(path);
      expect(answer.cacheStatus).toBe(HIT);
      expect((await pagetree('cat', path)).stdout, path).toBe(answer.body.toString());
      const head = (await pagetree('cat', path, '--head')).stdout;
      for (const name of [
        'content-type',
        'content-length',
        'etag',
        'last-modified',
        'cache-control',
        'vary',
      ]) {
        const value = answer.headers[name];
        expect(head, path).toContain(value === undefined ? '' : `${name}: ${value}\n`);
      }
    }
  });

  test('config tells each web server of it', { timeout: LONG }, async () => {
    for (const server of ['nginx', 'apache', 'caddy']) {
      const { code, stdout, stderr } = await pagetree('config', server);
      expect([server, code, stderr]).toEqual([server, 0, '']);
      expect(stdout).toContain(cacheDir);
    }
    // No static host finds a page in a file of its own name.
    expect(await pagetree('config', 'static')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^pagetree: layout: /),
    });
  });

  test('check finds that the site answers as its middleware does', { timeout: LONG }, async () => {
    const { code, stdout, stderr } = await pagetree('check', site.origin, '--sample', '300', '--json');
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ exitCode: 0 });
    expect((await pagetree('ls', '--plain', '/pagetree-check-*/**')).stdout).toBe('');
  });

  test('rollback goes back to the tree before, and says so where there is none', {
    timeout: LONG,
  }, async () => {
    const alone = await pagetree('rollback');
    expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining(cacheDir)]);
    const link = join(folder, 'public');
    await mkdir(`${link}.releases`);
    // The same files under other names: two trees in no time.
    for (const tree of ['1', '2']) {
      expect((await start('cp', ['-al', cacheDir, `${link}.releases/${tree}`]).ended).code).toBe(0);
    }
    await symlink('public.releases/2', link);
    const { code, stdout } = await runNode(binOf('pagetree'), ['rollback', '--cache-dir', link]);
    expect([code, stdout]).toEqual([0, `${link} leads to tree 1 now; it was 2.\n`]);
    const listed = await runNode(binOf('pagetree'), ['ls', '--plain', '--cache-dir', link]);
    expect(listed.stdout.split('\n').slice(0, -1).sort()).toEqual([...paths].sort());
    await rm(`${link}.releases`, { recursive: true });
  });

  test.each(['bash', 'zsh', 'fish'])('completion prints a script for %s, wherever it runs', async (shell) => {
    const ran = await runNode(binOf('pagetree'), ['completion', shell], { cwd: cacheDir });
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    for (const command of ['rollback', 'verify', 'cache-warm']) expect(ran.stdout).toContain(command);
  });

  test('a purge by glob takes what ls names, and the site sees it at the next request', {
    timeout: LONG,
  }, async () => {
    const named = (await pagetree('ls', '--plain', '/css/selectors/**')).stdout.split('\n').slice(0, -1);
    expect(named.length).toBeGreaterThan(100);
    const purged = await pagetree('purge', '/css/selectors/**', '--json');
    expect(JSON.parse(purged.stdout).pages).toBe(named.length);
    expect((await pagetree('ls', '/css/selectors/**')).stdout).toBe(`No page was found in ${cacheDir}.\n`);
    expect((await site.ask(named[0]!)).cacheStatus).not.toBe(HIT);
  });
});
