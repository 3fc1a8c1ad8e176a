import { explain, type Reason } from '@pagetree/core';
import { ownReason, type WarmReason } from '../reasons.ts';
import type { WarmSummary } from '../results.ts';
import { bytes, count, duration, plural, rate } from './numbers.ts';
import { printable } from './printable.ts';

/** A reason with what it means. */
function reasonText(reason: WarmReason): { readonly what: string; readonly fix: string } {
  return ownReason(reason) ?? explain(reason as Reason);
}

function pace({ urls, seconds }: WarmSummary): number {
  return seconds > 0 ? urls / seconds : 0;
}

/** A whole run for people. */
export function summaryText(summary: WarmSummary): string {
  const { stored, present, refused, failed, duplicates, urls, seconds } = summary;
  const numbers = [stored, present, refused, failed].map(count);
  const width = Math.max(...numbers.map((number) => number.length));
  const row = (name: string, at: number, rest = '') =>
    `  ${name.padEnd(8)} ${numbers[at]!.padStart(width)}${rest}`.trimEnd();
  const lines = [
    `${summary.stopped ? 'Stopped' : 'Done'}: ${summary.origin} into ${printable(summary.cacheDir)}`,
    row('stored', 0, stored > 0 ? `  ${bytes(summary.bytes)}` : ''),
    row('present', 1, present > 0 ? '  there already, not fetched' : ''),
    row('refused', 2),
    row('failed', 3),
  ];
  lines.push(...reasonTable(summary));
  const repeated = duplicates > 0 ? `, ${plural(duplicates, 'repetition')} left out` : '';
  lines.push(`${plural(urls, 'URL')} in ${duration(seconds)}, ${rate(pace(summary))} a second${repeated}.`);
  if (summary.stopped) {
    lines.push('Run the same command again to go on: pages that are there are not fetched again.');
  }
  return `${lines.join('\n')}\n`;
}

/** Why URLs were not stored, and what to do about it: a line a reason. */
function reasonTable({ reasons }: WarmSummary): string[] {
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

/** A whole run for programs: the document of `--json`. */
export function summaryJson(summary: WarmSummary, exitCode: number, report?: string): string {
  const document = {
    ...summary,
    pagesPerSecond: Number(pace(summary).toFixed(1)),
    seconds: Number(summary.seconds.toFixed(3)),
    reasons: summary.reasons.map((counted) => {
      const { what, fix } = reasonText(counted.reason);
      return { ...counted, what, fix };
    }),
    exitCode,
    ...(report === undefined ? {} : { report }),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
