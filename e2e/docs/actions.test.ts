/** docs/github-actions.md: the workflow is read, and its steps are run, but for the installation and the actions of others. */
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { binOf } from '../support/processes.ts';
import { filesOf, temporaryFolder } from '../support/tree.ts';
import { commandsOf, fileOf, replaced, runShell } from './blocks.ts';
import { writeSite } from './site.ts';
import { parseYaml } from './yaml.ts';

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string>>;
}

describe('docs/github-actions.md', async () => {
  const folder = await temporaryFolder();
  const work = join(folder, 'work');
  const page = 'github-actions.md';
  const summary = join(folder, 'summary.md');
  const workflow = parseYaml(await fileOf(page, '.github/workflows/deploy.yml')) as {
    readonly on: unknown;
    readonly permissions: unknown;
    readonly jobs: { readonly build: { readonly 'runs-on': string; readonly steps: readonly Step[] } };
  };
  const { steps } = workflow.jobs.build;
  const env = {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_STEP_SUMMARY: summary,
    npm_config_cache: join(folder, 'npm'),
    // What is not installed must not be fetched.
    npm_config_offline: 'true',
  };

  beforeAll(async () => {
    await writeSite(work);
    await mkdir(join(work, 'node_modules/.bin'), { recursive: true });
    for (const name of ['cache-warm', 'cache-purge', 'pagetree'] as const) {
      await symlink(binOf(name), join(work, 'node_modules/.bin', name));
    }
    await writeFile(summary, '');
  });

  test('is a workflow of one job that may read, with the actions that it names', () => {
    expect(workflow.on).toEqual({ push: { branches: ['main'] } });
    expect(workflow.permissions).toEqual({ contents: 'read' });
    expect(steps.flatMap(({ uses }) => uses ?? [])).toEqual([
      'actions/checkout@v4',
      'actions/setup-node@v4',
      'actions/cache@v4',
      'actions/upload-artifact@v4',
    ]);
    expect(steps.find(({ uses }) => uses?.startsWith('actions/cache'))?.with?.path).toBe('cache');
    for (const step of steps) expect(step.uses === undefined).toBe(step.run !== undefined);
  });

  test('its steps make a tree, a report and a summary, and leave alone what did not change', async () => {
    const commands = steps.flatMap(({ name, run }) => (run === undefined || name === 'Install' ? [] : [run]));
    expect(commands).toHaveLength(4);
    for (const command of commands) await runShell(command, work, env);
    expect(await readFile(join(work, 'cache/blog/__page.html'), 'utf8')).toContain('/blog of release 1');
    const artifact = steps.at(-1)!.with!.path!.trim().split('\n');
    for (const file of artifact) expect((await readFile(join(work, file))).length).toBeGreaterThan(0);
    expect(await readFile(join(work, 'pages.xml'), 'utf8')).toContain('<testsuite');
    expect(await readFile(summary, 'utf8')).toMatch(/cache-warm[\s\S]*pages/);
    const changes = async () =>
      (await readFile(join(work, 'changes.ndjson'), 'utf8')).match(/"change":"\w+"/g)?.sort();
    expect(new Set(await changes())).toEqual(new Set(['"change":"new"']));

    // The next push: one page is another one, the others stay as they are.
    await writeSite(work, 2);
    await runShell(commands[0]!, work, env);
    const counted = (await changes())!;
    expect(counted.filter((change) => change.includes('changed'))).toHaveLength(1);
    expect(counted.filter((change) => change.includes('same'))).toHaveLength(4);
  });

  test('what was packed is switched to by one rename, and is a tree', async () => {
    const site = join(folder, 'site');
    await mkdir(join(site, 'releases/1'), { recursive: true });
    await symlink('releases/1', join(site, 'cache'));
    const [commands] = await commandsOf(page);
    await runShell(replaced(commands!, { '/srv/site': site }), work, env);
    const files = await filesOf(join(site, 'releases/2'));
    expect(files).toContain('blog/__page.html');
    expect(files).not.toContain('.pagetree/token');
    const verify = `npx pagetree verify --cache-dir ${join(site, 'cache')}`;
    expect(await runShell(verify, work, env)).toBe('');
    const why = `npx pagetree why /blog --json --cache-dir ${join(site, 'cache')}`;
    expect(JSON.parse(await runShell(why, work, env))).toMatchObject({ stored: { by: 'warm' } });
  });
});
