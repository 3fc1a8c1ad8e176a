/** A map of the site: the sections as areas, as large as they have pages, or bytes. */
import { bytes, count, plural } from '../numbers.ts';
import type { Section } from '../sections.ts';
import { html, type Markup } from './markup.ts';
import { number } from './plot.ts';
import { type Area, squares } from './squares.ts';

/** By what the areas are sized. */
export type Measure = 'pages' | 'bytes';

/** A part that is drawn: a section, or the small ones together. */
interface Piece {
  readonly label: string;
  readonly path: string;
  readonly section: Omit<Section, 'name'>;
  /** Not a section, but what is left of one. */
  readonly muted?: boolean;
}

const mostParts = 28;
const mostCells = 24;
/** The map is laid out for a screen of this shape, and stretched to others. */
const shape = { width: 1000, height: 420 };
const heading = 20;

export function treeMap(root: Section, measure: Measure): Markup {
  const { section, path } = descend(root);
  const pieces = divide(section, path, measure, mostParts);
  const areas = squares(
    pieces.map((piece) => piece.section[measure]),
    { x: 0, y: 0, ...shape },
  );
  const about = `Sections of the site by ${measure}`;
  return html`<svg height="${shape.height}" role="img" aria-label="${about}">${pieces.map((piece, at) =>
    part(piece, areas[at]!, measure),
  )}</svg>`;
}

/** A site whose pages are all below one folder is mapped from there. */
function descend(root: Section): { readonly section: Section; readonly path: string } {
  let section = root;
  let path = '/';
  for (;;) {
    const [only, another] = section.parts?.values() ?? [];
    if (
      only === undefined ||
      another !== undefined ||
      only.pages < section.pages ||
      only.parts === undefined
    ) {
      return { section, path };
    }
    section = only;
    path += `${only.name}/`;
  }
}

/** The largest parts of a section, and all else as one. */
function divide(whole: Piece['section'], path: string, measure: Measure, most: number): Piece[] {
  const parts = [...(whole.parts?.values() ?? [])];
  const shown = parts
    .filter((part) => part[measure] > 0)
    .sort((one, other) => other[measure] - one[measure])
    .slice(0, most);
  const pieces = shown.map((section): Piece => ({ label: section.name, path: path + section.name, section }));
  const others = { pages: whole.pages, bytes: whole.bytes, missing: whole.missing, parts: undefined };
  for (const { pages, bytes: size, missing } of shown) {
    others.pages -= pages;
    others.bytes -= size;
    others.missing -= missing;
  }
  if (others[measure] > 0) {
    pieces.push({ label: 'others', path: `${path} (others)`, section: others, muted: true });
  }
  return pieces.sort((one, other) => other.section[measure] - one.section[measure]);
}

function part(piece: Piece, area: Area, measure: Measure): Markup {
  const { label, path, section } = piece;
  const cells = section.parts === undefined ? [] : divide(section, `${path}/`, measure, mostCells);
  if (cells.length === 0 || area.height < 3 * heading || area.width < 60) return cell(piece, area, measure);
  const within = squares(
    cells.map((one) => one.section[measure]),
    { x: area.x + 3, y: area.y + heading, width: area.width - 6, height: area.height - heading - 3 },
  );
  return html`<svg ${box(area)}><rect class="part" width="100%" height="100%"><title>${titleOf(piece)}</title></rect><text x="6" y="14"><tspan class="part-text">${label}</tspan> ${wordsFor(section, measure)}</text></svg>${cells.map((one, at) => cell(one, within[at]!, measure))}`;
}

function cell(piece: Piece, area: Area, measure: Measure): Markup {
  const { label, section, muted } = piece;
  const share = section.missing / Math.max(1, section.pages);
  const tint = share === 0 ? (muted ? ' others' : '') : share < 0.5 ? ' some' : ' many';
  const named = area.height > 16 && area.width > 24;
  const second = area.height > 34 && area.width > 30;
  return html`<svg ${box(area)}><title>${titleOf(piece)}</title><rect class="cell${tint}" width="100%" height="100%"/>${
    named ? html`<text class="cell-text" x="5" y="14">${label}</text>` : html``
  }${second ? html`<text class="cell-text" x="5" y="29">${wordsFor(section, measure)}</text>` : html``}</svg>`;
}

/** An inner picture cuts off what is too wide for it. */
function box({ x, y, width, height }: Area): Markup {
  return html`x="${number(x / 10)}%" y="${number(y)}" width="${number(width / 10)}%" height="${number(height)}"`;
}

function wordsFor(section: Piece['section'], measure: Measure): string {
  return measure === 'pages' ? count(section.pages) : bytes(section.bytes);
}

function titleOf({ path, section }: Piece): string {
  const missing = section.missing === 0 ? '' : `, ${count(section.missing)} not stored`;
  return `${path}: ${plural(section.pages, 'page')}, ${bytes(section.bytes)}${missing}`;
}
