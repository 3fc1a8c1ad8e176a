import type { PageCache, PurgeScope } from '@pagetree/core';
import { findCacheDir } from '../config/cache-dir.ts';
import { configFileOf } from '../config/config-file.ts';
import { WarmError } from '../errors.ts';
import type { PlannedPurge } from '../plan/scopes.ts';
import { PurgeReport } from '../report/purge.ts';
import { openWithLayout } from '../tree/open-tree.ts';
import { Output } from '../tree/output.ts';
import { ownUrls } from '../tree/own-urls.ts';
import { checkScopes } from '../tree/pages.ts';
import { type SelectionFlags, selectPages } from '../tree/selection.ts';
import { complain } from './complain.ts';
import { exitCodes } from './exit-codes.ts';
import type { RewarmRun } from './rewarm.ts';

/** What the command line says to `cache-purge`. */
export interface PurgeFlags extends SelectionFlags {
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
  surroundings: PurgeSurroundings,
): Promise<number> {
  const { stdin, stdout, stderr, env, cwd } = surroundings;
  const selection = selectPages(paths, flags, 'purge');
  const { planned, lists, olderThan } = selection;
  if (flags.origin !== undefined && !flags.rewarm) throw originAlone();
  if (lists.length > 0) {
    const { checkLists } = await import('../sources/list.ts');
    await checkLists(lists);
  }
  const config = () => configured(cwd(), configFileOf(flags.config, env));
  const check = ownUrls(async () => (await config())?.hosts);
  for (const path of paths) await check(path);
  const cacheDir = await findCacheDir({
    flag: flags['cache-dir'],
    config: async () => (await config())?.cacheDir,
    env,
    cwd: cwd(),
  });
  const cache = await openWithLayout(cacheDir, { io: 'direct' }, async () => (await config())?.layout);
  if (selection.namesAll && !flags.yes && !flags['dry-run']) {
    const { confirmAll } = await import('./confirm.ts');
    if (!(await confirmAll(cache.cacheDir, { stdin, stderr }))) return exitCodes.usage;
  }
  const report = new PurgeReport({
    cacheDir: cache.cacheDir,
    dryRun: flags['dry-run'],
    rewarm: flags.rewarm,
    verbose: flags.verbose,
    json: flags.json,
    write: (text) => stdout.write(text),
  });
  try {
    const rewarm = flags.rewarm
      ? await openRewarm(paths, flags, { cache, report, olderThan, planned, lists }, { env, cwd, stderr })
      : undefined;
    const run = { cache, report, olderThan, rewarm, check };
    if (planned.length + lists.length > 1) await checkScopes(cache, planned);
    for (const purge of planned) await carryOut(run, purge);
    if (lists.length > 0) await purgeLists(run, lists, flags, { stdin, stderr });
    const again = flags['dry-run'] ? undefined : await rewarm?.carryOut();
    await cache.close();
    if (flags.json) await report.writeJson(new Output(stdout));
    else if (again === undefined) report.total();
    if (report.mistakes > 0) return exitCodes.usage;
    if (again !== undefined && again !== exitCodes.done) return again;
    return flags['fail-if-missing'] && report.missing > 0 ? exitCodes.incomplete : exitCodes.done;
  } catch (error) {
    if (!flags.json || !report.hasBegun) throw error;
    const { code, message, hint, exitCode } = complain('cache-purge', error);
    await report.writeJson(new Output(stdout), { error: { code, message, hint }, exitCode });
    throw Object.assign(error as Error, { isInDocument: true });
  } finally {
    report.close();
  }
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

/** A list is purged as it comes. A line in it that names the whole tree was perhaps never meant: nobody saw it. */
async function purgeLists(
  run: Run,
  lists: readonly string[],
  { recursive, yes }: PurgeFlags,
  { stdin, stderr }: Pick<PurgeSurroundings, 'stdin' | 'stderr'>,
): Promise<void> {
  const { throughLists } = await import('../tree/through-lists.ts');
  const { report, olderThan = 0 } = run;
  const check = async (text: string) => {
    await run.check(text);
    run.rewarm?.check(text);
  };
  report.mistakes += await throughLists(lists, { recursive, check, stdin, stderr }, async (line) => {
    if (line.everything && olderThan === 0 && !yes && !report.dryRun) {
      throw new WarmError('ERR_PAGETREE_LIST', 'This would remove every page; add --yes if that is meant.');
    }
    await carryOut(run, line, true);
    return true;
  });
}
