/**
 * A purge that fetches again what it removes. The old page stays until the new one is there, and what could not be fetched
 * goes: in the end the promise of the purge holds, nothing that was made before it is served any more.
 *
 * 1. Where a scope may hold pages that are only being made, every permission to store is taken away, as by a purge by tag. What
 *    comes into the tree later was rendered later.
 * 2. The pages in scope are listed.
 * 3. They are fetched as `cache-warm` does it, without conditions, and published over the old ones. They keep their tags, which
 *    lists may have given them.
 * 4. The scopes are gone through once more, and every page that was not fetched again is purged. So is a page
 *    that came meanwhile: it was perhaps only on the move when the pages were listed. Trees that a link may lead to in place of
 *    this one have no page that was fetched: there all of the scope goes.
 */
import { randomUUID } from 'node:crypto';
import type { OneTree, PageCache, Purged } from '@pagetree/core';
import type { RewarmOptions } from '../config/rewarm-options.ts';
import { WarmError } from '../errors.ts';
import { isOwn, splitUrl } from '../plan/origin.ts';
import { type PlannedPurge, planPurge } from '../plan/scopes.ts';
import { Seen } from '../plan/seen.ts';
import { printable } from '../report/printable.ts';
import type { ReasonCount, UrlResult } from '../results.ts';
import { SpillList } from '../sources/spill.ts';
import { warm } from '../warm.ts';
import { isOneOf } from './own-urls.ts';
import { factsOf, isBefore, keysOf } from './pages.ts';
import { purgeBefore } from './purge-older.ts';

/** What became of the pages. */
export interface Rewarmed {
  /** Pages that were fetched again. */
  readonly stored: number;
  /** Pages that were only removed. */
  readonly removed: number;
  /** Why pages were not fetched again, the most frequent first. */
  readonly reasons: readonly ReasonCount[];
  /** Pages that were asked for in vain, or not at all, since the run was stopped. */
  readonly missed: number;
}

/** How it is told while it goes on, and stopped. */
export interface RewarmHooks {
  readonly signal: AbortSignal;
  readonly onListed: (urls: number, complete: boolean) => void;
  readonly onResult: (result: UrlResult) => void;
  /** Nothing is fetched any more. */
  readonly onFetched: () => void;
}

export interface RewarmTools extends RewarmOptions {
  readonly cache: PageCache;
  /** Only pages that were stored before this time, in milliseconds since 1970. */
  readonly before: number | undefined;
  /** Told of each page that is listed. */
  readonly onPage: ((page: { key: string; place: string; bytes: number }) => void) | undefined;
}

/** One purge whose pages are fetched again. */
export class Rewarm {
  readonly #tools: RewarmTools;
  /** The tree that is fetched into, also when a link leads to another one meanwhile. */
  readonly #root: string;
  readonly #pages = new SpillList();
  readonly #planned: PlannedPurge[] = [];
  /** Keys of a list, which may be long: those with what is below them, and those without. */
  readonly #lines = { deep: new SpillList(), flat: new SpillList() };

  /** The site keeps pages for the middleware alone: so do we, also when no configuration file says it. */
  #hasPrivate = false;

  constructor(tools: RewarmTools) {
    this.#tools = tools;
    this.#root = tools.cache.cacheDir;
  }

  /**
   * Refuses a URL of another site: its page would be fetched from this one.
   *
   * @throws {WarmError} `ERR_PAGETREE_USAGE`
   */
  check(argument: string): void {
    const { origin, options } = this.#tools;
    const url = splitUrl(argument);
    if (url === undefined || isOwn(url.origin, origin)) return;
    if (options.hosts !== undefined && isOneOf(url.origin.host, options.hosts)) return;
    throw new WarmError('ERR_PAGETREE_USAGE', `"${printable(argument)}" is not a page of ${origin.href}.`, {
      hint: 'Write the path alone, or add the host to hosts in the configuration file.',
    });
  }

