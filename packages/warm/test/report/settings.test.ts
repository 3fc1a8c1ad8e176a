/** How a run is told can stand in the configuration file, in the environment and on the command line. */
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { outputKeys, outputSettings, outputTable } from '../../src/config/output-table.ts';
import { checkWarm } from '../../src/config/schema.ts';
import { keyOf } from '../../src/config/warm-table.ts';
import { run } from '../support/bins.ts';
import { newFolder } from '../support/folders.ts';
import { type Origin, startOrigin } from '../support/origin.ts';

const places = (...said: Record<string, unknown>[]) =>
  outputSettings(said.map((one, at) => ({ said: one, label: (key: string) => `${at}.${key}` })));

describe('how a run is told', () => {
  it('may stand in the configuration file, all of it', () => {
    const all = {
      ...{ dryRun: true, report: ['a.html', 'b.XML'], failed: 'f', changes: 'c', quiet: true },
      ...{ verbose: false, json: true, github: false },
    };
    expect(Object.keys(all).toSorted()).toEqual([...outputKeys].toSorted());
    expect([...Object.keys(outputTable).map(keyOf), 'json'].toSorted()).toEqual([...outputKeys].toSorted());
    expect(checkWarm(all)).toEqual({ values: all });
    expect(checkWarm({ report: ['a.pdf'], quiet: 'yes' })).toEqual({
      problems: [
        'warm.report.0: it must be a file whose name ends in one of .json, .ndjson, .jsonl, .xml, .html, .htm; it is "a.pdf"',
        'warm.quiet: expected true or false',
      ],
    });
  });

  it('is what the strongest place says', () => {
    const file = { quiet: true, report: ['a.html'], github: false };
    expect(places(file, {}, {})).toEqual({ ...file, verbose: false });
    expect(places(file, { report: ['b.xml'] }, { github: true })).toEqual({
      ...{ quiet: true, verbose: false, report: ['b.xml'], github: true },
    });
    expect(places(file, { quiet: false }, {})).toMatchObject({ quiet: false });
  });

  it('is quiet or verbose: who says one takes the other back', () => {
    expect(places({ quiet: true }, { verbose: true })).toEqual({ quiet: false, verbose: true });
    expect(places({ verbose: true }, {}, { quiet: true })).toEqual({ quiet: true, verbose: false });
    expect(() => places({}, {}, { quiet: true, verbose: true })).toThrow(
      '2.quiet must be left out with 2.verbose; it is "true".',
    );
  });

  it('names every report that has no known form', () => {
    expect(() => places({}, { report: ['a', 'b.html', 'c.txt'] })).toThrow(
      '1.report must be a file whose name ends in one of .json, .ndjson, .jsonl, .xml, .html, .htm; it is "a". 1.report must be',
    );
  });
});

