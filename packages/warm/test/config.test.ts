import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '@pagetree/core';
import { describe, expect, it } from 'vitest';
import { findCacheDir } from '../src/config/cache-dir.ts';
import { loadConfig } from '../src/config/load.ts';
import { outputTable } from '../src/config/output-table.ts';
import { checkWarm } from '../src/config/schema.ts';
import type { Setting } from '../src/config/setting.ts';
import { byteSize, hostName, seconds, wholeNumber } from '../src/config/values.ts';
import { warmOptions } from '../src/config/warm-options.ts';
import { keyOf, warmTable } from '../src/config/warm-table.ts';
import { newFolder } from './support/folders.ts';

function write(folder: string, name: string, text: string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe('the configuration file', () => {
  it('is found above the working directory, and its cacheDir is relative to it', async () => {
    const root = newFolder();
    const file = write(root, 'pagetree.config.json', '{"cacheDir": "var/cache"}');
    const below = join(root, 'a', 'b');
    mkdirSync(below, { recursive: true });
    expect(await loadConfig(below)).toEqual({ file, values: { cacheDir: join(root, 'var/cache') } });
  });

  it('names the files of warm relative to it, and knows all of them', async () => {
    const root = newFolder();
    const below = join(root, 'a');
    mkdirSync(below);
    const names = [
      'headerFile',
      'passwordFile',
      'cookieFile',
      'ca',
      'cert',
      'key',
      'socket',
      'app',
      'journal',
    ];
    const named = [...names, 'failed', 'changes'];
    const all = (to: (name: string) => string) => ({
      ...Object.fromEntries(named.map((name) => [name, to(`./${name}`)])),
      ...{ report: [to('r.html'), '/tmp/r.xml'], user: './u', exec: './start' },
    });
    write(root, 'pagetree.config.json', JSON.stringify({ warm: all((name) => name) }));
    expect((await loadConfig(below))?.values.warm).toEqual({
      ...all((name) => join(root, name)),
      ...{ user: './u', exec: './start' },
    });
    // As a person wrote them, where that is the same.
    expect((await loadConfig(root))?.values.warm).toEqual(all((name) => name));
    const files = Object.entries<Setting>({ ...warmTable, ...outputTable }).filter(
      ([, { value }]) => value === 'FILE',
    );
    expect(files.map(([flag]) => keyOf(flag)).toSorted()).toEqual([...named, 'report'].toSorted());
  });

  it.each([
    ['pagetree.config.js', 'export default { cacheDir: "/srv/cache", warm: { concurrency: 4 } }'],
    ['pagetree.config.mjs', 'export default { cacheDir: "/srv/cache", warm: { concurrency: 4 } }'],
    [
      'pagetree.config.ts',
      'const concurrency: number = 4;\nexport default { cacheDir: "/srv/cache", warm: { concurrency } };',
    ],
  ])('may be %s', async (name, text) => {
    const root = newFolder();
    write(root, 'package.json', '{"type":"module"}');
    write(root, name, text);
    expect((await loadConfig(root))?.values).toEqual({ cacheDir: '/srv/cache', warm: { concurrency: 4 } });
  });

  it('above the root of the repository is somebody else’s', async () => {
    const outside = newFolder();
    write(outside, 'pagetree.config.json', '{"cacheDir": "theirs"}');
    const repository = join(outside, 'repository');
    mkdirSync(join(repository, '.git'), { recursive: true });
    mkdirSync(join(repository, 'src'));
    expect(await loadConfig(join(repository, 'src'))).toBeUndefined();
    write(repository, 'pagetree.config.json', '{"cacheDir": "ours"}');
    expect((await loadConfig(join(repository, 'src')))?.values.cacheDir).toBe(join(repository, 'ours'));
  });

  it('may be named', async () => {
    const root = newFolder();
    const file = write(root, 'other.json', '{"cacheDir": "x"}');
    expect((await loadConfig(newFolder(), file))?.values.cacheDir).toBe(join(root, 'x'));
    await expect(loadConfig(root, 'missing.json')).rejects.toThrow(
      `The configuration file ${join(root, 'missing.json')} cannot be used: there is no such file.`,
    );
    await expect(loadConfig(root, 'missing.mjs')).rejects.toThrow('there is no such file');
  });

  it('names everything that is wrong in it at once', async () => {
    const root = newFolder();
    const wrong = {
      cacheDir: '',
      cache_paths: ['/a'],
      layout: 'flat',
      maxPageSize: 1.5,
      fileMode: '9',
      colour: 'red',
      warm: {
        origin: 'http://a/b',
        concurrency: 0,
        retry: 3,
        max_time: '1h',
        host: 'a b',
        variants: false,
        cacheDir: 'a',
      },
    };
    const file = write(root, 'pagetree.config.json', JSON.stringify(wrong));
    const error = await loadConfig(root).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'ERR_PAGETREE_CONFIG', hint: expect.any(String) });
    const { message } = error as Error;
    expect(message).toContain(`The configuration file ${file} cannot be used: `);
    for (const part of [
      'cache_paths: no option has this name, did you mean cachePaths?',
      'colour: no option has this name',
      'warm.retry: no option has this name',
      'warm.max_time: no option has this name, did you mean warm.maxTime?',
      'warm.variants: variants stands outside of the group warm, at the top level',
      'warm.cacheDir: cacheDir stands outside of the group warm, at the top level',
      'cacheDir: ',
      'layout: ',
      'maxPageSize: ',
      'fileMode: ',
      'warm.origin: it must be the scheme, host and port of the site; it has the path "/b" too',
      'warm.host: it must be a host name, with or without a port (example.org); it is "a b"',
      'warm.concurrency: it must be a whole number from 1 to 512; it is "0"',
    ]) {
      expect(message).toContain(part);
    }
  });

  it.each([[[]], ['x'], [null], [7]])('whose group warm is %j is refused', (group) => {
    expect(checkWarm(group)).toEqual({ problems: ['warm: expected an object'] });
  });

  it.each([['null'], ['[]'], ['"cache"'], ['3']])('that holds %s is refused', async (text) => {
    const root = newFolder();
    write(root, 'pagetree.config.json', text);
    await expect(loadConfig(root)).rejects.toThrow('cannot be used');
  });

  it('that is no JSON, or throws, is refused with its name', async () => {
    const root = newFolder();
    const json = write(root, 'pagetree.config.json', '{cacheDir}');
    await expect(loadConfig(root)).rejects.toThrow(`The configuration file ${json} cannot be used:`);
    const other = newFolder();
    write(other, 'pagetree.config.mjs', 'throw new Error("no database")');
    await expect(loadConfig(other)).rejects.toThrow('cannot be used: no database');
  });

  it('may be empty', async () => {
    const root = newFolder();
    write(root, 'pagetree.config.json', '{}');
    expect((await loadConfig(root))?.values).toEqual({});
  });

  it('takes modes as text, since JSON has no octal numbers', async () => {
    const root = newFolder();
    write(root, 'pagetree.config.json', '{ "fileMode": "0640", "dirMode": 488 }');
    expect((await loadConfig(root))?.values).toEqual({ fileMode: 0o640, dirMode: 0o750 });
  });

  it('is the same for every program: what core and the middleware read, the commands read', async () => {
    const root = newFolder();
    const said = { cacheDir: 'c', maxMemory: 0, cookies: 'ignore', warm: { concurrency: 3 } };
    write(root, 'pagetree.config.json', JSON.stringify(said));
    const found = await readConfig({ cwd: root, sections: { warm: () => [] } });
    const { warm, ...tree } = (await loadConfig(root))!.values;
    expect(tree).toEqual(found!.options);
    expect(warm).toEqual(found!.sections.warm);
  });
});

