/**
 * The page cache: what applications, the middleware and the commands hold. It keeps to the folder that it was made for,
 * also where that is a symbolic link which leads to another tree from now on.
 */
import type { Glance, Lookup, PageRequest } from './contracts.ts';
import type { LookupHow } from './engine/lookups.ts';
import type { Engine } from './engine.ts';
import { PagetreeError } from './errors.ts';
import type { ListedPage } from './inspect/list.ts';
import type { TreeStats } from './inspect/stats.ts';
import type { Why } from './inspect/why.ts';
import type { PurgeHow } from './purge-scope.ts';
import type { PurgeScope } from './purge-steps.ts';
import { Siblings } from './siblings.ts';
import type { AuditHow } from './store/audit.ts';
import type { Finding } from './store/findings.ts';
import { compareTree, leadsTo, removeBareFolders, treeIn } from './store/link.ts';
import type { Manifest } from './store/manifest.ts';
import type { Purged } from './store/purge-pages.ts';
import type { Swept } from './store/sweep.ts';

/** How often a link is read, in milliseconds. A purge reads it in any case. */
const LOOK_EVERY = 250;

/**
 * How often a tree is opened again, in milliseconds: one whose disk was full, until it can be tried out, and one that was removed
 * by hand. A purge opens the latter in any case.
 */
const TRY_EVERY = 10_000;

/** What a cache is made from. */
export interface Making {
  /** The folder as it was named, absolute. */
  readonly path: string;
  /** Opens the tree in a folder. `mustExist`: it is not made. */
  readonly open: (path: string, mustExist: boolean) => Engine;
  readonly mustExist: boolean;
  /** A tree that was removed by hand is made again, and one that somebody put in its place is taken for what it is. */
  readonly remakes: boolean;
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
}

/** One of the trees that a path may lead to: what is done here is done in no other. */
export interface OneTree {
  /** The absolute path of the tree, without links. */
  readonly cacheDir: string;
  purge(scope: PurgeScope, how?: PurgeHow): Promise<Purged>;
  why(target: string): Promise<Why>;
}

/** A page cache over one tree. Made by `createPageCache`. */
export class PageCache {
  readonly #making: Making;
  readonly #siblings: Siblings;
  readonly #leaving = new Set<Promise<void>>();
  #engine: Engine;
  /** Which tree that is. */
  #tree: string | undefined;
  #looked: number;
  #tried: number;
  #closed = false;
  /** Why nothing may be read or stored: what is in the folder now is not the tree that was opened, and cannot be opened itself. */
  #fault: Error | undefined;

  constructor(making: Making) {
    this.#making = making;
    this.#engine = making.open(making.path, making.mustExist);
    this.#tree = treeIn(this.#engine.cacheDir);
    this.#looked = making.monotonic();
    this.#tried = this.#looked;
    this.#tellUntried(this.#engine);
    this.#siblings = new Siblings((path) => making.open(path, true));
  }

  /** The absolute path of the tree, without links. */
  get cacheDir(): string {
    return this.#engine.cacheDir;
  }

  /** What the tree says about its names and types. */
  get manifest(): Manifest {
    return this.#engine.manifest;
  }

  /** What cache-warm shows to a middleware on the same tree; `undefined` when this user may not read it. */
  get token(): string | undefined {
    return this.#engine.token;
  }

  /**
   * What the cache knows of a request without waiting: a page from memory, for which the tree was asked this very moment,
   * or that the request does not touch the cache. `undefined`: ask `lookup`. Servers ask here first.
   *
   * @example
   * const found = cache.glance(request) ?? (await cache.lookup(request));
   */
  glance(request: PageRequest): Glance | undefined {
    const seen = this.#live().glance(request);
    return this.#fault && seen?.kind === 'hit' ? undefined : seen;
  }

