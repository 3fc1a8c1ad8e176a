import { bestOf } from '../support.js';
import { html } from './html.js';
import { grouped, layout, nameOf, searchForm } from './layout.js';
import { tallyBar, tallyLegend } from './listing.js';
import { plain } from './rich.js';
import { STATE_WORDS, versionOf } from './support-table.js';

/** Features worth a look, by path; one that the data lacks is left out. */
const HIGHLIGHTS = [
  '/javascript/builtins/Temporal',
  '/css/selectors/has',
  '/html/elements/dialog',
  '/api/Document/startViewTransition',
  '/css/at-rules/container',
  '/api/WebTransport',
  '/css/properties/anchor-name',
  '/css/properties/field-sizing',
  '/api/Bluetooth',
];
const SHOWN = ['chrome', 'edge', 'firefox', 'safari', 'safari_ios'];

const SECTION_HINTS = new Map([
  ['api', 'Interfaces, methods and events of the web platform'],
  ['css', 'Properties, selectors, at-rules and types'],
  ['html', 'Elements and their attributes'],
  ['http', 'Headers, methods and status codes'],
  ['javascript', 'Builtins, operators, statements and grammar'],
  ['manifests', 'What makes a page installable'],
  ['mathml', 'Elements for formulas'],
  ['mediatypes', 'Image formats'],
  ['svg', 'Elements and attributes of drawings'],
  ['webassembly', 'Instructions, types and proposals'],
  ['webdriver', 'Commands of the automation protocols'],
  ['webextensions', 'APIs and manifest keys of add-ons'],
]);

/** The highlighted features that the data has; `/latest` leads to the first. */
export function highlightsOf(compat) {
  return HIGHLIGHTS.map((path) => compat.features.get(path)).filter((feature) => feature?.compat);
}

/** @param {import('../data.js').Compat} compat */
export function homePage(compat) {
  const total = compat.sections.reduce((sum, { count }) => sum + count, 0);
  const browsers = SHOWN.map((id) => compat.browsers.get(id)).filter(Boolean);
  const body = html`<section class="hero"><div>
<p class="eyebrow">${grouped(total)} features · ${compat.browsers.size} browsers · one page each</p>
<h1>Which browser can do what?</h1>
<p class="lead">Every API, property, element, header and instruction of the web platform, with the version that brought it to each browser.</p>
${searchForm(undefined, true)}
</div>
${sketch}
</section>
<section aria-labelledby="sections">
<div class="bar"><h2 id="sections">Sections</h2>${tallyLegend}</div>
<ul class="tiles">
${compat.sections.map(sectionTile)}</ul>
</section>
${highlights(highlightsOf(compat), browsers)}
${curiosities}`;
  return layout({
    title: 'Compat Atlas: which browser can do what',
    description: `Browser support of ${grouped(total)} features of the web platform.`,
    path: '/',
    version: compat.version,
    body,
  });
}

/** How the site is laid out, drawn with a few of its pages: files beside folders, as in the tree of a cache. */
const sketch = html`<nav class="sketch" aria-label="Examples"><ul><li><a href="/">/</a><ul>
<li><a href="/api/">api/</a><ul>
<li><a href="/api/AbortController">AbortController</a><ul>
<li><a href="/api/AbortController/abort">abort</a></li>
<li><a href="/api/AbortController/signal">signal</a></li></ul></li>
<li><a href="/api/AbortController.json">AbortController.json</a></li></ul></li>
<li><a href="/browsers/">browsers/</a><ul><li><a href="/browsers/firefox">firefox</a></li></ul></li>
</ul></li></ul></nav>`;

function sectionTile(section) {
  return html`<li class="tile"><h3><a href="${section.path}">${nameOf(section)}</a></h3>
<p>${SECTION_HINTS.get(section.key)}</p>
${tallyBar(section)}<p class="count">${grouped(section.count)} features</p></li>\n`;
}

function highlights(features, browsers) {
  return html`<section aria-labelledby="highlights">
<h2 id="highlights">Worth a look</h2>
<div class="frame" role="region" aria-label="Highlighted features" tabindex="0">
<table class="support compact">
<caption><span>Features people ask about, in the browsers most people use</span></caption>
<thead><tr class="browsers"><th scope="col">Feature</th>${browsers.map((browser) => html`<th scope="col"><a href="${browser.path}">${browser.name}</a></th>`)}</tr></thead>
<tbody>
${features.map(
  (feature) =>
    html`<tr><th scope="row"><a href="${feature.path}">${label(feature)}</a> <small>${feature.id}</small></th>${browsers.map((browser) => highlightCell(feature, browser))}</tr>\n`,
)}</tbody></table></div>
</section>`;
}

function label({ key, compat }) {
  const text = compat.description && plain(compat.description);
  return html`<code>${text && text.length < 40 ? text : key}</code>`;
}

function highlightCell(feature, browser) {
  const { statement, state } = bestOf(feature.compat.support, browser);
  return html`<td class="${state}" title="${browser.name}, ${STATE_WORDS.get(state)}"><b>${versionOf(statement, state, browser)}</b></td>`;
}

const curiosities = html`<section aria-labelledby="uncached">
<h2 id="uncached">Not for the cache</h2>
<p class="aside">The pages above are the same for everyone, so a page cache keeps them. These are not, and a good cache leaves them alone.</p>
<ul class="routes">
<li><a href="/search?q=grid">/search?q=grid</a> a query string</li>
<li><a href="/hello">/hello</a> sets a cookie</li>
<li><a href="/private">/private</a> asks who you are</li>
<li><a href="/account">/account</a> is Cache-Control: private</li>
<li><a href="/latest">/latest</a> redirects</li>
<li><a href="/missing">/missing</a> is not there</li>
</ul>
</section>`;
