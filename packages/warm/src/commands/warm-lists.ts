import { findCacheDir } from '../config/cache-dir.ts';
import { loadConfig } from '../config/load.ts';
import { type WarmFlags, warmOptions } from '../config/warm-options.ts';
import { Meter, type MeterStream } from '../report/meter.ts';
import { ReportFile } from '../report/report-file.ts';
import { summaryJson, summaryText } from '../report/summary.ts';
import type { WarmSummary } from '../results.ts';
import { warm } from '../warm.ts';
import { exitCodes } from './exit-codes.ts';
import type { takeInterrupts } from './interrupt.ts';

/** What the command line says to `cache-warm`. */
export interface WarmListsFlags extends WarmFlags {
  readonly 'cache-dir'?: string | undefined;
  readonly config?: string | undefined;
  readonly report?: string | undefined;
  readonly quiet: boolean;
  readonly json: boolean;
}

/** The process around the command. */
export interface Surroundings {
  readonly takeInterrupts: typeof takeInterrupts;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: MeterStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** Warms the lists, tells how it goes, and answers the exit code. */
export async function warmLists(
  lists: readonly string[],
  flags: WarmListsFlags,
  { takeInterrupts, stdout, stderr, env, cwd }: Surroundings,
): Promise<number> {
  const config = await loadConfig(cwd, flags.config);
  const options = warmOptions(flags, config?.values ?? {});
  const cacheDir = await findCacheDir({
    flag: flags['cache-dir'],
    config: async () => config?.values.cacheDir,
    env,
    cwd,
  });
  const report = flags.report === undefined ? undefined : new ReportFile(flags.report);
  const meter = new Meter(stderr, { quiet: flags.quiet, env });
  const interrupt = takeInterrupts(
    () => meter.say('Stopping: what is being fetched may still end. Once more to stop at once.'),
    () => {
      meter.stop();
      report?.discard();
    },
  );

  let summary: WarmSummary;
  try {
    summary = await warm({
      ...options,
      cacheDir,
      lists,
      signal: interrupt.signal,
      onListed: (urls, complete) => meter.listed(urls, complete),
      onResult: (result) => {
        report?.add(result);
        meter.result(result);
      },
    });
  } catch (error) {
    report?.discard();
    // Stopped before the list said anything: there is nothing to tell.
    if (interrupt.exitCode !== undefined && (error as Error).name === 'AbortError') return interrupt.exitCode;
    throw error;
  } finally {
    meter.stop();
    interrupt.release();
  }
  const complete = summary.refused + summary.failed === 0;
  const exitCode = interrupt.exitCode ?? (complete ? exitCodes.done : exitCodes.incomplete);
  stdout.write(flags.json ? summaryJson(summary, exitCode, flags.report) : summaryText(summary));
  report?.finish();
  return exitCode;
}
