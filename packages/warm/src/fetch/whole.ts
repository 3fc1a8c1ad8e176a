import type { UrlResult, WarmSummary } from '../results.ts';

/** What is known at the end of a run of how much of its sources was seen. */
export interface Seeing {
  readonly stopped: boolean;
  readonly cut: WarmSummary['cut'];
  /** Sources, or parts of them, that could not be read. */
  readonly unread: number;
  /** Lines that are neither a path nor a URL. */
  readonly badLines: boolean;
  /** URLs that belong to other machines. */
  readonly elsewhere: number;
  /** With `crawl`: pages whose links could not be seen. */
  readonly blind: number;
}

/** Why the sources may name more pages than were seen; `undefined` when all of them were. Pure. */
export function whyNotWhole({
  stopped,
  cut,
  unread,
  badLines,
  elsewhere,
  blind,
}: Seeing): string | undefined {
  if (stopped || cut !== undefined) return 'the run ended before the end of its sources';
  if (elsewhere > 0) return 'other parts of the sources belong to other machines';
  if (unread > 0) return unread === 1 ? 'a source cannot be read' : `${unread} sources cannot be read`;
  if (badLines) return 'a source has lines that cannot be read';
  if (blind > 0) {
    return blind === 1
      ? 'a page did not come whole, and its links are not known'
      : `${blind} pages did not come whole, and their links are not known`;
  }
  return undefined;
}

/**
 * Whether a page may have links that a crawl did not see: another try may bring them. A page that is gone (404), or that
 * is redirected, has none that matter.
 */
export function hidesLinks({ outcome, reason, status }: UrlResult): boolean {
  if (outcome === 'failed') return true;
  const passing =
    status !== undefined && (status >= 500 || status === 429 || status === 408 || status === 425);
  return reason === 'status' && passing;
}
