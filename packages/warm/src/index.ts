/** `@pagetree/warm`: what the command `cache-warm` does, for programs. */

export type { WarmSettings } from './config/settings.ts';
export { errorTable, WarmError, type WarmErrorCode } from './errors.ts';
export type { Published } from './publish/publication.ts';
export { type WarmReason, type WarmReasonText, warmReasons } from './reasons.ts';
export type { Change, Outcome, PageResult, ReasonCount, UrlResult, WarmSummary } from './results.ts';
export type { Notice } from './sources/entry.ts';
export type { SourceOptions } from './sources/options.ts';
export type { Verified } from './verify-front/verify.ts';
export { type WarmOptions, type WarmRun, warm } from './warm.ts';
