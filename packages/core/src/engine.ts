/** The engine of a page cache: the one place where mapping, rules, store and coalescing meet, over one real folder. */
import { timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Bounds, oldestOf } from './bounds.ts';
import { Flights } from './coalesce/flights.ts';
import type { Bypass, FillOutcome, Glance, Lookup, PageRequest, Place } from './contracts.ts';
import { PagetreeError } from './errors.ts';
import type { CacheEvent } from './events.ts';
import { Finder } from './finder.ts';
import { gatherStats, type TreeStats } from './inspect/stats.ts';
import { explainTarget, type Why } from './inspect/why.ts';
import { compilePrefixes } from './key/scope.ts';
import { Mapping } from './mapping.ts';
import type { Look } from './memory/identity.ts';
import { Memory } from './memory/memory.ts';
import type { ResolvedOptions } from './options.ts';
import { isCompressible } from './policy/compressible.ts';
import { compileRequestPolicy, type RequestPolicy } from './policy/decide.ts';
import type { Reason } from './policy/reasons.ts';
import type { PlaceType } from './policy/types.ts';
import { type PurgeHow, purge as purgeScope } from './purge-scope.ts';
import type { PurgeScope } from './purge-steps.ts';
import { Rush } from './rush.ts';
import { type Area, areasOf, fileIn } from './store/area.ts';
import { type AuditContext, type AuditHow, audit, type Finding } from './store/audit.ts';
import { createCompressor } from './store/compress.ts';
import { Fills } from './store/fills.ts';
import { Health } from './store/health.ts';
import { codeOf, type Io, lookAt } from './store/io.ts';
import { type MakeRoomContext, makeRoom, moveBack } from './store/make-room.ts';
import type { Manifest } from './store/manifest.ts';
import type { Tree } from './store/open.ts';
import { removeOrphanMeta } from './store/orphans.ts';
import { type Owner, thisOwner } from './store/owner.ts';
import { publishInArea, standingMeta } from './store/publish-area.ts';
import type { Purged } from './store/purge-pages.ts';
import { type Swept, sweep } from './store/sweep.ts';
import { Tags } from './store/tags.ts';
import { type Amount, Usage } from './store/usage.ts';
import { walk } from './store/walk.ts';
import type { PageTicket, TicketContext } from './ticket.ts';

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
  /** Only the middleware serves it, no front-end server. */
  readonly isPrivate?: true;
}

/** What a cache is made from. The clocks come in as arguments, so that tests hold them. */
export interface Parts {
  readonly options: ResolvedOptions;
  readonly tree: Tree;
  readonly io: Io;
  /** The same for permissions to store, whose calls no visitor may wait for behind what others write. */
  readonly permissionIo: Io;
  /** Asks the file system of `io` at once; `undefined` when that can't be done: then no page is kept in memory. */
  readonly look: Look | undefined;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
  readonly emit: (event: CacheEvent) => void;
}

/** What a page cache does, over one tree. */
export class Engine {
  /** The absolute path of the tree, without links. */
  readonly cacheDir: string;
  /** What the tree says about its names and types. */
  readonly manifest: Manifest;
  /** What cache-warm shows to a middleware on the same tree; `undefined` when this user may not read it. */
  readonly token: string | undefined;

  readonly #parts: Parts;
  readonly #mapping: Mapping;
  readonly #areas: readonly [shown: Area, hidden: Area];
  readonly #policy: RequestPolicy;
  readonly #fills: Fills;
  readonly #tags: Tags;
  readonly #flights: Flights;
  readonly #health: Health;
  readonly #bounds: Bounds;
  readonly #finder: Finder;
  readonly #room: MakeRoomContext;
  readonly #memory: Memory | undefined;
  readonly #rush: Rush;
  readonly #tickets = new Set<PageTicket>();
  readonly #open = new Set<Promise<unknown>>();
  #closed = false;

