import { html } from './html.js';
import { grouped, layout } from './layout.js';
import { REACH_WORDS } from './listing.js';
import { rich } from './rich.js';

const SHOWN = 60;

/**
 * @param {string} query
 * @param {import('../data.js').Feature[]} found
 * @param {import('../data.js').Compat} compat
 */
export function searchPage(query, found, compat) {
  const body = html`<header class="title"><h1>${query ? html`Results for <q>${query}</q>` : 'Search'}</h1>
<p class="lead">${summary(query, found.length)}</p></header>
${found.length > 0 && html`<ol class="results">\n${found.slice(0, SHOWN).map(result)}</ol>`}`;
  return layout({
    title: query ? `${query} · Search · Compat Atlas` : 'Search · Compat Atlas',
    path: '/search',
    version: compat.version,
    unlisted: true,
    query,
    body,
  });
}

function summary(query, count) {
  if (!query) return 'Type the name of a feature, or a part of it. Several words must all be there.';
  if (count === 0) return 'Nothing has that name. A shorter part of it may find more.';
  if (count > SHOWN) return `${grouped(count)} pages, the closest ${SHOWN} shown.`;
  return count === 1 ? 'One page.' : `${count} pages.`;
}

function result({ path, id, reach, compat }) {
  return html`<li><a href="${path}"><code>${id}</code></a>${reach ? html`<span class="reach"><i class="dot ${reach}"></i> ${REACH_WORDS.get(reach)}</span>` : html`<span class="reach"><i class="dot group"></i> a group</span>`}
${compat?.description && html`<p>${rich(compat.description)}</p>`}</li>\n`;
}
