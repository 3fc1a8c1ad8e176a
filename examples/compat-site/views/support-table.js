import { bestOf, dateOf, listOf } from '../support.js';
import { breakable, html } from './html.js';
import { rich } from './rich.js';

const TYPES = new Map([
  ['desktop', 'Desktop'],
  ['mobile', 'Mobile'],
  ['xr', 'Headset'],
  ['server', 'Server'],
]);

export const STATE_WORDS = new Map([
  ['yes', 'supported'],
  ['alias', 'under another name'],
  ['partial', 'partial'],
  ['preview', 'preview'],
  ['flag', 'behind a flag'],
  ['removed', 'removed'],
  ['no', 'not supported'],
  ['unknown', 'unknown'],
]);

/** The browsers that the data of these features speaks of, in groups, desktops first. */
export function columnsOf(features, browsers) {
  const named = new Set(features.flatMap(({ compat }) => Object.keys(compat.support)));
  const known = [...browsers.values()].filter(({ id }) => named.has(id));
  return [...TYPES]
    .map(([type, name]) => ({ name, browsers: known.filter((browser) => browser.type === type) }))
    .filter((group) => group.browsers.length > 0);
}

/**
 * A feature and its direct children over all browsers.
 * @param {import('../data.js').Feature} feature
 * @param {import('../data.js').Compat} compat
 */
export function supportTable(feature, compat) {
  const rows = [feature, ...feature.children].filter((row) => row.compat);
  const groups = columnsOf(rows, compat.browsers);
  const columns = groups.flatMap((group) => group.browsers);
  return html`<div class="frame" role="region" aria-label="Support table" tabindex="0">
<table class="support">
<caption><span>First version of each browser that has it${rows.length > 1 && html`, for <code>${feature.key}</code> and its parts`}</span></caption>
<colgroup><col><col class="browser" span="${columns.length}"></colgroup>
<thead>
<tr class="groups"><td></td>${groups.map((group) => html`<th scope="colgroup" colspan="${group.browsers.length}">${group.name}</th>`)}</tr>
<tr class="browsers"><th scope="col">Feature</th>${groups.map(columnHeads)}</tr>
</thead>
<tbody>
${rows.map((row) => html`<tr${row === feature && html` class="self"`}>${rowHead(row, feature)}${columns.map((browser) => cell(row, browser, row === feature))}</tr>\n`)}</tbody>
</table>
</div>`;
}

function columnHeads({ browsers }) {
  return browsers.map((browser) => html`<th scope="col"><a href="${browser.path}">${browser.name}</a></th>`);
}

function rowHead(row, feature) {
  const { description } = row.compat;
  const self = row === feature;
  // A link in a description would sit inside ours; such a row is named by its key.
  const label =
    description && !/<a\s/i.test(description) ? rich(description) : html`<code>${breakable(row.key)}</code>`;
  const marks = statusMarks(row.compat.status);
  if (self) return html`<th scope="row"><code>${breakable(row.key)}</code>${marks}</th>`;
  const more = row.count > 1 && html` <small title="${row.count - 1} more inside">+${row.count - 1}</small>`;
  return html`<th scope="row"><a href="${row.path}">${label}</a>${more}${marks}</th>`;
}

function statusMarks(status) {
  if (!status) return undefined;
  return [
    status.deprecated && html` <abbr class="st deprecated" title="Deprecated">old</abbr>`,
    status.experimental && html` <abbr class="st experimental" title="Experimental">exp</abbr>`,
    !status.standard_track && html` <abbr class="st nonstandard" title="Not on a standards track">n/s</abbr>`,
  ];
}

function cell(row, browser, linked) {
  const { statement, state } = bestOf(row.compat.support, browser);
  const noted = hasMore(row.compat.support[browser.id]);
  const mark =
    noted && (linked ? html`<a href="#in-${browser.id}" title="See the details">*</a>` : html`<sup>*</sup>`);
  const date = dateOf(statement, browser);
  const title = [browser.name, STATE_WORDS.get(state), state !== 'no' && date].filter(Boolean).join(', ');
  return html`<td class="${state}" title="${title}"><b>${versionOf(statement, state, browser)}</b>${mark}<small>${wordFor(state, date)}</small></td>`;
}

/** What stands large in a cell. */
export function versionOf(statement, state, browser) {
  if (state === 'unknown') return '?';
  if (state === 'no') return 'No';
  const { version_added: added, version_last: last, version_removed: removed } = statement;
  const since = added === 'preview' ? (browser.preview_name ?? 'Preview') : added;
  if (state !== 'removed') return since;
  return last === added ? since : `${since}–${last ?? `<${removed}`}`;
}

function wordFor(state, date) {
  if (state === 'yes') return date?.slice(0, 4);
  if (state === 'no' || state === 'unknown') return undefined;
  return state === 'alias' ? 'alias' : state;
}

function hasMore(support) {
  const statements = listOf(support);
  return (
    statements.length > 1 || statements.some((s) => s.notes || s.flags || s.prefix || s.alternative_name)
  );
}

export const supportLegend = html`<ul class="legend" aria-label="Legend">
${['yes', 'partial', 'flag', 'preview', 'no', 'unknown'].map((state) => html`<li><i class="key ${state}"></i> ${STATE_WORDS.get(state)}</li>`)}
<li><b>*</b> has details</li>
</ul>`;
