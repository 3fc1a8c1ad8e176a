import { setImmediate as nextTurn } from 'node:timers/promises';
import type { HeaderMap } from '@pagetree/core';
import { explainFailure } from '../../fetch/failure.ts';
import { toTarget } from '../../plan/origin.ts';
import type { FetchStep, Plan, Step } from '../../plan/plan.ts';
import { Seen } from '../../plan/seen.ts';
import type { UrlResult } from '../../results.ts';
import type { Notice } from '../entry.ts';
import { type Followed, type FollowRules, followLink, type NotFollowed } from './follow.ts';
import { Frontier } from './frontier.ts';
import { type LinkReader, linkReader, type PageLinks } from './page-links.ts';

/** For so many milliseconds links are judged at a time: a page with many must not keep everything else waiting. */
const longestTurn = 20;

/** What a crawl works with. */
export interface CrawlOptions {
  readonly rules: FollowRules;
  readonly plan: Plan;
  readonly signal: AbortSignal;
  readonly onNotice: (notice: Notice) => void;
}

/** What is to be done about the links of a page. */
interface Judged {
  readonly links: readonly { readonly followed: Followed; readonly line: number }[];
  /** What of the page could not be read. */
  readonly lost: string | undefined;
}

/** The links of a version in the tree, by its modification time. */
interface Kept extends Judged {
  readonly mtimeMs: number;
}

/**
 * Follows the links of pages while they are warmed: what the warmer fetches is read for links on its way, so no page
 * is asked for twice. `steps` gives the pages, `reader` takes their bodies, and `settled` says that a page's are all there.
 */
export class Crawl {
  /** Pages whose links could not all be read. */
  blind = 0;
  readonly #options: CrawlOptions;
  readonly #frontier = new Frontier();
  readonly #left = new Map<NotFollowed, number>();
  readonly #leftOut = new Seen();
  /** Open pages whose links are counted: a page may be read several times, from the tree and from the site. */
  readonly #counted = new Set<string>();
  /** Of open pages that are in the tree. */
  readonly #kept = new Map<string, Kept>();

  constructor(options: CrawlOptions) {
    this.#options = options;
  }

  /** The steps of the sources, then those of the pages that are found. Ends when no page has a new link. */
  async *steps(seeds: AsyncIterable<Step>): AsyncGenerator<Step> {
    const { plan, signal } = this.#options;
    try {
      for await (const step of seeds) {
        if (step.kind === 'fetch') this.#frontier.begin(step.target, 0);
        yield step;
      }
      for (let depth = 1, found = true; found && !signal.aborted; depth += 1) {
        found = false;
        for await (const { target, source, line } of this.#frontier.level(signal)) {
          found = true;
          const step: FetchStep = { kind: 'fetch', target, url: this.#urlOf(target), source, line };
          this.#frontier.begin(target, depth);
          yield step;
        }
      }
      if (!plan.full) this.#tellLeftOut();
    } finally {
      this.#frontier.close();
    }
  }

  /** Where a page stands that the crawl waits for, in clicks; `undefined` for any other. */
  depthOf(target: string): number | undefined {
    return this.#frontier.depthOf(target);
  }

  /** Whether a link to that page was left out, so that the links of the page itself may not be known. */
  leftOut(target: string): boolean {
    return this.#leftOut.has(target);
  }

  /** Takes the body of a page, if the crawl waits for it and it can have links. */
  reader(target: string, headers: HeaderMap): LinkReader | undefined {
    return this.depthOf(target) === undefined ? undefined : linkReader(this.#urlOf(target), headers);
  }

  /** The links of a page are there. Those that are left when the run is stopped are not looked at. */
  async found(target: string, page: PageLinks): Promise<void> {
    this.#take(target, await this.#judge(target, page));
  }

  /** As `found`, of a version in the tree: its links count when the page is settled, if no other is stored until then. */
  async keep(target: string, mtimeMs: number, page: PageLinks): Promise<void> {
    const judged = await this.#judge(target, page);
    if (this.depthOf(target) !== undefined) this.#kept.set(target, { ...judged, mtimeMs });
  }

  /** Whether the links of that version are known. */
  keeps(target: string, mtimeMs: number): boolean {
    return this.#kept.get(target)?.mtimeMs === mtimeMs;
  }

  /** A page that is only read for its links could not be. */
  unread(target: string, error: unknown): void {
    this.blind += 1;
    const { detail } = explainFailure(error);
    this.#options.onNotice({ source: this.#urlOf(target), text: `cannot be read for its links: ${detail}` });
  }

  /** The page is redirected: where to is a link. */
  redirected(target: string, location: string): void {
    const link = { href: location, kind: 'page', line: 0, nofollow: false } as const;
    // A redirect is no click.
    const depth = Math.max(0, (this.depthOf(target) ?? 0) - 1);
    const followed = followLink(link, this.#urlOf(target), depth, this.#options.rules);
    if ('target' in followed) this.#discover(followed.target, this.#urlOf(target), 0);
    else this.#leave(followed, true);
  }

  /** The work on a page ended. The version in the tree stays unless another one was stored. May be called again. */
  settled(target: string, outcome: UrlResult['outcome']): void {
    const kept = this.#kept.get(target);
    if (kept !== undefined && outcome !== 'stored') this.#take(target, kept);
    this.#kept.delete(target);
    this.#counted.delete(target);
    this.#frontier.settle(target);
  }

  async #judge(target: string, { links, base, lost }: PageLinks): Promise<Judged> {
    const { rules, signal } = this.#options;
    const depth = this.depthOf(target);
    const judged: { followed: Followed; line: number }[] = [];
    if (depth === undefined) return { links: judged, lost: undefined };
    let began = performance.now();
    for (const link of links) {
      if (performance.now() - began > longestTurn) {
        await nextTurn();
        if (signal.aborted) break;
        began = performance.now();
      }
      judged.push({ followed: followLink(link, base, depth, rules), line: link.line });
    }
    return { links: judged, lost };
  }

  #take(target: string, { links, lost }: Judged): void {
    if (this.depthOf(target) === undefined) return;
    const url = this.#urlOf(target);
    if (lost !== undefined) {
      this.blind += 1;
      this.#options.onNotice({ source: url, text: lost });
    }
    const isCounted = this.#counted.has(target);
    for (const { followed, line } of links) {
      if ('target' in followed) this.#discover(followed.target, url, line);
      else this.#leave(followed, isCounted);
    }
    this.#counted.add(target);
  }

  #discover(path: string, source: string, line: number): void {
    const target = toTarget(path);
    const step = this.#options.plan.discover({ text: target, number: line, source });
    if (step?.kind === 'fetch') this.#frontier.add({ target, source, line });
  }

  #leave({ not, page }: Exclude<Followed, { target: string }>, isCounted: boolean): void {
    if (page !== undefined) this.#leftOut.add(page);
    if (!isCounted) this.#left.set(not, (this.#left.get(not) ?? 0) + 1);
  }

  #tellLeftOut(): void {
    if (this.#left.size === 0) return;
    const parts = [...this.#left].map(([why, count]) => `${count} ${why}`);
    this.#options.onNotice({ source: '--crawl', text: `links that were not followed: ${parts.join(', ')}` });
  }

  #urlOf(target: string): string {
    return this.#options.rules.origin.href + target;
  }
}
