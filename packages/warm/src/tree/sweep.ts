import type { Swept } from '@pagetree/core';
import { exitCodes } from '../commands/exit-codes.ts';
import { count } from '../report/numbers.ts';
import { printable } from '../report/printable.ts';
import { jsonText } from './json.ts';
import { mustWrite } from './mend.ts';
import { type Around, openFor, type TreeFlags } from './open.ts';

/** What each number of a sweep counts, one and many. */
const names: Readonly<Record<keyof Swept, readonly [one: string, many: string]>> = {
  fills: ['fill of a process that is gone', 'fills of processes that are gone'],
  trash: ['rest of a purge that was killed', 'rests of purges that were killed'],
  metas: ['meta without its page', 'metas without their page'],
  variants: ['variant without its page', 'variants without their page'],
  empty: ['empty page', 'empty pages'],
  hidden: [
    'page for the middleware alone that it cannot serve',
    'pages for the middleware alone that it cannot serve',
  ],
  notes: ['note about the size of the tree, half-written', 'notes about the size of the tree, half-written'],
  tagLines: [
    'line of the index of tags that says nothing new',
    'lines of the index of tags that say nothing new',
  ],
  folders: ['empty folder', 'empty folders'],
  movedBack: [
    'page that needs no folder any more, moved back',
    'pages that need no folder any more, moved back',
  ],
};

/** Removes what crashes left behind, and says what it was. */
export async function sweepTree(flags: TreeFlags, around: Around): Promise<number> {
  const cache = await openFor(flags, around);
  const swept = await mustWrite(cache.cacheDir, () => cache.sweep());
  await cache.close();
  around.stdout.write(
    flags.json
      ? `${jsonText({ cacheDir: cache.cacheDir, ...swept }, 2)}\n`
      : sweptText(cache.cacheDir, swept),
  );
  return exitCodes.done;
}

function sweptText(cacheDir: string, swept: Swept): string {
  const rows = (Object.keys(names) as (keyof Swept)[]).flatMap((name) => {
    const times = swept[name];
    return times === 0 ? [] : [`  ${count(times)} ${names[name][times === 1 ? 0 : 1]}\n`];
  });
  const folder = printable(cacheDir, 4096);
  return rows.length === 0 ? `Nothing to sweep in ${folder}.\n` : `Swept ${folder}:\n${rows.join('')}`;
}
