/** The page cache: the one place where mapping, rules, store and coalescing meet. */
import { timingSafeEqual } from 'node:crypto';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Flights, within } from './coalesce/flights.ts';
import type { Coding, FillOutcome, Lookup, Naming, Page, PageRequest, Place } from './contracts.ts';
import { PagetreeError } from './errors.ts';
import type { CacheEvent } from './events.ts';
import { layouts } from './key/layouts/all.ts';
import { placeOf, targetOf } from './key/place.ts';
import { compilePrefixes } from './key/scope.ts';
import { parseTarget } from './key/target.ts';
import type { ResolvedOptions } from './options.ts';
import { isCompressible } from './policy/compressible.ts';
import { compileRequestPolicy, type RequestPolicy } from './policy/decide.ts';
import { byPrefix, longestFirst, type PrefixRule } from './policy/prefixes.ts';
import type { Reason } from './policy/reasons.ts';
import { judgeFill } from './policy/request-rules.ts';
import { compileTypes, contentTypeFor, type PlaceType, type TypeRules } from './policy/types.ts';
import { type PurgeHow, type PurgeScope, purge as purgeScope } from './purge-scope.ts';
import { createCompressor } from './store/compress.ts';
import { Fills } from './store/fills.ts';
import { Health } from './store/health.ts';
import { codeOf, type Io, ignoring } from './store/io.ts';
import { makeRoom } from './store/make-room.ts';
import type { Manifest } from './store/manifest.ts';
import type { Tree } from './store/open.ts';
import { thisOwner } from './store/owner.ts';
import { publish } from './store/publish.ts';
import type { Purged } from './store/purge.ts';
import { type OpenFile, openPlace, pageFrom, readMeta } from './store/read.ts';
import { Tags } from './store/tags.ts';
import { variantSuffixes } from './store/tree.ts';
import { walk } from './store/walk.ts';
import { PageTicket, type TicketContext } from './ticket.ts';

/** The header in which cache-warm shows the tree's token, so that the middleware steps aside for it. */
export const TOKEN_HEADER = 'pagetree-token';

/** How a page is looked up. */
export interface LookupHow {
  /** Ask for a permission to store even though the page is there. @default false */
  readonly refresh?: boolean;
}

/** One page of a listing. */
export interface ListedPage {
  readonly key: string;
  /** The file, relative to the tree. */
  readonly place: string;
  readonly bytes: number;
  /** Modification time in milliseconds since 1970. */
  readonly mtimeMs: number;
}

/** The clocks of a cache: they come in as arguments, so that tests hold them. */
export interface Clocks {
  /** Milliseconds since 1970. */
  readonly wall: () => number;
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
}

/** The first wait for another process's fill, in milliseconds; it doubles up to the second. */
const FIRST_WAIT = 5;
const LONGEST_WAIT = 100;

const allCodings: readonly Coding[] = ['br', 'zstd', 'gzip'];

function codingsOf(suffixes: readonly string[]): readonly Coding[] {
  return allCodings.filter((coding) => suffixes.includes(variantSuffixes[coding]));
}

/** Refusals that say nothing about the next response of the same key. */
const passing: ReadonlySet<Reason> = new Set([
  'fenced',
  'unfinished',
  'busy',
  'disk-error',
  'overrun',
  'closed',
]);

/** A page cache over one tree. Made by `createPageCache`. */
export class PageCache {
  /** The absolute path of the tree, without links. */
  readonly cacheDir: string;
  /** What the tree says about its names and types. */
  readonly manifest: Manifest;
  /** What cache-warm shows to a middleware on the same tree; `undefined` when this user may not read it. */
  readonly token: string | undefined;