  /** Takes away every permission to store: no page can have a tag that was made up just now. */
  async fence(): Promise<number> {
    return (await this.#tools.cache.purge({ tag: randomUUID() })).fills;
  }

  /** Lists the pages of one purge, and answers how many there are. */
  async list(planned: PlannedPurge, isLine = false): Promise<Purged> {
    const { cache, onPage } = this.#tools;
    if (!isLine) this.#planned.push(planned);
    else
      this.#lines['recursive' in planned.scope && planned.scope.recursive ? 'deep' : 'flat'].add(
        planned.name,
      );
    const sum: Purged = { pages: 0, bytes: 0, fills: 0 };
    for await (const key of this.#keysIn(cache, planned)) {
      const page = await factsOf(cache, key);
      if (page === undefined) continue;
      sum.pages += 1;
      sum.bytes += page.bytes;
      this.#pages.add(key);
      this.#hasPrivate ||= page.place.startsWith('.pagetree/');
      onPage?.(page);
    }
    return sum;
  }

  /** Lets go of what was listed. */
  close(): void {
    for (const list of [this.#pages, this.#lines.deep, this.#lines.flat]) list.close();
  }

  /**
   * Fetches what was listed, and purges what could not be fetched.
   *
   * @throws {WarmError} when the site cannot be asked at all: nothing is removed then.
   */
  async carryOut(hooks: RewarmHooks): Promise<Rewarmed> {
    const settled = new Seen();
    const listed = this.#pages.length;
    const { stored, reasons } = await this.#fetch(settled, hooks);
    hooks.onFetched();
    const removed = await this.#purgeRest(settled);
    return { stored, removed, reasons, missed: listed - stored };
  }

  async #fetch(settled: Seen, { signal, onListed, onResult }: RewarmHooks) {
    const { origin, options } = this.#tools;
    const found = { stored: 0, reasons: [] as readonly ReasonCount[] };
    if (this.#pages.length === 0) return found;
    try {
      const { reasons } = await warm({
        ...(this.#hasPrivate ? { privatePages: true } : {}),
        ...options,
        cacheDir: this.#root,
        urls: this.#pages.drain(),
        refresh: true,
        anew: true,
        signal,
        onListed,
        onResult: (result) => {
          onResult(result);
          if (result.outcome !== 'stored') return;
          found.stored += 1;
          settled.add(result.url.slice(origin.href.length));
        },
      });
      return { stored: found.stored, reasons };
    } catch (error) {
      // Stopped before the first page was asked for.
      if (signal.aborted && (error as Error).name === 'AbortError') return found;
      if (!(error instanceof WarmError) || found.stored > 0) throw error;
      const { code, message, hint } = error;
      throw new WarmError(code, message, { hint: `${hint} Nothing was removed.`, cause: error });
    }
  }

  async #purgeRest(settled: Seen): Promise<number> {
    const { cache, before } = this.#tools;
    let removed = 0;
    for await (const planned of this.#all()) {
      const { scope } = planned;
      await cache.purgeEach(async (tree) => {
        if (tree.cacheDir === this.#root) removed += await this.#purgeUnsettled(tree, planned, settled);
        else if (before === undefined) await tree.purge(scope);
        else await purgeBefore(tree, scope, before, {});
      });
    }
    return removed;
  }

  async #purgeUnsettled(tree: OneTree, planned: PlannedPurge, settled: Seen): Promise<number> {
    const { scope } = planned;
    // Also when it is not stored: it may be being made.
    const isOnePage = 'path' in scope && !scope.recursive && this.#tools.before === undefined;
    const keys = isOnePage ? [scope.path] : this.#keysIn(tree, planned);
    let removed = 0;
    for await (const key of keys) {
      if (settled.add(key)) removed += (await tree.purge({ path: key })).pages;
    }
    return removed;
  }

  async *#all(): AsyncGenerator<PlannedPurge> {
    yield* this.#planned;
    for (const name of this.#lines.deep.drain()) yield planPurge(name, true);
    for (const name of this.#lines.flat.drain()) yield planPurge(name, false);
  }

  async *#keysIn(tree: OneTree, { scope }: PlannedPurge): AsyncGenerator<string> {
    const { before } = this.#tools;
    for await (const key of keysOf(tree, scope)) {
      if (before === undefined) yield key;
      else {
        const page = await factsOf(tree, key);
        if (page !== undefined && isBefore(page, before)) yield key;
      }
    }
  }
}
