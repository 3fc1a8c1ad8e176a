/** Lists the pages of a tree. */
import { type Area, fileIn } from '../store/area.ts';
import { type Io, lookAt } from '../store/io.ts';
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
  for (const area of areas) {
    for await (const { path, kind } of walk(io, area.tree)) {
      const key = kind === 'file' ? area.keyAt(path) : undefined;
      const facts = key === undefined ? undefined : await lookAt(io, fileIn(area, path));
      if (key === undefined || !facts || facts.size === 0) continue;
      const { size: bytes, mtimeMs } = facts;
      yield { key, place: area.pagesAt + path, bytes, mtimeMs, ...(area.isHidden && { isPrivate: true }) };
    }
  }
}
