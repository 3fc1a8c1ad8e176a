import type { Tolerance } from '../config/tolerance.ts';
import type { WarmSummary } from '../results.ts';
import { count, plural } from './numbers.ts';

/** What a run had to reach. */
export interface Expected {
  readonly tolerance: Tolerance;
  readonly minPages: number;
}

/** Why a run is not good enough, a sentence each; none when it is. Pure. */
export function shortcomings(
  summary: Pick<
    WarmSummary,
    | 'urls'
    | 'stored'
    | 'present'
    | 'pages'
    | 'evicted'
    | 'refused'
    | 'failed'
    | 'unread'
    | 'notPruned'
    | 'notPublished'
    | 'verified'
  >,
  { tolerance, minPages }: Expected,
): string[] {
  const {
    urls,
    stored,
    present,
    refused,
    failed,
    evicted = 0,
    unread = 0,
    notPruned,
    notPublished,
    verified,
  } = summary;
  const { pages = stored + present } = summary;
  const missing = refused + failed;
  const allowed = tolerance.ofAll ? tolerance.most * urls : tolerance.most;
  const found: string[] = [];
  if (missing > allowed) {
    const most = tolerance.ofAll ? `${Number((tolerance.most * 100).toFixed(2))}%` : count(tolerance.most);
    found.push(`${count(missing)} of ${plural(urls, 'URL')} were not stored; no more than ${most} may be.`);
  }
  if (evicted > 0 && missing + evicted > allowed) {
    found.push(
      `${plural(evicted, 'page')} made room for others again: the tree is full. Raise --max-entries or --max-bytes, or name fewer pages.`,
    );
  }
  // A source is one URL of these numbers, and may name thousands of pages.
  if (unread > 0) {
    const are = unread === 1 ? 'A source' : `${count(unread)} sources`;
    found.push(`${are} cannot be read: how many pages are missing is not known.`);
  }
  // A run that only verified says nothing about that.
  if (pages < minPages && !(verified !== undefined && urls === 0)) {
    const are = pages === 1 ? 'is' : 'are';
    found.push(`${plural(pages, 'page')} ${are} in the tree; at least ${count(minPages)} must be.`);
  }
  if (notPruned !== undefined) found.push(`Nothing was pruned: ${notPruned}.`);
  if (notPublished !== undefined) found.push(`Nothing was published: ${notPublished}.`);
  if (verified?.failure !== undefined) found.push(`Nothing was verified: ${verified.failure}.`);
  else if (verified?.complete === true && verified.pages === 0) {
    found.push('Nothing was verified: no page is in the tree.');
  }
  if (verified !== undefined && verified.differ > 0) {
    const { differ, pages, server } = verified;
    found.push(
      `${count(differ)} of ${plural(pages, 'page')} are not served as they are stored by ${server}.`,
    );
  }
  return found;
}
