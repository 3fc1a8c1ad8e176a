/** What is known of a running tree as lines for a terminal. Pure. */
import { bytes, count, plural, rate } from '../report/numbers.ts';
import { printable } from '../report/printable.ts';
import { ageText, timeText } from '../tree/age.ts';
import type { Paint } from '../tree/paint.ts';
import type { UnderWay } from './fills.ts';
import type { PageCount } from './page-count.ts';
import type { Counted, ReasonTotal, Totals } from './rates.ts';

/** One look at a tree. */
export interface Look {
  readonly cacheDir: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** `undefined` while the first walk goes on. */
  readonly pages: PageCount | undefined;
  readonly totals: Totals;
  readonly underWay: UnderWay;
}

/** The room there is, in characters. */
export interface Room {
  readonly columns: number;
  readonly rows: number;
}

/** A piece of a line and its colour. */
type Piece = string | readonly ['bold' | 'dim' | 'yellow' | 'red', string];

const LABEL = 10;
const NUMBER = 12;

/** The lines, none wider than the room, and no more than it has rows. */
export function frame(look: Look, room: Room, paint: Paint): string[] {
  const head = [...headLines(look), [], ...countLines(look.totals)];
  const free = room.rows - head.length;
  const lists = listLines(look, room.columns, free);
  return [...head, ...lists]
    .slice(0, Math.max(0, room.rows))
    .map((line) => painted(line, room.columns, paint));
}

/** Cuts a line to its width before it is coloured: escapes take no room. */
function painted(line: readonly Piece[], width: number, paint: Paint): string {
  let left = width;
  return line
    .map((piece) => {
      const [colour, text] = typeof piece === 'string' ? [undefined, piece] : piece;
      const cut = text.slice(0, left);
      left -= cut.length;
      return colour === undefined || cut === '' ? cut : paint(colour, cut);
    })
    .join('')
    .trimEnd();
}

function headLines({ cacheDir, now, pages, totals }: Look): Piece[][] {
  const stored =
    pages === undefined
      ? 'pages are being counted'
      : `${plural(pages.pages, 'page')}, ${bytes(pages.bytes)}, counted ${ageText(now - pages.at)} ago`;
  return [
    [['bold', printable(cacheDir, 4096)], `  ${timeText(now).slice(11, 19)} UTC`],
    [stored],
    [processText(totals)],
  ];
}

function processText({ processes, pids }: Totals): string {
  if (processes === 0) return 'No application shares its numbers: set counters: true in its middleware.';
  const shown = pids.slice(0, 8).join(', ');
  return `${processes === 1 ? '1 process shares' : `${count(processes)} processes share`} numbers: ${shown}${processes > 8 ? ', ...' : ''}`;
}

function countLines({ numbers, rates, processes }: Totals): Piece[][] {
  if (processes === 0) return [];
  const row = (label: string, name: Counted, rest = ''): Piece[] => [
    label.padEnd(LABEL),
    (rates === undefined ? '-' : rate(rates[name])).padStart(NUMBER),
    count(numbers[name]).padStart(NUMBER + 3),
    rest === '' ? '' : `  ${rest}`,
  ];
  const asked = numbers.hits + numbers.misses;
  const share = asked === 0 ? '' : `${((numbers.hits / asked) * 100).toFixed(1)} % of hits and misses`;
  const speed = (name: Counted) => (rates === undefined ? '' : `${bytes(Math.round(rates[name]))}/s`);
  return [
    [['dim', `${'COUNTS'.padEnd(LABEL)}${'A SECOND'.padStart(NUMBER)}${'ALL'.padStart(NUMBER + 3)}`]],
    row('hits', 'hits', [share, speed('hitBytes')].filter((text) => text !== '').join(', ')),
    row('misses', 'misses'),
    row('stored', 'stored', bytes(numbers.storedBytes)),
    row('bypassed', 'bypassed'),
    row('refused', 'refused'),
    row('aborted', 'aborted'),
    row('purges', 'purges', `${plural(numbers.purgedPages, 'page')}, ${bytes(numbers.purgedBytes)}`),
    row('errors', 'errors'),
  ];
}

/** Reasons beside each other when there is room, and what is being made. They share the rows that are left. */
function listLines({ totals, underWay, now }: Look, columns: number, free: number): Piece[][] {
  const { reasons } = totals;
  const lists = (
    [
      ['BYPASSED', reasons.bypassed],
      ['REFUSED', reasons.refused],
      ['NOT STORED', reasons.unstored],
      ['ERRORS', reasons.errors],
    ] as const
  ).filter(([, all]) => all.length > 0);
  const beside = Math.max(1, Math.floor(columns / WIDTH));
  const groups = Math.ceil(lists.length / beside);
  // Two lines for each block: its heading, and the one before it.
  const making = Math.min(underWay.oldest.length, Math.max(0, Math.ceil((free - 2) / 2)));
  const each = groups === 0 ? 0 : Math.floor((free - 2 - making) / groups) - 2;
  const lines: Piece[][] = [];
  for (let at = 0; at < lists.length && each > 0; at += beside) {
    lines.push([], ...sideBySide(lists.slice(at, at + beside), each));
  }
  lines.push(
    [],
    [['dim', 'UNDER WAY'], `  ${plural(underWay.fills, 'fill')}, ${plural(underWay.purges, 'purge')}`],
  );
  const left = Math.max(0, free - lines.length);
  for (const { key, pid, since } of underWay.oldest.slice(0, left)) {
    const owner = pid === undefined ? '' : `pid ${pid}`;
    lines.push([ageText(now - since).padStart(6), `  ${owner.padEnd(12)}  ${printable(key ?? '...', 4096)}`]);
  }
  return lines;
}

const WIDTH = 34;

function sideBySide(
  lists: readonly (readonly [heading: string, reasons: readonly ReasonTotal[]])[],
  most: number,
): Piece[][] {
  const height = Math.min(most, Math.max(...lists.map(([, all]) => all.length)));
  const rows: Piece[][] = [lists.map(([heading]): Piece => ['dim', heading.padEnd(WIDTH)])];
  for (let at = 0; at < height; at += 1) {
    rows.push(
      lists.map(([, all]) => {
        const one = all[at];
        if (one === undefined) return ' '.repeat(WIDTH);
        const times = count(one.count);
        return `${printable(one.reason)
          .slice(0, WIDTH - times.length - 3)
          .padEnd(WIDTH - 2 - times.length)}${times}  `;
      }),
    );
  }
  return rows;
}
