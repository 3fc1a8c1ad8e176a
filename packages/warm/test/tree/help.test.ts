import { describe, expect, it } from 'vitest';
import { commandNames } from '../../src/commands/names.ts';
import { run } from '../support/bins.ts';
import { newFolder } from '../support/folders.ts';
import { steady } from './trees.ts';

const cwd = newFolder();
// The help of the warmer is held where the warmer is.
const own = commandNames.filter((name) => name !== 'warm');

describe('pagetree --help', () => {
  it('finds every command', async () => {
    const { code, stdout } = await run('pagetree', ['--help'], { cwd });
    expect(code).toBe(0);
    expect(steady(stdout, cwd)).toMatchSnapshot();
    for (const name of commandNames) expect(stdout).toContain(`\n  ${name} `);
  });

  it.each(own)('%s --help tells all of it', async (name) => {
    const { code, stdout, stderr } = await run('pagetree', [name, '--help'], { cwd, env: { COLUMNS: '80' } });
    expect([code, stderr]).toEqual([0, '']);
    expect(steady(stdout, cwd)).toMatchSnapshot();
  });
});
