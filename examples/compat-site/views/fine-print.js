import { listOf, stateOf } from '../support.js';
import { html } from './html.js';
import { rich } from './rich.js';
import { STATE_WORDS, versionOf } from './support-table.js';

/** What a table cell has no room for: every statement about the feature, browser by browser. */
export function finePrint(feature, compat) {
  const cards = [...compat.browsers.values()]
    .map((browser) => ({ browser, statements: listOf(feature.compat.support[browser.id]) }))
    .filter(({ statements }) => statements.length > 1 || statements.some(isRemarkable));
  if (cards.length === 0) return undefined;
  return html`<section class="fine" aria-labelledby="details">
<h2 id="details">Details</h2>
<div class="cards">
${cards.map(
  ({ browser, statements }) => html`<article id="in-${browser.id}">
<h3><a href="${browser.path}">${browser.name}</a></h3>
<ul>${statements.map((statement) => item(statement, browser))}</ul>
</article>\n`,
)}</div>
</section>`;
}

function isRemarkable(s) {
  return s.notes || s.flags || s.prefix || s.alternative_name || s.partial_implementation || s.impl_url;
}

function item(statement, browser) {
  const state = stateOf(statement, browser);
  const facts = factsOf(statement, state, browser);
  return html`<li><span class="chip ${state}">${versionOf(statement, state, browser)}</span> ${STATE_WORDS.get(state)}${facts.length > 0 && html`<ul>${facts.map((fact) => html`<li>${fact}</li>`)}</ul>`}</li>\n`;
}

function factsOf(statement, state, browser) {
  const {
    version_removed: removed,
    prefix,
    alternative_name: alias,
    partial_implementation: partial,
  } = statement;
  return [
    removed && state !== 'removed' && html`To be removed in ${removed}.`,
    partial && 'The implementation is partial.',
    prefix && html`Needs the prefix <code>${prefix}</code>.`,
    alias && html`Known as <code>${alias}</code>.`,
    ...listOf(statement.flags).map((flag) => flagFact(flag, browser)),
    ...listOf(statement.notes).map(rich),
    ...listOf(statement.impl_url).map((url) => html`Tracked at ${outward(url)}.`),
  ].filter(Boolean);
}

function flagFact({ type, name, value_to_set: value }, browser) {
  const kind = type === 'preference' ? 'preference' : 'runtime flag';
  const where = type === 'preference' && browser.pref_url;
  return html`Behind the ${kind} <code>${name}</code>${value && html`, set to <code>${value}</code>`}${where && html`, at <code>${where}</code>`}.`;
}

/** A link to another site, if it is one: an address that is not http(s) is shown and leads nowhere. */
export function outward(url, label = url.replace(/^https?:\/\//, '')) {
  return /^https?:\/\//i.test(url) ? html`<a href="${url}" rel="noreferrer">${label}</a>` : html`${url}`;
}
