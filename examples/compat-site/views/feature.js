import { jsonPathOf } from '../data.js';
import { listOf, verdictOf } from '../support.js';
import { finePrint, outward } from './fine-print.js';
import { breakable, html } from './html.js';
import { breadcrumbs, layout, nameOf } from './layout.js';
import { listing } from './listing.js';
import { plain, rich } from './rich.js';
import { supportLegend, supportTable } from './support-table.js';

/** @typedef {import('../data.js').Feature} Feature */

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);

/**
 * The page of one feature.
 * @param {Feature} feature
 * @param {import('../data.js').Compat} compat
 */
export function featurePage(feature, compat) {
  const { description, status, support, tags } = feature.compat;
  const groups = feature.children.filter((child) => !child.compat);
  const body = html`${breadcrumbs(feature)}
<header class="title">
<h1><code>${breakable(feature.key)}</code></h1>
${description && html`<p class="lead">${rich(description)}</p>`}
${badges(status)}
</header>
${verdict(verdictOf(support, compat.browsers))}
${links(feature)}
<section aria-labelledby="support">
<h2 id="support">Browser support</h2>
${supportTable(feature, compat)}
${supportLegend}
</section>
${groups.length > 0 && html`<section class="index"><h2>More inside</h2>${listing(groups)}</section>`}
${finePrint(feature, compat)}
${tags && html`<p class="tags">Part of ${tags.map((tag) => html`<code>${tag.replace(/^web-features:/, '')}</code> `)}</p>`}
${neighbours(feature)}`;
  return layout({
    title: `${feature.id} · Compat Atlas`,
    description: `Browser support of ${feature.id}${description ? `: ${plain(description)}` : ''}`,
    path: feature.path,
    section: feature.keys[0],
    version: compat.version,
    body,
  });
}

function badges(status) {
  if (!status) return undefined;
  return html`<ul class="badges" aria-label="Status">
${status.standard_track ? html`<li class="badge standard">Standards track</li>` : html`<li class="badge nonstandard">Not standard</li>`}
${status.experimental && html`<li class="badge experimental">Experimental</li>`}
${status.deprecated && html`<li class="badge deprecated">Deprecated</li>`}
</ul>`;
}

function verdict({ asked, having, lacking, flawed, since }) {
  const names = (list) => sentence(list.map(({ name }) => name));
  if (having.length === 0) {
    return html`<div class="verdict none"><b>Not there yet.</b> None of ${names(asked)} has it without a flag.</div>`;
  }
  if (lacking.length > 0) {
    return html`<div class="verdict some"><b>In ${having.length} of ${asked.length}.</b> Missing in ${names(lacking)}.</div>`;
  }
  if (flawed.length > 0) {
    return html`<div class="verdict some"><b>In all, with limits.</b> See the details for ${names(flawed)}.</div>`;
  }
  const when = since && ` since ${MONTHS[Number(since.slice(5, 7)) - 1]} ${since.slice(0, 4)}`;
  return html`<div class="verdict all"><b>In all leading browsers${when}.</b> ${names(asked)} ${asked.length === 1 ? 'has' : 'have'} it.</div>`;
}

function sentence(words) {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function links(feature) {
  const { mdn_url: mdn, spec_url: specs } = feature.compat;
  return html`<ul class="links" aria-label="Elsewhere">
${mdn && html`<li>${outward(mdn, 'MDN reference')}</li>`}
${listOf(specs).map((spec, _, all) => html`<li>${outward(spec, specName(spec, all.length > 1))}</li>`)}
<li><a href="${jsonPathOf(feature)}">JSON</a></li>
</ul>`;
}

/** Where a specification is at home; several of one home are told apart by their fragments. */
function specName(spec, inFull) {
  const [, host, path] = /^https?:\/\/([^/]+)\/([^#?]*)/i.exec(spec) ?? [];
  const short = path?.split('/').filter((part) => part && !/^(?:TR|index\.html|multipage)$/.test(part))[0];
  const part = inFull && spec.includes('#') ? ` ${spec.slice(spec.indexOf('#'))}` : '';
  return `Spec: ${host ? `${host.replace(/^www\./, '')}${short ? `/${short}` : ''}` : spec}${part}`;
}

/** The way on: the siblings before and after, and up. */
function neighbours(feature) {
  const siblings = feature.parent.children;
  const at = siblings.indexOf(feature);
  const step = (sibling, rel, word) =>
    sibling &&
    html`<a class="${rel}" rel="${rel}" href="${sibling.path}"><small>${word}</small><code>${sibling.key}</code></a>`;
  return html`<nav class="neighbours" aria-label="Neighbours">
${step(siblings[at - 1], 'prev', 'Before')}
<a class="up" href="${feature.parent.path}"><small>Up</small>${nameOf(feature.parent)}</a>
${step(siblings[at + 1], 'next', 'After')}
</nav>`;
}
