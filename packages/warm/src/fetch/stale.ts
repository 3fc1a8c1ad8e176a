import type { FetchStep } from '../plan/plan.ts';
import type { StoredPage } from './stored.ts';

/** When a page that is there is asked for again. */
export interface Freshness {
  readonly refresh: boolean;
  /** Seconds since it was stored. */
  readonly olderThan: number | undefined;
  readonly lastmod: boolean;
}

/**
 * Whether a stored page is asked for again. Pure.
 *
 * @param now Milliseconds since 1970.
 */
export function isStale(
  { at }: Pick<StoredPage, 'at'>,
  { lastmod }: Pick<FetchStep, 'lastmod'>,
  freshness: Freshness,
  now: number,
): boolean {
  const { refresh, olderThan } = freshness;
  // With an age, `refresh` is about pages of that age.
  if (olderThan !== undefined && now - at > olderThan * 1000) return true;
  if (refresh && olderThan === undefined) return true;
  return freshness.lastmod && lastmod !== undefined && lastmod > at;
}
