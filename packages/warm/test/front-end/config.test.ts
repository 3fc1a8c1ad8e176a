/** `pagetree config` as a command: what it prints and writes, and what it says to mistakes. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createPageCache, type TreeOptions } from '@pagetree/core';
import { expect, test } from 'vitest';
import { run } from '../support/bins.ts';
import { newFolder } from '../support/folders.ts';

async function tree(options: TreeOptions = {}): Promise<string> {
  const cwd = newFolder();
  await createPageCache({ cacheDir: join(cwd, 'cache'), ...options }).close();
  return cwd;
}

test.each(['nginx', 'apache', 'caddy'])(
  '%s: it says how it was made, and takes the rules of the file',
  async (server) => {
    const cwd = await tree();
    const rules = {
      cacheDir: './cache',
      excludePaths: ['/admin'],
      hosts: ['example.org'],
      ignoreCookies: ['theme'],
    };
    await writeFile(join(cwd, 'pagetree.config.json'), JSON.stringify(rules));
    const args = [
      'config',
      server,
      '--upstream',
      'http://app:81',
      '--server-name',
      'example.org',
      '--ignore-cookie',
      'mine_*',
    ];
    const { code, stdout, stderr } = await run('pagetree', args, { cwd });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(
      `pagetree config ${server} --cache-dir ${join(cwd, 'cache')} --upstream http://app:81`,
    );
    for (const part of ['/admin', 'example\\.org', '|theme|', '|mine_', 'app:81']) {
      expect(stdout.replaceAll('\\\\', '\\'), part).toContain(part);
    }
    const ignoring = await run('pagetree', ['config', server, '--cookies', 'ignore'], { cwd });
    expect(ignoring.stdout).not.toContain('_gid');
  },
);

test('a file is written whole', async () => {
  const cwd = await tree();
  const { stdout: printed } = await run('pagetree', ['config', 'nginx'], { cwd });
  const { code, stdout } = await run('pagetree', ['config', 'nginx', '--output', 'site.conf'], { cwd });
  expect([code, stdout]).toEqual([0, '']);
  expect(await readFile(join(cwd, 'site.conf'), 'utf8')).toBe(printed);
  expect((await readdir(cwd)).sort()).toEqual(['cache', 'site.conf']);
  const wrong = await run('pagetree', ['config', 'nginx', '--output', 'none/site.conf'], { cwd });
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    expect.stringContaining('cannot be written: there is no such file'),
  ]);
});

test('a static host gets two files', async () => {
  const cwd = await tree({
    layout: 'index',
    types: { '/feed': 'application/rss+xml' },
    cacheControl: { '/assets': 'public, max-age=60' },
  });
  await mkdir(join(cwd, 'out'));
  const { code, stdout } = await run('pagetree', ['config', 'static', '--output', 'out'], { cwd });
  expect([code, stdout]).toEqual([0, '']);
  const headers = await readFile(join(cwd, 'out/_headers'), 'utf8');
  expect(headers).toContain('\n/feed/*\n  Content-Type: application/rss+xml; charset=utf-8\n');
  expect(headers).toContain('\n/assets/*\n  Cache-Control: public, max-age=60\n');
  expect(await readFile(join(cwd, 'out/_redirects'), 'utf8')).toContain('\n/.pagetree/* /404.html 404!\n');
});

test.each([
  [{}, /layout: a static host .* expected index, but the tree has "mirror"/],
  [{ layout: 'index', trailingSlash: 'never' }, /trailingSlash: a static host .* expected always/],
  [{ layout: 'index', directoryIndex: 'home.html' }, /directoryIndex: .* expected index.html/],
  [{ layout: 'index', types: { '.x': 'text/x' } }, /types: .* expected path prefixes/],
  [{ layout: 'index', cacheControl: { '/a': 'x', '/a/b': 'y' } }, /joins the values of \/a and \/a\/b/],
] as const)('a static host cannot serve %j', async (options, message) => {
  const { code, stdout, stderr } = await run('pagetree', ['config', 'static'], { cwd: await tree(options) });
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(message);
});

test.each([
  [[], /No server is named/],
  [['iis\u001b[2J'], /There is no configuration for iis\\u\{1b\}\[2J/],
  [['nginx', '--upstream', 'https://app'], /--upstream must be http:\/\/host:port or unix:\/path/],
  [['nginx', '--upstream', 'http://user:secret@app'], /--upstream must be/],
  [['nginx', '--upstream', 'http://app:99999'], /--upstream must be/],
  [['nginx', '--upstream', 'http://app', '--static'], /--upstream must be left out with --static/],
  [['apache', '--listen', 'example.org'], /--listen must be a port/],
  [['apache', '--listen', '80;\n'], /--listen must be a port/],
  [['caddy', '--server-name', 'a.test { respond x }'], /--server-name must be a host name/],
  [['caddy', '--cookies', 'maybe'], /--cookies must be bypass or ignore/],
  [['caddy', '--ignore-cookie', 'a;b'], /ignoreCookies: expected the name of a cookie/],
  [['nginx', '--cache-dir', '.'], /is not a Pagetree cache/],
  [['static', '--listen', '80'], /--listen must be left out for a static host/],
])('a mistake: %j', async (args, message) => {
  const { code, stdout, stderr } = await run('pagetree', ['config', ...args], { cwd: await tree() });
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(message);
});
