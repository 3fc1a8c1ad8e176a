/** The lists of a run: statuses, reasons, pages that stand out. */
import type { UrlResult, WarmSummary } from '../../results.ts';
import type { Figures } from '../figures.ts';
import { count } from '../numbers.ts';
import { reasonText } from '../summary.ts';
import { html, type Markup } from './markup.ts';
import { percent } from './plot.ts';

/** How often each status came. */
export function statusTable(statuses: ReadonlyMap<number, number>): Markup {
  const all = [...statuses.values()].reduce((sum, one) => sum + one, 0);
  const rows = [...statuses].sort(([, one], [, other]) => other - one).slice(0, 20);
  return html`<table>${rows.map(
    ([status, times]) =>
      html`<tr><td>${status}</td><td class="number">${count(times)}</td><td width="60%"><svg height="10" aria-hidden="true"><rect class="${status === 200 || status === 304 ? 'stored' : status >= 500 ? 'failed' : 'refused'}" width="${percent(times / all)}" height="10" rx="2"/></svg></td></tr>`,
  )}</table>`;
}

/** Why URLs were not stored, with some of them. */
export function reasonList({ reasons, origin }: WarmSummary, { examples }: Figures): Markup {
  const most = Math.max(...reasons.map((counted) => counted.count));
  return html`${reasons.map((counted) => {
    const { what, fix } = reasonText(counted.reason);
    const some = examples.of(counted);
    const more = counted.count - some.length;
    return html`<details><summary><svg aria-hidden="true"><rect class="${counted.outcome}" width="${percent(counted.count / most)}" height="8" rx="2"/></svg><b>${count(counted.count)}</b> ${counted.reason}: ${withCode(what)}</summary>
<p class="quiet">${withCode(fix)}</p><table>${some.map(
      (result) =>
        html`<tr><td class="url">${link(result.url, origin)}</td><td class="quiet">${result.detail ?? ''}${tries(result)}</td></tr>`,
    )}</table>${more > 0 ? html`<p class="quiet">and ${count(more)} more</p>` : html``}</details>`;
  })}`;
}

/** Text of ours, in which `this` is code. */
function withCode(text: string): readonly Markup[] {
  return text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}

function tries({ tries }: UrlResult): string {
  return tries === undefined ? '' : ` (${tries} tries)`;
}

/** Pages that stand out, and by what. */
export function pageTable(
  pages: readonly UrlResult[],
  origin: string,
  valueTextOf: (page: UrlResult) => string,
): Markup {
  return html`<table>${pages.map(
    (page) =>
      html`<tr><td class="url">${link(page.url, origin)}</td><td class="number">${valueTextOf(page)}</td></tr>`,
  )}</table>`;
}

/** A URL of the site as its path, to be opened; what is none is text. It may be anything: it comes from outside. */
function link(url: string, origin: string): Markup {
  const isOwn = url.startsWith(`${origin}/`) && /^[\x21-\x7e]{1,1500}$/.test(url);
  if (!isOwn) return html`${cut(url)}`;
  return html`<a href="${url}" rel="noreferrer noopener">${cut(url.slice(origin.length))}</a>`;
}

function cut(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
