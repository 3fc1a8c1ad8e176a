/** The plots of a run, each from its own figures. */
import type { Outcome } from '../../results.ts';
import type { Bucket, Histogram } from '../histogram.ts';
import { bytes, count, duration, plural, rate } from '../numbers.ts';
import type { Timeline } from '../timeline.ts';
import { html, type Markup } from './markup.ts';
import { type Bar, type Label, plot } from './plot.ts';

const mostBars = 48;
export const outcomes: readonly Outcome[] = ['stored', 'present', 'planned', 'refused', 'failed'];

/** How many results came in each second, by outcome. */
export function throughputPlot({ stretches, width }: Timeline): Markup {
  const seconds = width / 1000;
  const bars = stretches.map((stretch, at): Bar => {
    const parts = outcomes.map((kind) => ({ kind, value: stretch[kind] / seconds }));
    const said = outcomes
      .filter((kind) => stretch[kind] > 0)
      .map((kind) => `${count(stretch[kind])} ${kind}`);
    return { parts, title: `from ${duration(at * seconds)}: ${said.join(', ')}` };
  });
  const whole = stretches.length * seconds;
  return plot({
    bars,
    about: 'URLs a second over time',
    below: [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, text: duration(at * whole) })),
    heightText: (value) => `${rate(value)}/s`,
  });
}

/** How long responses took. */
export function timesPlot(times: Histogram): Markup {
  const marks = [0.5, 0.9, 0.99].map((share) => ({
    value: times.quantile(share),
    text: `${share * 100}% within ${time(times.quantile(share))}`,
  }));
  return histogram(times, 'Responses by time', time, marks);
}

/** How large pages are. */
export function sizesPlot(sizes: Histogram): Markup {
  const middle = sizes.quantile(0.5);
  return histogram(sizes, 'Pages by size', bytes, [{ value: middle, text: `half up to ${bytes(middle)}` }]);
}

function histogram(
  values: Histogram,
  about: string,
  words: (value: number) => string,
  marks: readonly { readonly value: number; readonly text: string }[],
): Markup {
  const buckets = values.buckets(mostBars);
  return plot({
    about,
    bars: buckets.map(({ from, to, count: value }) => ({
      parts: [{ kind: 'bar', value }],
      title: `${words(from)} to ${words(to)}: ${count(value)}`,
    })),
    below: axis(buckets, words),
    marks: marks.map(({ value, text }) => ({ at: shareOf(value, buckets), text })),
    heightText: count,
  });
}

/** Words at some edges of the buckets, few enough for a phone. */
function axis(buckets: readonly Bucket[], words: (value: number) => string): Label[] {
  const edges = [...buckets.map(({ from }) => from), buckets.at(-1)?.to ?? 0];
  const step = Math.max(1, Math.ceil((edges.length - 1) / 4));
  return edges
    .map((value, at) => ({ at: at / (edges.length - 1), text: words(value) }))
    .filter((_, at) => at % step === 0);
}

/** Where a value stands among the buckets, which are as wide as one another on paper. */
function shareOf(value: number, buckets: readonly Bucket[]): number {
  const at = buckets.findIndex(({ to }) => value <= to);
  if (at === -1) return 1;
  const { from, to } = buckets[at]!;
  return (at + (value - from) / (to - from)) / buckets.length;
}

/** A time in milliseconds, for people. */
export function time(milliseconds: number): string {
  if (milliseconds >= 1000) return duration(milliseconds / 1000);
  return `${milliseconds < 10 ? Number(milliseconds.toFixed(1)) : count(milliseconds)} ms`;
}

/** What the colours mean: those that there are. */
export function colourKey(counts: Readonly<Record<Outcome, number>>): Markup {
  const there = outcomes.filter((kind) => counts[kind] > 0);
  return html`<p class="key">${there.map(
    (kind) =>
      html`<span><svg aria-hidden="true"><rect class="${kind}" width="10" height="10" rx="2"/></svg>${kind} ${plural(counts[kind], 'URL')}</span>`,
  )}</p>`;
}
