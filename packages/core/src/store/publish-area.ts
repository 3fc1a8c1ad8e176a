/** Publishes a page in one area of the tree, and takes it out of the other one first: a key has one page. */
import { dirname } from 'node:path';
import type { Place } from '../contracts.ts';
import type { Meta } from '../entry/meta.ts';
import { type Area, fileIn, pathsIn } from './area.ts';
import { type Io, lookAt } from './io.ts';
import { type Parts, type PublishContext, type Published, publish } from './publish.ts';
import { readMeta } from './read.ts';
import { removePage } from './remove.ts';

/** What a publish into an area needs beside what every publish does. */
export interface AreaContext extends Omit<PublishContext, 'tree'> {
  readonly areas: readonly [shown: Area, hidden: Area];
  readonly durable: boolean;
  /** Told of a page that was taken out and not replaced. */
  readonly onLoss: (bytes: number) => void;
}

/**
 * Puts the parts in place. The other area's page goes before the new one is put: who deletes the new file must not find the old
 * page again behind it. In between the page is a miss.
 *
 * @throws the error of the file system.
 */
export async function publishInArea(
  context: AreaContext,
  place: Place,
  parts: Parts,
  hidden: boolean,
): Promise<Published> {
  const { io, durable, onLoss } = context;
  const [here, other] = hidden ? [context.areas[1], context.areas[0]] : context.areas;
  let taken: number | undefined;
  for (const path of pathsIn(other, place)) {
    if (!(await mayHave(io, other, path))) continue;
    if (!(await lookAt(io, parts.body))) return { kind: 'fenced' };
    const bytes = await removePage(io, other.tree, path, durable);
    if (bytes) taken = bytes;
  }
  let result: Published | undefined;
  try {
    // In the hidden area only folders have the names of segments, so nothing there has to make room.
    const makeRoom = hidden ? async () => 'conflict' as const : context.makeRoom;
    result = await publish({ ...context, tree: here.tree, makeRoom }, here.placeOf(place), parts);
  } finally {
    if (taken !== undefined && result?.kind !== 'published') onLoss(taken);
  }
  if (result.kind !== 'published') return result;
  return { ...result, path: here.pagesAt + result.path, replaced: result.replaced ?? taken };
}

/** The meta of the page that stands at a place now. A page that is stored there keeps it with its own until it has replaced it. */
export async function standingMeta(io: Io, area: Area, place: Place): Promise<Meta | undefined> {
  for (const path of pathsIn(area, place)) {
    const facts = await io.peek(fileIn(area, path));
    if (facts?.kind === 'file') return readMeta(io, area.tree, place.key, { ...facts, path });
    // It can be in a folder only where one is.
    if (facts?.kind !== 'folder') return undefined;
  }
  return undefined;
}

/** A hidden page has a folder of its own, and what a process left of one that was killed on the way is in it too. */
async function mayHave(io: Io, area: Area, path: string): Promise<boolean> {
  const file = fileIn(area, path);
  return area.isHidden
    ? (await io.peek(dirname(file))) !== undefined
    : (await io.peek(file))?.kind === 'file';
}

/** The bytes of the page that a new one of a place would replace, in either area. */
export async function standingBytes(
  io: Io,
  areas: readonly Area[],
  place: Place,
): Promise<number | undefined> {
  for (const area of areas) {
    for (const path of pathsIn(area, place)) {
      const facts = await io.peek(fileIn(area, path));
      if (facts?.kind === 'file' && facts.size > 0) return facts.size;
    }
  }
  return undefined;
}
