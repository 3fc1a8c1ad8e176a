/** Pages as rows for people. A row is made by itself: the widths do not depend on what comes later. */
import { bytes } from '../report/numbers.ts';
import { printable } from '../report/printable.ts';
import { ageText } from './age.ts';
import { bornAt, type PageFacts } from './pages.ts';
import type { Paint } from './paint.ts';

/** How rows look. */
export interface Look {
  /** Milliseconds since 1970, for ages. */
  readonly now: number;
  readonly paint: Paint;
}

/** No path is longer. */
const LONGEST = 8192;
const widths = { size: 9, age: 5, type: 16, variants: 12 };

function columns(size: string, age: string, type: string, variants: string): string {
  return [
    size.padStart(widths.size),
    age.padStart(widths.age),
    type.padEnd(widths.type),
    variants.padEnd(widths.variants),
  ].join('  ');
}

function columnsOf(page: PageFacts, now: number): string {
  const codings = page.variants.map(({ coding }) => coding).join(' ');
  return columns(bytes(page.bytes), ageText(now - bornAt(page)), printable(page.type), codings || '-');
}

function tagsOf({ tags }: PageFacts): string {
  return tags.length === 0 ? '' : `  [${printable(tags.join(', '))}]`;
}

/** One line a page, under a heading. */
export class ListTable {
  readonly #look: Look;
  #begun = false;

  constructor(look: Look) {
    this.#look = look;
  }

  row(page: PageFacts): string {
    const { now, paint } = this.#look;
    const heading = this.#begun
      ? ''
      : `${paint('dim', `${columns('SIZE', 'AGE', 'TYPE', 'VARIANTS')}  PATH`)}\n`;
    this.#begun = true;
    return `${heading}${columnsOf(page, now)}  ${printable(page.key, LONGEST)}${paint('dim', tagsOf(page))}\n`;
  }
}

/** The same, with the folders of the site as headings and the pages below them. */
export class ListTree {
  readonly #look: Look;
  #folders: readonly string[] | undefined;

  constructor(look: Look) {
    this.#look = look;
  }

  row(page: PageFacts): string {
    const { now, paint } = this.#look;
    // The folders of the files: the walk goes through them one by one, and `/blog` may be inside `blog/`.
    const folders = page.place.split('/').slice(0, -1);
    const lines: string[] = [];
    if (this.#folders === undefined) {
      lines.push(`${paint('dim', `${columns('SIZE', 'AGE', 'TYPE', 'VARIANTS')}  PAGE`)}`);
      lines.push(`${columns('', '', '', '')}  /`);
    }
    const known = sharedLength(this.#folders ?? [], folders);
    for (const [depth, folder] of folders.entries()) {
      if (depth < known) continue;
      const name = `${'  '.repeat(depth + 1)}${printable(folder, LONGEST)}/`;
      lines.push(`${columns('', '', '', '')}  ${paint('bold', name)}`);
    }
    this.#folders = folders;
    const parts = page.key.split('/').slice(1);
    const last = parts.at(-1)!;
    const name = last !== '' && parts.length === folders.length + 1 ? last : page.key;
    const indent = '  '.repeat(folders.length + 1);
    lines.push(`${columnsOf(page, now)}  ${indent}${printable(name, LONGEST)}${paint('dim', tagsOf(page))}`);
    return `${lines.join('\n')}\n`;
  }
}

function sharedLength(before: readonly string[], now: readonly string[]): number {
  let shared = 0;
  while (shared < now.length && before[shared] === now[shared]) shared += 1;
  return shared;
}
