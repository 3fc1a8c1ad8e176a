import { html, trusted } from './html.js';
import { grouped, nameOf } from './layout.js';

export const REACH_WORDS = new Map([
  ['all', 'in every engine'],
  ['some', 'in some engines'],
  ['none', 'in no engine'],
]);

/** A share of features by reach, drawn and told. */
export function tallyBar({ tally, count }) {
  const words = [...REACH_WORDS].map(([reach, word]) => `${grouped(tally[reach])} ${word}`).join(', ');
  // Whole per mille keep the numbers short; the last part takes the rest of the bar.
  const share = (reach) => Math.round((1000 * tally[reach]) / count) / 10;
  return html`<div class="tally" role="img" aria-label="${words}" title="${words}"><i class="all" style="width:${share('all')}%"></i><i class="some" style="width:${share('some')}%"></i><i class="none"></i></div>`;
}

const reaches = html`<li><i class="dot all"></i> in every engine</li>
<li><i class="dot some"></i> in some</li>
<li><i class="dot none"></i> in none</li>
`;
export const tallyLegend = html`<ul class="legend" aria-label="Legend">\n${reaches}</ul>`;
export const listLegend = html`<ul class="legend" aria-label="Legend">
${reaches}<li><i class="dot group"></i> a group</li>
<li><s>old</s> deprecated</li>
</ul>`;

function entry(feature) {
  const { reach, compat, path, count } = feature;
  const gone = compat?.status?.deprecated && trusted(' class="old"');
  const dot = reach
    ? html`<i class="dot ${reach}" role="img" aria-label="${REACH_WORDS.get(reach)}"></i>`
    : html`<i class="dot group" role="img" aria-label="group"></i>`;
  const below = compat ? count - 1 : count;
  return html`<li${gone}>${dot}<a href="${path}">${nameOf(feature)}</a>${below > 0 && html` <small>${grouped(below)}</small>`}</li>\n`;
}

/** Features in columns; a long list is cut by first letters with links to each. */
export function listing(features, { prefix = '', level = 2 } = {}) {
  if (features.length <= 60) return html`<ul class="list">\n${features.map(entry)}</ul>`;
  const letters = groupBy(features, letterOf);
  const idOf = (letter) => `${prefix}${letter === '#' ? 'other' : letter.toLowerCase()}`;
  const heading = (letter) => trusted(`<h${level} class="letter" id="${idOf(letter)}">${letter}</h${level}>`);
  return html`<nav class="letters" aria-label="Letters">${[...letters.keys()].map((letter) => html`<a href="#${idOf(letter)}">${letter}</a>`)}</nav>
${[...letters].map(([letter, members]) => html`<section class="by-letter">${heading(letter)}\n<ul class="list">\n${members.map(entry)}</ul></section>\n`)}`;
}

function letterOf({ key }) {
  const first = key.charAt(0).toUpperCase();
  return /[A-Z]/.test(first) ? first : '#';
}

// As Map.groupBy, which Node 20 does not have yet.
function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(item);
  }
  return groups;
}
