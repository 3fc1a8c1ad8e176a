import { findCacheDir } from '../config/cache-dir.ts';
import { type FlagShape, fromEnvironment } from '../config/environment.ts';
import { loadConfig } from '../config/load.ts';
import { readTolerance } from '../config/tolerance.ts';
import { type WarmFlags, warmOptions } from '../config/warm-options.ts';
import { Meter, type MeterStream } from '../report/meter.ts';
import { summaryJson, summaryText } from '../report/summary.ts';
import { shortcomings } from '../report/verdict.ts';
import type { WarmSummary } from '../results.ts';
import { type WarmOptions, warm } from '../warm.ts';
import { exitCodes } from './exit-codes.ts';
import type { Interrupt, takeInterrupts } from './interrupt.ts';
import { openOutputs } from './open-outputs.ts';

/** What the command line says to `cache-warm`. */
export interface WarmListsFlags extends WarmFlags {
  readonly 'cache-dir'?: string | undefined;
  readonly config?: string | undefined;
  readonly report?: string | undefined;
  readonly failed?: string | undefined;
  readonly changes?: string | undefined;
  readonly 'dry-run'?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly verbose?: boolean | undefined;
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
  const flags: WarmListsFlags = { ...given, ...fromEnvironment(shapes, { ...given }, env) };
  const config = await loadConfig(cwd, flags.config);
  const options = warmOptions(flags, config?.values ?? {});
  const cacheDir = await findCacheDir({
    flag: flags['cache-dir'],
    config: async () => config?.values.cacheDir,
    env,
    cwd,
  });
  const outputs = openOutputs(flags);
  const meter = new Meter(stderr, { quiet: flags.quiet === true, verbose: flags.verbose === true, env });
  const interrupt = takeInterrupts(
    () => meter.say('Stopping: what is being fetched may still end. Once more to stop at once.'),
    () => {
      meter.stop();
      outputs.discard();
    },
  );

  let summary: WarmSummary;
  try {
    summary = await warm({
      ...options,
      cacheDir,
      lists,
      dryRun: flags['dry-run'] === true,
      signal: interrupt.signal,
      onListed: (urls, complete) => meter.listed(urls, complete),
      onNotice: (notice) => meter.notice(notice),
      onGone: (key, place) => outputs.gone(key, place),
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
    interrupt.release();
  }
  const missed = flags['dry-run'] === true ? [] : shortcomings(summary, expected(options));
  const exitCode = exitCodeOf(summary, missed, interrupt);
  stdout.write(
    flags.json ? summaryJson(summary, exitCode, missed, flags.report) : summaryText(summary, missed),
  );
  outputs.finish(summary, exitCode);
  return exitCode;
}

function expected({ failOn = '0', minPages = 0 }: Omit<WarmOptions, 'cacheDir'>) {
  return { tolerance: readTolerance('--fail-on', failOn), minPages };
}

/** The strongest word first: a run that was stopped says nothing about its pages. */
function exitCodeOf({ cut }: WarmSummary, missed: readonly string[], interrupt: Interrupt): number {
  if (interrupt.exitCode !== undefined) return interrupt.exitCode;
  if (cut === 'max-time') return exitCodes.outOfTime;
  return missed.length === 0 ? exitCodes.done : exitCodes.incomplete;
}
