/** Settings of a run wherever they stand: everything that is wrong is told at once, and what is right arrives. */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Ran, run } from './support/bins.ts';
import { newFolder } from './support/folders.ts';
import { type Origin, startOrigin } from './support/origin.ts';

let origin: Origin;
let cwd: string;

beforeAll(async () => {
  origin = await startOrigin();
});
afterAll(() => origin.close());
beforeEach(() => {
  cwd = newFolder();
});

const write = (name: string, text: string) => {
  const file = join(cwd, name);
  writeFileSync(file, text);
  return file;
};

describe('everything that is wrong with a run', () => {
  const warmAll = (args: string[], env: Record<string, string> = {}) =>
    run('cache-warm', ['/a', '--cache-dir', 'cache', '--origin', origin.url, ...args], { cwd, env });
  const noReport =
    '--report must be a file whose name ends in one of .json, .ndjson, .jsonl, .xml, .html, .htm; it is "foo.txt".';
  const expectAll = async (ran: Promise<Ran>, ...sentences: string[]) => {
    const { code, stderr, stdout } = await ran;
    const hint = 'Correct each of them, or leave it out to use its default.';
    expect(stderr).toBe(`cache-warm: ${sentences.join(' ')}\n  ${hint}\n`);
    expect([code, stdout]).toEqual([2, '']);
  };

  it('is named at once: values, files, reports, what belongs together, rules of the tree', () =>
    expectAll(
      warmAll([
        ...['--concurrency', '0', '--rate', 'x', '--report', 'foo.txt', '--cookie-file', 'missing'],
        ...['--exec-count', '2', '--exec-timeout', '3', '--keep', '1', '--depth', '3', '--no-assets'],
        ...['--cache-paths', 'blog', '--content-type', 'HTML', '--cert', 'missing.pem'],
      ]),
      '--concurrency must be a whole number from 1 to 512; it is "0".',
      '--rate must be a number from 0.01 to 100000; it is "x".',
      '--depth must be given together with --crawl; it is "3".',
      '--assets must be given together with --crawl; it is "false".',
      '--keep must be given together with --publish; it is "1".',
      '--exec-count must be given together with --exec; it is "2".',
      '--exec-timeout must be given together with --exec; it is "3".',
      'The cookie file missing cannot be read: there is no such file.',
      'A certificate and its key are needed together: one of cert and key is missing.',
      'The certificate file missing.pem cannot be read: there is no such file.',
      '--content-type: expected a media type in lower case without parameters, as `text/html`, but got "HTML".',
      '--cache-paths: expected paths of pages, which start with `/` and have no query, but got "blog".',
      noReport,
    ));

  it('is named with what is wrong in the configuration file, which hides nothing', async () => {
    const file = write('c.json', JSON.stringify({ layout: 'flat', warm: { crawl: true, concurrency: 0 } }));
    await expectAll(
      // What belongs together may be in the file: of depth, keep and user nothing is said.
      warmAll([
        ...['--config', 'c.json', '--rate', 'x', '--report', 'foo.txt', '--cookie-file', 'missing'],
        ...['--depth', '3', '--keep', '1', '--user', 'me'],
      ]),
      `The configuration file ${file} cannot be used: warm.concurrency: it must be a whole number from 1 to 512; it is "0"; layout: expected one of 'mirror', 'html', 'index', or a layout of your own, but got "flat".`,
      '--rate must be a number from 0.01 to 100000; it is "x".',
      'The cookie file missing cannot be read: there is no such file.',
      noReport,
    );
  });

  it('is named by its name in the place where it stands', async () => {
    write('c.json', JSON.stringify({ warm: { execCount: 2, depth: 3 } }));
    const env = { PAGETREE_KEEP: '1', PAGETREE_REFRESH: 'maybe', PAGETREE_HOSTS: 'a b' };
    await expectAll(
      warmAll(['--config', 'c.json', '--cache-control', 'x'], env),
      'PAGETREE_REFRESH must be 1 or 0; it is "maybe".',
      '--cache-control must be a path prefix, = and a value (/assets=public, max-age=3600); it is "x".',
      'PAGETREE_HOSTS must be a host name, with or without a port (example.org); it is "a b".',
      'warm.depth must be given together with --crawl; it is "3".',
      'PAGETREE_KEEP must be given together with --publish; it is "1".',
      'warm.execCount must be given together with --exec; it is "2".',
    );
  });

  it('is told with the list and the tree that nothing names', () =>
    expectAll(
      run('cache-warm', ['--retries', 'many'], { cwd }),
      '--retries must be a whole number from 0 to 20; it is "many".',
      'No list of URLs is named.',
      'Nothing says which cache folder is meant.',
    ));

  it('is looked for once: a file of secrets may be a pipe', async () => {
    const script = 'exec "$@" --header-file <(echo "X-Secret: s3cret")';
    const args = ['/a', '--cache-dir', 'cache', '--origin', origin.url];
    const ran = await run('cache-warm', args, { cwd, prefix: ['bash', '-c', script, 'bash'] });
    expect(ran.code).toBe(0);
    expect(origin.lastHeaders).toMatchObject({ 'x-secret': 's3cret' });
  });
});

describe('a new tree', () => {
  it('has the modes, the hosts and the Cache-Control that the environment and the command line say', async () => {
    const args = ['/dir/a', '/dir/b', '--cache-dir', 'cache', '--origin', origin.url];
    const env = {
      ...{ PAGETREE_FILE_MODE: '0600', PAGETREE_DIR_MODE: '0700', PAGETREE_HOSTS: 'a.example\nb.example' },
      ...{ PAGETREE_CACHE_CONTROL: '/dir=no-cache', PAGETREE_FILL_TIMEOUT: '90' },
    };
    const other = await run('cache-warm', args, { cwd, env });
    expect(other).toMatchObject({ code: 3, stdout: expect.stringContaining('refused  2') });
    const more = ['--host', 'b.example', '--cache-control', '/dir=public, max-age=60', '--file-mode', '640'];
    rmSync(join(cwd, 'cache'), { recursive: true });
    expect((await run('cache-warm', [...args, ...more], { cwd, env })).code).toBe(0);
    const mode = (place: string) => statSync(join(cwd, 'cache', place)).mode & 0o777;
    expect([mode('dir'), mode('dir/a')]).toEqual([0o700, 0o640]);
    const manifest = JSON.parse(readFileSync(join(cwd, 'cache', '.pagetree', 'tree.json'), 'utf8'));
    expect(manifest.cacheControl).toEqual({ '/dir': 'public, max-age=60' });
  });
});
