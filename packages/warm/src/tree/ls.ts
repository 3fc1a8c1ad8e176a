import type { PageCache } from '@pagetree/core';
import { exitCodes } from '../commands/exit-codes.ts';
import { WarmError } from '../errors.ts';
import { bytes, plural } from '../report/numbers.ts';
import { printable } from '../report/printable.ts';
import { parseAge, timeText } from './age.ts';
import { jsonText, LongDocument } from './json.ts';
import { type Around, openFor, type TreeFlags } from './open.ts';
import { Output } from './output.ts';
import {
  bornAt,
  factsOf,
  isNarrowed,
  isWalked,
  keysIn,
  type Narrow,
  type PageFacts,
  type Where,
} from './pages.ts';
import { paintFor } from './paint.ts';
import { ListTable, ListTree } from './rows.ts';
import { whereOf } from './where.ts';

/** What the command line says to `pagetree ls`. */
export interface LsFlags extends TreeFlags {
  readonly recursive: boolean;
  readonly glob: readonly string[];
  readonly tag: readonly string[];
  readonly 'older-than'?: string | undefined;
  readonly tree: boolean;
  readonly plain: boolean;
  readonly ndjson: boolean;
}

/** How a list is written: what stands before, for each page, and behind. Each answers whether somebody still reads. */
interface Writing {
  begin?(): Promise<boolean>;
  page(page: PageFacts): Promise<boolean>;
  end?(sum: { readonly pages: number; readonly bytes: number }): Promise<boolean>;
}

/** Lists the pages of a tree as the walk finds them, in memory that does not depend on their number. */
export async function listPages(
  paths: readonly string[],
  flags: LsFlags,
  around: Around,
  now: number = Date.now(),
): Promise<number> {
  const { stdout, env } = around;
  oneForm(flags);
  const where = whereOf(paths, flags);
  const narrow: Narrow = {
    tags: flags.tag.length === 0 ? undefined : flags.tag,
    before:
      flags['older-than'] === undefined
        ? undefined
        : now - parseAge('--older-than', flags['older-than']) * 1000,
  };
  const cache = await openFor(flags, around);
  const output = new Output(stdout);
  if (flags.plain && narrow.tags === undefined && narrow.before === undefined && isWalked(where)) {
    await writeKeys(cache, where, output);
    return exitCodes.done;
  }
  const writing = writingFor(flags, output, cache, { now, paint: paintFor(stdout, env) });
  const sum = { pages: 0, bytes: 0 };
  let read = (await writing.begin?.()) ?? true;
  for await (const key of keysIn(cache, where)) {
    const page = await factsOf(cache, key);
    if (page === undefined || !isNarrowed(page, narrow)) continue;
    sum.pages += 1;
    sum.bytes += page.bytes;
    read = await writing.page(page);
    if (!read) break;
  }
  if (read) await writing.end?.(sum);
  await output.flush();
  return exitCodes.done;
}

/** Nothing has to be known of a page but that it is there. */
async function writeKeys(cache: PageCache, where: Where, output: Output): Promise<void> {
  for await (const key of keysIn(cache, where)) if (!(await output.write(`${key}\n`))) break;
  await output.flush();
}

function oneForm(flags: LsFlags): void {
  const forms = (['tree', 'plain', 'json', 'ndjson'] as const).filter((form) => flags[form]);
  if (forms.length < 2) return;
  throw new WarmError(
    'ERR_PAGETREE_USAGE',
    `A list has one form; ${forms.map((form) => `--${form}`).join(' and ')} are ${forms.length}.`,
    { hint: 'Keep one of them, or none for a table.' },
  );
}

function writingFor(
  flags: LsFlags,
  output: Output,
  cache: PageCache,
  look: ConstructorParameters<typeof ListTable>[0],
): Writing {
  if (flags.plain) return { page: ({ key }) => output.write(`${key}\n`) };
  if (flags.ndjson) return { page: (page) => output.write(`${jsonText(documentOf(page))}\n`) };
  if (flags.json) {
    const document = new LongDocument(output);
    return {
      begin: () => document.begin({ cacheDir: cache.cacheDir }, 'pages'),
      page: (page) => document.item(documentOf(page)),
      end: ({ pages, bytes }) => document.end({ count: pages, bytes }),
    };
  }
  const rows = flags.tree ? new ListTree(look) : new ListTable(look);
  return {
    page: (page) => output.write(rows.row(page)),
    end: ({ pages, bytes: size }) =>
      output.write(
        pages === 0
          ? `No page was found in ${printable(cache.cacheDir, 4096)}.\n`
          : `${plural(pages, 'page')}, ${bytes(size)}\n`,
      ),
  };
}

/** A page for programs. Times are ISO 8601. */
function documentOf(page: PageFacts) {
  const { key, place, bytes: size, by, type, variants, tags } = page;
  return {
    key,
    place,
    bytes: size,
    type,
    at: timeText(bornAt(page)),
    by: by ?? null,
    variants: Object.fromEntries(variants.map((variant) => [variant.coding, variant.bytes])),
    tags,
  };
}
