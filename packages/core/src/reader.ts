/** Reads what the tree has for a place, in either area, and tells at once where it can have nothing. */
import type { Bypass, Coding, Page, PageRequest, Place } from './contracts.ts';
import type { Meta } from './entry/meta.ts';
import type { Mapping } from './mapping.ts';
import { isSame, type Look } from './memory/identity.ts';
import type { Memory } from './memory/memory.ts';
import { preference } from './policy/accept.ts';
import { forbidden } from './policy/cache-control.ts';
import { isCompressible } from './policy/compressible.ts';
import { combined } from './policy/fields.ts';
import { ownType, type PlaceType } from './policy/types.ts';
import { type Area, fileIn } from './store/area.ts';
import type { Fills } from './store/fills.ts';
import { type Io, lookAt, quietly } from './store/io.ts';
import type { Tree } from './store/open.ts';
import { headFrom, type OpenFile, openPlace, pageFrom, readMeta } from './store/read.ts';
import { fileOf, hiddenTree, variantSuffixes } from './store/tree.ts';

/** What the reader of a cache shares with the rest of it. */
export interface ReaderContext {
  readonly io: Io;
  /** Asks the tree at once; `undefined`: it can only be asked through `io`. */
  readonly look: Look | undefined;
  readonly tree: Tree;
  readonly areas: readonly [shown: Area, hidden: Area];
  readonly mapping: Mapping;
  readonly fills: Fills;
  /** Where pages that were read are kept; `undefined`: nowhere. */
  readonly memory: Memory | undefined;
}

/** What is stored for a place: the answer to a request, or a page that its client does not take. */
export type Stored = { readonly kind: 'hit'; readonly page: Page } | Bypass;

/** Each is lost only to somebody who stores the page in between. */
const OPEN_TRIES = 3;

const allCodings: readonly Coding[] = ['br', 'zstd', 'gzip'];

/** The reader of one cache. */
export class Reader {
  readonly #context: ReaderContext;
  readonly #hiddenTree: Tree;

  constructor(context: ReaderContext) {
    this.#context = context;
    this.#hiddenTree = hiddenTree(context.tree);
  }

  /**
   * The tree was asked, and has nothing at the place: a page can't be in the folder there either. `false` may mean that
   * nobody knows. It spares most misses a turn on the thread pool.
   */
  isAbsent(place: Place): boolean {
    const { look, tree } = this.#context;
    return look !== undefined && look(fileOf(tree, place.path)) === undefined && !this.mayBeHidden(place);
  }

  /** Whether there may be a page that only the middleware serves. `true` may mean that nobody knows. */
  mayBeHidden(place: Place): boolean {
    const { look, areas } = this.#context;
    return look === undefined || look(fileIn(areas[1], areas[1].placeOf(place).path)) !== undefined;
  }

  /** What is stored for a place, as an answer to a request. `alone`: nobody else can be storing it. */
  async read(
    request: PageRequest,
    place: Place,
    type: PlaceType,
    alone = false,
  ): Promise<Stored | undefined> {
    const shown = await this.#readShown(place, type, alone);
    if (shown) return { kind: 'hit', page: shown };
    const hidden = this.mayBeHidden(place) ? await this.readHidden(place) : undefined;
    if (hidden === undefined) return undefined;
    if (suits(request, hidden.type.mediaType, type.mediaType)) return { kind: 'hit', page: hidden.page };
    await hidden.page.close();
    return { kind: 'bypass', reason: 'accept' };
  }

