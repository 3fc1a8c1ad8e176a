/** Names and values with everything in them that a configuration reads as its own: written rightly, or refused. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ask } from '../../packages/middleware/test/support/wire.ts';
import { binOf, runNode } from '../support/processes.ts';
import { temporaryFolder } from '../support/tree.ts';
import { startBehind } from './behind.ts';
import { plantTree } from './planted.ts';
import { type Kind, kinds, startServer } from './servers.ts';

/** What a server's own syntax cannot hold in a path. */
const folders: Readonly<Record<Kind['name'], string>> = {
  nginx: `a tree; "quoted" {1} 'x' #2 %3 \\back`,
  apache: `a tree; "quoted" {1} 'x' #2 %3 $4 \\back`,
  caddy: `a tree; "quoted" 'x' #2 %3 $4 \`back`,
};

describe.each(kinds)('$name', (kind) => {
  test('a tree with odd names is served as the middleware serves it', async () => {
    const folder = await temporaryFolder();
    const cacheDir = join(folder, folders[kind.name]);
    // Caddy can't put a # behind a path.
    const number = kind.name === 'caddy' ? '1' : '#1';
    const naming = { directoryIndex: `the 'index' ${number}; (a)+^.html`, pageFile: 'the page (1)+2.html' };
    const value = `max-age=60, x="y; z", 'q' #1 %7B${kind.name === 'nginx' ? '{}' : '$1'}`;
    await plantTree(
      cacheDir,
      {
        ...naming,
        types: { '/caf\u00e9 (1)': 'text/plain', '.x-y_z': 'application/x-y+z' },
        cacheControl: { '/caf\u00e9 (1)': value, '/a.b+c': 'max-age=1', '/': 'no-store' },
      },
      {
        [naming.directoryIndex]: 'front',
        [`blog/${naming.pageFile}`]: 'blog',
        [`blog/${naming.directoryIndex}`]: 'index',
        'caf\u00e9 (1)/a.html': 'plain',
        'a.b+c/x': 'one',
        'axb+c': 'another',
        'a.x-y_z': 'own',
        '__index.html': 'no index here',
      },
    );
    const config = join(folder, 'pagetree.config.json');
    const rules = {
      excludePaths: ['/blog/out (1)'],
      cachePaths: ['/', '/caf\u00e9 (1)'],
      hosts: ['site.test', '[::1]:80'],
      ignoreCookies: ["it's|^mine", '`q`'],
    };
    await writeFile(config, JSON.stringify(rules));
    const behind = await startBehind({ cacheDir, ...rules });
    try {
      const upstream = `http://127.0.0.1:${behind.port}`;
      const options = ['--upstream', upstream, '--config', config, '--ignore-cookie', '~a.+b'];
      const front = await startServer(kind, cacheDir, join(folder, 'server'), options);
      try {
        const paths = [
          '/',
          '/blog',
          '/blog/',
          '/caf%C3%A9%20(1)/a.html',
          '/a.b+c/x',
          '/axb+c',
          '/a.x-y_z',
          '/__index.html',
        ];
        for (const path of paths) {
          const [node, got] = await Promise.all([ask(behind.port, path), ask(front.port, path)]);
          expect(node.headers['cache-status'], path).toBe('pagetree; hit');
          expect(got.headers['cache-status'], path).toBe(`${kind.name}; hit`);
          for (const name of ['content-type', 'cache-control', 'vary'])
            expect(got.headers[name], path).toBe(node.headers[name]);
          expect(got.text, path).toBe(node.text);
        }
        const statusOf = async (path: string, fields: string[] = []) =>
          (await ask(front.port, path, fields)).headers['cache-status'];
        expect(await statusOf('/axb+c', ["Cookie: it's|^mine=1; `q`=2; ~a.+b=3"])).toBe(`${kind.name}; hit`);
        expect(await statusOf('/axb+c', ['Cookie: mine=1'])).not.toBe(`${kind.name}; hit`);
        expect(await statusOf('/axb+c', ['Cookie: ~acb=1'])).not.toBe(`${kind.name}; hit`);
        expect(await statusOf('/axb+c', ['Host: other.test'])).not.toBe(`${kind.name}; hit`);
        expect(await statusOf(`/${encodeURIComponent(naming.directoryIndex)}`)).not.toBe(`${kind.name}; hit`);
      } finally {
        await front.stop();
      }
    } finally {
      await behind.stop();
    }
  });
});

test.each([
  ['nginx', 'a $tree', {}, /--cache-dir: nginx cannot be told/],
  [
    'nginx',
    'tree',
    { cacheControl: { '/a': 'x=$y' } },
    /cacheControl\["\/a"\]: nginx cannot be told "x=\$y"/,
  ],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Apache reads it, not we.
  ['apache', 'a ${tree}', {}, /Apache cannot be told/],
  [
    'apache',
    'tree',
    { cacheControl: { '/a': 'expr=%{HTTP_HOST}' } },
    /cacheControl\["\/a"\]: Apache cannot be told/,
  ],
  ['caddy', 'a {tree}', {}, /--cache-dir: Caddy cannot be told/],
  ['caddy', 'tree', { directoryIndex: 'a#b.html' }, /directoryIndex and pageFile: Caddy cannot be told/],
  ['caddy', 'a [tree]*', {}, /--cache-dir: Caddy cannot be told/],
  ['caddy', 'tree', { cacheControl: { '/a': '{env.HOME}' } }, /cacheControl\["\/a"\]: Caddy cannot be told/],
] as const)('%s refuses %s %j', async (server, name, options, message) => {
  const cacheDir = join(await temporaryFolder(), name);
  await plantTree(cacheDir, options, {});
  const ran = await runNode(binOf('pagetree'), ['config', server, '--cache-dir', cacheDir]);
  expect([ran.code, ran.stdout]).toEqual([2, '']);
  expect(ran.stderr).toMatch(message);
});
