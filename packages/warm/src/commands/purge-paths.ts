import type { PageCache, PurgeScope } from '@pagetree/core';
import { findCacheDir } from '../config/cache-dir.ts';
import { WarmError } from '../errors.ts';
import { type PlannedPurge, planPurge } from '../plan/scopes.ts';
import { printable } from '../report/printable.ts';
import { PurgeReport } from '../report/purge.ts';
import { openWithLayout } from '../tree/open-tree.ts';
import { ownUrls } from '../tree/own-urls.ts';
import { type PurgeNames, planPurges } from '../tree/purge-plan.ts';
import { exitCodes } from './exit-codes.ts';
import type { RewarmRun } from './rewarm.ts';

/** What may be wrong with one line of a list. */
const mistakes: ReadonlySet<string | undefined> = new Set([
  'ERR_PAGETREE_USAGE',
  'ERR_PAGETREE_LIST',
  'ERR_PAGETREE_PATH',
]);

/** What the command line says to `cache-purge`. */
export interface PurgeFlags extends PurgeNames {
  readonly 'cache-dir'?: string | undefined;
  readonly config?: string | undefined;
  readonly yes: boolean;
  readonly 'dry-run': boolean;
  readonly verbose: boolean;
  readonly 'fail-if-missing': boolean;
  readonly rewarm: boolean;
  readonly origin?: string | undefined;
  readonly json: boolean;
}

/** The process around the command. */
export type PurgeSurroundings = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr' | 'env' | 'cwd'>;

/** One run: the tree, what is told, and what narrows it. */
interface Run {
  readonly cache: PageCache;
  readonly report: PurgeReport;
  readonly olderThan: number | undefined;
  /** Fetches again what is removed. */
  readonly rewarm: RewarmRun | undefined;
  /** Refuses URLs of other sites. */
  readonly check: (text: string) => Promise<void>;
}

/** Purges what is named, tells what went, and answers the exit code. */
export async function purgePaths(
  paths: readonly string[],
  flags: PurgeFlags,
  { stdin, stdout, stderr, env, cwd }: PurgeSurroundings,
): Promise<number> {
  const { planned, lists, olderThan } = planPurges(paths, flags);
  if (flags.origin !== undefined && !flags.rewarm) throw originAlone();
  if (lists.length > 0) {
    const { checkLists } = await import('../sources/list.ts');
    await checkLists(lists);
  }
  const check = ownUrls(async () => (await configured(cwd(), flags.config))?.hosts);
  for (const path of paths) await check(path);
  const cacheDir = await findCacheDir({
    flag: flags['cache-dir'],
    config: async () => (await configured(cwd(), flags.config))?.cacheDir,
    env,
    cwd: cwd(),
  });
  const cache = await openWithLayout(
    cacheDir,
    { io: 'direct' },
    async () => (await configured(cwd(), flags.config))?.layout,
  );
  const everything = olderThan === undefined && planned.some((purge) => purge.everything);
  if (everything && !flags.yes && !flags['dry-run']) {
    const { confirmAll } = await import('./confirm.ts');
    if (!(await confirmAll(cache.cacheDir, { stdin, stderr }))) return exitCodes.usage;
  }
  const report = new PurgeReport({
    cacheDir: cache.cacheDir,
    dryRun: flags['dry-run'],
    rewarm: flags.rewarm,
    verbose: flags.verbose,
    write: (text) => (flags.json ? undefined : stdout.write(text)),
  });
  const rewarm = flags.rewarm
    ? await openRewarm(paths, flags, { cache, report, olderThan, planned, lists }, { env, cwd, stderr })
    : undefined;
  const run = { cache, report, olderThan, rewarm, check };
  if (planned.length + lists.length > 1) await checkAll(cache, planned);
  for (const purge of planned) await carryOut(run, purge);
  if (lists.length > 0) await purgeLists(run, lists, flags.recursive, { stdin, stderr });
  const again = flags['dry-run'] ? undefined : await rewarm?.carryOut();
  await cache.close();
  if (flags.json) stdout.write(report.json());
  else if (again === undefined) report.total();
  if (report.mistakes > 0) return exitCodes.usage;
  if (again !== undefined && again !== exitCodes.done) return again;
  return flags['fail-if-missing'] && report.missing > 0 ? exitCodes.incomplete : exitCodes.done;
}

/** Configuration is read only when the folder, or its layout, follows from nothing else: a purge must be quick. */
async function configured(cwd: string, file: string | undefined) {
  const { loadConfig } = await import('../config/load.ts');
  return (await loadConfig(cwd, file))?.values;
}

/** What fetches pages again is loaded when it is asked for. */
async function openRewarm(...args: Parameters<typeof import('./rewarm.ts').openRewarm>): Promise<RewarmRun> {
  return (await import('./rewarm.ts')).openRewarm(...args);
}

async function carryOut(
  { cache, report, olderThan, rewarm }: Run,
  planned: PlannedPurge,
  isLine = false,
): Promise<void> {
  const { name, scope } = planned;
  const { dryRun } = report;
  if (rewarm !== undefined) {
    report.done(name, await rewarm.list(planned, isLine), noneOf(scope, olderThan));
    return;
  }
  const how = { dryRun, ...(report.wantsPages ? { onPage: report.page } : {}) };
  if (olderThan !== undefined) {
    const { purgeOlder } = await import('../tree/purge-older.ts');
    report.done(name, await purgeOlder(cache, scope, olderThan, how), noneOf(scope, olderThan));
    return;
  }
  report.done(name, await cache.purge(scope, how), noneOf(scope, olderThan));
}

/** What is said when there was no page. */
function noneOf(scope: PurgeScope, olderThan: number | undefined): string | undefined {
  if (olderThan !== undefined) return 'no page is that old';
  return 'path' in scope ? undefined : 'no page is stored';
}

function originAlone(): WarmError {
  return new WarmError('ERR_PAGETREE_USAGE', '--origin is for --rewarm: a purge alone asks no site.', {
    hint: 'Add --rewarm to fetch the pages again, or leave out --origin.',
  });
}

/** The tree may know a reason why something names no page. All are heard before the first is removed. */
async function checkAll(cache: PageCache, planned: readonly PlannedPurge[]): Promise<void> {
  for (const { scope } of planned) {
    if ('glob' in scope || ('path' in scope && scope.recursive !== true)) {
      await cache.purge(scope, { dryRun: true });
    }
  }
}

/** A list may be long: it is purged as it comes, and a line that is no path is named and passed by. */
async function purgeLists(
  run: Run,
  lists: readonly string[],
  recursive: boolean,
  { stdin, stderr }: Pick<PurgeSurroundings, 'stdin' | 'stderr'>,
): Promise<void> {
  const { emptyList, readLists } = await import('../sources/list.ts');
  let lines = 0;
  for await (const line of readLists(lists, new AbortController().signal, stdin)) {
    lines += 1;
    try {
      if ('problem' in line) throw new WarmError('ERR_PAGETREE_LIST', `The line is ${line.problem}.`);
      await run.check(line.text);
      run.rewarm?.check(line.text);
      await carryOut(run, planPurge(line.text, recursive), true);
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (!mistakes.has(code)) throw error;
      run.report.mistakes += 1;
      const list = lists.length === 1 ? '' : `${printable(line.source)}, `;
      stderr.write(`${list}line ${line.number}: ${printable(message)}\n`);
    }
  }
  if (lines === 0) throw emptyList(lists);
}
