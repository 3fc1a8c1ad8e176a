/** Trees that are published: what a web server and a running application see of a switch, and what kills leave. */
import { existsSync, readdirSync, readlinkSync, realpathSync, watch } from 'node:fs';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createPageCache } from '@pagetree/core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type FrontEnd, hasProgram, startNginx } from '../support/nginx.ts';
import { binOf, cachePurge, cacheWarm, type Ended, runNode, start } from '../support/processes.ts';
import { leftovers, pagesOf, temporaryFolder } from '../support/tree.ts';

const folder = realpathSync(await temporaryFolder());
const list = join(folder, 'urls.txt');
const paths = Array.from({ length: 120 }, (_, at) => (at % 7 === 0 ? `/s/${at}/` : `/s/${at}`));

/** What the site says at the moment. */
let edition = 1;
let asked = 0;
let onAsked = () => {};
/** Waited for before an answer. */
let gate = async () => {};
const bodyOf = (path: string, which = edition) =>
  `<!doctype html><title>${path}</title>${`<p>Edition ${which} of ${path}</p>`.repeat(20)}`;
const site = createServer(async (request, response) => {
  asked += 1;
  onAsked();
  const body = bodyOf(request.url!);
  await gate();
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-length': Buffer.byteLength(body) };
  setTimeout(() => response.writeHead(200, headers).end(body), 1);
});
let origin: string;

beforeAll(async () => {
  await writeFile(list, `${paths.join('\n')}\n`);
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
});
afterAll(() => {
  site.closeAllConnections();
  site.close();
});

const argsFor = (cacheDir: string, more: readonly string[] = []) => [
  ...[list, '--cache-dir', cacheDir, '--origin', origin, '--publish', '--variants', 'gzip'],
  ...['--compression', 'fast', '--durability', 'none', '--quiet', '-c', '8', ...more],
];
const namesIn = (cacheDir: string) => readdirSync(`${cacheDir}.releases`).sort();

/** The edition of a tree, of which every page must be. */
async function editionOf(cacheDir: string): Promise<number> {
  const files = (await pagesOf(cacheDir)).filter((file) => !file.endsWith('.gz'));
  expect(files).toHaveLength(paths.length);
  const bodies = await Promise.all(files.map((file) => readFile(join(cacheDir, file), 'utf8')));
  const [, which] = /Edition (\d+)/.exec(bodies[0]!)!;
  const whole = new Set(paths.map((path) => bodyOf(path, Number(which))));
  for (const body of bodies) expect(whole.has(body)).toBe(true);
  return Number(which);
}

describe.skipIf(!hasProgram('nginx', '-v'))('behind nginx', () => {
  const cacheDir = join(folder, 'nginx', 'cache');
  let nginx: FrontEnd;

  beforeAll(async () => {
    edition = 1;
    await mkdir(join(folder, 'nginx'));
    expect((await cacheWarm(argsFor(cacheDir))).code).toBe(0);
    nginx = await startNginx({
      configuration: new URL('.', import.meta.url),
      root: cacheDir,
      upstream: 0,
      temp: join(folder, 'nginx', 'temp'),
    });
  });
  afterAll(() => nginx.stop());

  const shown = async (path: string) => {
    const { status, body } = await nginx.ask(path);
    return status === 200 ? Number(/Edition (\d+)/.exec(String(body))![1]) : status;
  };

  test('a switch and a rollback are seen by the next request', async () => {
    expect(await shown('/s/1')).toBe(1);
    edition = 2;
    expect((await cacheWarm(argsFor(cacheDir))).code).toBe(0);
    expect(await shown('/s/1')).toBe(2);
    const back = await runNode(binOf('pagetree'), ['rollback', '--cache-dir', cacheDir]);
    expect(back).toMatchObject({ code: 0, stdout: `${cacheDir} leads to tree 1 now; it was 2.\n` });
    expect(await shown('/s/1')).toBe(1);
    expect(await editionOf(cacheDir)).toBe(1);
  });

  test('a root that is a link is followed, unless every link is forbidden', async () => {
    expect(await shown('/s/1')).toBe(1);
    expect(await shown('/followed/s/1')).toBe(1);
    expect(await shown('/strict/s/1')).toBe(404);
    await symlink('1', join(cacheDir, 's/link'));
    expect(await shown('/followed/s/link')).toBe(1);
    expect(await shown('/s/link')).toBe(403);
    await rm(join(cacheDir, 's/link'));
  });

  test('--verify asks for every page, and names the one that was damaged', async () => {
    const server = nginx.origin;
    const index = paths.filter((path) => path.endsWith('/')).length;
    const whole = await cacheWarm(['--cache-dir', cacheDir, '--verify', server, '--json', '--quiet']);
    // This configuration does not know where pages of paths with a slash at the end are.
    expect(JSON.parse(whole.stdout).verified).toMatchObject({
      pages: paths.length,
      differ: index,
      complete: true,
    });
    await writeFile(join(cacheDir, 's/1.gz'), 'damaged');
    await rm(join(cacheDir, 's/2'));
    const damaged = await cacheWarm([
      '--cache-dir',
      cacheDir,
      '--verify',
      server,
      '--report',
      join(folder, 'r.json'),
    ]);
    expect(damaged.code).toBe(3);
    const { notStored: found } = JSON.parse(await readFile(join(folder, 'r.json'), 'utf8')) as {
      notStored: { url: string; reason: string }[];
    };
    expect(found.map(({ url }) => url)).toContain(`${server}/s/1`);
    expect(found.every(({ reason }) => reason === 'front-end')).toBe(true);
    expect(found).toHaveLength(index + 1);
  });
});

