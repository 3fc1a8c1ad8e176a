/**
 * The engine of a page cache: the one place where mapping, rules, store and coalescing meet, over one real folder. What it
 * does is in engine/; here the parts are put together.
 */
import type { Bounds } from './bounds.ts';
import { Flights } from './coalesce/flights.ts';
import type { Glance, Lookup, PageRequest } from './contracts.ts';
import { Glances } from './engine/glances.ts';
import { Judge } from './engine/judge.ts';
import { boundsOf, memoryOf } from './engine/limits.ts';
import { type LookupHow, Lookups } from './engine/lookups.ts';
import type { Parts } from './engine/parts.ts';
import { Purges } from './engine/purges.ts';
import { Reports } from './engine/report.ts';
import { ticketsOf } from './engine/tickets.ts';
import { Work } from './engine/work.ts';
import { Finder } from './finder.ts';
import { type ListedPage, listPages } from './inspect/list.ts';
import { gatherStats, type TreeStats } from './inspect/stats.ts';
import { explainTarget, type Why } from './inspect/why.ts';
import { Mapping } from './mapping.ts';
import { isCompressible } from './policy/compressible.ts';
import type { Reason } from './policy/reasons.ts';
import type { PurgeHow } from './purge-scope.ts';
import type { PurgeScope } from './purge-steps.ts';
import { Reader } from './reader.ts';
import { Rush } from './rush.ts';
import { type Area, areasOf } from './store/area.ts';
import { type AuditContext, type AuditHow, audit } from './store/audit.ts';
import { Fills } from './store/fills.ts';
import type { Finding } from './store/findings.ts';
import { Health } from './store/health.ts';
import { type MakeRoomContext, moveBack } from './store/make-room.ts';
import type { Manifest } from './store/manifest.ts';
import { thisOwner } from './store/owner.ts';
import type { Purged } from './store/purge-pages.ts';
import { type Swept, sweep } from './store/sweep.ts';
import { Tags } from './store/tags.ts';
import type { PageTicket } from './ticket.ts';

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
  readonly #fills: Fills;
  readonly #tags: Tags;
  readonly #flights: Flights;
  readonly #health: Health;
  readonly #bounds: Bounds;
  readonly #room: MakeRoomContext;
  readonly #judge: Judge;
  readonly #glances: Glances;
  readonly #lookups: Lookups;
  readonly #purges: Purges;
  readonly #work = new Work();
  readonly #tickets = new Set<PageTicket>();

  constructor(parts: Parts) {
    const { options, tree, io, permissionIo, monotonic, wall, emit } = parts;
    const { fileMode, dirMode, fillTimeout } = options;
    this.#parts = parts;
    this.cacheDir = tree.root;
    this.manifest = tree.manifest;
    this.token = tree.secret;
    const mapping = new Mapping(tree.manifest, tree.root, options.tree.layout);
    const areas = areasOf(tree, mapping);
    const owner = thisOwner();
    const fills = new Fills({
      ...{ tree, io: permissionIo, owner, fileMode, dirMode, fillTimeout },
      folds: tree.folds,
    });
    const tags = new Tags({ tree, io, fileMode, dirMode });
    const flights = new Flights(monotonic);
    const health = new Health(monotonic, emit);
    const rush = new Rush({ options, monotonic, held: () => fills.held });
    const memory = memoryOf(parts);
    const look = tree.folds ? undefined : parts.look;
    const judge = new Judge(options, mapping, tree.secret);
    const reader = new Reader({ io, look, memory, tree, areas, mapping, fills });
    const reports = new Reports({
      emit,
      health,
      by: options.by,
      onStored: (bytes) => rush.stored(bytes),
    });
    this.#mapping = mapping;
    this.#areas = areas;
    this.#fills = fills;
    this.#tags = tags;
    this.#flights = flights;
    this.#health = health;
    this.#judge = judge;
    const bounds = boundsOf(parts, {
      owner,
      areas,
      purge: (key) => this.#purges.purge({ path: key }, {}),
      track: (work) => this.#work.track(work),
    });
    this.#bounds = bounds;
    const { masked, folds } = tree;
    const room = {
      io,
      tree,
      fills,
      areas,
      dirMode,
      masked,
      folds,
      movable: (path: string) => mapping.movable(path),
    };
    this.#room = room;
    const onOutcome = reports.filled.bind(reports);
    const finder = new Finder({
      reader,
      flights,
      tickets: ticketsOf({ ...parts, areas, mapping, fills, tags, bounds, health, rush, room, onOutcome }),
      coalesce: options.coalesce,
      coalesceTimeout: options.coalesceTimeout,
      monotonic,
      cannotWrite: () => this.#cannotWrite(),
      onTicket: (ticket) => {
        rush.begin();
        this.#tickets.add(ticket);
        this.#work.track(ticket.outcome.then(() => this.#tickets.delete(ticket)));
      },
    });
    this.#glances = new Glances({ memory, judge, reader, finder, flights, rush, reports });
    this.#lookups = new Lookups({ judge, reader, finder, reports });
    const durable = options.durability === 'full';
    const width = options.io === 'direct' ? 1 : 32;
    const shared = { io, tree, areas, fills, tags, mapping, flights, memory, bounds, emit };
    this.#purges = new Purges({ ...shared, durable, width, now: wall, work: this.#work });
  }

  /**
   * What the cache knows of a request without waiting: a page from memory, for which the tree was asked this very moment,
   * or that the request does not touch the cache. `undefined`: ask `lookup`. Servers ask here first.
   */
  glance(request: PageRequest): Glance | undefined {
    return this.#glances.at(request);
  }

  /**
   * What the cache knows of a request: a stored page, a miss with the permission to store it, or that the request does not
   * touch the cache. Never rejects because of the disk: then it is a miss without a permission.
   */
  lookup(request: PageRequest, how: LookupHow = {}): Promise<Lookup> {
    return this.#lookups.lookup(request, how);
  }

  /**
   * Removes pages.
   *
   * @throws PagetreeError ERR_PAGETREE_CLOSED, and as `purgeScope`.
   */
  async purge(scope: PurgeScope, how: PurgeHow = {}): Promise<Purged> {
    this.#work.refuseWhenClosed('purge');
    return this.#purges.purge(scope, how);
  }

  /** Every page of the tree, streamed in no particular order. */
  list(): AsyncGenerator<ListedPage> {
    return listPages(this.#parts.io, this.#areas);
  }

  /** What is in the tree, counted by a walk through it, in constant memory. */
  stats(): Promise<TreeStats> {
    return gatherStats(this.#parts.io, this.#areas, this.#mapping);
  }

  /** Why a target is or is not cached: its key and place, the rule that applies, and what is stored. */
  why(target: string | PageRequest): Promise<Why> {
    const request = typeof target === 'string' ? { method: 'GET', target, headers: {} } : target;
    const { policy } = this.#judge;
    return explainTarget({ ...this.#parts, areas: this.#areas, mapping: this.#mapping, policy }, request);
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
    this.#work.refuseWhenClosed('sweep');
    const work = sweep({
      ...this.#auditContext(),
      tags: this.#tags,
      moveBack: (folder) => moveBack(this.#room, folder),
    }).then(async (swept) => {
      await this.#bounds.recount();
      return swept;
    });
    this.#work.track(work);
    return work;
  }

  /**
   * Stores nothing any more, and waits for what is being stored, purged and swept. A response that the application has not
   * begun yet is not stored. Lookups go on to find pages.
   */
  async close(): Promise<void> {
    this.#work.close();
    this.#flights.close();
    for (const ticket of this.#tickets) ticket.abandon('closed');
    await this.#work.settled();
    await this.#bounds.close();
  }

  /** Why this tree should be opened again in a while; `undefined` when all is known of it. */
  get untried(): Error | undefined {
    return this.#parts.tree.untried;
  }

  /** Tells of an error that is none of one page. */
  tell(during: string, error: Error): void {
    this.#health.tell(during, error);
  }

  #auditContext(): AuditContext {
    const { io, tree, options } = this.#parts;
    return {
      io,
      tree,
      fills: this.#fills,
      areas: this.#areas,
      fileMode: options.fileMode,
      dirMode: options.dirMode,
      placeOf: (key) => this.#mapping.placeOfKey(key),
      shrinks: (key) => {
        const place = this.#mapping.placeOfKey(key);
        return place !== undefined && isCompressible(this.#mapping.typeOf(place).mediaType);
      },
      cacheControlOf: (key) => this.#mapping.cacheControlOf(key),
    };
  }

  #cannotWrite(): Reason | undefined {
    if (this.#work.closed) return 'closed';
    if (this.#parts.tree.readOnly) return 'read-only';
    if (this.#health.paused) return 'paused';
    return this.#bounds.refuses ? 'tree-full' : undefined;
  }
}
