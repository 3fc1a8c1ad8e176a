/**
 * Plots of bars. Everything is placed in shares of the width, so that a plot fits every screen and its text keeps its
 * size.
 */
import { html, type Markup } from './markup.ts';

/** One bar: its parts stand on one another. */
export interface Bar {
  readonly parts: readonly { readonly kind: string; readonly value: number }[];
  /** What it says when it is pointed at. */
  readonly title: string;
}

/** A word below the plot, or a line through it. */
export interface Label {
  /** Where on the horizontal axis, from 0 to 1. */
  readonly at: number;
  readonly text: string;
}

/** What a plot shows. */
export interface Plot {
  readonly bars: readonly Bar[];
  /** What it is, for those who do not see it. */
  readonly about: string;
  readonly below: readonly Label[];
  readonly marks?: readonly Label[];
  /** Words for a height. */
  readonly heightText: (value: number) => string;
}

const height = 220;
const room = { above: 16, below: 20 };
const markStep = 15;

export function plot({ bars, about, below, marks = [], heightText }: Plot): Markup {
  const highest = Math.max(...bars.map(sumOf), 0);
  const lines = ticks(highest);
  const top = Math.max(highest, lines.at(-1) ?? 1) || 1;
  const above = room.above + Math.max(0, marks.length - 1) * markStep;
  const scale = (height - above - room.below) / top;
  const floor = height - room.below;
  const width = 100 / Math.max(1, bars.length);
  const gap = bars.length > 60 ? 0 : width * 0.08;
  return html`<svg height="${height}" role="img" aria-label="${about}">${lines.map((value) => {
    const y = number(floor - value * scale);
    return html`<line class="grid-line" x1="0" x2="100%" y1="${y}" y2="${y}"/><text class="label" x="2" y="${number(floor - value * scale - 3)}">${heightText(value)}</text>`;
  })}${bars.map((bar, at) => stack(bar, { x: at * width + gap / 2, width: width - gap, floor, scale }))}${marks.map(
    ({ at, text }, row) =>
      html`<line class="mark" x1="${percent(at)}" x2="${percent(at)}" y1="${row * markStep + 4}" y2="${floor}"/><text class="label mark-text" x="${percent(at)}" y="${row * markStep + 13}" ${at > 0.7 ? left : right}>${text}</text>`,
  )}${below.map(
    ({ at, text }) =>
      html`<text x="${percent(at)}" y="${height - 4}" ${at < 0.03 ? html`text-anchor="start"` : at > 0.97 ? html`text-anchor="end"` : html`text-anchor="middle"`}>${text}</text>`,
  )}</svg>`;
}

const left = html`dx="-4" text-anchor="end"`;
const right = html`dx="4"`;

interface StackPlace {
  readonly x: number;
  readonly width: number;
  readonly floor: number;
  readonly scale: number;
}

function stack({ parts, title }: Bar, { x, width, floor, scale }: StackPlace): Markup {
  let y = floor;
  const drawn = parts.flatMap(({ kind, value }) => {
    if (value === 0) return [];
    // Something that is there is seen, however little it is.
    const tall = Math.max(1, value * scale);
    y -= tall;
    return [
      html`<rect class="${kind}" x="${number(x)}%" width="${number(width)}%" y="${number(y)}" height="${number(tall)}"/>`,
    ];
  });
  return drawn.length === 0 ? html`` : html`<g><title>${title}</title>${drawn}</g>`;
}

function sumOf({ parts }: Bar): number {
  return parts.reduce((sum, { value }) => sum + value, 0);
}

/** Round heights for three lines or so. @example ticks(730) // [200, 400, 600] */
export function ticks(highest: number): number[] {
  if (!(highest > 0)) return [];
  const rough = highest / 3;
  const tenfold = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * tenfold).find((one) => one >= rough)!;
  return Array.from({ length: Math.floor(highest / step) }, (_, at) => (at + 1) * step);
}

/** Few enough decimals for a small page. */
export function number(value: number): string {
  return String(Number(value.toFixed(2)));
}

export function percent(share: number): string {
  return `${number(share * 100)}%`;
}