describe('the cache folder', () => {
  const nothing = { flag: undefined, config: async () => undefined, env: {}, cwd: '/work' };

  it('is that of the flag, else of the environment, else of the file', async () => {
    const env = { PAGETREE_CACHE_DIR: 'from-env' };
    const config = async () => '/etc/from-file';
    expect(await findCacheDir({ ...nothing, flag: './from-flag', config, env })).toBe('/work/from-flag');
    expect(await findCacheDir({ ...nothing, config, env })).toBe('/work/from-env');
    expect(await findCacheDir({ ...nothing, config, env: { PAGETREE_CACHE_DIR: '' } })).toBe(
      '/etc/from-file',
    );
  });

  it('is ./cache only if that is a tree', async () => {
    const cwd = newFolder();
    mkdirSync(join(cwd, 'cache'));
    await expect(findCacheDir({ ...nothing, cwd })).rejects.toThrow(
      'Nothing says which cache folder is meant.',
    );
    write(join(cwd, 'cache', '.pagetree'), 'tree.json', '{}');
    expect(await findCacheDir({ ...nothing, cwd })).toBe(join(cwd, 'cache'));
  });

  it('is not looked for when a flag names it', async () => {
    const config = async () => {
      throw new Error('was asked');
    };
    expect(await findCacheDir({ ...nothing, flag: 'x', config })).toBe('/work/x');
    await expect(findCacheDir({ ...nothing, flag: '', config })).rejects.toThrow(
      '--cache-dir must be a folder',
    );
  });
});

