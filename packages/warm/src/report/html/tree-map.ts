/** A map of the site: the sections as areas, as large as they have pages, or bytes. */
import { bytes, count, plural } from '../numbers.ts';
import type { Section } from '../sections.ts';
import { html, type Markup } from './markup.ts';
import { number, percent } from './plot.ts';
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
const stripHeight = 5;
/** Of a letter, and of the room around a line, in pixels. */
const letter = 6.5;
const margin = 8;
/** How narrow a map may be drawn, as a share of its shape. */
const narrowest = { wide: 0.7, phone: 0.28 };

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
  return html`<svg ${box(area)}><rect class="part" width="100%" height="100%"><title>${titleOf(piece)}</title></rect>${line(
    { text: `${label} ${wordsFor(section, measure)}`, kind: 'part-text', y: 14 },
    area,
  )}</svg>${cells.map((one, at) => cell(one, within[at]!, measure))}`;
}

function cell(piece: Piece, area: Area, measure: Measure): Markup {
  const { label, section, muted } = piece;
  const share = section.missing / Math.max(1, section.pages);
  const tint = share >= 0.5 ? ' many' : muted ? ' others' : '';
  const strip = share > 0 && share < 0.5 && area.height > 2 * stripHeight;
  const named = area.height > 16 ? line({ text: label, kind: 'cell-text', y: 14 }, area) : undefined;
  const amount = { text: wordsFor(section, measure), kind: 'cell-text', y: 29, whole: true, below: label };
  const second = area.height > 34 && named !== undefined ? line(amount, area) : undefined;
  return html`<svg ${box(area)}><title>${titleOf(piece)}</title><rect class="cell${tint}" width="100%" height="100%"/>${
    strip
      ? html`<rect class="missing" y="${number(area.height - stripHeight)}" width="${percent(Math.max(share, 0.04))}" height="${stripHeight}"/>`
      : undefined
  }${named}${second}</svg>`;
}

/** A line of text within an area. */
interface Line {
  readonly text: string;
  readonly kind: string;
  readonly y: number;
  /** A number says something else when it is cut. */
  readonly whole?: boolean;
  /** What stands above it: without that it says nothing. */
  readonly below?: string;
}

/**
 * Text that fits its area: cut for the narrowest screen of two columns, and left out on a phone where it would need more. A map is
 * stretched to its screen, and its text is not.
 */
function line({ text, kind, y, whole = false, below = '' }: Line, { width }: Area): Markup | undefined {
  const room = Math.floor((width * narrowest.wide - margin) / letter);
  const said = text.length <= room || whole ? text : `${text.slice(0, Math.max(0, room - 1))}…`;
  if (said.length > room || room < 3) return undefined;
  const longest = Math.max(said.length, below.length);
  const onPhones = longest * letter + margin <= width * narrowest.phone;
  return html`<text class="${kind}${onPhones ? '' : ' roomy'}" x="5" y="${y}">${said}</text>`;
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
