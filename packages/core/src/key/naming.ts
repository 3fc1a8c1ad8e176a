/** Whether the names that an owner chose can work. Pure. */
import type { Naming } from '../contracts.ts';
import { isExecutable } from './executable.ts';
import { fold } from './fold.ts';
import { hasReservedSuffix, isForeignToWindows, isLongName } from './names.ts';
import { encodeSegment } from './spelling.ts';
import { parseTarget } from './target.ts';

function faultOfOwnName(name: string): string | undefined {
  const key = encodeSegment(name);
  if (name === '' || key === undefined || parseTarget(`/${key}`).kind === 'bypass')
    return 'a plain file name';
  const folded = fold(name);
  if (folded.startsWith('.')) return 'a name that does not start with a dot';
  if (folded === 'cachedir.tag' || hasReservedSuffix(folded))
    return 'a name that the tree does not use itself';
  if (isExecutable(folded)) return 'a name that no web server executes';
  if (isForeignToWindows(folded)) return 'a name that every system can have';
  return isLongName(name) ? 'a shorter name' : undefined;
}

/**
 * What is wrong with `directoryIndex` and `pageFile`, as `expected ..., but got ...` with the option in front;
 * `undefined` when they can be used. With names that pass, every layout keeps two keys apart.
 */
export function faultOfNaming(naming: Pick<Naming, 'directoryIndex' | 'pageFile'>): string | undefined {
  for (const option of ['directoryIndex', 'pageFile'] as const) {
    const expected = faultOfOwnName(naming[option]);
    if (expected !== undefined)
      return `${option}: expected ${expected}, but got ${JSON.stringify(naming[option])}.`;
  }
  if (fold(naming.directoryIndex) === fold(naming.pageFile)) {
    return `pageFile: expected another name than directoryIndex, but both are ${JSON.stringify(naming.pageFile)}.`;
  }
  return undefined;
}
