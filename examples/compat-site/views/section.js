import { html } from './html.js';
import { breadcrumbs, grouped, layout, nameOf } from './layout.js';
import { listing, listLegend, tallyBar } from './listing.js';

/**
 * The index of a section, or of a group inside one: what is in it, groups opened.
 * @param {import('../data.js').Feature} feature
 * @param {import('../data.js').Compat} compat
 */
export function sectionPage(feature, compat) {
  const name = nameOf(feature);
  const groups = feature.children.filter((child) => !child.compat);
  const own = feature.children.filter((child) => child.compat);
  const about = `Browser support of ${grouped(feature.count)} features in ${feature.parent ? feature.id : name}, one page each.`;
  const body = html`${breadcrumbs(feature)}
<header class="title">
<h1>${feature.parent ? html`<code>${name}</code>` : name}</h1>
<p class="lead">${about}</p>
</header>
<div class="overview">${tallyBar(feature)}${listLegend}</div>
${own.length > 0 && html`<div class="index">${listing(own)}</div>`}
${groups.map(
  (group) => html`<section class="index">
<h2><a href="${group.path}">${nameOf(group)}</a> <small>${grouped(group.count)} features</small></h2>
${listing(group.children, { prefix: `${group.key}-`, level: 3 })}
</section>`,
)}`;
  return layout({
    title: `${feature.id} · Compat Atlas`,
    description: about,
    path: feature.path,
    section: feature.keys[0],
    version: compat.version,
    body,
  });
}