  readonly #options: ResolvedOptions;
  readonly #tree: Tree;
  readonly #io: Io;
  readonly #naming: Naming;
  readonly #types: TypeRules;
  readonly #cacheControl: readonly PrefixRule<string>[];
  readonly #policy: RequestPolicy;
  readonly #fills: Fills;
  readonly #flights: Flights;
  readonly #health: Health;
  readonly #tags: Tags;
  readonly #clocks: Clocks;
  readonly #tickets: TicketContext;
  readonly #emit: (event: CacheEvent) => void;
  readonly #open = new Set<Promise<unknown>>();
  #closed = false;

  constructor(
    options: ResolvedOptions,
    tree: Tree,
    io: Io,
    clocks: Clocks,
    emit: (event: CacheEvent) => void,
  ) {
    this.#options = options;
    this.#tree = tree;
    this.#io = io;
    this.#clocks = clocks;
    this.#emit = emit;
    this.cacheDir = tree.root;
    this.manifest = tree.manifest;
    this.token = tree.secret;
    const { manifest } = tree;
    this.#naming = {
      layout: layouts[manifest.layout],
      directoryIndex: manifest.directoryIndex,
      pageFile: manifest.pageFile,
      trailingSlash: manifest.trailingSlash,
      maxPath: (process.platform === 'darwin' ? 1023 : 4095) - Buffer.byteLength(tree.root) - 1,
    };
    this.#types = compileTypes(manifest);
    this.#cacheControl = longestFirst(Object.entries(manifest.cacheControl));
    this.#policy = compileRequestPolicy({
      hosts: options.hosts,
      cookies: options.cookies,
      ignoreCookies: options.ignoreCookies,
      isInside: compilePrefixes(options.cachePaths),
      isExcluded: compilePrefixes(options.excludePaths),
    });
    const { fileMode, dirMode, fillTimeout } = options;
    this.#fills = new Fills({ tree, io, owner: thisOwner(), fileMode, dirMode, fillTimeout });
    this.#flights = new Flights(clocks.monotonic);
    this.#health = new Health(clocks.monotonic, emit);
    this.#tags = new Tags({ tree, io, fileMode, dirMode });
    const room = {
      io,
      tree,
      fills: this.#fills,
      dirMode,
      masked: tree.masked,
      movable: (path: string) => this.#movable(path),
    };
    this.#tickets = {
      io,
      fills: this.#fills,
      pending: { bytes: 0, limit: options.maxPending },
      maxPageSize: options.maxPageSize,
      durable: options.durability === 'full',
      fileMode,
      masked: tree.masked,
      by: options.by,
      now: clocks.wall,
      tags: this.#tags,
      shouldStore: options.shouldStore,
      variants: options.variants,
      compress: createCompressor(options.compression, options.io === 'direct' ? cpus().length : 2),
      publish: (place, parts) => publish({ ...room, makeRoom: (file) => makeRoom(room, file) }, place, parts),
      onOutcome: (outcome) => this.#report(outcome),
      onHookError: (error, key) => this.#health.tell('hook', error, key),
    };
  }

  /**
   * What the cache knows of a request: a stored page, a miss with the permission to store it, or that the request does not
   * touch the cache. Never rejects because of the disk: then it is a miss without a permission.
   *
   * @example
   * const found = await cache.lookup({ method: 'GET', target: '/about', headers: {} });
   */
  async lookup(request: PageRequest, how: LookupHow = {}): Promise<Lookup> {
    const target = parseTarget(request.target);
    if (target.kind === 'bypass') return this.#bypass(target.reason);
    const place = placeOf(target, this.#naming);
    if (place.kind === 'bypass') return this.#bypass(place.reason);
    const type = contentTypeFor(place.key, place.path, this.#types);
    const reason = this.#policy(request, place.key, type.mediaType);
    if (reason !== undefined) return this.#bypass(reason);
    if (how.refresh !== true && this.#isWarmer(request)) return this.#bypass('warmer');
    try {
      return await this.#find(request, place, type, how.refresh === true);
    } catch (error) {
      this.#health.failed((error as NodeJS.ErrnoException).syscall ?? 'lookup', error as Error, place.key);
      return this.#miss(place.key, 'disk-error');
    }
  }

  async #find(request: PageRequest, place: Place, type: PlaceType, refresh: boolean): Promise<Lookup> {
    const { coalesce, coalesceTimeout } = this.#options;
    const { key } = place;
    const began = this.#clocks.monotonic();
    for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      const page = refresh ? undefined : await this.#read(place, type);
      if (page) return this.#hit(page);
      const cannot = judgeFill(request) ?? this.#cannotWrite();
      if (cannot !== undefined) return this.#miss(key, cannot);
      const left = coalesceTimeout - (this.#clocks.monotonic() - began);
      const waits = coalesce !== false && left > 0 && !this.#flights.isUnstorable(key);
      const flight = this.#flights.get(key);
      if (flight) {
        if (!waits || !(await within(flight.ended, left))) return this.#miss(key, 'busy');
        continue;
      }
      const end = this.#flights.start(key);
      let led: Lookup | 'busy';
      try {
        led = await this.#lead(request, place, type, refresh, end);
      } catch (error) {
        end();
        throw error;
      }
      if (led !== 'busy') return led;
      // Another process stores this page: look again in a moment.
      if (!waits || coalesce !== 'tree') {
        end();
        return this.#miss(key, 'busy');
      }
      await sleep(Math.min(wait, left), undefined, { ref: false });
      end();
    }
  }

  /** Takes the permission to store a page, and looks once more: somebody may have stored it just before. */
  async #lead(
    request: PageRequest,
    place: Place,
    type: PlaceType,
    refresh: boolean,
    end: () => void,
  ): Promise<Lookup | 'busy'> {
    const { key } = place;
    const permission = await this.#fills.acquire(key);
    if (permission === 'busy') return 'busy';
    let page: Page | undefined;
    try {
      page = refresh ? undefined : await this.#read(place, type);
    } catch (error) {
      await this.#fills.abandon(permission);
      throw error;
    }
    if (page) {
      await this.#fills.abandon(permission);
      end();
      return this.#hit(page);
    }
    const ticket: PageTicket = new PageTicket(this.#tickets, permission, place, type, request, (outcome) => {
      if (outcome.kind === 'stored') this.#flights.forgetUnstorable(key);
      else if (!passing.has(outcome.reason)) this.#flights.rememberUnstorable(key);
      end();
      this.#open.delete(ticket.outcome);
    });
    this.#open.add(ticket.outcome);
    this.#emit({ type: 'miss', key });
    return { kind: 'miss', key, ticket, reason: undefined };
  }

  async #read(place: Place, type: PlaceType): Promise<Page | undefined> {
    const file = await openPlace(this.#io, this.#tree, place);
    return file && this.#pageOf(file, place, type);
  }

  async #pageOf(file: OpenFile, place: Place, type: PlaceType): Promise<Page> {
    const meta = await readMeta(this.#io, this.#tree, place.key, file);
    const rule = this.#cacheControl.length === 0 ? undefined : byPrefix(this.#cacheControl, place.key);
    return pageFrom(this.#io, this.#tree, file, {
      key: place.key,
      contentType: type.full,
      cacheControl: rule ?? meta?.cacheControl ?? 'no-cache',
      meta,
      codings: meta ? codingsOf(meta.variants ?? []) : isCompressible(type.mediaType) ? allCodings : [],
    });
  }

  /**
   * Removes pages. When it resolves, no response whose render began before is ever served, by any process on the tree.
   *
   * @throws PagetreeError ERR_PAGETREE_PATH for a scope that names no page, ERR_PAGETREE_PURGE_INCOMPLETE when the file
   * system kept something.
   * @example
   * await cache.purge({ path: '/blog', recursive: true });
   */
  async purge(scope: PurgeScope, how: PurgeHow = {}): Promise<Purged> {
    if (this.#closed) throw new PagetreeError('ERR_PAGETREE_CLOSED', 'purge: the cache is closed.');
    const { io, durability } = this.#options;
    const work = purgeScope(
      {
        io: this.#io,
        tree: this.#tree,
        fills: this.#fills,
        tags: this.#tags,
        naming: this.#naming,
        durable: durability === 'full',
        width: io === 'direct' ? 1 : 32,
        now: this.#clocks.wall,
        detach: (inScope) => this.#flights.detach(inScope),
      },
      scope,
      how,
    );
    const settled = work.then(
      () => {},
      () => {},
    );
    this.#open.add(settled);
    try {
      const { label, ...purged } = await work;
      if (how.dryRun !== true)
        this.#emit({ type: 'purged', scope: label, pages: purged.pages, bytes: purged.bytes });
      return purged;
    } finally {
      this.#open.delete(settled);
    }
  }

  /** Every page of the tree, streamed in no particular order. */
  async *list(): AsyncGenerator<ListedPage> {
    for await (const { path, kind } of walk(this.#io, this.#tree)) {
      const key = kind === 'file' ? targetOf(path, this.#naming) : undefined;
      if (key === undefined) continue;
      let page: ListedPage | undefined;
      await ignoring(['ENOENT', 'ENOTDIR'], async () => {
        const { size, mtimeMs } = await this.#io.lstat(`${this.#tree.root}/${path}`);
        if (size > 0) page = { key, place: path, bytes: size, mtimeMs };
      });
      if (page) yield page;
    }
  }

  /** Stores nothing any more, and waits for the fills and purges under way. Lookups go on: all misses. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#flights.close();
    while (this.#open.size > 0) await Promise.all(this.#open);
  }

  #cannotWrite(): Reason | undefined {
    if (this.#closed) return 'closed';
    if (this.#tree.readOnly) return 'read-only';
    return this.#health.paused ? 'paused' : undefined;
  }

  #isWarmer(request: PageRequest): boolean {
    const shown = request.headers[TOKEN_HEADER];
    if (typeof shown !== 'string' || this.token === undefined) return false;
    const [a, b] = [Buffer.from(shown), Buffer.from(this.token)];
    return a.length === b.length && timingSafeEqual(a, b);
  }

  /** The place whose page lives at a path, when it may move into the folder that is to stand there. */
  #movable(path: string): Place | undefined {
    const key = targetOf(path, this.#naming);
    const target = key === undefined ? undefined : parseTarget(key);
    if (target?.kind !== 'target') return undefined;
    const place = placeOf(target, this.#naming);
    if (place.kind !== 'place' || place.path !== path) return undefined;
    return contentTypeFor(place.key, path, this.#types).mediaType === 'text/html' ? place : undefined;
  }

  #hit(page: Page): Lookup {
    this.#emit({ type: 'hit', key: page.key, bytes: page.size });
    return { kind: 'hit', page };
  }

  #miss(key: string, reason: Reason): Lookup {
    this.#emit({ type: 'miss', key, reason });
    return { kind: 'miss', key, ticket: undefined, reason };
  }

  #bypass(reason: Reason): Lookup {
    this.#emit({ type: 'bypass', reason });
    return { kind: 'bypass', reason };
  }

  #report(outcome: FillOutcome): void {
    const { key } = outcome;
    if (outcome.kind === 'stored') {
      this.#health.succeeded();
      this.#emit({ type: 'stored', key, place: outcome.place, bytes: outcome.bytes, by: this.#options.by });
      return;
    }
    const { reason, detail, error } = outcome;
    if (error)
      this.#health.failed((error as NodeJS.ErrnoException).syscall ?? codeOf(error) ?? 'store', error, key);
    const told = { key, reason, ...(detail === undefined ? {} : { detail }) };
    this.#emit(reason === 'unfinished' ? { type: 'aborted', ...told } : { type: 'refused', ...told });
  }
}
