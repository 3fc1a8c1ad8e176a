/** The main job on a real site, with real processes: warm, serve, purge. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { somePaths } from '../support/compat-paths.ts';
import { cachePurge, cacheWarm, type Ended, type Site, startSite } from '../support/processes.ts';
import { leftovers, pagesOf, placesFor, temporaryFolder } from '../support/tree.ts';

const HIT = 'pagetree; hit';
const STORED = 'pagetree; fwd=uri-miss; stored';

const folder = await temporaryFolder();
const cacheDir = join(folder, 'cache');
const list = join(folder, 'urls.txt');
const places = placesFor(somePaths);
/** The application alone: what it answers is the truth. */
let plain: Site;
let cached: Site;
let warmed: Ended;

beforeAll(async () => {
  await writeFile(list, `# pages of every kind\n\n${somePaths.join('\n')}\n`);
  plain = await startSite();
  warmed = await cacheWarm([list, '--cache-dir', cacheDir, '--origin', plain.origin, '--variants', 'none']);
  cached = await startSite({ cacheDir });
});

afterAll(async () => {
  await plain?.stop();
  await cached?.stop();
});

/** A page is stored after its visitor has it: asks until it is a hit. */
async function untilHit(path: string) {
  for (let tries = 0; ; tries += 1) {
    const answer = await cached.ask(path);
    if (answer.cacheStatus === HIT || tries === 100) return answer;
    await sleep(20);
  }
}

describe('cache-warm', () => {
  test('stores every page of the list, says so, and ends with 0', () => {
    expect(warmed).toMatchObject({ code: 0, signal: null });
    expect(warmed.stdout).toMatch(new RegExp(`stored +${places.size} `));
  });

  test('the files of the tree are the URLs of the site, and nothing else', async () => {
    expect(places.size).toBeGreaterThan(250);
    expect(await pagesOf(cacheDir)).toEqual([...places.values()].sort());
    expect(await leftovers(cacheDir)).toEqual([]);
  });

  test('a path with pages below it is a file in its own folder', () => {
    expect(places.get('/api/AbortController')).toBe('api/AbortController/__page.html');
    expect(places.get('/api/AbortController/abort')).toBe('api/AbortController/abort/__page.html');
    expect(places.get('/api/AbortController/signal')).toBe('api/AbortController/signal');
  });

  test('each file is byte for byte what the application answers', async () => {
    for (const [path, place] of places) {
      // It names the host that asked, and the warmer asked the same one.
      const { body, status } = await plain.ask(path);
      expect(status).toBe(200);
      expect(body.equals(await readFile(join(cacheDir, place))), path).toBe(true);
    }
  });

  test('a second run fetches nothing and ends with 0', async () => {
    const again = await cacheWarm([list, '--cache-dir', cacheDir, '--origin', plain.origin, '--json']);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ stored: 0, present: places.size, failed: 0 });
  });
});

describe('the site with the middleware on the warmed tree', () => {
  test('answers every page from the tree, with the type and the bytes of the application', async () => {
    for (const path of places.keys()) {
      const [hit, truth] = [await cached.ask(path), await plain.ask(path)];
      expect(hit.cacheStatus, path).toBe(HIT);
      expect(hit.status).toBe(200);
      expect(hit.type?.toLowerCase(), path).toBe(truth.type?.toLowerCase());
      // robots.txt names the host, and the warmed copy is that of the host it was warmed from.
      if (path !== '/robots.txt') expect(hit.body.equals(truth.body), path).toBe(true);
    }
  });

  test('a page that the middleware stored is the same file, and is there for the warmer', async () => {
    const path = '/api/AbortSignal/abort_event';
    const file = join(cacheDir, places.get(path)!);
    const byWarmer = await readFile(file);
    await rm(file);
    expect((await cached.ask(path)).cacheStatus).toBe(STORED);
    expect((await untilHit(path)).cacheStatus).toBe(HIT);
    expect((await readFile(file)).equals(byWarmer)).toBe(true);

    const args = ['-', '--cache-dir', cacheDir, '--origin', plain.origin, '--json'];
    const warm = await cacheWarm(args, { stdin: `${path}\n` });
    expect(JSON.parse(warm.stdout)).toMatchObject({ stored: 0, present: 1 });
  });

  test('the warmer refreshes the tree through the site itself, without getting its own pages back', async () => {
    const path = '/api/AbortSignal/timeout_static';
    const file = join(cacheDir, places.get(path)!);
    await writeFile(file, '<!doctype html><title>by hand</title>');
    expect(`${(await cached.ask(path)).body}`).toContain('by hand');
    const args = ['-', '--cache-dir', cacheDir, '--origin', cached.origin, '--refresh'];
    expect((await cacheWarm(args, { stdin: `${path}\n` })).code).toBe(0);
    expect((await readFile(file)).equals((await plain.ask(path)).body)).toBe(true);
  });

  test('a query is never answered from the tree and never stored', async () => {
    const before = await pagesOf(cacheDir);
    for (const path of ['/api/?', '/api/?x=1', '/search?q=grid', '/css/properties/grid?']) {
      const first = await cached.ask(path);
      expect(first.status).toBe(200);
      expect(first.cacheStatus).toBe('pagetree; fwd=bypass; detail=query');
      expect((await cached.ask(path)).cacheStatus).toBe(first.cacheStatus);
    }
    expect(await pagesOf(cacheDir)).toEqual(before);
  });

  test('a request with Authorization or another method goes past the tree', async () => {
    const signedIn = await cached.ask('/api/', { headers: { authorization: 'Basic YTpi' } });
    expect(signedIn.cacheStatus).toBe('pagetree; fwd=bypass; detail=authorization');
    const posted = await cached.ask('/api/', { method: 'POST' });
    expect(posted).toMatchObject({ status: 405, cacheStatus: 'pagetree; fwd=method' });
  });
});

