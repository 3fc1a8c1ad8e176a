/** Each server in front of a tree that cache-warm made: the pages of the compat site, all of them with PAGETREE_LONG=1. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../support/ask.ts';
import { allPaths, somePaths } from '../support/compat-paths.ts';
import { cachePurge, cacheWarm, type Site, startSite } from '../support/processes.ts';
import { filesOf, temporaryFolder } from '../support/tree.ts';
import { type FrontEnd, kinds, startServer } from './servers.ts';

const paths = process.env.PAGETREE_LONG === '1' ? allPaths : somePaths;

describe('in front of the compat site', async () => {
  const folder = await temporaryFolder();
  const cacheDir = join(folder, 'cache');
  /** The site with the middleware on the tree, behind the servers. */
  let site: Site;
  const fronts = new Map<string, FrontEnd>();

  beforeAll(async () => {
    const plain = await startSite();
    try {
      const list = join(folder, 'urls.txt');
      await writeFile(list, paths.join('\n'));
      const { code, stderr } = await cacheWarm([
        ...[list, '--cache-dir', cacheDir, '--origin', plain.origin, '--compression', 'fast'],
      ]);
      if (code !== 0) throw new Error(stderr);
    } finally {
      await plain.stop();
    }
    site = await startSite({ cacheDir });
    for (const kind of kinds) {
      const options = ['--upstream', site.origin];
      fronts.set(kind.name, await startServer(kind, cacheDir, join(folder, kind.name), options));
    }
  }, 600_000);
  afterAll(async () => {
    for (const front of fronts.values()) await front.stop();
    await site?.stop();
  });

  describe.each(kinds)('$name', ({ name }) => {
    const asked = (path: string, headers: Record<string, string> = {}) =>
      ask(`http://127.0.0.1:${fronts.get(name)!.port}`, path, { headers });

    test('every page comes from the tree, as the middleware has it', async () => {
      for (const path of paths) {
        const [front, node] = await Promise.all([asked(path), site.ask(path)]);
        expect(front, path).toMatchObject({ status: 200, cacheStatus: `${name}; hit`, type: node.type });
        expect(node.cacheStatus, path).toBe('pagetree; hit');
        expect(front.body.equals(node.body), path).toBe(true);
        for (const field of ['last-modified', 'cache-control', 'vary'])
          expect(front.headers[field], path).toBe(node.headers[field]);
        if (name === 'nginx') expect(front.headers.etag, path).toBe(node.headers.etag);
      }
    }, 1_200_000);

    test('a client that takes gzip gets the variant that cache-warm made', async () => {
      const { headers, body } = await asked('/api/', { 'accept-encoding': 'gzip' });
      expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
      expect(gunzipSync(body).equals((await site.ask('/api/')).body)).toBe(true);
    });

    test('what is in the tree and is no page is never served', async () => {
      const files = await filesOf(cacheDir);
      const inside = files.filter((file) => file.startsWith('.pagetree/')).slice(0, 10);
      const others = files.filter((file) => /\.(?:gz|br)$|__(?:index|page)\.html$/.test(file)).slice(0, 20);
      for (const file of [...inside, ...others, '.pagetree/tree.json', 'CACHEDIR.TAG']) {
        const answer = await asked(`/${file}`);
        expect(answer.status, file).toBe(404);
        expect(answer.cacheStatus, file).toMatch(/^pagetree; fwd=/);
      }
    });
  });

  // What is stored anew has another time for a moment: after everything else.
  describe.each(kinds)('$name', ({ name }) => {
    test('cache-purge is seen at the very next request', async () => {
      for (const path of ['/api/AbortSignal/abort_static', '/css/', '/api/AbortSignal.json']) {
        expect((await site.ask(path)).status).toBe(200);
        expect((await cachePurge([path, '--cache-dir', cacheDir])).code).toBe(0);
        expect((await ask(`http://127.0.0.1:${fronts.get(name)!.port}`, path)).cacheStatus).toBe(
          'pagetree; fwd=uri-miss; stored',
        );
      }
    });
  });
});
