/** `cache-purge --rewarm`: the part of the command that fetches pages again. */
import type { PageCache, Purged } from '@pagetree/core';
import { configFileOf } from '../config/config-file.ts';
import { readRewarmOptions } from '../config/rewarm-options.ts';
import type { PlannedPurge } from '../plan/scopes.ts';
import { Meter } from '../report/meter.ts';
import { count, plural } from '../report/numbers.ts';
import type { PurgeReport } from '../report/purge.ts';
import { reasonTable } from '../report/summary.ts';
import { Rewarm, type Rewarmed } from '../tree/rewarm.ts';
import { exitCodes } from './exit-codes.ts';
import { takeInterrupts } from './interrupt.ts';
import type { PurgeFlags, PurgeSurroundings } from './purge-paths.ts';

/** A purge whose pages are fetched again. */
export interface RewarmRun {
  /** @throws {WarmError} for a URL of another site. */
  check(argument: string): void;
  /** Lists the pages of one purge. */
  list(planned: PlannedPurge, isLine: boolean): Promise<Purged>;
  /** Fetches what was listed, removes the rest, tells it, and answers the exit code. */
  carryOut(): Promise<number>;
}

interface Planned {
  readonly cache: PageCache;
  readonly report: PurgeReport;
  /** Seconds. */
  readonly olderThan: number | undefined;
  readonly planned: readonly PlannedPurge[];
  readonly lists: readonly string[];
}

/**
 * Prepares it: after that, what is in scope was stored before, or was rendered after.
 *
 * @throws {WarmError} for an option that is wrong and a URL of another site, before anything is changed.
 */
export async function openRewarm(
  paths: readonly string[],
  flags: PurgeFlags,
  { cache, report, olderThan, planned, lists }: Planned,
  { env, cwd, stderr }: Pick<PurgeSurroundings, 'env' | 'cwd' | 'stderr'>,
): Promise<RewarmRun> {
  const { origin, options } = await readRewarmOptions({
    origin: flags.origin,
    config: configFileOf(flags.config, env),
    env,
    cwd: cwd(),
  });
  const rewarm = new Rewarm({
    ...{ cache, origin, options },
    before: olderThan === undefined ? undefined : Date.now() - olderThan * 1000,
    onPage: report.wantsPages ? report.page : undefined,
  });
  for (const path of paths) rewarm.check(path);
  const isWide = planned.some(({ scope }) => !('path' in scope) || scope.recursive === true);
  const mustFence = olderThan === undefined && (isWide || (lists.length > 0 && flags.recursive));
  const fills = mustFence && !report.dryRun ? await rewarm.fence() : 0;
  return {
    check: (argument) => rewarm.check(argument),
    list: (one, isLine) => rewarm.list(one, isLine),
    carryOut: async () => {
      const meter = new Meter(stderr, { quiet: flags.json, verbose: flags.verbose, env });
      const interrupt = takeInterrupts(
        () => meter.say('Stopping: what is not fetched again by now is removed. Once more to stop at once.'),
        () => meter.stop(),
      );
      let rewarmed: Rewarmed;
      try {
        rewarmed = await rewarm.carryOut({
          signal: interrupt.signal,
          onListed: (urls, complete) => meter.listed(urls, complete),
          onResult: (result) => meter.result(result),
          onFetched: () => meter.stop(),
        });
      } finally {
        meter.stop();
        interrupt.release();
        rewarm.close();
      }
      report.again(textOf(rewarmed, fills, origin.href), {
        ...{ origin: origin.href, fills },
        ...{ stored: rewarmed.stored, removed: rewarmed.removed, missed: rewarmed.missed },
        reasons: rewarmed.reasons,
      });
      return interrupt.exitCode ?? (rewarmed.missed > 0 ? exitCodes.incomplete : exitCodes.done);
    },
  };
}

function textOf({ stored, removed, missed, reasons }: Rewarmed, fills: number, origin: string): string {
  const lines = [`${plural(stored, 'page')} fetched again from ${origin}, ${count(removed)} removed`];
  if (fills > 0) lines.push(`${plural(fills, 'page')} being made will not be stored`);
  if (missed > 0) lines.push(...reasonTable({ reasons }));
  return `${lines.join('\n')}\n`;
}
