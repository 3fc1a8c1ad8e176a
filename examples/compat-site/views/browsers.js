import { outward } from './fine-print.js';
import { html } from './html.js';
import { grouped, layout } from './layout.js';

const TYPE_NAMES = new Map([
  ['desktop', 'Desktop'],
  ['mobile', 'Mobile'],
  ['xr', 'Headsets'],
  ['server', 'Servers'],
]);

const currentOf = ({ releases }) => [...releases].find(([, release]) => release.status === 'current');

/** @param {import('../data.js').Compat} compat */
export function browsersPage(compat) {
  const all = [...compat.browsers.values()];
  const body = html`${crumbs()}
<header class="title"><h1>Browsers</h1><p class="lead">${all.length} browsers and runtimes, with all their releases.</p></header>
${[...TYPE_NAMES].map(([type, name]) =>
  group(
    name,
    all.filter((browser) => browser.type === type),
  ),
)}`;
  return layout({
    title: 'Browsers · Compat Atlas',
    description: 'All browsers and runtimes of the atlas with their releases.',
    path: '/browsers/',
    section: 'browsers',
    version: compat.version,
    body,
  });
}

function group(name, browsers) {
  if (browsers.length === 0) return undefined;
  return html`<section><h2>${name}</h2><ul class="tiles">
${browsers.map((browser) => {
  const [version, release] = currentOf(browser) ?? [];
  return html`<li class="tile"><h3><a href="${browser.path}">${browser.name}</a></h3>
<p>${version ? html`Current release ${version}${release.engine && html`, ${release.engine} ${release.engine_version}`}` : 'No current release'}</p>
<p class="count">${grouped(browser.releases.size)} releases</p></li>\n`;
})}</ul></section>`;
}

/**
 * @param {import('../data.js').Browser} browser
 * @param {import('../data.js').Compat} compat
 */
export function browserPage(browser, compat) {
  const upstream = compat.browsers.get(browser.upstream);
  const [current] = currentOf(browser) ?? [];
  const facts = [
    ['Kind', TYPE_NAMES.get(browser.type)],
    ['Current release', current],
    ['Preview', browser.preview_name],
    ['Follows', upstream && html`<a href="${upstream.path}">${upstream.name}</a>`],
    ['Flags', browser.accepts_flags ? 'yes' : 'no'],
    ['Flags page', browser.pref_url && html`<code>${browser.pref_url}</code>`],
    ['Extensions', browser.accepts_webextensions ? 'yes' : 'no'],
  ];
  const body = html`${crumbs(browser)}
<header class="title"><h1>${browser.name}</h1></header>
<dl class="facts">${facts.map(([term, value]) => value && html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>
<h2 id="releases">Releases</h2>
<div class="frame" role="region" aria-labelledby="releases" tabindex="0">
<table class="releases">
<caption><span>${grouped(browser.releases.size)} releases of ${browser.name}, the newest first</span></caption>
<thead><tr><th scope="col">Version</th><th scope="col">Date</th><th scope="col">Status</th><th scope="col">Engine</th><th scope="col">Notes</th></tr></thead>
<tbody>
${[...browser.releases].map(releaseRow)}</tbody></table></div>`;
  return layout({
    title: `${browser.name} releases · Compat Atlas`,
    description: `All ${browser.releases.size} releases of ${browser.name}.`,
    path: browser.path,
    section: 'browsers',
    version: compat.version,
    body,
  });
}

function releaseRow([version, release]) {
  const { release_date: date, status, engine, engine_version: engineVersion, release_notes: notes } = release;
  return html`<tr><th scope="row">${version}</th><td>${date ? html`<time datetime="${date}">${date}</time>` : '–'}</td><td><span class="pill ${status}">${status}</span></td><td>${engine} ${engineVersion}</td><td>${notes ? outward(notes, 'Notes') : '–'}</td></tr>\n`;
}

function crumbs(browser) {
  return html`<nav class="crumbs" aria-label="Breadcrumb"><ol>
<li><a href="/">Home</a></li>
${browser ? html`<li><a href="/browsers/">Browsers</a></li><li><span aria-current="page">${browser.name}</span></li>` : html`<li><span aria-current="page">Browsers</span></li>`}
</ol></nav>`;
}