  /** The page of a place that no front-end server sees. Without its meta nobody knows its type, so it is not there. */
  async readHidden(place: Place): Promise<{ page: Page; type: PlaceType } | undefined> {
    const { io, mapping, areas, memory } = this.#context;
    const tree = this.#hiddenTree;
    const file = await openPlace(io, tree, areas[1].placeOf(place));
    if (!file) return undefined;
    const meta = await closedOnError(io, file, () => readMeta(io, tree, place.key, file));
    const type = meta?.contentType === undefined ? undefined : ownType(meta.contentType);
    if (meta === undefined || type === undefined || !isServable(meta)) {
      await quietly(() => io.close(file.fd));
      return undefined;
    }
    const head = {
      key: place.key,
      contentType: type.full,
      cacheControl: mapping.cacheControlOf(place.key) ?? meta.cacheControl ?? 'no-cache',
      meta,
      codings: madeCodings(meta),
    };
    const described = { ...headFrom(file, head), place: areas[1].pagesAt + file.path };
    const path = fileOf(tree, file.path);
    const shown = fileOf(this.#context.tree, place.path);
    const keeper = memory?.keeper(described, type.mediaType, path, { ...file, path }, shown);
    return { page: pageFrom(io, tree, file, described, keeper), type };
  }

  async #readShown(place: Place, type: PlaceType, alone: boolean): Promise<Page | undefined> {
    const { io, tree, mapping, memory } = this.#context;
    const found = await this.#openShown(place, alone);
    if (found === undefined) return undefined;
    const { file, meta } = found;
    if (meta && !isServable(meta)) {
      await io.close(file.fd);
      return undefined;
    }
    const head = headFrom(file, {
      key: place.key,
      contentType: type.full,
      cacheControl: mapping.cacheControlOf(place.key) ?? meta?.cacheControl ?? 'no-cache',
      meta,
      // Without meta somebody put the page there, and perhaps variants with it.
      codings: meta ? madeCodings(meta) : isCompressible(type.mediaType) ? allCodings : [],
    });
    const path = fileOf(tree, file.path);
    return pageFrom(io, tree, file, head, memory?.keeper(head, type.mediaType, path, { ...file, path }));
  }

  /** The file of a place and its meta. One whose meta was replaced, or taken away, while it was looked at is another page now. */
  async #openShown(
    place: Place,
    alone: boolean,
  ): Promise<{ file: OpenFile; meta: Meta | undefined } | undefined> {
    const { io, tree } = this.#context;
    for (let tries = 0; tries < OPEN_TRIES; tries += 1) {
      const file = await openPlace(io, tree, place);
      if (!file) return undefined;
      const meta = await closedOnError(io, file, () => readMeta(io, tree, place.key, file));
      if (meta !== undefined) return { file, meta };
      const state = await closedOnError(io, file, () => this.#stateOf(place, file, alone));
      if (state === 'still') return { file, meta };
      await quietly(() => io.close(file.fd));
      if (state === 'busy') return undefined;
    }
    return undefined;
  }

  /** Whether an open file without meta is a page without meta, or somebody is about to remove or replace it, or just did. */
  async #stateOf(place: Place, file: OpenFile, alone: boolean): Promise<'still' | 'changed' | 'busy'> {
    const { io, tree, fills, look = (path) => lookAt(io, path) } = this.#context;
    if (!alone && (await fills.isBusy(place.key))) return 'busy';
    if (await fills.holdsMoves()) return 'busy';
    return isSame(await look(fileOf(tree, file.path)), file) ? 'still' : 'changed';
  }

  /** Whether a page is stored for a place, public or private. */
  async isThere(place: Place): Promise<boolean> {
    const { io, tree, areas } = this.#context;
    const isOpened = async (file: OpenFile | undefined): Promise<boolean> => {
      if (file) await io.close(file.fd);
      return file !== undefined;
    };
    return (
      (await isOpened(await openPlace(io, tree, place))) ||
      (await isOpened(await openPlace(io, this.#hiddenTree, areas[1].placeOf(place))))
    );
  }
}

/**
 * Whether a page of another type than its place is the answer to a request: only if the client wants it at least as much.
 * For the others the application may have an answer of the other type.
 */
export function suits(request: PageRequest, found: string, expected: string): boolean {
  if (found === expected) return true;
  const more = preference(combined(request.headers.accept), found, expected);
  return more !== undefined && more >= 0;
}

/** Runs a call about an open file, which is closed when that fails. */
async function closedOnError<T>(io: Io, { fd }: OpenFile, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    await quietly(() => io.close(fd));
    throw error;
  }
}

/** The rules of storing hold for what is served, whoever wrote the meta since. */
function isServable({ cacheControl }: Meta): boolean {
  return cacheControl === undefined || forbidden(cacheControl) === undefined;
}

function madeCodings({ variants = [] }: Meta): Coding[] {
  return allCodings.filter((coding) => variants.includes(variantSuffixes[coding]));
}