  /**
   * What the cache knows of a request: a stored page, a miss with the permission to store it, or that the request does not
   * touch the cache. Never rejects because of the disk: then it is a miss without a permission.
   *
   * @example
   * const found = await cache.lookup({ method: 'GET', target: '/about', headers: {} });
   */
  async lookup(request: PageRequest, how: LookupHow = {}): Promise<Lookup> {
    const engine = this.#live();
    if (!this.#fault) return engine.lookup(request, how);
    const seen = engine.glance(request);
    if (seen && seen.kind !== 'hit') return seen;
    return { kind: 'miss', key: request.target, ticket: undefined, reason: 'disk-error' };
  }

  /**
   * Removes pages. When it resolves, no response whose render began before is ever served, by any process on the tree. Where
   * the tree is one of several that a link may lead to (`cache-warm --publish`), the others lose the pages too; what is told
   * is about this one.
   *
   * @throws PagetreeError ERR_PAGETREE_OPTION for what is no scope, ERR_PAGETREE_PATH for one that names no page,
   * ERR_PAGETREE_PURGE_INCOMPLETE when the file system kept something.
   * @example
   * await cache.purge({ path: '/blog', recursive: true });
   */
  purge(scope: PurgeScope, how?: PurgeHow): Promise<Purged>;
  /**
   * The same for a path.
   *
   * @example
   * await cache.purge('/blog/', { recursive: true });
   */
  purge(path: string, how?: PurgeHow & { readonly recursive?: boolean }): Promise<Purged>;
  async purge(
    what: PurgeScope | string,
    { recursive = false, ...how }: PurgeHow & { readonly recursive?: boolean } = {},
  ): Promise<Purged> {
    const scope = typeof what === 'string' ? { path: what, recursive } : what;
    const [engine, purged] = await this.#inLive((one) => one.purge(scope, how));
    if (how.dryRun !== true) await this.#siblings.each(engine.cacheDir, (other) => other.purge(scope));
    return purged;
  }

  /**
   * Purges in each tree that the path leads to, or may lead to in a moment, by itself: for who decides tree by tree what goes.
   * The live one comes first.
   *
   * @throws PagetreeError as `purge`.
   * @example
   * await cache.purgeEach((tree) => tree.cacheDir === kept ? undefined : tree.purge({ path: '/blog' }));
   */
  async purgeEach(purge: (tree: OneTree) => unknown): Promise<void> {
    const [engine] = await this.#inLive(async (one) => purge(one));
    await this.#siblings.each(engine.cacheDir, async (other) => purge(other));
  }

  /** Does something in the live tree; in the one that took its place when it was removed meanwhile. */
  async #inLive<T>(act: (engine: Engine) => Promise<T>): Promise<readonly [engine: Engine, result: T]> {
    for (;;) {
      const engine = this.#live(true);
      if (this.#fault) throw incomplete(this.#fault);
      try {
        return [engine, await act(engine)];
      } catch (error) {
        if (leadsTo(engine.cacheDir) !== undefined || this.#live(true) === engine) throw error;
      }
    }
  }

  /**
   * Removes the pages that were stored with a tag (`Cache-Tag` or `Surrogate-Key`).
   *
   * @throws PagetreeError as `purge`; `ERR_PAGETREE_PATH` also for a tag with a blank or a comma, which separate
   * tags.
   * @example
   * await cache.purgeTag('post-42');
   */
  purgeTag(tag: string, how: PurgeHow = {}): Promise<Purged> {
    return this.purge({ tag }, how);
  }

  /** Every page of the tree, streamed in no particular order. */
  async *list(): AsyncGenerator<ListedPage> {
    yield* this.#sound().list();
  }

  /** What is in the tree, counted by a walk through it, in constant memory. */
  async stats(): Promise<TreeStats> {
    return this.#sound().stats();
  }

  /** Why a target is or is not cached: its key and place, the rule that applies, and what is stored. */
  async why(target: string | PageRequest): Promise<Why> {
    return this.#sound().why(target);
  }

  /**
   * Every entry of the tree that is not as it should be, streamed. A healthy tree yields nothing, unless what a front-end
   * server would not send is asked for.
   */
  async *verify(how: AuditHow = {}): AsyncGenerator<Finding> {
    yield* this.#sound().verify(how);
  }

  /** Removes what crashes left behind; never touches a fill that lives. */
  async sweep(): Promise<Swept> {
    return this.#sound().sweep();
  }

  /**
   * Stores nothing any more, and waits for what is being stored, purged and swept. A response that the application has not
   * begun yet is not stored. Lookups go on to find pages.
   */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#engine.close(), this.#siblings.close(), ...this.#leaving]);
  }

  /** The live engine, for who can be told why there is none. */
  #sound(): Engine {
    const engine = this.#live(true);
    if (this.#fault) throw this.#fault;
    return engine;
  }

  /** The engine of the tree that the path leads to. What the one before it is storing ends there. */
  #live(now = false): Engine {
    const { path, remakes, monotonic, open } = this.#making;
    const at = monotonic();
    if (this.#closed || (!now && at - this.#looked < LOOK_EVERY)) return this.#engine;
    this.#looked = at;
    const before = this.#engine;
    const found = compareTree(path, { root: before.cacheDir, tree: this.#tree });
    const isDue = at - this.#tried >= TRY_EVERY;
    const isOther = found === 'elsewhere' || (found === 'replaced' && remakes);
    const isGone = found === 'gone' && remakes;
    if (found === 'same') this.#fault = undefined;
    const isUntried = found === 'same' && before.untried !== undefined;
    if (!isOther && !(isGone && (now || isDue)) && !(isUntried && isDue)) {
      if (isGone) this.#fault ??= new Error(`the tree at ${before.cacheDir} was removed`);
      return before;
    }
    this.#tried = at;
    try {
      if (isGone) removeBareFolders(before.cacheDir);
      const opened = open(path, !isGone);
      this.#tellUntried(opened);
      // Its disk is still full: what the one before it is doing need not end.
      if (isUntried && opened.untried !== undefined) return before;
      this.#engine = opened;
      this.#tree = treeIn(opened.cacheDir);
      this.#fault = undefined;
    } catch (error) {
      // It may be a tree in a moment. Until then pages of the tree before are better than none, where that is still there.
      if (found !== 'elsewhere' && found !== 'same') this.#fault = error as Error;
      before.tell('open', error as Error);
      return before;
    }
    const leaving: Promise<void> = before.close().finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
    return this.#engine;
  }

  /** A line a minute at most. */
  #tellUntried({ untried }: Engine): void {
    if (untried !== undefined) this.#engine.tell('open', untried);
  }
}

function incomplete(cause: Error): PagetreeError {
  return new PagetreeError('ERR_PAGETREE_PURGE_INCOMPLETE', `purge: ${cause.message}`, { cause });
}
