import { type Lookup, type Page, type PageCache, PagetreeError } from '@pagetree/core';
import { WarmError } from '../errors.ts';
import type { FetchStep } from '../plan/plan.ts';
import { printable } from '../report/printable.ts';
import type { Change, PageResult } from '../results.ts';
import type { PageChecks } from './checks.ts';
import type { OriginClient, Response } from './client.ts';
import { explainFailure } from './failure.ts';
import type { Heard } from './gate.ts';
import { hear } from './hear.ts';
import type { Resumed } from './journal.ts';
import { redirectTarget } from './redirect.ts';
import { tooLate } from './retry.ts';
import { notStored, outdated, storeResponse } from './store.ts';
import { conditionOf, type StoredPage, storedPage } from './stored.ts';

/** What one page is made with. */
export interface PageTools {
  readonly cache: Pick<PageCache, 'lookup' | 'cacheDir'>;
  readonly client: Pick<OriginClient, 'get' | 'host' | 'origin'>;
  /** Whether a page that is there is asked for again. */
  readonly isStale: (stored: StoredPage, step: FetchStep) => boolean;
  readonly checks: PageChecks;
  /** Store the page that a redirect points to. */
  readonly follow: boolean;
  /** Ask without a condition, and store what comes also when it is the same page. */
  readonly anew: boolean;
  /** The interrupted run that this one goes on with. */
  readonly resumed?: Resumed | undefined;
  /** Asks for a page that may not be stored, where it is needed all the same; `undefined` when nothing was asked. */
  readonly visit?: (target: string, found: Lookup) => Promise<Heard | undefined>;
  /** Told of each page beside the listed one that is in a source by way of a redirect. */
  readonly onKey?: (target: string) => void;
}

/** What became of a page, and what its origin showed on the way. */
export interface Tried {
  readonly result: PageResult;
  readonly heard: Heard;
  /** It is redirected, and that shall be followed: the next try is for the last of these. */
  readonly way?: readonly string[];
  /** A 304 has other fields than the stored page: the next try asks for the whole page. */
  readonly isOutdated?: true;
}

/** The most redirects that are followed for one URL. */
const mostRedirects = 10;

/**
 * Tries to bring one page into the tree, or says why not. The page that is there stays until the new one is whole. A
 * redirect that shall be followed is a try of its own, so that it waits for its turn like any other request.
 *
 * @param way The redirects that were followed so far.
 * @param onBody Called when the whole of a page has come, before it is published.
 */
export async function warmPage(
  step: FetchStep,
  tools: PageTools,
  way: readonly string[] = [],
  onBody: (heard: Heard) => void = () => {},
): Promise<Tried> {
  const visited = [step.target, ...way];
  const target = visited.at(-1)!;
  const tried = await tryPage(target, step, { ...tools, onBody });
  if (tried.isOutdated) return tried;
  const { result, heard, location } = tried;
  if (location === undefined || !tools.follow) return { result: withWay(result, visited), heard };
  const next = redirectTarget(location, target, tools.client.origin);
  const stop = (detail: string, more: Pick<PageResult, 'leadsElsewhere'> = {}): Tried => ({
    result: { ...result, detail, ...more },
    heard,
  });
  if ('problem' in next) {
    const { problem, ...more } = next;
    return stop(problem, more);
  }
  if (visited.includes(next.target))
    return stop(`goes in a circle: ${[...visited, next.target].join(' to ')}`);
  if (visited.length > mostRedirects) return stop(`more than ${mostRedirects} redirects`);
  tools.onKey?.(next.target);
  return { result, heard, way: [...way, next.target] };
}

function withWay(result: PageResult, visited: readonly string[]): PageResult {
  if (visited.length === 1) return result;
  const way = `redirected to ${visited.slice(1).join(' to ')}`;
  return { ...result, detail: result.detail === undefined ? way : `${way}: ${result.detail}` };
}

/** One try, and where the origin sent us instead of answering. */
interface Try extends Tried {
  readonly location?: string | undefined;
}

const unused: Heard = { kind: 'unused' };

/** The tools, and who hears that the body has come. */
interface TryTools extends PageTools {
  readonly onBody: (heard: Heard) => void;
}