  constructor(parts: Parts) {
    const { options, tree, io, permissionIo, monotonic, emit } = parts;
    const { fileMode, dirMode, fillTimeout } = options;
    this.#parts = parts;
    this.cacheDir = tree.root;
    this.manifest = tree.manifest;
    this.token = tree.secret;
    this.#mapping = new Mapping(tree.manifest, tree.root);
    this.#areas = areasOf(tree, this.#mapping);
    this.#policy = compileRequestPolicy({
      hosts: options.hosts,
      cookies: options.cookies,
      ignoreCookies: options.ignoreCookies,
      isInside: compilePrefixes(options.cachePaths),
      isExcluded: compilePrefixes(options.excludePaths),
    });
    const owner = thisOwner();
    this.#fills = new Fills({ tree, io: permissionIo, owner, fileMode, dirMode, fillTimeout });
    this.#bounds = this.#makeBounds(owner);
    this.#tags = new Tags({ tree, io, fileMode, dirMode });
    this.#flights = new Flights(monotonic);
    this.#health = new Health(monotonic, emit);
    this.#room = {
      io,
      tree,
      fills: this.#fills,
      areas: this.#areas,
      dirMode,
      masked: tree.masked,
      folds: tree.folds,
      movable: (path) => this.#mapping.movable(path),
    };
    this.#memory = this.#makeMemory();
    this.#rush = new Rush({ options, monotonic, held: () => this.#fills.held });
    this.#finder = new Finder({
      io,
      look: tree.folds ? undefined : parts.look,
      memory: this.#memory,
      tree,
      areas: this.#areas,
      mapping: this.#mapping,
      flights: this.#flights,
      tickets: this.#ticketContext(),
      coalesce: options.coalesce,
      coalesceTimeout: options.coalesceTimeout,
      monotonic,
      cannotWrite: () => this.#cannotWrite(),
      onTicket: (ticket) => {
        this.#rush.begin();
        this.#tickets.add(ticket);
        this.#track(ticket.outcome.then(() => this.#tickets.delete(ticket)));
      },
    });
  }

  #makeBounds(owner: Owner): Bounds {
    const { options, tree, io, monotonic } = this.#parts;
    const { maxEntries, maxBytes, whenFull, fileMode } = options;
    const recount = async (): Promise<Amount> => this.stats();
    return new Bounds({
      maxEntries,
      maxBytes,
      whenFull,
      usage: new Usage({ io, tree, owner, fileMode, monotonic, recount }),
      monotonic,
      oldest: async (count) => {
        const oldest = oldestOf<ListedPage>(count);
        for await (const page of this.list()) oldest.add(page);
        return oldest.items;
      },
      purge: async (key) => void (await this.#purge({ path: key }, {})),
      track: (work) => this.#track(work),
    });
  }

  /** No memory where names fold: only a folder's list tells there that a page has its right name. */
  #makeMemory(): Memory | undefined {
    const { options, tree, io, look, wall } = this.#parts;
    if (options.maxMemory === 0 || look === undefined || tree.folds) return undefined;
    return new Memory({ io, look, limit: options.maxMemory, now: wall });
  }

  #ticketContext(): TicketContext {
    const { options, tree, io, wall } = this.#parts;
    const durable = options.durability === 'full';
    const room = this.#room;
    const target = {
      ...room,
      areas: this.#areas,
      durable,
      makeRoom: (file: string) => makeRoom(room, file),
      onLoss: (bytes: number) => this.#bounds.changed(-1, -bytes),
    };
    return {
      io,
      fills: this.#fills,
      tags: this.#tags,
      pending: { bytes: 0, limit: options.maxPending },
      maxPageSize: options.maxPageSize,
      durable,
      fileMode: options.fileMode,
      masked: tree.masked,
      by: options.by,
      now: wall,
      shouldStore: options.shouldStore,
      variants: options.variants,
      onGrowth: (pages, bytes) => this.#bounds.changed(pages, bytes),
      compress: createCompressor(options.compression, options.io === 'direct' ? availableParallelism() : 2),
      publish: (place, parts, hidden) => publishInArea(target, place, parts, hidden),
      standing: (place, hidden) => standingMeta(io, this.#areas[hidden ? 1 : 0], place),
      tidy: (place) => removeOrphanMeta(room, place),
      fidelity: tree.manifest.fidelity,
      hides: options.privatePages ?? (options.by !== 'warm' || tree.manifest.fidelity === 'strict'),
      cacheControlOf: (key) => this.#mapping.cacheControlOf(key),
      committing: this.#rush.committing,
      onOutcome: (outcome) => this.#report(outcome),
      onHookError: (error, key) => this.#health.tell('hook', error, key),
    };
  }

  /**
   * What the cache knows of a request without waiting: a page from memory, for which the tree was asked this very moment,
   * or that the request does not touch the cache. `undefined`: ask `lookup`. Servers ask here first.
   */
  glance(request: PageRequest): Glance | undefined {
    // Every key has one accepted spelling, so a target that is a key in memory is that page's.
    const kept = this.#memory?.get(request.target);
    if (kept === undefined) return this.#glanceAtTree(request);
    const key = request.target;
    if (kept.behind !== undefined && !this.#suits(request, kept.mediaType)) return undefined;
    const reason = this.#reasonToPass(request, key, kept.mediaType, false);
    if (reason !== undefined) return this.#bypass({ kind: 'bypass', reason });
    const accepted = request.headers['accept-encoding'];
    const hit = this.#memory!.answer(key, kept, typeof accepted === 'string' ? accepted : undefined);
    if (hit !== undefined) this.#parts.emit({ type: 'hit', key, bytes: kept.size });
    return hit;
  }

  /** A miss is known at once when it can't be stored anyway: then all there is to ask is whether the place is empty. */
  #glanceAtTree(request: PageRequest): Glance | undefined {
    const judged = this.#judge(request, false);
    if (judged.kind === 'bypass') {
      // A page that is of another type than its place may be just what the client accepts.
      const isOpen = judged.reason === 'accept' && this.#finder.mayBeHidden(judged.place!);
      return isOpen ? undefined : this.#bypass(judged);
    }
    const { place } = judged;
    const { key } = place;
    const firm = this.#finder.reasonNotToStore(request);
    const reason = firm ?? this.#rush.reason;
    // Who makes the page at the moment is worth waiting for.
    if (reason === undefined || this.#flights.get(key) !== undefined) return undefined;
    const isAbsent = firm === undefined ? this.#finder.isAbsentInARush(place) : this.#finder.isAbsent(place);
    if (!isAbsent) return undefined;
    this.#parts.emit({ type: 'miss', key, reason });
    return { kind: 'miss', key, ticket: undefined, reason };
  }

  /**
   * What the cache knows of a request: a stored page, a miss with the permission to store it, or that the request does not
   * touch the cache. Never rejects because of the disk: then it is a miss without a permission.
   */
  async lookup(request: PageRequest, how: LookupHow = {}): Promise<Lookup> {
    const refresh = how.refresh === true;
    const judged = this.#judge(request, refresh);
    const place = judged.place;
    if (place === undefined || (judged.kind === 'bypass' && (refresh || judged.reason !== 'accept')))
      return this.#bypass(judged as Bypass);
    let found: Lookup;
    try {
      found =
        judged.kind === 'bypass'
          ? await this.#findAccepted(request, place, judged)
          : await this.#finder.find(request, place, judged.type, refresh);
    } catch (error) {
      this.#health.failed(during(error, 'lookup'), error as Error, place.key);
      found =
        judged.kind === 'bypass'
          ? judged
          : { kind: 'miss', key: place.key, ticket: undefined, reason: 'disk-error' };
    }
    if (found.kind === 'bypass') return this.#bypass(found);
    if (found.kind === 'hit') this.#parts.emit({ type: 'hit', key: place.key, bytes: found.page.size });
    else if (found.reason === undefined) this.#parts.emit({ type: 'miss', key: place.key });
    else this.#parts.emit({ type: 'miss', key: place.key, reason: found.reason });
    return found;
  }

  /** Whether a client would have a page of a type, where the name of the page may say another one. */
  #suits(request: PageRequest, mediaType: string): boolean {
    const place = this.#mapping.placeOfKey(request.target);
    return (
      place !== undefined && this.#finder.suits(request, mediaType, this.#mapping.typeOf(place).mediaType)
    );
  }

  /** The page of a client that does not take the type of the place: one that is of another type, if it takes that. */
  async #findAccepted(request: PageRequest, place: Place, otherwise: Bypass): Promise<Lookup> {
    const hidden = this.#finder.mayBeHidden(place) ? await this.#finder.readHidden(place) : undefined;
    if (hidden === undefined) return otherwise;
    const { page, type } = hidden;
    const reason = this.#reasonToPass(request, place.key, type.mediaType, false);
    if (reason === undefined && this.#suits(request, type.mediaType)) return { kind: 'hit', page };
    await page.close();
    return reason === undefined ? otherwise : { kind: 'bypass', reason };
  }

  /**
   * Removes pages.
   *
   * @throws PagetreeError ERR_PAGETREE_CLOSED, and as `purgeScope`.
   */
  async purge(scope: PurgeScope, how: PurgeHow = {}): Promise<Purged> {
    this.#refuseWhenClosed('purge');
    return this.#purge(scope, how);
  }

  async #purge(scope: PurgeScope, how: PurgeHow): Promise<Purged> {
    const { options, io, tree, wall, emit } = this.#parts;
    const work = purgeScope(
      {
        io,
        tree,
        areas: this.#areas,
        fills: this.#fills,
        tags: this.#tags,
        mapping: this.#mapping,
        durable: options.durability === 'full',
        width: options.io === 'direct' ? 1 : 32,
        now: wall,
        detach: (inScope) => {
          this.#flights.detach(inScope);
          this.#forget(scope, inScope);
        },
      },
      scope,
      how,
    );
    this.#track(work);
    const { label, ...purged } = await work;
    if (how.dryRun === true) return purged;
    this.#bounds.changed(-purged.pages, -purged.bytes);
    emit({ type: 'purged', scope: label, pages: purged.pages, bytes: purged.bytes });
    return purged;
  }

  /** Makes room in memory. Where a scope is not told by keys, pages go when they are asked for next. */
  #forget(scope: PurgeScope, inScope: (key: string) => boolean): void {
    if ('path' in scope && scope.recursive !== true) this.#memory?.forget(scope.path);
    else if ('path' in scope || 'glob' in scope || 'all' in scope) this.#memory?.forgetAll(inScope);
  }

  /** Every page of the tree, streamed in no particular order. */
  async *list(): AsyncGenerator<ListedPage> {
    const { io } = this.#parts;
    for (const area of this.#areas) {
      for await (const { path, kind } of walk(io, area.tree)) {
        const key = kind === 'file' ? area.keyAt(path) : undefined;
        const facts = key === undefined ? undefined : await lookAt(io, fileIn(area, path));
        if (key === undefined || !facts || facts.size === 0) continue;
        const { size: bytes, mtimeMs } = facts;
        yield { key, place: area.pagesAt + path, bytes, mtimeMs, ...(area.isHidden && { isPrivate: true }) };
      }
    }
  }

  /** What is in the tree, counted by a walk through it, in constant memory. */
  stats(): Promise<TreeStats> {
    return gatherStats(this.#parts.io, this.#areas, this.#mapping);
  }

  /** Why a target is or is not cached: its key and place, the rule that applies, and what is stored. */
  why(target: string | PageRequest): Promise<Why> {
    const request = typeof target === 'string' ? { method: 'GET', target, headers: {} } : target;
    return explainTarget(
      { ...this.#parts, areas: this.#areas, mapping: this.#mapping, policy: this.#policy },
      request,
    );
  }

  /**
   * Every entry of the tree that is not as it should be, streamed. A healthy tree yields nothing, unless what a front-end
   * server would not send is asked for.
   */
  verify(how: AuditHow = {}): AsyncGenerator<Finding> {
    return audit(this.#auditContext(), how);
  }

  /** Removes what crashes left behind; never touches a fill that lives. */
  async sweep(): Promise<Swept> {
    this.#refuseWhenClosed('sweep');
    const work = sweep({
      ...this.#auditContext(),
      tags: this.#tags,
      moveBack: (folder) => moveBack(this.#room, folder),
    });
    this.#track(work);
    return work;
  }

  /**
   * Stores nothing any more, and waits for what is being stored, purged and swept. A response that the application has not
   * begun yet is not stored. Lookups go on to find pages.
   */
  async close(): Promise<void> {
    this.#closed = true;
    this.#flights.close();
    for (const ticket of this.#tickets) ticket.abandon('closed');
    while (this.#open.size > 0) await Promise.all(this.#open);
  }

  #auditContext(): AuditContext {
    const { io, tree, options } = this.#parts;
    return {
      io,
      tree,
      fills: this.#fills,
      areas: this.#areas,
      fileMode: options.fileMode,
      placeOf: (key) => this.#mapping.placeOfKey(key),
      shrinks: (key) => {
        const place = this.#mapping.placeOfKey(key);
        return place !== undefined && isCompressible(this.#mapping.typeOf(place).mediaType);
      },
      cacheControlOf: (key) => this.#mapping.cacheControlOf(key),
    };
  }

  /** Tells of an error that is none of one page. */
  tell(during: string, error: Error): void {
    this.#health.tell(during, error);
  }

  #track(work: Promise<unknown>): void {
    const settled: Promise<void> = work
      .then(
        () => {},
        () => {},
      )
      .then(() => void this.#open.delete(settled));
    this.#open.add(settled);
  }

  #refuseWhenClosed(call: string): void {
    if (this.#closed) throw new PagetreeError('ERR_PAGETREE_CLOSED', `${call}: the cache is closed.`);
  }

  #cannotWrite(): Reason | undefined {
    if (this.#closed) return 'closed';
    if (this.#parts.tree.readOnly) return 'read-only';
    if (this.#health.paused) return 'paused';
    return this.#bounds.refuses ? 'tree-full' : undefined;
  }

  /** The place of a request and its type, or why the request does not touch the cache. */
  #judge(request: PageRequest, refresh: boolean): Judged | (Bypass & { readonly place: Place | undefined }) {
    const place = this.#mapping.placeOf(request.target);
    if (place.kind === 'bypass') return { ...place, place: undefined };
    const type = this.#mapping.typeOf(place);
    const reason = this.#reasonToPass(request, place.key, type.mediaType, refresh);
    return reason === undefined ? { kind: 'judged', place, type } : { kind: 'bypass', reason, place };
  }

  #reasonToPass(request: PageRequest, key: string, mediaType: string, refresh: boolean): Reason | undefined {
    const reason = this.#policy(request, key, mediaType);
    return reason === undefined && !refresh && this.#isWarmer(request) ? 'warmer' : reason;
  }

  #isWarmer(request: PageRequest): boolean {
    const shown = request.headers[TOKEN_HEADER];
    if (typeof shown !== 'string' || this.token === undefined) return false;
    const [a, b] = [Buffer.from(shown), Buffer.from(this.token)];
    return a.length === b.length && timingSafeEqual(a, b);
  }

  #bypass({ reason }: Bypass): Bypass {
    this.#parts.emit({ type: 'bypass', reason });
    return { kind: 'bypass', reason };
  }

  #report(outcome: FillOutcome): void {
    const { emit, options } = this.#parts;
    const { key } = outcome;
    if (outcome.kind === 'stored') {
      this.#health.succeeded();
      this.#rush.stored(outcome.bytes);
      if (outcome.isPrivate === true) this.#finder.noteHidden();
      emit({ type: 'stored', key, place: outcome.place, bytes: outcome.bytes, by: options.by });
      return;
    }
    const { reason, detail, error } = outcome;
    if (error) this.#health.failed(during(error, 'store'), error, key);
    const told = { key, reason, ...(detail === undefined ? {} : { detail }) };
    emit(reason === 'unfinished' ? { type: 'aborted', ...told } : { type: 'refused', ...told });
  }
}

/** A request that may be looked up. */
interface Judged {
  readonly kind: 'judged';
  readonly place: Place;
  readonly type: PlaceType;
}

/** The file call that failed. */
function during(error: unknown, otherwise: string): string {
  return (error as NodeJS.ErrnoException).syscall ?? codeOf(error) ?? otherwise;
}
