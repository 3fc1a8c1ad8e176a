import type { PageCache } from '@pagetree/core';
import { exitCodes } from '../commands/exit-codes.ts';
import { WarmError } from '../errors.ts';
import type { PlannedPurge } from '../plan/scopes.ts';
import { Seen } from '../plan/seen.ts';
import { bytes, plural } from '../report/numbers.ts';
import { printable } from '../report/printable.ts';
import { timeText } from './age.ts';
import { jsonText, LongDocument } from './json.ts';
import { type Around, openWithConfig, type TreeFlags } from './open.ts';
import { Output } from './output.ts';
import { ownUrls } from './own-urls.ts';
import { bornAt, checkScopes, factsOf, isBefore, keysOfAll, type PageFacts } from './pages.ts';
import { paintFor } from './paint.ts';
import { ListTable, ListTree } from './rows.ts';
import { type SelectionFlags, selectPages } from './selection.ts';
import { throughLists } from './through-lists.ts';

/** What the command line says to `pagetree ls`. */
export interface LsFlags extends TreeFlags, SelectionFlags {
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

/**
 * Lists the pages of a tree as they are found, in memory that does not depend on their number.
 *
 * @returns the exit code.
 */
export async function listPages(
  paths: readonly string[],
  flags: LsFlags,
  around: Around,
  now: number = Date.now(),
): Promise<number> {
  const { stdout, env } = around;
  oneForm(flags);
  const { planned, lists, olderThan } = selectPages(paths, flags, 'list');
  if (lists.length > 0) {
    const { checkLists } = await import('../sources/list.ts');
    await checkLists(lists);
  }
  const { cache, hosts } = await openWithConfig(flags, around);
  const check = ownUrls(async () => hosts);
  for (const path of paths) await check(path);
  const isMixed = planned.length + lists.length > 1;
  if (isMixed) await checkScopes(cache, planned);
  const output = new Output(stdout);
  // Of a page that is only named nothing has to be known but that it is there.
  const writing = writingFor(flags, output, cache, { now, paint: paintFor(stdout, env) });
  const before = olderThan === undefined ? undefined : now - olderThan * 1000;
  const isBare = flags.plain && before === undefined;
  const sum = { pages: 0, bytes: 0 };
  // Only where several are named a page can come twice.
  const seen = isMixed || lists.length > 0 ? new Seen() : undefined;
  let read = (await writing.begin?.()) ?? true;
  const listAll = async (scopes: readonly PlannedPurge[]): Promise<boolean> => {
    for await (const key of keysOfAll(cache, scopes, seen)) {
      if (isBare) read = await output.write(`${key}\n`);
      else {
        const page = await factsOf(cache, key);
        if (page === undefined || (before !== undefined && !isBefore(page, before))) continue;
        sum.pages += 1;
        sum.bytes += page.bytes;
        read = await writing.page(page);
      }
      if (!read) break;
    }
    return read;
  };
  await listAll(planned);
  const reading = { recursive: flags.recursive, check, stdin: around.stdin, stderr: around.stderr };
  const mistakes =
    read && lists.length > 0 ? await throughLists(lists, reading, (line) => listAll([line])) : 0;
  if (read) await writing.end?.(sum);
  await output.flush();
  return mistakes > 0 ? exitCodes.usage : exitCodes.done;
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