test('an open cache follows the link, and a purge by the command reaches whichever tree it has', async () => {
  const cacheDir = join(folder, 'open');
  edition = 1;
  expect((await cacheWarm(argsFor(cacheDir))).code).toBe(0);
  const running = createPageCache({ cacheDir, coalesce: false });
  const editionFor = async (cache: typeof running) => {
    const found = await cache.lookup({ method: 'GET', target: '/s/1', headers: {} });
    if (found.kind !== 'hit') return found.kind === 'miss' ? found.ticket?.abandon('closed') : found.kind;
    const body = await (await found.page.body())!.bytes();
    await found.page.close();
    return Number(/Edition (\d+)/.exec(body.toString())![1]);
  };
  edition = 2;
  expect((await cacheWarm(argsFor(cacheDir))).code).toBe(0);
  const started = createPageCache({ cacheDir, coalesce: false });
  await vi.waitFor(async () => expect(await editionFor(running)).toBe(2), { timeout: 10_000 });
  expect(await editionFor(started)).toBe(2);
  expect((await cachePurge(['/s/1', '--cache-dir', cacheDir])).code).toBe(0);
  expect([await editionFor(running), await editionFor(started)]).toEqual([undefined, undefined]);
  // The one before has lost the page as well: a rollback does not bring it back.
  expect(namesIn(cacheDir)).toEqual(['1', '2']);
  expect(existsSync(`${cacheDir}.releases/1/s/1`)).toBe(false);
  expect(existsSync(`${cacheDir}.releases/1/s/2`)).toBe(true);
  edition = 3;
  expect((await cacheWarm(argsFor(cacheDir, ['--keep', '0']))).code).toBe(0);
  await vi.waitFor(async () => expect(await editionFor(running)).toBe(3), { timeout: 10_000 });
  await Promise.all([running.close(), started.close()]);
  expect(namesIn(cacheDir)).toEqual(['3']);
});

test('an application that is started for the run opens the link, and steps aside', async () => {
  const work = join(folder, 'started');
  await mkdir(work);
  const middleware = new URL('../../packages/middleware/dist/index.js', import.meta.url).href;
  const program = `
    import { createServer } from 'node:http';
    import { withPageCache } from '${middleware}';
    const site = (req, res) => {
      res.setHeader('content-type', 'text/html; charset=utf-8');
      res.end(process.env.EDITION + ' of ' + req.url);
    };
    createServer(withPageCache({ cacheDir: 'cache' }, site)).listen(Number(process.env.PORT), '127.0.0.1');`;
  await writeFile(join(work, 'server.mjs'), program);
  await writeFile(join(work, 'urls.txt'), '/a\n/b/\n');
  const exec = `${JSON.stringify(process.execPath)} server.mjs`;
  const publish = (EDITION: string) =>
    cacheWarm(['urls.txt', '--cache-dir', 'cache', '--publish', '--exec', exec], {
      cwd: work,
      env: { ...process.env, EDITION },
    });
  expect(await publish('first')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('\nPublished as tree 2.\n'),
  });
  expect(namesIn(join(work, 'cache'))).toEqual(['2']);
  expect(await readFile(join(work, 'cache/a'), 'utf8')).toBe('first of /a');
  expect(await publish('second')).toMatchObject({ code: 0 });
  expect(await readFile(join(work, 'cache/a'), 'utf8')).toBe('second of /a');
  expect(namesIn(join(work, 'cache'))).toEqual(['2', '3']);
});

