import { PagetreeError } from '@pagetree/core';
import { mistyped } from '../config/environment.ts';
import { WarmError } from '../errors.ts';
import { withoutCommands } from '../report/github.ts';
import { Meter, type MeterStream } from '../report/meter.ts';
import { Secrets } from '../report/secrets.ts';
import { summaryJson, summaryText } from '../report/summary.ts';
import { shortcomings } from '../report/verdict.ts';
import type { WarmSummary } from '../results.ts';
import { type WarmOptions, warmWith } from '../warm.ts';
import { exitCodes } from './exit-codes.ts';
import type { Interrupt, takeInterrupts } from './interrupt.ts';
import { openOutputs } from './open-outputs.ts';
import { type OptionPlaces, readOptions, type WarmListsFlags } from './read-options.ts';

/** The process around the command. */
export interface Surroundings extends OptionPlaces {
  readonly takeInterrupts: typeof takeInterrupts;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: MeterStream;
}

/** Warms the lists, tells how it goes, and answers the exit code. */
export async function warmLists(
  lists: readonly string[],
  given: WarmListsFlags,
  surroundings: Surroundings,
): Promise<number> {
  const { takeInterrupts, stdout, stderr, shapes, env } = surroundings;
  const { options, settings, output, cacheDir } = await readOptions(lists, given, surroundings);
  const { dryRun = false, quiet = false, verbose = false, json = false, report } = output;
  const inActions = env.GITHUB_ACTIONS === 'true' && output.github !== false;
  const log = inActions ? withoutCommands(stderr) : stderr;
  const github = inActions ? { log: stderr, summaryFile: env.GITHUB_STEP_SUMMARY } : undefined;
  const outputs = await openOutputs(output, github);
  const secrets = new Secrets(settings.connection);
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
    const run: WarmOptions = {
      ...options,
      ...{ cacheDir, lists, dryRun },
      signal: interrupt.signal,
      onListed: (urls, complete) => meter.listed(urls, complete),
      onNotice: ({ source, text }) =>
        meter.notice({ source: secrets.hideInUrl(source), text: secrets.hide(text) }),
      onVerified: (made) => {
        const result = secrets.told(made);
        if (asking === undefined) meter.stop();
        asking ??= new Meter(log, { quiet, verbose, env });
        asking.listed(result.line, false);
        asking.result(result);
        if (result.reason !== undefined) outputs.result(result, made);
      },
      onGone: (_, place, url) => outputs.gone(url, place),
      onResult: (made) => {
        const result = secrets.told(made);
        outputs.result(result, made);
        meter.result(result);
      },
    };
    summary = await warmWith(run, settings, { room: (signal) => outputs.room(signal), secrets });
  } catch (error) {
    outputs.discard();
    // Stopped before the list said anything: there is nothing to tell.
    if (interrupt.exitCode !== undefined && (error as Error).name === 'AbortError') return interrupt.exitCode;
    const isMistake = error instanceof WarmError || error instanceof PagetreeError;
    // What it names may be what a site has named.
    if (isMistake) error.message = secrets.hide(error.message);
    throw error;
  } finally {
    meter.stop();
    asking?.stop();
    interrupt.release();
  }
  const { failOn = '0', minPages = 0 } = options;
  const missed = dryRun ? [] : shortcomings(summary, settings);
  const exitCode = exitCodeOf(summary, missed, interrupt);
  stdout.write(json ? summaryJson(summary, exitCode, missed, report) : summaryText(summary, missed));
  await outputs.finish(summary, { exitCode, missed, expected: dryRun ? undefined : { failOn, minPages } });
  return exitCode;
}

/** The strongest word first: a run that was stopped says nothing about its pages. */
function exitCodeOf({ cut }: WarmSummary, missed: readonly string[], interrupt: Interrupt): number {
  if (interrupt.exitCode !== undefined) return interrupt.exitCode;
  if (cut === 'max-time') return exitCodes.outOfTime;
  return missed.length === 0 ? exitCodes.done : exitCodes.incomplete;
}
