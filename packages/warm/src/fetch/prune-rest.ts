import type { PageCache } from '@pagetree/core';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Seen } from '../plan/seen.ts';
import type { Tally } from '../report/tally.ts';
import type { WarmSummary } from '../results.ts';
import type { Sources } from '../sources/open.ts';
import type { WarmOptions } from '../warm.ts';
import { prune } from './prune.ts';

/** What is known at the end of a run. */
export interface PruneRest {
  readonly settings: ResolvedSettings;
  readonly named: Seen;
  readonly onGone: NonNullable<WarmOptions['onGone']>;
  readonly signal: AbortSignal;
  readonly sources: Sources;
  readonly tally: Tally;
  readonly cut: WarmSummary['cut'];
  readonly stopped: boolean;
}

/** Prunes, unless what the sources name is not known for sure. */
export async function pruneRest(
  cache: PageCache,
  options: PruneRest,
): Promise<{ gone?: number; refused?: string }> {
  const { settings, named, onGone, signal, sources, tally, cut, stopped } = options;
  const unread = tally.reasons().some(({ reason }) => reason === 'bad-source' || reason === 'bad-line');
  if (stopped || cut !== undefined) return { refused: 'the run ended before the end of its sources' };
  if (sources.plan.elsewhere > 0) return { refused: 'other parts of the sources belong to other machines' };
  if (unread) return { refused: 'a source has lines that cannot be read' };
  return prune(cache, { named, maxShrink: settings.maxShrink, signal, onGone });
}
