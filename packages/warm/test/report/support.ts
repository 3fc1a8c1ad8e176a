import { Tally } from '../../src/report/tally.ts';
import type { UrlResult, WarmSummary } from '../../src/results.ts';

export const origin = 'http://127.0.0.1:3000';

export const stored = (page: number): UrlResult => ({
  url: `${origin}/docs/${page}`,
  outcome: 'stored',
  change: 'new',
  bytes: 1000 + page,
  milliseconds: 5 + (page % 50),
  status: 200,
  source: 'urls.txt',
  line: page,
});

export const failed = (page: number): UrlResult => ({
  url: `${origin}/docs/${page}`,
  outcome: 'failed',
  reason: 'timeout',
  detail: 'not complete within 1 s',
  milliseconds: 1000,
  tries: 3,
  source: 'urls.txt',
  line: page,
});

/** Signs that end or begin something in one of the forms, and a name that must not run. */
export const nasty = [
  `</script><script>alert('x')</script>"'><img src=x onerror=alert(1)>`,
  `]]>&amp;&#0;&lt;!--<!DOCTYPE a [<!ENTITY b "c">]>`,
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  `${origin}/"onmouseover="alert(1)`,
  '::error::owned\n::stop-commands::x\r##[error]owned',
  '| cell | <b>bold</b> `code` [a](http://evil.example) @all',
  '\u0000\u0001\u001b[2J\u0085\ufffe\uffff\ud800\u202egnp.exe',
];

export const hostile = (text: string, line: number): UrlResult => ({
  url: text,
  outcome: 'refused',
  reason: 'bad-line',
  detail: text,
  source: text,
  line,
});

/** What a run with these results would tell in the end. */
export function summaryOf(results: readonly UrlResult[], more: Partial<WarmSummary> = {}): WarmSummary {
  const tally = new Tally();
  for (const result of results) tally.add(result);
  return {
    origin,
    cacheDir: '/srv/<cache>',
    urls: tally.urls,
    ...tally.counts,
    unchanged: tally.unchanged,
    duplicates: 0,
    bytes: tally.bytes,
    changes: tally.changes,
    seconds: 2.5,
    reasons: tally.reasons(),
    stopped: false,
    cut: undefined,
    notPruned: undefined,
    ...more,
  } as WarmSummary;
}
