import { createHash } from 'node:crypto';
import type { WarmSummary } from '../../results.ts';
import type { Figures } from '../figures.ts';
import { bytes, count, duration, plural, rate } from '../numbers.ts';
import type { Ending } from '../outputs.ts';
import { heading, pace } from '../summary.ts';
import { html, Markup } from './markup.ts';
import { colourKey, sizesPlot, throughputPlot, time, timesPlot } from './plots.ts';
import { style } from './style.ts';
import { pageTable, reasonList, statusTable } from './tables.ts';
import { treeMap } from './tree-map.ts';

/** What the page tells. */
export interface PageFacts {
  readonly summary: WarmSummary;
  readonly ending: Ending;
  readonly figures: Figures;
  readonly at: Date;
}

/** Nothing may be loaded, and nothing runs: the only thing that is allowed is this very style. */
const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`;

/** A whole run as one page that needs nothing else: no script, no request. Everything from outside is escaped. */
export function reportPage(facts: PageFacts): string {
  const { summary, at } = facts;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(policy.replaceAll('"', '&quot;'))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>cache-warm: ${summary.origin}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<main>
<header>
<h1>${summary.origin}</h1>
<p class="quiet">cache-warm into ${summary.cacheDir}, ${at.toISOString().slice(0, 16).replace('T', ' ')} UTC</p>
</header>
${verdict(facts)}
${tiles(summary)}
<div class="grid">
${plots(facts)}
</div>
</main>
</body>
</html>
`.text;
}

function verdict({ summary, ending: { exitCode, missed } }: PageFacts): Markup {
  const { urls, refused, failed } = summary;
  const said =
    missed.length > 0
      ? missed.join(' ')
      : refused + failed === 0
        ? `Every one of ${plural(urls, 'URL')} is in the tree.`
        : `${count(refused + failed)} of ${plural(urls, 'URL')} are not stored; that many may be.`;
  return html`<div class="verdict${exitCode === 0 ? '' : ' bad'}"><b>${heading(summary)}, exit code ${exitCode}</b><span>${summary.dryRun ? 'Nothing was stored: it was a dry run.' : said}</span></div>`;
}

function tiles(summary: WarmSummary): Markup {
  const { stored, present, refused, failed, planned, changes } = summary;
  const all: readonly (readonly [string, string])[] = [
    ...(planned > 0 ? [['planned', count(planned)] as const] : []),
    ['stored', count(stored)],
    ['present', count(present)],
    ['refused', count(refused)],
    ['failed', count(failed)],
    ...(changes.changed > 0 ? [['changed', count(changes.changed)] as const] : []),
    ...(changes.gone > 0 ? [['gone', count(changes.gone)] as const] : []),
    ['bytes stored', bytes(summary.bytes)],
    ['time', duration(summary.seconds)],
    ['URLs a second', rate(pace(summary))],
  ];
  return html`<dl class="tiles">${all.map(([name, value]) => html`<div><dt>${name}</dt><dd${tint(name, value)}>${value}</dd></div>`)}</dl>`;
}

/** What should not be is seen at once. */
function tint(name: string, value: string): Markup | undefined {
  if (value === '0' || (name !== 'refused' && name !== 'failed')) return undefined;
  return new Markup(` class="${name}"`);
}

/** A plot that has nothing to show is left out. */
function plots({ summary, figures }: PageFacts): readonly Markup[] {
  const { times, sizes, timeline, statuses, sections, slowest, largest } = figures;
  const { origin, reasons } = summary;
  const site = sections.root;
  const isMapped = site.parts !== undefined;
  const took = `${count(times.count)} responses: the fastest ${time(times.least)}, the slowest ${time(times.most)}.`;
  return [
    card(
      timeline.stretches.length > 0 && 'URLs a second over time',
      () => html`${throughputPlot(timeline)}${colourKey(summary)}`,
      { wide: true },
    ),
    card(reasons.length > 0 && 'Not stored, and why', () => reasonList(summary, figures), { wide: true }),
    card(statuses.size > 0 && 'Statuses', () => statusTable(statuses), { wide: true }),
    card(times.count > 0 && 'How long responses took', () => timesPlot(times), {
      wide: sizes.count === 0,
      quiet: took,
    }),
    card(sizes.count > 0 && 'How large pages are', () => sizesPlot(sizes), {
      quiet: `${count(sizes.count)} pages: the smallest ${bytes(sizes.least)}, the largest ${bytes(sizes.most)}.`,
    }),
    card(isMapped && 'The site by pages', () => treeMap(site, 'pages'), {
      wide: true,
      quiet:
        'An area for each section. A strip of amber: so much of it is not stored; all red: half of it, or more.',
    }),
    card(isMapped && site.bytes > 0 && 'The site by bytes', () => treeMap(site, 'bytes'), {
      wide: true,
    }),
    card(slowest.length > 0 && 'Slowest pages', () =>
      pageTable(slowest, origin, (page) => time(page.milliseconds!)),
    ),
    card(largest.length > 0 && 'Largest pages', () =>
      pageTable(largest, origin, (page) => bytes(page.bytes!)),
    ),
  ];
}

function card(
  title: string | false,
  body: () => Markup,
  { wide = false, quiet }: { readonly wide?: boolean; readonly quiet?: string } = {},
): Markup {
  if (title === false) return html``;
  const said = quiet === undefined ? html`` : html`<p class="quiet">${quiet}</p>`;
  return html`<section${wide ? new Markup(' class="wide"') : undefined}><h2>${title}</h2>${said}${body()}</section>
`;
}
