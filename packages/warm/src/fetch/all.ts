import { setTimeout as wait } from 'node:timers/promises';
import type { FetchStep } from '../plan/plan.ts';
import { throughWindow } from '../plan/window.ts';
import type { UrlResult } from '../results.ts';
import { type PageTools, warmPage } from './page.ts';

/** How a run is done, and who hears of each result. */
export interface RunOptions {
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly report: (result: UrlResult) => void;
}

/** Waits before another look at a page that somebody else was storing, in milliseconds. */
const busyWaits = [100, 200, 400, 800, 1600, 3200];
/** The most pages that are kept for another look. */
const mostBusy = 10_000;

/**
 * Brings the pages of all steps into the tree. A page that another process is storing is looked at again
 * at the end, when it is probably there.
 */
export async function fetchAll(
  steps: AsyncIterable<FetchStep>,
  tools: PageTools,
  { concurrency, signal, report }: RunOptions,
): Promise<void> {
  let busy: FetchStep[] = [];
  const work = (last: boolean) => async (step: FetchStep) => {
    const { target, url, source, line } = step;
    const result = await warmPage(target, tools);
    const later = result.reason === 'busy' && !last && !signal.aborted && busy.length < mostBusy;
    if (later) busy.push(step);
    else report({ url, ...result, source, line });
  };

  await throughWindow(steps, concurrency, signal, work(false));
  for (const [round, milliseconds] of busyWaits.entries()) {
    if (busy.length === 0) return;
    const again = busy;
    busy = [];
    await wait(milliseconds, undefined, { signal }).catch(() => {});
    if (signal.aborted) {
      for (const { url, source, line } of again) {
        report({ url, outcome: 'failed', reason: 'busy', source, line });
      }
      return;
    }
    await throughWindow(again, concurrency, signal, work(round === busyWaits.length - 1));
  }
}
