import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Github, withoutCommands } from '../../src/report/github.ts';
import type { Ending } from '../../src/report/outputs.ts';
import type { UrlResult } from '../../src/results.ts';
import { run } from '../support/bins.ts';
import { newFolder } from '../support/folders.ts';
import { startOrigin } from '../support/origin.ts';
import { failed, hostile, nasty, stored, summaryOf } from './support.ts';

function told(results: readonly UrlResult[], ending: Ending) {
  const summaryFile = join(newFolder(), 'summary.md');
  writeFileSync(summaryFile, '# before\n');
  let log = '';
  const write = (text: string) => {
    log += text;
  };
  const github = new Github({ log: { write }, summaryFile });
  for (const result of results) github.result(result);
  github.finish(summaryOf(results), ending);
  return { lines: log.split('\n').filter((line) => line !== ''), summary: readFileSync(summaryFile, 'utf8') };
}

describe('the annotations', () => {
  it('are errors when the run failed: one for it, and one for each reason, with examples', () => {
    const results = [stored(1), ...Array.from({ length: 7 }, (_, at) => failed(at + 2))];
    const { lines } = told(results, {
      exitCode: 3,
      missed: ['7 of 8 URLs were not stored; no more than 0% may be.'],
    });
    expect(lines).toEqual([
      '::error title=cache-warm::7 of 8 URLs were not stored; no more than 0%25 may be.',
      '::error title=cache-warm%3A 7 not stored%2C timeout::The response was not complete in time. Raise `--timeout`, `--connect-timeout` or `--first-byte-timeout`, or lower `--concurrency` if the application is overloaded.' +
        [2, 3, 4, 5, 6]
          .map((page) => `%0Ahttp://127.0.0.1:3000/docs/${page} (not complete within 1 s)`)
          .join('') +
        '%0Aand 2 more',
    ]);
  });

  it('are warnings when it was good enough', () => {
    const { lines } = told([stored(1), failed(2)], { exitCode: 0, missed: [] });
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['::warning']);
  });

  it('are as many as GitHub shows', () => {
    const reasons = [
      'timeout',
      'tls',
      'status',
      'redirect',
      'too-small',
      'wrong-text',
      'fetch-error',
    ] as const;
    const more = ['unreachable', 'bad-response', 'stopped', 'name-lookup', 'from-cache'] as const;
    const results = [...reasons, ...more].map((reason, at): UrlResult => ({ ...failed(at), reason }));
    expect(told(results, { exitCode: 3, missed: ['No.'] }).lines).toHaveLength(10);
  });

  it('are one command a line, whatever came from outside', () => {
    const { lines } = told(nasty.map(hostile), { exitCode: 3, missed: nasty });
    for (const line of lines) expect(line).toMatch(/^::error title=[^:,\n\r]*::[^\n\r]*$/);
  });
});