test.each([
  ['a page', ['/s/1'], 1],
  ['what is below a path', ['-r', '/s/'], 120],
  ['a glob', ['/s/**'], 120],
  ['everything', ['--all', '--yes'], 120],
] as const)(
  'a purge of %s by the command is about the tree that is being made, too',
  async (name, args, fewest) => {
    const cacheDir = join(folder, `purged-${name.replaceAll(' ', '-')}`);
    edition = 1;
    expect((await cacheWarm(argsFor(cacheDir))).code).toBe(0);
    // The site changes when half of it was fetched, and says so by a purge; then the publisher may go on.
    const stale = paths.slice(0, 60);
    let held: (() => void) | undefined;
    let release = () => {};
    const purged = new Promise<void>((resolve) => {
      release = resolve;
    });
    let answered = 0;
    const half = new Promise<void>((resolve) => {
      held = resolve;
    });
    gate = async () => {
      answered += 1;
      if (answered === stale.length) held!();
      if (answered > stale.length) await purged;
    };
    const publishing = cacheWarm(argsFor(cacheDir, ['--max-shrink', '100%']));
    await half;
    edition = 2;
    expect((await cachePurge([...args, '--cache-dir', cacheDir])).code).toBe(0);
    release();
    expect((await publishing).code).toBe(0);
    gate = async () => {};
    const files = (await pagesOf(cacheDir)).filter((file) => !file.endsWith('.gz'));
    const bodies = await Promise.all(files.map((file) => readFile(join(cacheDir, file), 'utf8')));
    const old = bodies.filter((body) => body.includes('Edition 1'));
    expect(old.length).toBeLessThanOrEqual(paths.length - fewest);
    expect(bodies.some((body) => body.includes('Edition 1 of /s/1<'))).toBe(false);
  },
  30_000,
);

describe('ended at any moment', () => {
  /** Runs the command and ends it when the site was asked so often, and a little later. */
  async function endedBy(signal: NodeJS.Signals, args: readonly string[], after: number): Promise<Ended> {
    const program = start(process.execPath, [binOf('cache-warm'), ...args]);
    let count = 0;
    onAsked = () => {
      count += 1;
      if (count === after) program.process.kill(signal);
    };
    const ended = await program.ended;
    onAsked = () => {};
    return ended;
  }

  /** Runs the command and kills it at an event in the folder of trees: locks, switches, removals. */
  async function killedAt(event: number, cacheDir: string, args: readonly string[]): Promise<Ended> {
    const program = start(process.execPath, [binOf('cache-warm'), ...args]);
    let count = 0;
    const watcher = watch(`${cacheDir}.releases`, () => {
      count += 1;
      if (count === event) program.process.kill('SIGKILL');
    });
    const ended = await program.ended;
    watcher.close();
    return ended;
  }

  test.each([
    ['SIGKILL', null],
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)(
    'by %s while it fetches, the same command goes on',
    async (signal, code) => {
      const cacheDir = join(folder, `fetching-${signal}`);
      edition = 1;
      expect((await cacheWarm(argsFor(cacheDir))).code).toBe(0);
      edition = 2;
      asked = 0;
      for (const after of [20, 45]) {
        expect((await endedBy(signal, argsFor(cacheDir), after)).code).toBe(code);
        expect(readlinkSync(cacheDir)).toBe(`fetching-${signal}.releases/1`);
        expect(await editionOf(cacheDir)).toBe(1);
      }
      const last = await cacheWarm(argsFor(cacheDir));
      expect(last).toMatchObject({ code: 0, stderr: '' });
      expect(await editionOf(cacheDir)).toBe(2);
      // What a drained run began, it also stored; a kill takes what was under way, and the lines of the journal.
      expect(asked - paths.length).toBeLessThanOrEqual(signal === 'SIGKILL' ? 65 + 2 * 16 : 0);
      expect(namesIn(cacheDir)).toHaveLength(2);
      expect((await pagesOf(join(cacheDir, '.pagetree', 'journal')).catch(() => [])).length).toBe(0);
      if (signal !== 'SIGKILL') expect(await leftovers(cacheDir)).toEqual([]);
    },
    60_000,
  );

  test('by SIGKILL while it locks, switches and removes, the link leads to a whole tree', async () => {
    const cacheDir = join(folder, 'switching');
    edition = 10;
    expect((await cacheWarm(argsFor(cacheDir))).code).toBe(0);
    let killed = 0;
    for (let event = 1; event <= 22; event += 3) {
      edition += 1;
      const before = await editionOf(cacheDir);
      const ended = await killedAt(event, cacheDir, argsFor(cacheDir));
      if (ended.signal === 'SIGKILL') killed += 1;
      expect([before, edition]).toContain(await editionOf(cacheDir));
      if (ended.signal !== 'SIGKILL') break;
    }
    expect(killed).toBeGreaterThan(3);
    edition += 1;
    expect((await cacheWarm(argsFor(cacheDir, ['--restart']))).code).toBe(0);
    expect(await editionOf(cacheDir)).toBe(edition);
    expect(existsSync(`${cacheDir}.releases/build.lock`)).toBe(false);
    expect(namesIn(cacheDir).filter((name) => !/^\d+$/.test(name))).toEqual([]);
    expect(namesIn(cacheDir).length).toBeLessThanOrEqual(2);
  }, 120_000);
});
