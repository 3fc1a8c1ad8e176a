import { explain, type Reason } from '@pagetree/core';
import { ownReason, type WarmReason } from '../reasons.ts';
import type { WarmSummary } from '../results.ts';
import { jsonText } from '../tree/json.ts';
import { bytes, count, duration, plural, rate } from './numbers.ts';
import { printable } from './printable.ts';
import { verifiedText } from './verified.ts';

/** A reason with what it means. */
export function reasonText(reason: WarmReason): { readonly what: string; readonly fix: string } {
  return ownReason(reason) ?? explain(reason as Reason);
}

export function pace({ urls, seconds }: WarmSummary): number {
  return seconds > 0 ? urls / seconds : 0;
}

/** A whole run for people. */
export function summaryText(summary: WarmSummary, missed: readonly string[] = []): string {
  if (summary.verified !== undefined && summary.urls === 0) {
    return `${[...verifiedText(summary.verified), ...missed].join('\n')}\n`;
  }
  const { stored, present, refused, failed, planned, duplicates, urls, seconds } = summary;
  const numbers = [stored, present, refused, failed, planned].map(count);
  const width = Math.max(...numbers.map((number) => number.length));
  const row = (name: string, at: number, rest = '') =>
    `  ${name.padEnd(8)} ${numbers[at]!.padStart(width)}${rest}`.trimEnd();
  const lines = [
    `${heading(summary)}: ${summary.origin} into ${printable(summary.cacheDir)}`,
    ...(planned > 0 ? [row('planned', 4, '  would be fetched')] : []),
    row(
      'stored',
      0,
      stored > 0 ? `  ${bytes(summary.bytes)}${changedText(summary)}${privateText(summary)}` : '',
    ),
    row('present', 1, present > 0 ? `  there already${presentText(summary)}` : ''),
    row('refused', 2),
    row('failed', 3),
    ...goneRow(summary),
  ];
  lines.push(...reasonTable(summary));
  const repeated = duplicates > 0 ? `, ${plural(duplicates, 'repetition')} left out` : '';
  lines.push(`${plural(urls, 'URL')} in ${duration(seconds)}, ${rate(pace(summary))} a second${repeated}.`);
  if (summary.stopped || summary.cut === 'max-time') lines.push(goOnText(summary));
  if (summary.published !== undefined) lines.push(publishedText(summary.published));
  if (summary.verified !== undefined) lines.push(...verifiedText(summary.verified));
  if (summary.dryRun && summary.notPruned !== undefined) {
    lines.push(`Nothing would be pruned: ${summary.notPruned}.`);
  }
  lines.push(...missed);
  return `${lines.join('\n')}\n`;
}

function goneRow({ changes: { gone }, dryRun }: WarmSummary): string[] {
  return gone === 0 ? [] : [`  gone     ${count(gone)}  ${dryRun ? 'would be ' : ''}removed: in no source`];
}

/** What is left to do, and how. */
function goOnText({ published }: WarmSummary): string {
  return published === undefined
    ? 'Run the same command again to go on: what is done is not done again.'
    : 'The tree is live; the same command without its lists and --publish asks the server for every page.';
}

function publishedText({ tree, kept }: NonNullable<WarmSummary['published']>): string {
  const back = kept.length === 0 ? '' : `; pagetree rollback goes back to tree ${kept[0]}`;
  return `Published as tree ${tree}${back}.`;
}

/** How a run ended, in two words or so. */
export function heading({ stopped, cut, dryRun }: WarmSummary): string {
  if (stopped) return 'Stopped';
  if (cut === 'max-time') return 'Out of time';
  return dryRun ? 'Dry run' : 'Done';
}

function presentText({ present, unchanged }: WarmSummary): string {
  if (unchanged === 0) return ', not fetched';
  return unchanged === present ? ', not changed' : `, ${count(unchanged)} asked for and not changed`;
}

function privateText({ privatePages }: WarmSummary): string {
  return privatePages === undefined ? '' : `, ${count(privatePages)} of them for the middleware alone`;
}

function changedText({ changes }: WarmSummary): string {
  return changes.changed === 0 ? '' : `, ${count(changes.new)} new, ${count(changes.changed)} changed`;
}

/** Why URLs were not stored, and what to do about it: a line a reason. */
export function reasonTable({ reasons }: Pick<WarmSummary, 'reasons'>): string[] {
  if (reasons.length === 0) return [];
  const numbers = reasons.map((counted) => count(counted.count));
  const widest = Math.max(...numbers.map((number) => number.length));
  const longest = Math.max(...reasons.map(({ reason }) => reason.length));
  const rows = reasons.map(({ reason }, at) => {
    const { what, fix } = reasonText(reason);
    return `  ${numbers[at]!.padStart(widest)} ${reason.padEnd(longest)}  ${what} ${fix}`;
  });
  return ['Not stored, and why:', ...rows];
}

/** A whole run for programs. */
export function summaryDocument(summary: WarmSummary, exitCode: number, missed: readonly string[]): object {
  return {
    ...summary,
    pagesPerSecond: Number(pace(summary).toFixed(1)),
    seconds: Number(summary.seconds.toFixed(3)),
    reasons: summary.reasons.map((counted) => {
      const { what, fix } = reasonText(counted.reason);
      return { ...counted, what, fix };
    }),
    missed,
    exitCode,
  };
}

/** The document of `--json`. */
export function summaryJson(
  summary: WarmSummary,
  exitCode: number,
  missed: readonly string[] = [],
  reports: readonly string[] = [],
): string {
  const document = {
    ...summaryDocument(summary, exitCode, missed),
    ...(reports.length === 0 ? {} : { reports }),
  };
  return `${jsonText(document, 2)}\n`;
}
