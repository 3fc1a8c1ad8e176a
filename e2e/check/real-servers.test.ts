/**
 * `pagetree check` against the real servers: with the configuration that `pagetree config` prints it finds nothing, and with that
 * of nginx changed for the worse it finds what was changed.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { storeAll } from '../../packages/warm/test/tree/trees.ts';
import { type FrontEnd, type Kind, kinds, startServer } from '../front-end/servers.ts';
import { hasProgram } from '../support/nginx.ts';
import { binOf, type Ended, runNode, type Site, startSite } from '../support/processes.ts';
import { temporaryFolder } from '../support/tree.ts';

const nginx = kinds.find(({ name }) => name === 'nginx')!;

/** A text of the configuration, and what somebody made of it. */
type Change = readonly [from: string | RegExp, to: string];

/** The same server, with its configuration changed. */
function worse(changes: readonly Change[]): Kind {
  return {
    ...nginx,
    setUp: async (generated, folder) => {
      let text = await readFile(generated, 'utf8');
      for (const [from, to] of changes) {
        const changed = text.replace(from, to);
        if (changed === text) throw new Error(`there is no ${from} in the configuration`);
        text = changed;
      }
      await writeFile(generated, text);
      return nginx.setUp(generated, folder);
    },
  };
}

/** A map that says yes to everything. */
const yes = (name: string): Change => [
  new RegExp(`(\\$${name} \\{)[^}]*(?:\\{[^}]*\\}[^}]*)*\\n\\}`),
  '$1\n  default 1;\n}',
];

const areThere = hasProgram('nginx', '-v') && hasProgram('apache2', '-v') && hasProgram('caddy', 'version');

describe.runIf(areThere)('pagetree check', async () => {
  const folder = await temporaryFolder();
  const cacheDir = join(folder, 'cache');
  let site: Site;
  let runs = 0;

  beforeAll(async () => {
    await storeAll(cacheDir);
    site = await startSite({ cacheDir });
  });
  afterAll(() => site?.stop());

  async function check(kind: Kind, options: readonly string[], ...args: string[]): Promise<Ended> {
    runs += 1;
    let server: FrontEnd | undefined;
    try {
      server = await startServer(kind, cacheDir, join(folder, `${runs}`), options);
      const origin = `http://127.0.0.1:${server.port}`;
      return await runNode(binOf('pagetree'), ['check', origin, '--cache-dir', cacheDir, ...args]);
    } finally {
      await server?.stop();
    }
  }

  test.each(kinds)('finds nothing in the configuration that is generated for $name', async (kind) => {
    const { code, stdout, stderr } = await check(kind, ['--upstream', site.origin], '--origin', site.origin);
    expect([code, stderr], stdout).toEqual([0, '']);
    expect(stdout).toMatch(/^\d+ questions, 8 stored pages: the same as the middleware\.\n/);
    expect(stdout).not.toContain('came from the application');
  });

  test.each(kinds)('finds nothing in that for a site without an application: $name', async (kind) => {
    const { code, stdout, stderr } = await check(kind, ['--static'], '--static');
    expect([code, stderr], stdout).toEqual([0, '']);
  });

  test.each<[string, readonly Change[], readonly string[]]>([
    [
      'keeps files open, follows links and does not look at cookies',
      [
        ['open_file_cache off;', 'open_file_cache max=99 inactive=9m;'],
        [/disable_symlinks on .*/g, ''],
        yes('pagetree_cookies'),
      ],
      ['open_file_cache off', 'disable_symlinks', 'map $pagetree_cookies'],
    ],
    [
      'says neither Cache-Control nor Vary, and does not look at headers',
      [[/add_header Cache-Control .*/g, ''], [/add_header Vary .*/g, ''], yes('pagetree_plain')],
      ['add_header Cache-Control', 'add_header Vary', 'headers that tell who', 'answer something else'],
    ],
    [
      'lets browsers keep pages, does not know types and serves files by their names',
      [
        [/(add_header Cache-Control .*)/g, '$1 expires 1h;'],
        [/default_type .*;\n *charset/, 'default_type text/plain;\n charset'],
        yes('pagetree_named'),
      ],
      ['no expires', 'default_type', '$pagetree_named (page files, variants)'],
    ],
    [
      'takes any spelling and any query',
      [yes('pagetree_spelt')],
      ['$args and $is_args do not see', 'nginx decodes and folds $uri'],
    ],
  ])('finds one that %s', async (_, changes, where) => {
    const { code, stdout, stderr } = await check(worse(changes), ['--upstream', site.origin]);
    expect([code, stderr], stdout).toEqual([3, '']);
    for (const setting of where) expect(stdout).toContain(setting);
  });

  test('sees that one knows no tree: it always asks the application, which is right and slow', async () => {
    const kind = worse([['set $pagetree_page $pagetree_file;', 'set $pagetree_page "";']]);
    const { code, stdout } = await check(kind, ['--upstream', site.origin]);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain('8 pages came from the application and not from this server');
  });
});
