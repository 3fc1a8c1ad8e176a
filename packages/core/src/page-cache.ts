/**
 * The page cache: what applications, the middleware and the commands hold. It keeps to the folder that it was made for,
 * also where that is a symbolic link which leads to another tree from now on.
 */
import type { Glance, Lookup, PageRequest } from './contracts.ts';
import type { LookupHow } from './engine/lookups.ts';
import type { ListedPage } from './inspect/list.ts';
import type { TreeStats } from './inspect/stats.ts';
import type { Why } from './inspect/why.ts';
import { Live, type Making } from './live.ts';
import type { PurgeHow } from './purge-scope.ts';
import type { PurgeScope } from './purge-steps.ts';
import { Siblings } from './siblings.ts';
import type { AuditHow } from './store/audit.ts';
import type { Finding } from './store/findings.ts';
import type { Manifest } from './store/manifest.ts';
import type { Purged } from './store/purge-pages.ts';
import type { Swept } from './store/sweep.ts';

/** One of the trees that a path may lead to: what is done here is done in no other. */
export interface OneTree {
  /** The absolute path of the tree, without links. */
  readonly cacheDir: string;
  purge(scope: PurgeScope, how?: PurgeHow): Promise<Purged>;
  why(target: string): Promise<Why>;
}

/** A page cache over one tree. Made by `createPageCache`. */
export class PageCache {
  readonly #live: Live;
  readonly #siblings: Siblings;

  constructor(making: Making) {
    this.#live = new Live(making);
    this.#siblings = new Siblings((path) => making.open(path, true));
  }

  /** The absolute path of the tree, without links. */
  get cacheDir(): string {
    return this.#live.engine.cacheDir;
  }

  /** What the tree says about its names and types. */
  get manifest(): Manifest {
    return this.#live.engine.manifest;
  }

  /** What cache-warm shows to a middleware on the same tree; `undefined` when this user may not read it. */
  get token(): string | undefined {
    return this.#live.engine.token;
  }

  /**
   * What the cache knows of a request without waiting: a page from memory, for which the tree was asked this very moment,
   * or that the request does not touch the cache. `undefined`: ask `lookup`. Servers ask here first.
   *
   * @example
   * const found = cache.glance(request) ?? (await cache.lookup(request));
   */
  glance(request: PageRequest): Glance | undefined {
    const seen = this.#live.follow().glance(request);
    return this.#live.fault && seen?.kind === 'hit' ? undefined : seen;
  }

  /**
   * What the cache knows of a request: a stored page, a miss with the permission to store it, or that the request does not
   * touch the cache. Never rejects because of the disk: then it is a miss without a permission.
   *
   * @example
   * const found = await cache.lookup({ method: 'GET', target: '/about', headers: {} });
   */
  async lookup(request: PageRequest, how: LookupHow = {}): Promise<Lookup> {
    const engine = this.#live.follow();
    if (!this.#live.fault) return engine.lookup(request, how);
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
    const [engine, purged] = await this.#live.inTree((one) => one.purge(scope, how));
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
    const [engine] = await this.#live.inTree(async (one) => purge(one));
    await this.#siblings.each(engine.cacheDir, async (other) => purge(other));
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
    yield* this.#live.sound().list();
  }

  /** What is in the tree, counted by a walk through it, in constant memory. */
  async stats(): Promise<TreeStats> {
    return this.#live.sound().stats();
  }

  /** Why a target is or is not cached: its key and place, the rule that applies, and what is stored. */
  async why(target: string | PageRequest): Promise<Why> {
    return this.#live.sound().why(target);
  }

  /**
   * Every entry of the tree that is not as it should be, streamed. A healthy tree yields nothing, unless what a front-end
   * server would not send is asked for.
   */
  async *verify(how: AuditHow = {}): AsyncGenerator<Finding> {
    yield* this.#live.sound().verify(how);
  }

  /** Removes what crashes left behind; never touches a fill that lives. */
  async sweep(): Promise<Swept> {
    return this.#live.sound().sweep();
  }

  /**
   * Stores nothing any more, and waits for what is being stored, purged and swept. A response that the application has not
   * begun yet is not stored. Lookups go on to find pages.
   */
  async close(): Promise<void> {
    await Promise.all([this.#live.close(), this.#siblings.close()]);
  }
}
