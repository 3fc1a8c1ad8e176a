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
    'urls' | 'stored' | 'present' | 'refused' | 'failed' | 'notPruned' | 'notPublished'
  >,
  { tolerance, minPages }: Expected,
): string[] {
  const { urls, stored, present, refused, failed, notPruned, notPublished } = summary;
  const missing = refused + failed;
  const allowed = tolerance.ofAll ? tolerance.most * urls : tolerance.most;
  const found: string[] = [];
  if (missing > allowed) {
    const most = tolerance.ofAll ? `${Number((tolerance.most * 100).toFixed(2))}%` : count(tolerance.most);
    found.push(`${count(missing)} of ${plural(urls, 'URL')} were not stored; no more than ${most} may be.`);
  }
  if (stored + present < minPages) {
    found.push(`${plural(stored + present, 'page')} are in the tree; at least ${count(minPages)} must be.`);
  }
  if (notPruned !== undefined) found.push(`Nothing was pruned: ${notPruned}.`);
  if (notPublished !== undefined) found.push(`Nothing was published: ${notPublished}.`);
  return found;
}