describe('cache-warm', () => {
  let origin: Origin;
  let cwd: string;
  beforeAll(async () => {
    origin = await startOrigin();
  });
  afterAll(() => origin.close());
  beforeEach(() => {
    cwd = newFolder();
    writeFileSync(join(cwd, 'urls.txt'), '/a\n/status/404\n');
  });
  const warm = (env: Record<string, string>, ...args: string[]) =>
    run('cache-warm', ['urls.txt', '--origin', origin.url, ...args], { cwd, env });

  it('writes the reports that the file, the environment and the command line ask for', async () => {
    const settings = { quiet: true, json: true, report: ['file.html'], failed: 'failed.txt' };
    const config = { cacheDir: 'from-file', warm: settings };
    writeFileSync(join(cwd, 'pagetree.config.json'), JSON.stringify(config));
    const byFile = await warm({}, '--config', 'pagetree.config.json');
    expect([byFile.code, byFile.stderr]).toEqual([3, '']);
    expect(JSON.parse(byFile.stdout)).toMatchObject({ reports: ['file.html'] });
    expect(readdirSync(cwd).toSorted()).toEqual(
      ['failed.txt', 'file.html', 'from-file', 'pagetree.config.json', 'urls.txt'].toSorted(),
    );

    const env = { PAGETREE_REPORT: 'env.xml\nenv.json', PAGETREE_CACHE_DIR: 'from-env', PAGETREE_JSON: '0' };
    const byEnvironment = await warm(env, '--config', 'pagetree.config.json');
    expect(byEnvironment.stdout).toMatch(/^Done: /);
    expect(readdirSync(cwd)).toEqual(expect.arrayContaining(['env.xml', 'env.json', 'from-env']));
    expect(JSON.parse(readFileSync(join(cwd, 'env.json'), 'utf8')).notStored).toHaveLength(1);

    const flags = [
      '--cache-dir',
      'from-flag',
      '--no-quiet',
      '--report',
      'flag.jsonl',
      '--report',
      'flag.htm',
    ];
    const byFlag = await warm(env, '--config', 'pagetree.config.json', ...flags);
    expect(byFlag.stderr).toContain('status (404)');
    expect(readdirSync(cwd)).toEqual(expect.arrayContaining(['flag.jsonl', 'flag.htm', 'from-flag']));
    expect(readFileSync(join(cwd, 'flag.htm'), 'utf8')).toContain('exit code 3');
  });

  it('says a no on the command line that is stronger than a yes elsewhere', async () => {
    writeFileSync(join(cwd, 'c.json'), JSON.stringify({ warm: { dryRun: true, refresh: true } }));
    const args = ['--cache-dir', 'cache', '--config', 'c.json', '--json'];
    expect(JSON.parse((await warm({}, ...args)).stdout)).toMatchObject({ planned: 2, stored: 0 });
    const ran = await warm({ PAGETREE_REFRESH: '1' }, ...args, '--no-dry-run', '--no-refresh');
    expect(JSON.parse(ran.stdout)).toMatchObject({ planned: 0, stored: 1 });
    const again = await warm({ PAGETREE_REFRESH: '0', PAGETREE_DRY_RUN: '0' }, ...args);
    expect(JSON.parse(again.stdout)).toMatchObject({ present: 1, unchanged: 0 });
  });

  it.each([
    [
      'the same name',
      ['--report', 'same.json', '--changes', 'same.json'],
      '--report and --changes',
      'same.json',
    ],
    [
      'another spelling',
      ['--failed', 'out/x', '--changes', './out/y/../x'],
      '--failed and --changes',
      './out/y/../x, which is out/x too',
    ],
    [
      'a link',
      ['--report', 'run.json', '--failed', 'link'],
      '--report and --failed',
      'link, which is run.json too',
    ],
    [
      'a linked folder',
      ['--failed', 'out/z', '--changes', 'linked/z'],
      '--failed and --changes',
      'linked/z, which is out/z too',
    ],
  ])('refuses one file for two outputs, by %s', async (_, args, labels, names) => {
    mkdirSync(join(cwd, 'out'));
    symlinkSync('out', join(cwd, 'linked'));
    symlinkSync('run.json', join(cwd, 'link'));
    const ran = await warm({}, '--cache-dir', 'cache', ...args);
    expect(ran).toEqual({
      code: 2,
      stdout: '',
      stderr: `cache-warm: ${labels} name the same file: ${names}.\n  Name two files: one would take the place of the other.\n`,
    });
    expect(existsSync(join(cwd, 'cache'))).toBe(false);
  });

  it('names the two settings as they were said, and lets a device be named twice', async () => {
    writeFileSync(join(cwd, 'c.json'), JSON.stringify({ warm: { failed: 'x' } }));
    const args = ['--cache-dir', 'cache', '--config', 'c.json'];
    const ran = await warm({ PAGETREE_CHANGES: 'x' }, ...args);
    expect(ran.stderr).toContain('warm.failed and PAGETREE_CHANGES name the same file: ');
    expect((await warm({ PAGETREE_CHANGES: 'x' }, ...args, '--failed', 'y')).code).toBe(3);
    const twice = await warm({}, ...args, '--failed', '/dev/null', '--changes', '/dev/null');
    expect(twice).toMatchObject({ code: 3, stdout: expect.stringMatching(/^Done: /) });
  });

  it('refuses a report of an unknown form in one sentence', async () => {
    const ran = await warm({}, '--cache-dir', 'cache', '--report', 'run.pdf');
    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toBe(
      'cache-warm: --report must be a file whose name ends in one of .json, .ndjson, .jsonl, .xml, .html, .htm; it is "run.pdf".\n' +
        '  Correct --report, or leave it out to use the default.\n',
    );
    expect(readdirSync(cwd)).toEqual(['urls.txt']);
  });
});
