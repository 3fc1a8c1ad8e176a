/** packages/warm/README.md: its commands and its programs, on a site of this machine. */
import { once } from 'node:events';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leftovers, pagesOf, temporaryFolder } from '../support/tree.ts';
import { type Block, blocksOf, programsIn, replaced, runShell } from './blocks.ts';

const written = 'http://127.0.0.1:3000';
const page = (path: string) => `<!doctype html><title>${path}</title><a href="/linked">x</a></html>`;

describe('the README of the warmer', async () => {
  const folder = await temporaryFolder();
  const blocks = await blocksOf('../packages/warm/README.md');
  const asked = new Set<string>();
  const site = createServer(({ url = '/' }, response) => {
    asked.add(url);
    const host = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    const maps = `<urlset><url><loc>${host}/mapped</loc></url></urlset>`;
    if (url === '/sitemap.xml') response.setHeader('content-type', 'application/xml').end(maps);
    else if (url === '/robots.txt') response.end(`Sitemap: ${host}/sitemap.xml\n`);
    else response.setHeader('content-type', 'text/html; charset=utf-8').end(page(url));
  });
  let env: Record<string, string>;
  let names: Record<string, string>;

  beforeAll(async () => {
    await once(site.listen(0, '127.0.0.1'), 'listening');
    names = { [written]: `http://127.0.0.1:${(site.address() as AddressInfo).port}` };
    env = { PATH: `${await programsIn(join(folder, 'bin'))}:${process.env.PATH}` };
    await mkdir(join(folder, 'lists'));
    await mkdir(join(folder, 'node_modules'));
    await symlink(
      join(import.meta.dirname, '../node_modules/@pagetree'),
      join(folder, 'node_modules', '@pagetree'),
    );
    const line = '192.0.2.1 - - [29/Nov/2026:10:00:00 +0000] "GET /hot HTTP/1.1" 200 9 "-" "Mozilla/5.0"\n';
    await writeFile(join(folder, 'urls.txt'), '/\n/blog/post\n');
    await writeFile(join(folder, 'lists/more.txt'), '/listed\n');
    await writeFile(join(folder, 'access.log'), line);
    await writeFile(join(folder, 'pages.ndjson'), '{"url": "/a", "tags": ["post-1"], "priority": 1}\n');
  });
  afterAll(() => {
    site.closeAllConnections();
    site.close();
  });

  const shell = blocks.filter(({ language }) => language === 'sh');
  const run = ({ content }: Block) => runShell(replaced(content, names), folder, env);

  test('has commands that do what it says', async () => {
    expect(shell).toHaveLength(3);
    for (const block of shell) await run(block);
    for (const path of ['/listed', '/about', '/mapped', '/hot', '/a', '/linked']) {
      expect(asked).toContain(path);
      expect(await readFile(join(folder, 'cache', path), 'utf8')).toBe(page(path));
    }
    expect(await leftovers(join(folder, 'cache'))).toEqual([]);
  }, 180_000);

  test('has programs that run', async () => {
    const said = new Map<string, string>();
    for (const { file, content } of blocks.filter((block) => block.file !== undefined)) {
      await writeFile(join(folder, file!), replaced(content, names));
      said.set(file!, await runShell(`node ${file}`, folder, env));
    }
    expect(said.get('summary.mjs')).toBe('0 stored, 0 not\n');
    expect(said.get('results.mjs')).toContain('{ new: 0, changed: 0, same: 2, gone: 0 }');
    expect(said.get('rows.mjs')).toBe('100 false\n');
    expect((await pagesOf(join(folder, 'cache'))).length).toBeGreaterThan(100);
  }, 180_000);
});
