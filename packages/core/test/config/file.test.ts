import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../src/config/file.ts';

function folder(): string {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), 'pagetree-config-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function write(dir: string, name: string, text: string): string {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
}

async function message(asked: Promise<unknown>): Promise<string> {
  const thrown = await asked.then(
    () => {
      throw new Error('it was taken');
    },
    (error: Error & { code: string }) => error,
  );
  expect(thrown).toMatchObject({ name: 'PagetreeError', code: 'ERR_PAGETREE_CONFIG' });
  return thrown.message;
}

describe('the configuration file', () => {
  it('is found above the working directory, and its cacheDir is relative to it', async () => {
    const root = folder();
    const file = write(root, 'pagetree.config.json', '{"cacheDir": "var/cache", "layout": "html"}');
    const below = join(root, 'a', 'b');
    mkdirSync(below, { recursive: true });
    expect(await readConfig({ cwd: below })).toEqual({
      file,
      options: { cacheDir: join(root, 'var/cache'), layout: 'html' },
      sections: {},
    });
  });

  it.each(['pagetree.config.js', 'pagetree.config.mjs'])('may be %s', async (name) => {
    const root = folder();
    write(root, 'package.json', '{"type":"module"}');
    write(
      root,
      name,
      'export default { cacheDir: "/srv/cache", shouldStore: () => false, warm: { rate: 4 } }',
    );
    const config = await readConfig({ cwd: root, sections: { warm: () => [] } });
    expect(config).toMatchObject({ options: { cacheDir: '/srv/cache' }, sections: { warm: { rate: 4 } } });
    expect(config?.options.shouldStore?.({} as never, {} as never)).toBe(false);
  });

  it('may be a CommonJS module', async () => {
    const root = folder();
    write(root, 'package.json', '{"type":"commonjs"}');
    write(root, 'pagetree.config.js', 'module.exports = { cacheDir: "x" }');
    expect((await readConfig({ cwd: root }))?.options).toEqual({ cacheDir: join(root, 'x') });
  });

  it('of two in one folder is the first of .json, .js, .mjs and .ts, and the nearer one of two folders', async () => {
    const root = folder();
    write(root, 'pagetree.config.mjs', 'export default { cacheDir: "module" }');
    write(root, 'pagetree.config.json', '{"cacheDir": "json"}');
    const below = join(root, 'below');
    write(below, 'pagetree.config.mjs', 'export default { cacheDir: "nearer" }');
    expect((await readConfig({ cwd: root }))?.options.cacheDir).toBe(join(root, 'json'));
    expect((await readConfig({ cwd: below }))?.options.cacheDir).toBe(join(below, 'nearer'));
  });

  it('above the root of the repository is somebody else’s', async () => {
    const outside = folder();
    write(outside, 'pagetree.config.json', '{"cacheDir": "theirs"}');
    const repository = join(outside, 'repository');
    mkdirSync(join(repository, '.git'), { recursive: true });
    mkdirSync(join(repository, 'src'));
    expect(await readConfig({ cwd: join(repository, 'src') })).toBeUndefined();
    write(repository, 'pagetree.config.json', '{"cacheDir": "ours"}');
    expect((await readConfig({ cwd: join(repository, 'src') }))?.options.cacheDir).toBe(
      join(repository, 'ours'),
    );
  });

  it('may be named, and then nothing is searched', async () => {
    const root = folder();
    const file = write(root, 'other.json', '{"cacheDir": "x"}');
    expect((await readConfig({ cwd: folder(), file }))?.options.cacheDir).toBe(join(root, 'x'));
    expect((await readConfig({ cwd: root, file: 'other.json' }))?.file).toBe(file);
  });

  it.each(['missing.json', 'missing.mjs', 'missing/x.json'])('named %s must be there', async (name) => {
    const root = folder();
    expect(await message(readConfig({ cwd: root, file: name }))).toBe(
      `The configuration file ${join(root, name)} cannot be used: there is no such file.`,
    );
  });

  it.each(['pagetree.config.json', 'pagetree.config.mjs'])('named %s must not be a folder', async (name) => {
    const root = folder();
    mkdirSync(join(root, name));
    expect(await message(readConfig({ cwd: root }))).toContain(join(root, name));
  });

  it('names everything that is wrong in it', async () => {
    const root = folder();
    const file = write(root, 'pagetree.config.json', '{"cache_dir": "x", "layout": 1, "warm": 3}');
    expect(
      await message(readConfig({ cwd: root, sections: { warm: () => ['warm: expected an object'] } })),
    ).toBe(
      `The configuration file ${file} cannot be used: cache_dir: no option has this name, did you mean cacheDir?; ` +
        "warm: expected an object; layout: expected one of 'mirror', 'html', 'index', or a layout of your own, but got 1.",
    );
  });

  it.each([
    ['{cacheDir}', 'pagetree.config.json', 'cannot be used: '],
    ['', 'pagetree.config.json', 'cannot be used: '],
    ['null', 'pagetree.config.json', 'expected an object with options, but got null'],
    [
      'export const cacheDir = "x"',
      'pagetree.config.mjs',
      'expected an object with options, but got nothing',
    ],
    ['throw new Error("no database")', 'pagetree.config.mjs', 'cannot be used: no database'],
    ['throw "a text"', 'pagetree.config.mjs', 'cannot be used: a text'],
    ['import "./not-there.mjs"; export default {}', 'pagetree.config.mjs', 'not-there.mjs'],
  ])('%j is refused with its name', async (text, name, said) => {
    const root = folder();
    const file = write(root, name, text);
    const sentence = await message(readConfig({ cwd: root }));
    expect(sentence).toContain(`The configuration file ${file} cannot be used: `);
    expect(sentence).toContain(said);
  });

  it('prints no control characters, whatever it says', async () => {
    const root = folder();
    write(root, 'pagetree.config.json', '{"a\\u001b[31m\\u202eb": 1}');
    expect(await message(readConfig({ cwd: root }))).toContain(
      'a\\u{1b}[31m\\u{202e}b: no option has this name',
    );
  });

  it('may be reached through a link', async () => {
    const root = folder();
    const file = write(root, 'real.json', '{"cacheDir": "x"}');
    const other = folder();
    symlinkSync(file, join(other, 'pagetree.config.json'));
    // Relative to the name that the owner gave it, not to where the link leads.
    expect((await readConfig({ cwd: other }))?.options.cacheDir).toBe(join(other, 'x'));
  });
});
