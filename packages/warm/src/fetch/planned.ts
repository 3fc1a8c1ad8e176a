/** What a run has to fetch, out of what its sources name. */
import type { FetchStep } from '../plan/plan.ts';
import type { Seen } from '../plan/seen.ts';
import type { UrlResult } from '../results.ts';
import type { Sources } from '../sources/open.ts';
import type { WarmOptions } from '../warm.ts';
import type { Journal } from './journal.ts';
import { nameIn } from './prune.ts';

/** The sources, and who hears of what they name. */
export interface Planned {
  readonly sources: Sources;
  readonly onListed: NonNullable<WarmOptions['onListed']>;
  readonly report: (result: UrlResult) => void;
  readonly room: (signal: AbortSignal) => Promise<void>;
  readonly named: Seen | undefined;
  readonly journal?: Journal | undefined;
  readonly signal: AbortSignal;
}

/** The pages to fetch, one after the other; what is judged already is reported instead. */
export async function* planned(options: Planned): AsyncGenerator<FetchStep> {
  const { sources, onListed, report, room, named, journal, signal } = options;
  for await (const step of sources.steps()) {
    onListed(sources.plan.listed, false);
    await room(signal);
    if (step.kind !== 'fetch') {
      report(step.result);
      continue;
    }
    if (named !== undefined) nameIn(named, step.target);
    // What the interrupted run has done is not asked for again, whatever its age.
    const done = journal?.takes(step.target);
    yield done === undefined ? step : { ...step, done };
  }
  if (!signal.aborted) onListed(sources.plan.listed, true);
}
