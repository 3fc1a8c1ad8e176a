/**
 * Finds pages: a hit, or a miss with the permission to store, after waiting for whoever makes the same page at the
 * moment. Nobody ever gets another client's response from here, only what was stored.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Flights, within } from './coalesce/flights.ts';
import type { Bypass, Coding, FillOutcome, Lookup, Page, PageRequest, Place } from './contracts.ts';
import type { Meta } from './entry/meta.ts';
import type { Mapping } from './mapping.ts';
import { isSame, type Look } from './memory/identity.ts';
import type { Memory } from './memory/memory.ts';
import { preference } from './policy/accept.ts';
import { forbidden } from './policy/cache-control.ts';
import { isCompressible } from './policy/compressible.ts';
import { combined } from './policy/fields.ts';
import type { Reason } from './policy/reasons.ts';
import { judgeFill } from './policy/request-rules.ts';
import { ownType, type PlaceType } from './policy/types.ts';
import { type Area, fileIn } from './store/area.ts';
import { type Io, lookAt, quietly } from './store/io.ts';
import type { Tree } from './store/open.ts';
import { headFrom, type OpenFile, openPlace, pageFrom, readMeta } from './store/read.ts';
import { fileOf, hiddenTree, variantSuffixes } from './store/tree.ts';
import { PageTicket, type TicketContext } from './ticket.ts';

/** What the finder of a cache shares with the rest of it. */
export interface FinderContext {
  readonly io: Io;
  /** Asks the tree at once; `undefined`: it can only be asked through `io`. */
  readonly look: Look | undefined;
  readonly tree: Tree;
  readonly areas: readonly [shown: Area, hidden: Area];
  readonly mapping: Mapping;
  readonly flights: Flights;
  readonly tickets: TicketContext;
  /** Where pages that were read are kept; `undefined`: nowhere. */
  readonly memory: Memory | undefined;
  readonly coalesce: 'tree' | 'process' | false;
  /** The longest wait for somebody else's fill, in milliseconds. */
  readonly coalesceTimeout: number;
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
  /** Why nothing can be stored at the moment. */
  readonly cannotWrite: () => Reason | undefined;
  /** Told of each ticket, so that it can be waited for. */
  readonly onTicket: (ticket: PageTicket) => void;
}

/** What was found, before it is told to anyone. */
export type Found = Exclude<Lookup, { kind: 'bypass' }>;

/** The first wait for another process's fill, in milliseconds; it doubles up to the second. */
const FIRST_WAIT = 5;
const LONGEST_WAIT = 100;

/** How often a busy server looks whether its tree has private pages at all, in milliseconds. */
const LOOK_FOR_HIDDEN = 250;

/** Refusals that say nothing about the next response of the same key. */
const passing: ReadonlySet<Reason> = new Set([
  'fenced',
  'unfinished',
  'busy',
  'disk-error',
  'overrun',
  'closed',
]);

/** Each is lost only to somebody who stores the page in between. */
const OPEN_TRIES = 3;

const allCodings: readonly Coding[] = ['br', 'zstd', 'gzip'];

/** The finder of one cache. */
export class Finder {
  readonly #context: FinderContext;
  readonly #hiddenTree: Tree;
  #lookedForHidden = Number.NEGATIVE_INFINITY;
  #hasHidden = true;

  constructor(context: FinderContext) {
    this.#context = context;
    this.#hiddenTree = hiddenTree(context.tree);
  }

  /**
   * Looks a place up. With `refresh` it is a miss even when the page is there.
   *
   * @throws the error of the file system.
   */
  async find(request: PageRequest, place: Place, type: PlaceType, refresh: boolean): Promise<Found | Bypass> {
    const { coalesce, coalesceTimeout, flights, monotonic } = this.#context;
    const { key } = place;
    const began = monotonic();
    for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      const page = refresh || this.isAbsent(place) ? undefined : await this.read(request, place, type);
      if (page) return page;
      const cannot = this.reasonNotToStore(request);
      // A page that is there already makes a full tree no fuller.
      const replaces = cannot === 'tree-full' && refresh && (await this.#isThere(place));
      if (cannot !== undefined && !replaces) return miss(key, cannot);
      const left = coalesceTimeout - (monotonic() - began);
      const waits = coalesce !== false && left > 0 && !flights.isUnstorable(key);
      const flight = flights.get(key);
      if (flight) {
        if (!waits || !(await within(flight.ended, left))) return miss(key, 'busy');
        continue;
      }
      const end = flights.start(key);
      let led: Found | Bypass | 'busy' = 'busy';
      try {
        led = await this.#lead(request, place, type, refresh, end);
        if (led !== 'busy') return led;
        // Another process stores this page: look again in a moment.
        if (!waits || coalesce !== 'tree') return miss(key, 'busy');
        await sleep(Math.min(wait, left));
      } finally {
        if (led === 'busy' || led.kind !== 'miss') end();
      }
    }
  }

