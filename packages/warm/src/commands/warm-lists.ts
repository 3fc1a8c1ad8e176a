import { findCacheDir } from '../config/cache-dir.ts';
import { type FlagShape, fromEnvironment, mistyped, variableOf } from '../config/environment.ts';
import { loadConfig } from '../config/load.ts';
import { outputSettings } from '../config/output-table.ts';
import { readTolerance } from '../config/tolerance.ts';
import { type WarmFlags, warmOptions } from '../config/warm-options.ts';
import { flagOf, keyOf } from '../config/warm-table.ts';
import { withoutCommands } from '../report/github.ts';
import { Meter, type MeterStream } from '../report/meter.ts';
import { summaryJson, summaryText } from '../report/summary.ts';
import { shortcomings } from '../report/verdict.ts';
import type { WarmSummary } from '../results.ts';
import { warm } from '../warm.ts';
import { exitCodes } from './exit-codes.ts';
import type { Interrupt, takeInterrupts } from './interrupt.ts';
import { noList } from './no-list.ts';
import { openOutputs } from './open-outputs.ts';

/** What the command line says to `cache-warm`. */
export interface WarmListsFlags extends WarmFlags {
  readonly 'cache-dir'?: string | undefined;
  readonly config?: string | undefined;
  readonly report?: readonly string[] | undefined;
  readonly failed?: string | undefined;
  readonly changes?: string | undefined;
  readonly 'dry-run'?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  readonly github?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** The process around the command. */
export interface Surroundings {
  /** Every flag of the command: the environment may have them too. */
  readonly shapes: Readonly<Record<string, FlagShape>>;
  readonly takeInterrupts: typeof takeInterrupts;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: MeterStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** Warms the lists, tells how it goes, and answers the exit code. */
export async function warmLists(
  lists: readonly string[],
  given: WarmListsFlags,
  surroundings: Surroundings,
): Promise<number> {
  const { shapes, takeInterrupts, stdout, stderr, env, cwd } = surroundings;
  const fromEnv = fromEnvironment(shapes, { ...given }, env);
  const flags: WarmListsFlags = { ...given, ...fromEnv };
  const config = await loadConfig(cwd, flags.config);
  const options = warmOptions(flags, config?.values ?? {}, (flag) =>
    flag in fromEnv ? variableOf(flag) : `--${flag}`,
  );
  const { robots, crawl, verify } = options;
  if (lists.length === 0 && robots !== true && crawl !== true && verify === undefined) throw noList();
  const output = outputSettings([
    { said: { ...config?.values.warm }, label: (key) => `warm.${key}` },
    { said: byKey(fromEnv), label: (key) => variableOf(flagOf(key)) },
    { said: byKey(given), label: (key) => `--${flagOf(key)}` },
  ]);
  const { dryRun = false, quiet = false, verbose = false, json = false, report } = output;
  const inActions = env.GITHUB_ACTIONS === 'true' && output.github !== false;
  const log = inActions ? withoutCommands(stderr) : stderr;
  const cacheDir = await findCacheDir({
    flag: flags['cache-dir'],
    config: async () => config?.values.cacheDir,
    env,
    cwd,
  });
  const outputs = await openOutputs(
    output,
    inActions ? { log: stderr, summaryFile: env.GITHUB_STEP_SUMMARY } : undefined,
  );
  const meter = new Meter(log, { quiet, verbose, env });
  for (const { name, meant } of mistyped(shapes, env)) {
    meter.notice({ source: name, text: `no option has this name; ${meant} has` });
  }
  // The second half of a run has a line of its own.
  let asking: Meter | undefined;
  const interrupt = takeInterrupts(
    () => meter.say('Stopping: what is being fetched may still end. Once more to stop at once.'),
    () => {
      meter.stop();
      asking?.stop();
      outputs.discard();
      if (!dryRun) log.write('Stopped at once. Run the same command again to go on.\n');
    },
  );

  let summary: WarmSummary;
  try {
    summary = await warm({
      ...options,
      cacheDir,
      lists,
      dryRun,
      signal: interrupt.signal,
      onListed: (urls, complete) => meter.listed(urls, complete),
      onNotice: (notice) => meter.notice(notice),
      onVerified: (result) => {
        if (asking === undefined) meter.stop();
        asking ??= new Meter(log, { quiet, verbose, env });
        asking.listed(result.line, false);
        asking.result(result);
        if (result.reason !== undefined) outputs.result(result);
      },
      onGone: (_, place, url) => outputs.gone(url, place),
      onResult: (result) => {
        outputs.result(result);
        meter.result(result);
      },
    });
  } catch (error) {
    outputs.discard();
    // Stopped before the list said anything: there is nothing to tell.
    if (interrupt.exitCode !== undefined && (error as Error).name === 'AbortError') return interrupt.exitCode;
    throw error;
  } finally {
    meter.stop();
    asking?.stop();
    interrupt.release();
  }
  const { failOn = '0', minPages = 0 } = options;
  const tolerance = readTolerance('--fail-on', failOn);
  const missed = dryRun ? [] : shortcomings(summary, { tolerance, minPages });
  const exitCode = exitCodeOf(summary, missed, interrupt);
  stdout.write(json ? summaryJson(summary, exitCode, missed, report) : summaryText(summary, missed));
  outputs.finish(summary, { exitCode, missed, expected: dryRun ? undefined : { failOn, minPages } });
  return exitCode;
}

/** Flags under the names that they have in the configuration file. */
function byKey(flags: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(flags).map(([flag, value]) => [keyOf(flag), value]));
}

/** The strongest word first: a run that was stopped says nothing about its pages. */
function exitCodeOf({ cut }: WarmSummary, missed: readonly string[], interrupt: Interrupt): number {
  if (interrupt.exitCode !== undefined) return interrupt.exitCode;
  if (cut === 'max-time') return exitCodes.outOfTime;
  return missed.length === 0 ? exitCodes.done : exitCodes.incomplete;
}
