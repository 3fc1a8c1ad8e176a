/**
 * Purge: takes the permissions away first, then deletes the pages. The order is what makes it final: a render
 * that began before can't be published any more, and what it published before is deleted now.
 */
import { dirname } from 'node:path';
import type { Place } from '../contracts.ts';
import type { Permission } from './announce.ts';
import { type Area, fileIn } from './area.ts';
import type { Fills } from './fills.ts';
import { type Io, ignoring, lookAt } from './io.ts';
import { removeOrphans } from './publish.ts';
import { type Counts, PageRemover } from './remove.ts';
import type { TreePaths } from './tree.ts';
import { walk } from './walk.ts';

/** What a purge did. */
export interface Purged extends Counts {
  /** Fills whose permission was taken away. */
  fills: number;
}

/** One page that a purge removed, or would remove. */
export interface PurgedPage {
  readonly key: string;
  readonly place: string;
  readonly bytes: number;
}

export interface PurgeContext {
  readonly io: Io;
  readonly tree: TreePaths;
  readonly areas: readonly Area[];
  readonly fills: Fills;
  readonly durable: boolean;
  /** Files that are deleted at a time. */
  readonly width: number;
  /** The place of a key. */
  placeOf(key: string): Place | undefined;
  readonly onPage: ((page: PurgedPage) => void) | undefined;
}

/** Pages that are removed in a row, under one lock that goes from page to page. None is held while more are looked for. */
const ROW = 64;

/** Removes pages one after another, each while nobody can store it; what became empty goes in the end. */
export class Purging {
  readonly #context: PurgeContext;
  readonly #result: Purged;
  readonly #remover: PageRemover;
  readonly #row: Place[] = [];

  constructor(context: PurgeContext, result: Purged) {
    this.#context = context;
    this.#result = result;
    this.#remover = new PageRemover(context.io, context.durable);
  }

  /** Removes the page of a place, now or with others at the latest in the end. */
  async remove(place: Place): Promise<void> {
    this.#row.push(place);
    if (this.#row.length >= ROW) await this.#removeRow();
  }

  async #removeRow(): Promise<void> {
    const { fills } = this.#context;
    let lock: Permission | undefined;
    try {
      for (const place of this.#row.splice(0)) {
        const before = lock;
        lock = undefined;
        const { permission, taken } = await fills.seize(place.key, before);
        lock = permission;
        this.#result.fills += taken;
        await this.#removeLocked(place, lock);
      }
    } finally {
      if (lock) await fills.abandon(lock);
    }
  }

  /** Removes a page in whichever of its files it lives. */
  async #removeLocked(place: Place, lock: Permission | undefined): Promise<void> {
    const { io, onPage } = this.#context;
    const result = this.#result;
    const paths = await filesOf(this.#context, place);
    for (const { area, path } of paths) {
      const bytes = await this.#remover.remove(area.tree, path);
      if (bytes === undefined || bytes === 0) continue;
      result.pages += 1;
      result.bytes += bytes;
      onPage?.({ key: place.key, place: area.pagesAt + path, bytes });
    }
    // Somebody took our lock for abandoned, so a newer page may have come in between: its body is gone by now, its variants not.
    if (!lock || !(await lookAt(io, lock.body))) {
      for (const { area, path } of paths) await removeOrphans(io, fileIn(area, path));
    }
  }

  /** Removes what is left to remove and the folders that are empty then, and flushes the others. */
  async end(): Promise<void> {
    try {
      await this.#removeRow();
    } finally {
      await this.#remover.finish();
    }
  }
}

/** Removes one page. */
export async function purgePlace(context: PurgeContext, place: Place, result: Purged): Promise<void> {
  await purgeEach(context, result, (purging) => purging.remove(place));
}

/** Removes pages by the calls of `work`, and tidies up behind it. */
export async function purgeEach(
  context: PurgeContext,
  result: Purged,
  work: (purging: Purging) => Promise<void>,
): Promise<void> {
  const purging = new Purging(context, result);
  try {
    await work(purging);
  } finally {
    await purging.end();
  }
}

/**
 * Where the page of a place can be. It is in its folder only where there is one. Hidden pages are few, and each has a folder of
 * its own: where that is not, nothing of it is left either.
 */
async function filesOf(
  { io, areas }: PurgeContext,
  place: Place,
): Promise<{ readonly area: Area; readonly path: string }[]> {
  const found: { area: Area; path: string }[] = [];
  for (const area of areas) {
    const { path, inFolder } = area.placeOf(place);
    const file = fileIn(area, path);
    if (area.isHidden && !(await io.peek(dirname(file)))) continue;
    found.push({ area, path });
    if (inFolder !== undefined && (await io.peek(file))?.kind === 'folder')
      found.push({ area, path: inFolder });
  }
  return found;
}

/** Removes every page that a predicate names, one by one, below a folder of the tree. */
export async function purgeMatching(
  context: PurgeContext,
  folder: string,
  inScope: (key: string) => boolean,
  judge: (page: PurgedPage, area: Area) => Promise<boolean>,
  result: Purged,
): Promise<void> {
  result.fills += await context.fills.takeAll(inScope);
  await purgeEach(context, result, async (purging) => {
    for await (const { area, ...page } of pagesBelow(context, folder, inScope)) {
      const place = (await judge(page, area)) ? context.placeOf(page.key) : undefined;
      if (place) await purging.remove(place);
    }
  });
}

/** The pages in scope below a folder of the tree: what a purge would remove. */
export async function* pagesBelow(
  { io, areas }: PurgeContext,
  folder: string,
  inScope: (key: string) => boolean,
): AsyncGenerator<PurgedPage & { readonly area: Area }> {
  for (const area of areas) {
    for await (const { path } of walk(io, area.tree, folder)) {
      const key = area.keyAt(path);
      if (key === undefined || !inScope(key)) continue;
      let bytes = 0;
      await ignoring(['ENOENT', 'ENOTDIR'], async () => {
        bytes = (await io.lstat(fileIn(area, path))).size;
      });
      if (bytes > 0) yield { key, place: area.pagesAt + path, bytes, area };
    }
  }
}