  /**
   * The tree was asked, and has nothing at the place: a page can't be in the folder there either. `false` may mean that
   * nobody knows. It spares most misses a turn on the thread pool.
   */
  isAbsent(place: Place): boolean {
    const { look, tree } = this.#context;
    return look !== undefined && look(fileOf(tree, place.path)) === undefined && !this.mayBeHidden(place);
  }

  /**
   * The same where there is no time to store a page: whether the tree has private pages at all is asked now and then. One that
   * another process has just made is a miss until then, which is always right.
   */
  isAbsentInARush(place: Place): boolean {
    const { look, tree, areas, monotonic } = this.#context;
    if (look === undefined || look(fileOf(tree, place.path)) !== undefined) return false;
    const now = monotonic();
    if (now - this.#lookedForHidden >= LOOK_FOR_HIDDEN) {
      this.#lookedForHidden = now;
      this.#hasHidden = look(fileIn(areas[1], '').slice(0, -1)) !== undefined;
    }
    return !this.#hasHidden || !this.mayBeHidden(place);
  }

  /** There is a private page from now on: it was made here. */
  noteHidden(): void {
    this.#hasHidden = true;
  }

  /** Whether there may be a page that only the middleware serves. `true` may mean that nobody knows. */
  mayBeHidden(place: Place): boolean {
    const { look, areas } = this.#context;
    return look === undefined || look(fileIn(areas[1], areas[1].placeOf(place).path)) !== undefined;
  }

  /** Why a response to this request is not stored, whatever it is. */
  reasonNotToStore(request: PageRequest): Reason | undefined {
    return judgeFill(request) ?? this.#context.cannotWrite();
  }

  /** What is stored for a place, as an answer to a request. `alone`: nobody else can be storing it. */
  async read(
    request: PageRequest,
    place: Place,
    type: PlaceType,
    alone = false,
  ): Promise<Extract<Found, { kind: 'hit' }> | Bypass | undefined> {
    const shown = await this.#readShown(place, type, alone);
    if (shown) return { kind: 'hit', page: shown };
    const hidden = this.mayBeHidden(place) ? await this.readHidden(place) : undefined;
    if (hidden === undefined) return undefined;
    if (this.suits(request, hidden.type.mediaType, type.mediaType)) return { kind: 'hit', page: hidden.page };
    await hidden.page.close();
    return { kind: 'bypass', reason: 'accept' };
  }

  /**
   * Whether a page of another type than its place is the answer to a request: only if the client wants it at least as much.
   * For the others the application may have an answer of the other type.
   */
  suits(request: PageRequest, found: string, expected: string): boolean {
    if (found === expected) return true;
    const more = preference(combined(request.headers.accept), found, expected);
    return more !== undefined && more >= 0;
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
    const { io, tree, tickets, look = (path) => lookAt(io, path) } = this.#context;
    if (!alone && (await tickets.fills.isBusy(place.key))) return 'busy';
    if (await tickets.fills.holdsMoves()) return 'busy';
    return isSame(await look(fileOf(tree, file.path)), file) ? 'still' : 'changed';
  }

  async #isThere(place: Place): Promise<boolean> {
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

  /** Takes the permission to store a page, and looks once more: somebody may have stored it just before. */
  async #lead(
    request: PageRequest,
    place: Place,
    type: PlaceType,
    refresh: boolean,
    end: () => void,
  ): Promise<Found | Bypass | 'busy'> {
    const { tickets, flights } = this.#context;
    const { key } = place;
    const permission = await tickets.fills.acquire(key);
    if (permission === 'busy') return 'busy';
    let found: Found | Bypass | undefined;
    try {
      found = refresh || this.isAbsent(place) ? undefined : await this.read(request, place, type, true);
    } catch (error) {
      await tickets.fills.abandon(permission);
      throw error;
    }
    if (found) {
      await tickets.fills.abandon(permission);
      return found;
    }
    const onEnd = (outcome: FillOutcome): void => {
      if (outcome.kind === 'stored') flights.forgetUnstorable(key);
      else if (!passing.has(outcome.reason)) flights.rememberUnstorable(key);
      end();
    };
    const ticket = new PageTicket(tickets, permission, place, type, request, onEnd);
    this.#context.onTicket(ticket);
    return { kind: 'miss', key, ticket, reason: undefined };
  }
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

function miss(key: string, reason: Reason): Found {
  return { kind: 'miss', key, ticket: undefined, reason };
}
