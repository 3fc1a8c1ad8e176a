/** How a page of a new tree differs from the live one: what a CDN has to hear of. */
import fs from 'node:fs';
import { join } from 'node:path';
import type { Change } from '../results.ts';
import { metaFileOf } from '../tree/meta-file.ts';

const block = 64 * 1024;

/**
 * Compares the page at a place in two trees: its bytes, and what is kept with it. It reads the files themselves, as long as
 * they are equal; they were written a moment ago.
 *
 * @param live The folder of the live tree; `undefined` when there is none.
 */
export function changeBetween(live: string | undefined, fresh: string, place: string): Change {
  if (live === undefined) return 'new';
  const [old, now] = [join(live, place), join(fresh, place)];
  if (fs.statSync(old, { throwIfNoEntry: false })?.isFile() !== true) return 'new';
  return hasSameBytes(old, now) && keptWith(live, place) === keptWith(fresh, place) ? 'same' : 'changed';
}

function hasSameBytes(one: string, other: string): boolean {
  const files: number[] = [];
  try {
    for (const file of [one, other]) files.push(fs.openSync(file, 'r'));
    const [a, b] = files as [number, number];
    if (fs.fstatSync(a).size !== fs.fstatSync(b).size) return false;
    const [left, right] = [Buffer.alloc(block), Buffer.alloc(block)];
    for (;;) {
      const length = fs.readSync(a, left);
      if (fs.readSync(b, right) !== length) return false;
      if (length === 0) return true;
      if (!left.subarray(0, length).equals(right.subarray(0, length))) return false;
    }
  } catch {
    // A purge took one of them away.
    return false;
  } finally {
    for (const file of files) fs.closeSync(file);
  }
}

/** What meta says of a page, without what is another with every version: who stored it, and when. */
function keptWith(tree: string, place: string): string | undefined {
  try {
    const text = fs.readFileSync(metaFileOf(tree, place), 'utf8');
    const { storedAt: _, mtimeMs: __, by: ___, variants: ____, ...kept } = JSON.parse(text);
    return JSON.stringify(kept);
  } catch {
    return undefined;
  }
}
