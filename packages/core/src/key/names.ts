/** Which names a segment may have. Pure. */
import type { Naming } from '../contracts.ts';
import type { Reason } from '../policy/reasons.ts';
import { isExecutable } from './executable.ts';
import { fold } from './fold.ts';

/** What the tree appends to the name of a page: variants and meta. No page's own name ends in one of these. */
const reservedSuffixes: readonly string[] = ['.gz', '.br', '.zst', '.pagetree'];

/** The longest name in bytes: what a directory entry holds (POSIX `NAME_MAX`), less the longest suffix. */
export const MAX_NAME_BYTES = 255 - '.pagetree'.length;

/** Whether a name is longer than a file name of the tree may be. */
export function isLongName(name: string): boolean {
  // A UTF-16 unit takes at most three bytes.
  return name.length * 3 > MAX_NAME_BYTES && Buffer.byteLength(name) > MAX_NAME_BYTES;
}

/** Whether the last name of a path is longer than a file name of the tree may be. */
export function isLongFile(path: string): boolean {
  const from = path.lastIndexOf('/') + 1;
  return (path.length - from) * 3 > MAX_NAME_BYTES && isLongName(path.slice(from));
}

/** Whether a folded name ends in something that the tree appends. */
export function hasReservedSuffix(folded: string): boolean {
  for (let at = 0; at < reservedSuffixes.length; at += 1) {
    if (folded.endsWith(reservedSuffixes[at]!)) return true;
  }
  return false;
}

/**
 * Whether Windows cannot have a name or takes it for another one: reserved characters (`a:b` is a stream of `a`),
 * a dot or space at the end (dropped), devices (`con.html`), and what may be a short name (`PAGETR~1`).
 */
export function isForeignToWindows(folded: string): boolean {
  return (
    /[<>:"|?*]|[. ]$|~\d/.test(folded) ||
    /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)\d) *(?:\.|$)/.test(folded)
  );
}

/** The reasons of this file, in the order of precedence. */
const order = [
  'hidden-segment',
  'reserved-name',
  'executable-name',
  'windows-name',
  'name-too-long',
] as const satisfies readonly Reason[];

const NOTHING = order.length;
const HIDDEN = 0;
const RESERVED = 1;
const EXECUTABLE = 2;
const WINDOWS = 3;
const LONG = 4;

function isOwn(folded: string, { directoryIndex, pageFile }: Naming): boolean {
  return folded === fold(directoryIndex) || folded === fold(pageFile);
}

function faultOfName(
  name: string,
  folded: string,
  first: boolean,
  naming: Naming,
  ownHaveDots: boolean,
): number {
  const dot = folded.indexOf('.');
  if (dot === 0 && !(first && name === '.well-known')) return HIDDEN;
  if ((dot !== -1 || !ownHaveDots) && isOwn(folded, naming)) return RESERVED;
  if (dot !== -1) {
    if (hasReservedSuffix(folded) || (first && folded === 'cachedir.tag')) return RESERVED;
    if (isExecutable(folded)) return EXECUTABLE;
  }
  if (naming.windows === true && isForeignToWindows(folded)) return WINDOWS;
  return isLongName(name) ? LONG : NOTHING;
}

/**
 * Why a path of these decoded segments can have no place, whatever the layout: the first reason of `order` that
 * applies to any of them.
 *
 * @param isFolded each segment is known to be what it folds to.
 */
export function faultOfNames(
  segments: readonly string[],
  naming: Naming,
  isFolded = false,
): Reason | undefined {
  // Folding may make a dot but takes none away: then a name without one is none of the tree's own.
  const ownHaveDots = naming.directoryIndex.indexOf('.') !== -1 && naming.pageFile.indexOf('.') !== -1;
  let worst: number = NOTHING;
  for (let at = 0; at < segments.length; at += 1) {
    const name = segments[at]!;
    const fault = faultOfName(name, isFolded ? name : fold(name), at === 0, naming, ownHaveDots);
    if (fault < worst) worst = fault;
  }
  return order[worst];
}

/** The same for the names of a place, which may be the tree's own (`directoryIndex`, `pageFile`): no name is a slash. */
export function faultOfPlaceNames(names: readonly string[], naming: Naming): Reason | undefined {
  return faultOfNames(names, { ...naming, directoryIndex: '/', pageFile: '/' });
}
