/** What a cache did since it was opened, counted from its events. Pure. */
import type { CacheEvent } from '@pagetree/core';

/** How often each reason was given. There are as many as the table of reasons has. */
export type ByReason = Record<string, number>;

/** The numbers that are shared. They only grow. */
export interface Counts {
  hits: number;
  /** Bytes of the pages that were hit, identity encoding. */
  hitBytes: number;
  /** Misses of every kind; those that could not be stored stand in `unstored` too. */
  misses: number;
  unstored: ByReason;
  bypassed: ByReason;
  refused: ByReason;
  aborted: ByReason;
  stored: number;
  storedBytes: number;
  purges: number;
  purgedPages: number;
  purgedBytes: number;
  /** By the call that failed. */
  errors: ByReason;
}

/** Nothing has happened yet. */
export function noCounts(): Counts {
  return {
    ...{ hits: 0, hitBytes: 0, misses: 0, stored: 0, storedBytes: 0 },
    ...{ purges: 0, purgedPages: 0, purgedBytes: 0 },
    ...{ unstored: {}, bypassed: {}, refused: {}, aborted: {}, errors: {} },
  };
}

/** Adds one event. It runs at each request, so it makes nothing new. */
export function countEvent(counts: Counts, event: CacheEvent): void {
  switch (event.type) {
    case 'hit':
      counts.hits += 1;
      counts.hitBytes += event.bytes;
      break;
    case 'miss':
      counts.misses += 1;
      if (event.reason !== undefined) addTo(counts.unstored, event.reason);
      break;
    case 'bypass':
      addTo(counts.bypassed, event.reason);
      break;
    case 'refused':
    case 'aborted':
      addTo(counts[event.type], event.reason);
      break;
    case 'stored':
      counts.stored += 1;
      counts.storedBytes += event.bytes;
      break;
    case 'purged':
      counts.purges += 1;
      counts.purgedPages += event.pages;
      counts.purgedBytes += event.bytes;
      break;
    case 'error':
      addTo(counts.errors, event.during, 1 + event.suppressed);
      break;
  }
}

function addTo(reasons: ByReason, name: string, times = 1): void {
  reasons[name] = (reasons[name] ?? 0) + times;
}
