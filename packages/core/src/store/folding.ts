/** Whether a tree that can't be written is on a file system that takes names which differ for one. */
import fs from 'node:fs';
import { INTERNAL, type TreePaths } from './tree.ts';

/** Names that are looked at before it is taken for granted that no page has a name with another spelling. */
const MOST = 10_000;

/**
 * Judges by the names that are there: ours without case, and the first one that Unicode spells in two ways (`é` is one character or
 * two). Where the tree has none of those, no page can answer for another either, until somebody else stores one.
 */
export function foldsAsFound(tree: Pick<TreePaths, 'root'>): boolean {
  if (fs.existsSync(`${tree.root}/${INTERNAL.toUpperCase()}`)) return true;
  const folders = [tree.root];
  let seen = 0;
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    for (const entry of entriesOf(folder)) {
      seen += 1;
      if (seen > MOST) return false;
      const path = `${folder}/${entry.name}`;
      const other = otherSpelling(entry.name);
      if (other !== undefined) return isSameFile(path, `${folder}/${other}`);
      if (entry.isDirectory() && folders.length < MOST) folders.push(path);
    }
  }
  return false;
}

function otherSpelling(name: string): string | undefined {
  return [name.normalize('NFD'), name.normalize('NFC')].find((spelling) => spelling !== name);
}

function isSameFile(path: string, other: string): boolean {
  const [one, two] = [path, other].map((name) => fs.lstatSync(name, { throwIfNoEntry: false }));
  return one !== undefined && two !== undefined && one.ino === two.ino && one.dev === two.dev;
}

/** A folder that may not be read, or that is gone, tells nothing. */
function* entriesOf(path: string): Generator<fs.Dirent> {
  let folder: fs.Dir;
  try {
    folder = fs.opendirSync(path);
  } catch {
    return;
  }
  try {
    for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) yield entry;
  } finally {
    folder.closeSync();
  }
}
