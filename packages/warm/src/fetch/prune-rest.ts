import type { PageCache } from '@pagetree/core';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Seen } from '../plan/seen.ts';
import { type Pruned, type PruneOptions, prune } from './prune.ts';
import { type Seeing, whyNotWhole } from './whole.ts';

/** What is known at the end of a run. */
export interface PruneRest {
  readonly settings: ResolvedSettings;
  readonly named: Seen;
  readonly leftOut: (target: string) => boolean;
  readonly dryRun: boolean;
  readonly onGone: PruneOptions['onGone'];
  readonly signal: AbortSignal;
  readonly seeing: Seeing;
}

/** Prunes, unless what the sources name is not known for sure. */
export async function pruneRest(cache: PageCache, { settings, seeing, ...rest }: PruneRest): Promise<Pruned> {
  const refused = whyNotWhole(seeing);
  if (refused !== undefined) return { refused };
  return prune(cache, { ...rest, maxShrink: settings.maxShrink });
}
