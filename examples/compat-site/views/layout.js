import { html, trusted } from './html.js';

const NAV = ['api', 'css', 'html', 'http', 'javascript'];

/** How people write the names of the sections. */
const SECTION_NAMES = new Map([
  ['api', 'Web APIs'],
  ['css', 'CSS'],
  ['html', 'HTML'],
  ['http', 'HTTP'],
  ['javascript', 'JavaScript'],
  ['manifests', 'Manifests'],
  ['mathml', 'MathML'],
  ['mediatypes', 'Media types'],
  ['svg', 'SVG'],
  ['webassembly', 'WebAssembly'],
  ['webdriver', 'WebDriver'],
  ['webextensions', 'WebExtensions'],
]);

/** @param {import('../data.js').Feature} feature */
export function nameOf(feature) {
  return feature.parent ? feature.key : (SECTION_NAMES.get(feature.key) ?? feature.key);
}

/** 20968 as 20,968; with our own hands, since locales differ from machine to machine. */
export function grouped(number) {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

const MARK = trusted(
  '<svg class="mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true"><path d="M5 3v14a3 3 0 0 0 3 3h3M5 9h6" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"/><rect x="12" y="5.5" width="9" height="7" rx="2" fill="currentColor"/><rect x="12" y="16.5" width="9" height="7" rx="2" fill="currentColor" opacity=".55"/></svg>',
);
// An icon in the page itself: a browser then asks for no /favicon.ico.
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Crect width='24' height='24' rx='5' fill='%230b6b4b'/%3E%3Cpath d='M7 5v10a2 2 0 0 0 2 2h3M7 10h5' fill='none' stroke='%23fff' stroke-width='2'/%3E%3Crect x='12' y='7.5' width='7' height='5' rx='1.5' fill='%23fff'/%3E%3Crect x='12' y='14.5' width='7' height='5' rx='1.5' fill='%239fe0c2'/%3E%3C/svg%3E";

/**
 * The frame of every page.
 * @param {object} page
 * @param {string} page.title
 * @param {string} page.path printed in the footer
 * @param {string} page.version of the data
 * @param {unknown} page.body
 * @param {string} [page.description]
 * @param {string} [page.section] the key of the section the page is in, or `browsers`
 * @param {string} [page.query] what was searched for
 * @param {boolean} [page.unlisted] asks search engines to stay out
 */
export function layout({ title, path, version, body, description, section, query, unlisted }) {
  const current = (key) => (key === section ? trusted(' aria-current="true"') : '');
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${description && html`<meta name="description" content="${description}">\n`}${unlisted && html`<meta name="robots" content="noindex">\n`}<meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="${ICON}">
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top"><div class="wrap">
<a class="brand" href="/">${MARK}<span>Compat Atlas</span></a>
<nav aria-label="Sections">${NAV.map((key) => html`<a href="/${key}/"${current(key)}>${SECTION_NAMES.get(key)}</a>`)}<a href="/browsers/"${current('browsers')}>Browsers</a></nav>
${path !== '/' && searchForm(query)}
</div></header>
<main id="main" class="wrap">
${body}
</main>
<footer class="foot"><div class="wrap">
<p>Rendered <code>${path}</code></p>
<p>Data: <a href="https://github.com/mdn/browser-compat-data">@mdn/browser-compat-data</a> ${version}, CC0. An example site of Pagetree.</p>
</div></footer>
</body>
</html>
`;
}

export function searchForm(query, big = false) {
  return html`<form class="${big ? 'search big' : 'search'}" action="/search" role="search">
<input type="search" name="q" value="${query}" placeholder="${big ? 'dialog, :has(), Temporal, fetch …' : 'Search features'}" aria-label="Search features" autocomplete="off" spellcheck="false">
<button>Search</button>
</form>`;
}

/** The way from home to a page; the last step is the page itself. */
export function breadcrumbs(feature) {
  const steps = [];
  for (let step = feature; step; step = step.parent) steps.unshift(step);
  return html`<nav class="crumbs" aria-label="Breadcrumb"><ol>
<li><a href="/">Home</a></li>
${steps.map((step) =>
  step === feature
    ? html`<li><span aria-current="page">${nameOf(step)}</span></li>`
    : html`<li><a href="${step.path}">${nameOf(step)}</a></li>`,
)}
</ol></nav>`;
}