describe('values', () => {
  it.each(['', '0', '513', '-1', '1.5', '8x', '0x10', ' 8', '1e2', 'NaN', '\u0668'])(
    '--concurrency %j is refused',
    (text) => {
      expect(() => wholeNumber('--concurrency', text, 1, 512)).toThrow(
        '--concurrency must be a whole number from 1 to 512; it is',
      );
    },
  );

  it.each(['', '0', '0.05', '3601', 'soon', '-3', 'Infinity'])('--timeout %j is refused', (text) => {
    expect(() => seconds('--timeout', text)).toThrow(
      '--timeout must be a number of seconds from 0.1 to 3600',
    );
  });

  it('are taken as they are meant', () => {
    expect(wholeNumber('n', '512', 1, 512)).toBe(512);
    expect(seconds('n', '0.5')).toBe(0.5);
    expect(['1', '512k', '16M', '1g'].map((text) => byteSize('n', text))).toEqual([
      1, 524288, 16777216, 1073741824,
    ]);
    expect(['a', 'a.example:80', '[::1]:3000', '127.0.0.1'].map((text) => hostName('n', text))).toHaveLength(
      4,
    );
  });

  it.each(['', '0', '1.5M', '16MB', '-1', '999999999999G'])('--max-page-size %j is refused', (text) => {
    expect(() => byteSize('--max-page-size', text)).toThrow('--max-page-size must be');
  });

  it.each(['', 'a b', 'a/b', 'a\r\nx: y', 'user@a', 'a:b', 'a:123456'])('--host %j is refused', (text) => {
    expect(() => hostName('--host', text)).toThrow('--host must be a host name');
  });
});

describe('the options of a run', () => {
  it('are those of the command line, else those of the file', () => {
    const config = {
      cacheDir: '/x',
      layout: 'html' as const,
      types: { '.a': 'text/a' },
      cachePaths: ['/blog'],
      warm: { origin: 'http://a', concurrency: 4, timeout: 9 },
    };
    expect(warmOptions({}, config)).toEqual({
      layout: 'html',
      types: { '.a': 'text/a' },
      cachePaths: ['/blog'],
      origin: 'http://a',
      concurrency: 4,
      timeout: 9,
    });
    const flags = {
      origin: 'http://B.example/',
      host: 'c.example',
      concurrency: '2',
      timeout: '1.5',
      refresh: true,
      layout: 'mirror',
      type: ['.b=text/b', '/feed=application/rss+xml;charset=utf-8'],
      'cache-paths': ['/docs'],
      'cache-control': ['/assets=public, max-age=3600', '/a=no-store'],
      hosts: ['example.org', 'localhost:3000'],
      'file-mode': '0640',
      'dir-mode': '750',
      'fill-timeout': '90',
      'max-page-size': '1M',
      'max-entries': '5000',
      'max-bytes': '2G',
      'when-full': 'evict',
      variants: 'none',
      adopt: true,
    };
    expect(warmOptions(flags, { ...config, cacheControl: { '/': 'no-cache', '/a': 'public' } })).toEqual({
      layout: 'mirror',
      types: { '.a': 'text/a', '.b': 'text/b', '/feed': 'application/rss+xml;charset=utf-8' },
      cachePaths: ['/docs'],
      cacheControl: { '/': 'no-cache', '/assets': 'public, max-age=3600', '/a': 'no-store' },
      hosts: ['example.org', 'localhost:3000'],
      fileMode: 0o640,
      dirMode: 0o750,
      fillTimeout: 90,
      maxPageSize: 1048576,
      maxEntries: 5000,
      maxBytes: 2147483648,
      whenFull: 'evict',
      variants: false,
      adopt: true,
      origin: 'http://b.example',
      host: 'c.example',
      concurrency: 2,
      timeout: 1.5,
      refresh: true,
    });
  });

  it.each([
    [{ layout: 'flat' }, '--layout must be mirror, html or index; it is "flat".'],
    [{ layout: '' }, '--layout must be mirror, html or index; it is empty.'],
    [{ 'trailing-slash': 'x' }, '--trailing-slash must be always or never; it is "x".'],
    [
      { 'cache-control': ['assets=public'] },
      '--cache-control must be a path prefix, = and a value (/assets=public, max-age=3600); it is "assets=public".',
    ],
    [
      { hosts: ['a', 'http://b'] },
      '--hosts must be a host name, with or without a port (example.org); it is "http://b".',
    ],
    [{ 'file-mode': '9' }, '--file-mode must be a mode of three octal digits (0644, 755); it is "9".'],
    [{ 'dir-mode': '' }, '--dir-mode must be a mode of three octal digits (0644, 755); it is empty.'],
    [{ 'fill-timeout': '0' }, '--fill-timeout must be a whole number from 1 to 86400; it is "0".'],
    [{ fidelity: 'x' }, '--fidelity must be loose or strict; it is "x".'],
    [{ durability: 'x' }, '--durability must be full or none; it is "x".'],
    [{ compression: 'x' }, '--compression must be fast or best; it is "x".'],
    [{ 'content-type': '' }, '--content-type must be a name; it is empty.'],
    [
      { variants: 'gzip,lzma' },
      '--variants must be none, or a list of gzip, br and zstd (gzip,br); it is "gzip,lzma".',
    ],
    [{ variants: '' }, '--variants must be none, or a list of gzip, br and zstd (gzip,br); it is empty.'],
    [
      { type: ['webfont'] },
      '--type must be an extension or a path, = and a media type (.webfont=font/woff2); it is "webfont".',
    ],
  ])('%j is refused', (flags, message) => {
    expect(() => warmOptions(flags, {})).toThrow(message);
  });
});
