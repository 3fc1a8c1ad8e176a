/** `@pagetree/warm`: what the command `cache-warm` does, for programs. */
export { errorTable, WarmError, type WarmErrorCode } from './errors.ts';
export { type WarmReason, type WarmReasonText, warmReasons } from './reasons.ts';
export type { Outcome, PageResult, ReasonCount, UrlResult, WarmSummary } from './results.ts';
export { type WarmOptions, warm } from './warm.ts';
