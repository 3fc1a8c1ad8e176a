/** The counts of a tree as text for people. Pure. */
import { bytes, count, plural } from '../report/numbers.ts';
import { printable } from '../report/printable.ts';
import { ageText, timeText } from './age.ts';
import type { Look } from './rows.ts';
import type { Counted } from './stats.ts';
import type { Amount, Bar, Savings } from './tally.ts';

/** Sections that are printed, the largest first. */
const SHOWN = 12;
/** The longest bar, in characters. */
const BAR = 30;

export function statsText(counted: Counted, look: Look): string {
  const { stats, tally } = counted;
  const blocks = [headOf(counted, look)];
  if (stats.pages > 0) {
    blocks.push(
      table(look, 'TYPE', byBytes(Object.entries(stats.types))),
      table(look, 'SECTION', sectionRows(byBytes([...tally.sections]), tally.elsewhere)),
      ...(tally.savings.size === 0 ? [] : [savingsTable(look, [...tally.savings])]),
      histogram(look, 'SIZE', tally.sizes),
      histogram(look, 'MODIFIED', tally.ages),
    );
  }
  return `${blocks.join('\n\n')}\n`;
}

function headOf({ cacheDir, stats, internal, inodes }: Counted, { now, paint }: Look): string {
  const { pages, variants, variantBytes, others, oldest, newest } = stats;
  const title = `${plural(pages, 'page')}, ${bytes(stats.bytes)} in ${printable(cacheDir, 4096)}`;
  const lines = [paint('bold', title)];
  lines.push(`  ${plural(variants, 'variant')}, ${bytes(variantBytes)}`);
  lines.push(
    `  ${plural(inodes, 'inode')}, ${count(internal.pages)} of them in .pagetree with ${bytes(internal.bytes)}`,
  );
  if (oldest !== undefined && newest !== undefined) {
    lines.push(
      `  oldest ${ageText(now - oldest)} (${timeText(oldest)}), newest ${ageText(now - newest)} (${timeText(newest)})`,
    );
  }
  if (others > 0) {
    lines.push(
      `  ${others === 1 ? '1 file is' : `${count(others)} files are`} no page: pagetree verify tells which`,
    );
  }
  return lines.join('\n');
}

type Row = readonly [name: string, amount: Amount];

function byBytes(rows: readonly Row[]): Row[] {
  return rows.toSorted(([a, first], [b, second]) => second.bytes - first.bytes || (a < b ? -1 : 1));
}

/** The largest sections, and all others in one row. */
function sectionRows(rows: readonly Row[], elsewhere: Amount): Row[] {
  const rest = rows.slice(SHOWN).map(([, amount]) => amount);
  if (elsewhere.pages > 0) rest.push(elsewhere);
  if (rest.length === 0) return [...rows];
  const sum = rest.reduce((a, b) => ({ pages: a.pages + b.pages, bytes: a.bytes + b.bytes }));
  return [...rows.slice(0, SHOWN), ['others', sum]];
}

function columns(name: string, width: number, ...cells: readonly string[]): string {
  return `${name.padEnd(width)}${cells.map((cell) => cell.padStart(12)).join('')}`.trimEnd();
}

function table({ paint }: Look, title: string, rows: readonly Row[]): string {
  const named = rows.map(([name, amount]) => [printable(name, 60), amount] as const);
  const width = widest(named.map(([name]) => name));
  const lines = named.map(([name, amount]) => columns(name, width, count(amount.pages), bytes(amount.bytes)));
  return [paint('dim', columns(title, width, 'PAGES', 'BYTES')), ...lines].join('\n');
}

function savingsTable({ paint }: Look, rows: readonly (readonly [string, Savings])[]): string {
  const width = widest([]);
  const lines = rows.map(([coding, { pages, bytes: size, instead }]) => {
    const saved = `${Math.round((1 - size / instead) * 100)} %`;
    return columns(coding, width, count(pages), bytes(size), bytes(instead), saved);
  });
  return [paint('dim', columns('VARIANT', width, 'PAGES', 'BYTES', 'INSTEAD OF', 'SAVED')), ...lines].join(
    '\n',
  );
}

function histogram({ paint }: Look, title: string, bars: readonly Bar[]): string {
  const width = widest(bars.map(({ name }) => name));
  const most = Math.max(...bars.map(({ pages }) => pages));
  const lines = bars.map(({ name, pages }) => {
    const length = pages === 0 ? 0 : Math.max(1, Math.round((pages / most) * BAR));
    return `${columns(name, width, count(pages))}  ${paint('green', '#'.repeat(length))}`.trimEnd();
  });
  return [paint('dim', columns(title, width, 'PAGES')), ...lines].join('\n');
}

function widest(names: readonly string[]): number {
  return Math.max(18, ...names.map((name) => name.length));
}
