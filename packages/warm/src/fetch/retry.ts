/** What is worth another try, and when. Pure. */
import type { WarmReason } from '../reasons.ts';
import type { PageResult } from '../results.ts';

/** Statuses that pass (RFC 9110, 15.5.9, 15.6; RFC 6585, 4; RFC 8470, 5.2). */
const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Failures of the network, and of an origin that is being started again. */
const passingReasons: ReadonlySet<WarmReason> = new Set<WarmReason>([
  'connection-refused',
  'connection-reset',
  'unreachable',
  'timeout',
  'unfinished',
  'length-mismatch',
]);

/** The first wait in milliseconds; it doubles with every try. */
const firstWait = 500;
const longestWait = 30_000;

/** The longest that `Retry-After` is waited for, in milliseconds: a run must not stand still because an origin says so. */
export const longestRetryAfter = 120_000;

/** Whether the same request may well succeed in a moment. */
export function isWorthRetrying({ outcome, reason, status }: PageResult): boolean {
  if (outcome === 'stored' || outcome === 'present' || reason === undefined) return false;
  if (reason === 'status') return status !== undefined && passingStatuses.has(status);
  return passingReasons.has(reason);
}

/**
 * How long to wait before a try, in milliseconds. The wait doubles; half of it is by chance, so that pages
 * that failed together do not come back together.
 *
 * @param attempt Tries that were made, from 1.
 * @param retryAfter What the origin asked for, in milliseconds. No more than `longestRetryAfter` of it counts.
 * @param random A number from 0 to 1.
 */
export function waitBefore(attempt: number, retryAfter: number | undefined, random: number): number {
  const wait = Math.min(longestWait, firstWait * 2 ** (attempt - 1));
  return Math.max(wait / 2 + (wait / 2) * random, Math.min(retryAfter ?? 0, longestRetryAfter));
}

/**
 * Reads `Retry-After`: seconds, or a date (RFC 9110, 10.2.3). In milliseconds from `now`, which is since 1970; `Infinity`
 * for a number that is none of a person's; `undefined` for what is neither.
 */
export function readRetryAfter(
  field: string | readonly string[] | undefined,
  now: number,
): number | undefined {
  const text = typeof field === 'string' ? field.trim() : undefined;
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  // The old form of a date names no zone: it is that of Greenwich (RFC 9110, 5.6.7).
  const dated = /GMT$/.test(text) ? text : `${text} GMT`;
  const date = /^[A-Za-z]{3,9},? /.test(text) ? Date.parse(dated) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** What to tell of a `Retry-After` that is not waited for; `undefined` when it is. */
export function tooLate(status: number, retryAfter: number | undefined): string | undefined {
  if (retryAfter === undefined || retryAfter <= longestRetryAfter) return undefined;
  const asked = Number.isFinite(retryAfter) ? `${Math.round(retryAfter / 1000)} s` : 'for ever';
  return `${status}, and Retry-After asks to wait ${asked}; ${longestRetryAfter / 1000} s is the longest`;
}