describe('purging', () => {
  test('cache-purge: one page is gone at the next request and comes back; its neighbours stay', async () => {
    const path = '/api/AbortController';
    const purged = await cachePurge([path, '--cache-dir', cacheDir]);
    expect(purged).toMatchObject({ code: 0, stderr: '' });
    expect(purged.stdout).toContain('1 page');
    expect((await cached.ask('/api/AbortController/abort')).cacheStatus).toBe(HIT);
    expect((await cached.ask('/api/AbortController.json')).cacheStatus).toBe(HIT);
    expect((await cached.ask(path)).cacheStatus).toBe(STORED);
    const back = await untilHit(path);
    expect(back.body.equals((await plain.ask(path)).body)).toBe(true);
  });

  test('cache-purge -r: what is below a path goes with it, and nothing beside it', async () => {
    const below = [...places.keys()].filter((path) => /^\/css\/properties\/grid-template(\/|$)/.test(path));
    expect(below.length).toBeGreaterThan(1);
    const purged = await cachePurge(['-r', '/css/properties/grid-template', '--cache-dir', cacheDir]);
    expect(purged.code).toBe(0);
    expect(purged.stdout).toContain(`${below.length} pages`);
    const left = await pagesOf(cacheDir);
    for (const path of below) expect(left).not.toContain(places.get(path));
    expect(left).toContain(places.get('/css/properties/grid-template.json'));
    for (const path of below) expect((await cached.ask(path)).cacheStatus, path).toBe(STORED);
    for (const path of below) expect((await untilHit(path)).cacheStatus, path).toBe(HIT);
  });

  test('rm is a purge, too', async () => {
    const path = '/api/AbortController/signal';
    await rm(join(cacheDir, places.get(path)!));
    expect((await cached.ask(path)).cacheStatus).toBe(STORED);
    expect((await untilHit(path)).cacheStatus).toBe(HIT);
  });

  test('afterwards the tree is what it was, and no temporary file is left', async () => {
    // The middleware makes variants of what it stores, which the warmer was told to leave out.
    const pages = (await pagesOf(cacheDir)).filter((file) => !/\.(gz|br)$/.test(file));
    expect(pages).toEqual([...places.values()].sort());
    expect(await leftovers(cacheDir)).toEqual([]);
  });
});

describe('pages that may not be stored', () => {
  const refused = {
    '/hello': 'set-cookie',
    '/account': 'cache-control',
    '/private': 'status',
    '/no/such/page': 'status',
    '/latest': 'status',
    '/search?q=grid': 'query',
  };

  test('cache-warm stores the others, names each with its reason, and ends with 3', async () => {
    const fresh = join(folder, 'refusing');
    const report = join(folder, 'report.json');
    const args = ['-', '--cache-dir', fresh, '--origin', plain.origin, '--variants', 'none'];
    const run = await cacheWarm([...args, '--report', report, '--json'], {
      stdin: ['/api/', ...Object.keys(refused), ''].join('\n'),
    });
    expect(run.code).toBe(3);
    expect(JSON.parse(run.stdout)).toMatchObject({ stored: 1, exitCode: 3 });
    const { notStored: told } = JSON.parse(await readFile(report, 'utf8')) as {
      notStored: { url: string; reason: string }[];
    };
    const reasons = Object.fromEntries(
      told.map(({ url, reason }) => [url.slice(plain.origin.length), reason]),
    );
    // cache-warm names redirects apart: they may be followed.
    expect(reasons).toEqual({ ...refused, '/latest': 'redirect' });
    for (const path of Object.keys(refused)) expect(run.stderr).toContain(path);
    expect(await pagesOf(fresh)).toEqual(['api/__index.html']);
    expect(await leftovers(fresh)).toEqual([]);
  });

  test.each(Object.entries(refused))(
    'the middleware passes %s on each time and says: %s',
    async (path, reason) => {
      const before = await pagesOf(cacheDir);
      for (const _ of [1, 2]) {
        expect((await cached.ask(path)).cacheStatus).toMatch(
          new RegExp(`^pagetree; fwd=(uri-miss|bypass); detail=${reason}$`),
        );
      }
      expect(await pagesOf(cacheDir)).toEqual(before);
    },
  );
});
