import { openTree, type PageCache } from '@pagetree/core';
import { findCacheDir } from '../config/cache-dir.ts';
import { WarmError } from '../errors.ts';
import { type PlannedPurge, planPurge, purgeEverything } from '../plan/scopes.ts';
import { printable } from '../report/printable.ts';
import { PurgeReport } from '../report/purge.ts';
import { exitCodes } from './exit-codes.ts';

/** What may be wrong with one line of a list. */
const mistakes: ReadonlySet<string | undefined> = new Set([
  'ERR_PAGETREE_USAGE',
  'ERR_PAGETREE_LIST',
  'ERR_PAGETREE_PATH',
]);

/** What the command line says to `cache-purge`. */
export interface PurgeFlags {
  readonly 'cache-dir'?: string | undefined;
  readonly config?: string | undefined;
  readonly recursive: boolean;
  readonly all: boolean;
  readonly yes: boolean;
  readonly 'dry-run': boolean;
  readonly verbose: boolean;
  readonly json: boolean;
}

/** The process around the command. */
export type PurgeSurroundings = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr' | 'env' | 'cwd'>;

/** Purges what is named, tells what went, and answers the exit code. */
export async function purgePaths(
  paths: readonly string[],
  flags: PurgeFlags,
  { stdin, stdout, stderr, env, cwd }: PurgeSurroundings,
): Promise<number> {
  if (flags.all && (paths.length > 0 || flags.recursive)) throw allAndMore();
  const fromStdin = paths.includes('-');
  const planned: PlannedPurge[] = flags.all
    ? [purgeEverything]
    : paths.filter((path) => path !== '-').map((path) => planPurge(path, flags.recursive));
  const cacheDir = await findCacheDir({
    flag: flags['cache-dir'],
    config: () => configured(cwd(), flags.config),
    env,
    cwd: cwd(),
  });
  const cache = openTree(cacheDir, { io: 'direct' });
  if (planned.some(({ everything }) => everything) && !flags.yes && !flags['dry-run']) {
    const { confirmAll } = await import('./confirm.ts');
    if (!(await confirmAll(cache.cacheDir, { stdin, stderr }))) return exitCodes.usage;
  }
  const report = new PurgeReport({
    cacheDir: cache.cacheDir,
    dryRun: flags['dry-run'],
    verbose: flags.verbose,
    write: (text) => (flags.json ? undefined : stdout.write(text)),
  });
  if (planned.length > 1) await checkAll(cache, planned);
  for (const purge of planned) await carryOut(cache, purge, report);
  if (fromStdin) await purgeList(cache, flags.recursive, stdin, report, stderr);
  await cache.close();
  if (flags.json) stdout.write(report.json());
  else report.total();
  return report.mistakes === 0 ? exitCodes.done : exitCodes.usage;
}

/** Configuration is read only when nothing stronger names the folder: a purge must be quick. */
async function configured(cwd: string, file: string | undefined) {
  const { loadConfig } = await import('../config/load.ts');
  return (await loadConfig(cwd, file))?.values.cacheDir;
}

async function carryOut(cache: PageCache, { name, scope }: PlannedPurge, report: PurgeReport): Promise<void> {
  const { dryRun } = report;
  const purged = await cache.purge(scope, { dryRun, ...(report.wantsPages ? { onPage: report.page } : {}) });
  report.done(name, purged);
}

/** The tree may know a reason why a path is no page. All are heard before the first is removed. */
async function checkAll(cache: PageCache, planned: readonly PlannedPurge[]): Promise<void> {
  for (const { scope } of planned) {
    if ('path' in scope && scope.recursive !== true) await cache.purge(scope, { dryRun: true });
  }
}

/** A list may be long: it is purged as it comes, and a line that is no path is named and passed by. */
async function purgeList(
  cache: PageCache,
  recursive: boolean,
  stdin: NodeJS.ReadStream,
  report: PurgeReport,
  stderr: { write(text: string): unknown },
): Promise<void> {
  const { emptyList, readLists } = await import('../sources/list.ts');
  let lines = 0;
  for await (const line of readLists(['-'], new AbortController().signal, stdin)) {
    lines += 1;
    try {
      if ('problem' in line) throw new WarmError('ERR_PAGETREE_LIST', `The line is ${line.problem}.`);
      const purge = planPurge(line.text, recursive);
      await carryOut(cache, purge, report);
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (!mistakes.has(code)) throw error;
      report.mistakes += 1;
      stderr.write(`line ${line.number}: ${printable(message)}\n`);
    }
  }
  if (lines === 0) throw emptyList(['-']);
}

function allAndMore(): WarmError {
  return new WarmError('ERR_PAGETREE_USAGE', '--all takes no paths and no --recursive: it is every page.', {
    hint: 'Leave out --all to purge the paths only.',
  });
}