describe('the summary of the step', () => {
  it('is added, as tables', () => {
    const { summary } = told([stored(1), failed(2)], {
      exitCode: 3,
      missed: ['1 of 2 URLs were not stored.'],
    });
    expect(summary).toMatch(
      /^# before\n### ❌ cache-warm: http&#58;\/\/127.0.0.1&#58;3000\n\n1 of 2 URLs were/,
    );
    expect(summary).toContain(
      '\n| URLs | |\n| --- | ---: |\n| stored | 1 |\n| present | 0 |\n| refused | 0 |\n| failed | 1 |\n\n',
    );
    expect(summary).toContain('| 1 | timeout&#58; The response was not complete in time. |');
  });

  it('takes nothing from outside for Markdown', () => {
    const { summary } = told(nasty.map(hostile), { exitCode: 3, missed: nasty });
    for (const line of summary.split('\n')) {
      if (line.startsWith('| 8 ')) expect(line.match(/\|/g)).toHaveLength(5);
    }
    expect(summary).not.toMatch(/<|`|\]\(|@/);
  });

  it('that cannot be written does not end the run', () => {
    let log = '';
    const write = (text: string) => {
      log += text;
    };
    const github = new Github({ log: { write }, summaryFile: '/no/such/folder/summary' });
    github.finish(summaryOf([stored(1)]), { exitCode: 0, missed: [] });
    expect(log).toMatch(/^::warning title=cache-warm::The step summary cannot be written: .*\n$/);
  });
});

describe('what is printed in Actions', () => {
  it('holds no command', () => {
    let log = '';
    const stream = withoutCommands({
      write: (text: string) => {
        log += text;
      },
    });
    stream.write('failed  a##[error]b\n  ::stop-commands::x\n::error::y a::b\n');
    expect(log).toBe('failed  a# #[error]b\n  : :stop-commands::x\n: :error::y a::b\n');
  });
});

describe('cache-warm in Actions', () => {
  it('tells GitHub, unless it is told not to', async () => {
    const origin = await startOrigin();
    try {
      const cwd = newFolder();
      writeFileSync(join(cwd, 'urls.txt'), '/a\n/status/404\nx##[error]owned\n');
      writeFileSync(join(cwd, 'step'), '');
      const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(cwd, 'step') };
      const args = ['urls.txt', '--origin', origin.url, '--cache-dir', 'cache', '--json'];
      const quiet = await run('cache-warm', [...args, '--no-github'], { cwd, env });
      expect(quiet.stderr).not.toContain('::');
      expect(readFileSync(env.GITHUB_STEP_SUMMARY, 'utf8')).toBe('');
      const ran = await run('cache-warm', args, { cwd, env });
      expect(ran.code).toBe(3);
      expect(JSON.parse(ran.stdout)).toMatchObject({ exitCode: 3 });
      expect(ran.stderr.match(/^::error title=/gm)).toHaveLength(3);
      expect(ran.stderr.replace(/^::error.*$/gm, '')).not.toMatch(/##\[|^::/m);
      expect(readFileSync(env.GITHUB_STEP_SUMMARY, 'utf8')).toContain('| present | 1 |');
    } finally {
      await origin.close();
    }
  });

  it('tells of a run that came to nothing', async () => {
    const cwd = newFolder();
    const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(cwd, 'step') };
    const warm = (...args: string[]) => run('cache-warm', [...args, '--cache-dir', 'cache'], { cwd, env });
    const noList = await warm('none.txt');
    expect(noList.code).toBe(5);
    expect(noList.stderr).toMatch(/^::error title=cache-warm::The list none\.txt cannot be read: .*\n/);
    const noStart = await warm('/a', '--exec', 'echo "::error::owned"; exit 3');
    expect(noStart.code).toBe(4);
    expect(noStart.stderr).toMatch(
      /^::error title=cache-warm::The application .* did not start: .*%0A {4}::error::owned\n/,
    );
    const summary = readFileSync(env.GITHUB_STEP_SUMMARY, 'utf8');
    expect(summary.match(/^### ❌ cache-warm$/gm)).toHaveLength(2);
    expect(summary).toContain('The list none.txt cannot be read');
    expect((await warm('none.txt', '--no-github')).stderr).not.toContain('::error');
  });

  it.each<[string, number, RegExp, string[]]>([
    [
      'a report that is a folder',
      2,
      /^The report folder\.json cannot be written: .*$/,
      ['--report', 'folder.json'],
    ],
    ['an option that is none', 2, /^There is no option --rports\.%0A.*$/, ['--rports', 'x']],
    ['a value that is none', 2, /^.*--fail-on.*150%25.*$/, ['--fail-on', '150%']],
    ['a file of options that is none', 2, /^.*none\.json.*$/, ['--config', 'none.json']],
    ['no list', 2, /^The name of a list is empty\..*$/, ['']],
    ['an empty list', 5, /^.*empty\.txt.*$/, ['empty.txt']],
  ])('tells once of what is wrong before anything is fetched: %s', async (_, code, message, more) => {
    const cwd = newFolder();
    mkdirSync(join(cwd, 'folder.json'));
    writeFileSync(join(cwd, 'empty.txt'), '');
    const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(cwd, 'step') };
    const lists = code === 5 ? [] : ['/a'];
    const args = [...lists, '--origin', 'http://127.0.0.1:9', '--cache-dir', 'cache', ...more];
    const ran = await run('cache-warm', args, { cwd, env });
    expect(ran.code).toBe(code);
    const [annotation, ...rest] = ran.stderr.match(/^::.*$/gm) ?? [];
    expect(rest).toEqual([]);
    expect(annotation!.replace(/^::error title=cache-warm::/, '')).toMatch(message);
    expect(readFileSync(env.GITHUB_STEP_SUMMARY, 'utf8').match(/^### ❌ cache-warm$/gm)).toHaveLength(1);
    const silent = await run('cache-warm', ['--no-github', ...args], { cwd, env });
    expect([silent.code, silent.stderr]).toEqual([code, expect.not.stringMatching(/^::/m)]);
  });

  it('tells of a mistake only where the configuration file lets it, and of none in --help', async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, 'pagetree.config.json'), '{ "warm": { "github": false } }');
    const env = { GITHUB_ACTIONS: 'true' };
    const wrong = await run('cache-warm', ['/a', '--fail-on', '150%'], { cwd, env });
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.not.stringMatching(/^::/m)]);
    const off = { ...env, PAGETREE_GITHUB: '0' };
    expect((await run('cache-warm', ['--rports'], { cwd, env: off })).stderr).not.toMatch(/^::/m);
    expect(await run('cache-warm', ['--help'], { cwd, env })).toMatchObject({ code: 0, stderr: '' });
  });
});
