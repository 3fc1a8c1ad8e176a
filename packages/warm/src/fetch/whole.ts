import type { WarmReason } from '../reasons.ts';
import type { UrlResult, WarmSummary } from '../results.ts';

/** What is known at the end of a run of how much of its sources was seen. */
export interface Seeing {
  readonly stopped: boolean;
  readonly cut: WarmSummary['cut'];
  /** Sources, or parts of them, that could not be read. */
  readonly unread: number;
  /** Lines that are neither a path nor a URL, or in a log none of it. */
  readonly badLines: boolean;
  /** URLs that belong to other machines. */
  readonly elsewhere: number;
  /** With `crawl`: pages whose links could not be seen. */
  readonly blind: number;
  /** With `follow`: URLs that may redirect to pages, and did not say where. */
  readonly lost: number;
  /** A dry run: nothing was fetched, so that what these lead to is not known. */
  readonly unfollowed: 'link' | 'redirect' | undefined;
}

/** Why the sources may name more pages than were seen; `undefined` when all of them were. Pure. */
export function whyNotWhole({
  stopped,
  cut,
  unread,
  badLines,
  elsewhere,
  blind,
  lost,
  unfollowed,
}: Seeing): string | undefined {
  if (unfollowed !== undefined) return `no page is fetched, so no ${unfollowed} is followed`;
  if (stopped || cut !== undefined) return 'the run ended before the end of its sources';
  if (elsewhere > 0) return 'other parts of the sources belong to other machines';
  if (unread > 0) return unread === 1 ? 'a source cannot be read' : `${unread} sources cannot be read`;
  if (badLines) return 'a source has lines that cannot be read';
  if (blind > 0) {
    return blind === 1
      ? 'a page did not come whole, and its links are not known'
      : `${blind} pages did not come whole, and their links are not known`;
  }
  if (lost > 0) {
    return lost === 1
      ? 'a URL did not lead to a page, and where it redirects to is not known'
      : `${lost} URLs did not lead to a page, and where they redirect to is not known`;
  }
  return undefined;
}

/** What comes instead of a page, or is perhaps not all of it. */
const notThePage: ReadonlySet<WarmReason | undefined> = new Set<WarmReason>([
  ...(['wrong-text', 'too-small', 'empty-body', 'no-length', 'partial-content'] as const),
  ...(['tree-full', 'too-busy'] as const),
]);

/**
 * Whether a page may have links that a crawl did not see: another try, or another visitor, may get them. A page that is gone
 * (404, 410), or that is redirected, has none that matter.
 */
export function hidesLinks({ outcome, reason, status }: UrlResult): boolean {
  if (outcome === 'failed') return true;
  if (reason === 'status') return status !== 404 && status !== 410;
  return notThePage.has(reason);
}

/**
 * Whether a URL may lead to a page that was not seen, by a redirect: another try may get there. One that is gone (404, 410)
 * leads nowhere, one that answered 200 to itself, one that is redirected to another site to no page of this one; and neither
 * does one that a rule kept from being asked for.
 */
export function hidesWay({ outcome, reason, status, milliseconds, leadsElsewhere }: UrlResult): boolean {
  if (outcome === 'failed') return true;
  if (outcome !== 'refused' || leadsElsewhere === true) return false;
  if (milliseconds === undefined || status === 200) return notThePage.has(reason);
  return status !== 404 && status !== 410;
}
