import { findCacheDir } from '../config/cache-dir.ts';
import { wholeNumber } from '../config/values.ts';
import { type ListedTree, listTrees, rollBack } from '../publish/rollback.ts';
import { printable } from '../report/printable.ts';
import { timeText } from './age.ts';
import { jsonText } from './json.ts';
import { type Around, configOf, type TreeFlags } from './open.ts';

/** What the command line says to `pagetree rollback`. */
export interface RollbackFlags extends TreeFlags {
  readonly to?: string | undefined;
  readonly list: boolean;
}

/** Switches to an earlier tree, or lists what is kept. */
export async function rollBackTree(flags: RollbackFlags, { stdout, env, cwd }: Around): Promise<void> {
  const to = flags.to === undefined ? undefined : wholeNumber('--to', flags.to, 1, 999_999_999);
  const cacheDir = await findCacheDir({
    flag: flags['cache-dir'],
    config: async () => (await configOf(flags, { env, cwd }))?.values.cacheDir,
    env,
    cwd: cwd(),
  });
  if (flags.list) {
    const trees = listTrees(cacheDir);
    stdout.write(flags.json ? listJson(cacheDir, trees) : listText(cacheDir, trees));
    return;
  }
  const { tree, previous } = await rollBack(cacheDir, to);
  const link = printable(cacheDir, 4096);
  if (flags.json) stdout.write(`${jsonText({ cacheDir, tree, previous }, 2)}\n`);
  else if (tree === previous) stdout.write(`${link} leads to tree ${tree} already.\n`);
  else stdout.write(`${link} leads to tree ${tree} now; it was ${previous}.\n`);
}

function listText(cacheDir: string, trees: readonly ListedTree[]): string {
  const width = String(trees[0]?.tree ?? '').length;
  const rows = trees.map(({ tree, live, at }) =>
    `  ${String(tree).padStart(width)}  ${at === undefined ? 'no manifest' : timeText(at)}  ${live ? 'live' : ''}`.trimEnd(),
  );
  return `Trees of ${printable(cacheDir, 4096)}:\n${rows.join('\n')}\n`;
}

function listJson(cacheDir: string, trees: readonly ListedTree[]): string {
  const listed = trees.map(({ tree, live, at }) => ({
    tree,
    live,
    at: at === undefined ? null : timeText(at),
  }));
  return `${jsonText({ cacheDir, trees: listed }, 2)}\n`;
}
