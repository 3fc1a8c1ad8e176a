/** A tree that is published behind nginx, Apache and Caddy, each with the configuration that `pagetree config` prints. */
import { realpathSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kinds, startServer } from '../front-end/servers.ts';
import { ask } from '../support/ask.ts';
import { hasProgram } from '../support/nginx.ts';
import { binOf, cacheWarm, runNode } from '../support/processes.ts';
import { temporaryFolder } from '../support/tree.ts';

const folder = realpathSync(await temporaryFolder());
const paths = ['/', '/about', '/blog', '/blog/', '/blog/one', '/style.css', '/data.json', '/caf%C3%A9'];
const versions = { nginx: ['nginx', '-v'], apache: ['apache2', '-v'], caddy: ['caddy', 'version'] } as const;

let edition = 1;
const site = createServer(({ url = '' }, response) => {
  const type = url.endsWith('.css')
    ? 'text/css; charset=utf-8'
    : url.endsWith('.json')
      ? 'application/json'
      : 'text/html; charset=utf-8';
  response.setHeader('content-type', type);
  response.end(`"Edition ${edition} of ${url}"`.repeat(100));
});
let origin: string;

beforeAll(async () => {
  // Apache does not run as root, and a temporary folder is for its owner alone.
  await chmod(folder, 0o755);
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
});
afterAll(() => {
  site.closeAllConnections();
  site.close();
});

describe.each(kinds)('behind $name', (kind) => {
  const [program, version] = versions[kind.name];
  test.runIf(hasProgram(program, version))(
    'every page is served as it is stored, before and after a switch',
    async () => {
      const work = join(folder, kind.name);
      const cacheDir = join(work, 'cache');
      await mkdir(work, { mode: 0o755 });
      await writeFile(join(work, 'urls.txt'), `${paths.join('\n')}\n`);
      const publish = (...more: readonly string[]) =>
        cacheWarm([
          join(work, 'urls.txt'),
          '--cache-dir',
          cacheDir,
          '--origin',
          origin,
          '--publish',
          '--json',
          ...more,
        ]);
      edition = 1;
      expect(JSON.parse((await publish()).stdout)).toMatchObject({ published: { tree: 1 } });
      const server = await startServer(kind, cacheDir, join(work, 'server'), ['--static']);
      try {
        expect(server.configuration).toContain(cacheDir);
        expect(server.configuration).not.toContain('cache.releases');
        const address = `http://127.0.0.1:${server.port}`;
        const shown = async () => /Edition (\d)/.exec(String((await ask(address, '/blog')).body))?.[1];
        expect(await shown()).toBe('1');
        edition = 2;
        const second = await publish('--verify', address);
        expect(second.stderr).toBe('');
        expect(JSON.parse(second.stdout)).toMatchObject({
          published: { tree: 2, previous: 1 },
          verified: { pages: paths.length, differ: 0, unused: {}, complete: true },
        });
        expect(await shown()).toBe('2');
        expect((await runNode(binOf('pagetree'), ['rollback', '--cache-dir', cacheDir])).code).toBe(0);
        expect(await shown()).toBe('1');
      } finally {
        await server.stop();
      }
    },
    30_000,
  );
});
