import type { PageCache } from '@pagetree/core';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Seen } from '../plan/seen.ts';
import type { WarmOptions } from '../warm.ts';
import { prune } from './prune.ts';
import { type Seeing, whyNotWhole } from './whole.ts';

/** What is known at the end of a run. */
export interface PruneRest {
  readonly settings: ResolvedSettings;
  readonly named: Seen;
  readonly onGone: NonNullable<WarmOptions['onGone']>;
  readonly signal: AbortSignal;
  readonly seeing: Seeing;
}

/** Prunes, unless what the sources name is not known for sure. */
export async function pruneRest(
  cache: PageCache,
  { settings, named, onGone, signal, seeing }: PruneRest,
): Promise<{ gone?: number; refused?: string }> {
  const refused = whyNotWhole(seeing);
  if (refused !== undefined) return { refused };
  return prune(cache, { named, maxShrink: settings.maxShrink, signal, onGone });
}
