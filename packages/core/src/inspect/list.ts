/** Lists the pages of a tree. */
import { type Area, fileIn } from '../store/area.ts';
import { type Facts, type Io, lookAt } from '../store/io.ts';
import { walk } from '../store/walk.ts';

/** One page of a listing. */
export interface ListedPage {
  readonly key: string;
  /** The file, relative to the tree. */
  readonly place: string;
  readonly bytes: number;
  /** Modification time in milliseconds since 1970. */
  readonly mtimeMs: number;
  /** Only the middleware serves it, no front-end server. */
  readonly isPrivate?: true;
}

/** Every page of the areas, streamed in no particular order. */
export async function* listPages(io: Io, areas: readonly Area[]): AsyncGenerator<ListedPage> {
  for await (const { area, key, path, facts } of pagesOf(io, areas)) {
    const { size: bytes, mtimeMs } = facts;
    yield { key, place: area.pagesAt + path, bytes, mtimeMs, ...(area.isHidden && { isPrivate: true }) };
  }
}

/** A page and its file. */
export interface PageFile {
  readonly area: Area;
  readonly key: string;
  /** Relative to the area. */
  readonly path: string;
  readonly facts: Facts;
}

/** The file of every page. */
export async function* pagesOf(io: Io, areas: readonly Area[]): AsyncGenerator<PageFile> {
  for (const area of areas) {
    for await (const { path, kind } of walk(io, area.tree)) {
      const key = kind === 'file' ? area.keyAt(path) : undefined;
      const facts = key === undefined ? undefined : await lookAt(io, fileIn(area, path));
      if (key !== undefined && facts && facts.size > 0) yield { area, key, path, facts };
    }
  }
}