async function tryPage(target: string, step: FetchStep, tools: TryTools): Promise<Try> {
  const { cache, client } = tools;
  const request = { method: 'GET', target, headers: { host: client.host } };
  let stored: StoredPage | undefined;
  let anew = tools.anew;
  let found = await cache.lookup(request);
  if (found.kind === 'hit') {
    const { page } = found;
    stored = storedPage(page, cache.cacheDir);
    const isWhole = await hasItsVariants(page);
    await page.close();
    const { place, size: bytes } = stored;
    const done = doneBefore(stored, step);
    const change = done ?? changeOf(stored, tools.resumed);
    const present: Try = { result: { outcome: 'present', place, bytes, change }, heard: unused };
    const isStale = done === undefined && tools.isStale(stored, step);
    if (!isStale && isWhole) return present;
    found = await cache.lookup(request, { refresh: true });
    // Somebody has just put the page there, and its variants come after it; or the tree cannot be written.
    if (!isStale && found.kind === 'miss' && found.ticket === undefined) return present;
    // A 304 would leave it without the tags that its list gives it now.
    anew ||= !isWhole || !hasTags(stored, step.tags);
  }
  if (found.kind === 'bypass') {
    return { result: notStored(found.reason), heard: (await tools.visit?.(target, found)) ?? unused };
  }
  if (found.kind === 'hit') throw new Error('a refresh is never a hit');
  if (found.reason === 'read-only') throw notWritable(cache.cacheDir);
  if (found.ticket === undefined) return { result: notStored(found.reason ?? 'busy'), heard: unused };
  const { ticket } = found;
  const change = stored && changeOf(stored, tools.resumed);
  const isConditional = stored !== undefined && !anew && step.unconditional !== true;
  const look = () => cache.lookup(request);
  const keepsTags = tools.anew;
  return ask({ target, step, stored, anew, keepsTags, isConditional, change, ticket, look }, tools);
}

/**
 * What a page counts as that is still right: the run that this one goes on with may have stored it, and ended before it could
 * note so. One purge too many at a CDN does no harm.
 */
function changeOf({ at }: StoredPage, resumed: Resumed | undefined): Change {
  return resumed !== undefined && at >= resumed.from ? 'changed' : 'same';
}

/** How the tree changed by a page that a run before has done, while nobody has put another version there since. */
function doneBefore({ at }: StoredPage, { done }: FetchStep): Change | undefined {
  return done === undefined || at > done.until ? undefined : done.change;
}

function hasTags({ tags }: StoredPage, wanted: readonly string[] = []): boolean {
  return wanted.every((tag) => tags.includes(tag));
}

/** A process that ends between a page and its variants leaves it without one that was made: it is served, but in more bytes. */
async function hasItsVariants(page: Page): Promise<boolean> {
  if (page.stored === undefined) return true;
  for (const coding of page.codings) if ((await page.body(coding)) === undefined) return false;
  return true;
}

/** No page will ever get into that tree: one sentence instead of a failure of every URL. */
function notWritable(cacheDir: string): PagetreeError {
  const folder = printable(cacheDir);
  return new PagetreeError('ERR_PAGETREE_CACHE_DIR', `The cache ${folder} cannot be written by this user.`);
}

async function ask(
  page: Parameters<typeof storeResponse>[1] & { target: string },
  tools: TryTools,
): Promise<Try> {
  const { ticket, stored, target, isConditional } = page;
  const began = performance.now();
  let latency: number | undefined;
  const took = () => ({ milliseconds: latency ?? performance.now() - began });
  const onBody = () => {
    latency = performance.now() - began;
    tools.onBody({ kind: 'answered', latency });
  };
  try {
    return await tools.client.get(
      target,
      async (response) => {
        const { status, headers } = response;
        const result = await storeResponse(response, page, tools.checks, onBody);
        const location = status >= 300 && status < 400 ? [headers.location ?? []].flat()[0] : undefined;
        const time = took();
        const heard = hearOf(response, result, time.milliseconds);
        if (result === outdated) return { result, heard, isOutdated: true };
        const late = heard.kind === 'overloaded' ? tooLate(status, heard.retryAfter) : undefined;
        const told: PageResult =
          late === undefined ? result : { outcome: 'failed', reason: 'retry-after', detail: late };
        return { result: { ...told, status, ...time }, heard, location };
      },
      stored !== undefined && isConditional ? conditionOf(stored) : {},
    );
  } catch (error) {
    const { reason, detail } = explainFailure(error);
    ticket.abandon('unfinished', detail);
    await ticket.outcome;
    if (error instanceof WarmError) throw error;
    const heard: Heard = reason === 'stopped' ? unused : { kind: 'failed' };
    return { result: { outcome: 'failed', reason, detail, ...took() }, heard };
  }
}

function hearOf(response: Response, { reason }: PageResult, latency: number): Heard {
  const heard = hear(response);
  if (heard.kind !== 'answered') return heard;
  return reason === 'timeout' || reason === 'unfinished' ? { kind: 'failed' } : { ...heard, latency };
}
