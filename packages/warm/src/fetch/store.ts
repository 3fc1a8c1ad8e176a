import type { FillOutcome, HeaderMap, Lookup, Page, Ticket } from '@pagetree/core';
import type { FetchStep } from '../plan/plan.ts';
import type { WarmReason } from '../reasons.ts';
import { withoutPasswordOf } from '../report/printable.ts';
import type { Change, PageResult } from '../results.ts';
import { BodyCheck, type Fault, looksAtBodies, type PageChecks } from './checks.ts';
import type { Response } from './client.ts';
import { explainFailure } from './failure.ts';
import { framingProblem } from './framing.ts';
import { digestOf, hasSameFields, newDigest, type StoredPage, tagsOf, updatesFields } from './stored.ts';

/** Bytes of a response that is not stored which are read so that its connection can be used again. */
const politeBytes = 256 * 1024;

/** Reasons with which something went wrong; with any other, a rule said no. */
const failures: ReadonlySet<WarmReason> = new Set<WarmReason>([
  'unfinished',
  'length-mismatch',
  'busy',
  'fenced',
  'overrun',
  'disk-error',
  'paused',
  'closed',
]);

/** A page that may be stored. */
export interface Storable {
  readonly step: FetchStep;
  readonly ticket: Ticket;
  /** The version that is there. */
  readonly stored: StoredPage | undefined;
  /** The response is stored also when it is the same page. */
  readonly anew: boolean;
  /** It keeps every tag that is stored, whatever its response says: sources that gave it some are not at hand. */
  readonly keepsTags: boolean;
  /** It was asked for only if it changed. */
  readonly isConditional: boolean;
  /** What it counts as when it is still right; `undefined` when none is there. */
  readonly change: Change | undefined;
  /** Looks the page up once more. */
  readonly look: () => Promise<Lookup>;
}

/**
 * Stores a response, or says why not.
 *
 * @param onBody Called when the last byte of a page has come.
 */
export async function storeResponse(
  response: Response,
  page: Storable,
  checks: PageChecks,
  onBody: () => void,
): Promise<PageResult> {
  const { status, headers, body } = response;
  const { ticket, stored, step, anew, isConditional } = page;
  if (stored !== undefined && isFromCache(headers)) {
    await giveUp(page, 'answered from the cache');
    await readAway(body);
    return { outcome: 'failed', reason: 'from-cache' };
  }
  if (status === 304 && stored !== undefined && isConditional) {
    await giveUp(page, 'not modified');
    await readAway(body);
    if (updatesFields(headers, stored, step.tags)) return outdated;
    return confirm(page, stored, checks);
  }
  const problem = status === 200 ? framingProblem(headers) : undefined;
  if (problem !== undefined) {
    ticket.abandon(problem.reason as never, problem.detail);
    body.destroy();
    return told(await ticket.outcome);
  }
  const tagged = withTags(headers, tagsBeside(headers, page));
  const fill = ticket.begin({ status, headers: tagged });
  if (fill === undefined) {
    await readAway(body);
    const refused = told(await ticket.outcome);
    if (refused.reason !== 'status' || headers.location === undefined || status < 300 || status > 399)
      return refused;
    return {
      ...refused,
      reason: 'redirect',
      detail: `${status} to ${withoutPasswordOf(String(headers.location))}`,
    };
  }
  const check = new BodyCheck(checks, headers);
  const digest = stored && !anew && hasSameFields({ headers: tagged }, stored) ? newDigest() : undefined;
  let refused = false;
  void ticket.outcome.then(() => (refused = true));
  let received = 0;
  try {
    for await (const chunk of body) {
      received += chunk.length;
      check.write(chunk);
      digest?.update(chunk);
      fill.write(chunk);
      // Over the largest size, for example: an endless body must not be read to its end.
      if (refused) break;
    }
  } catch (error) {
    const { reason, detail } = explainFailure(error);
    const late = `${detail}; ${received} bytes came`;
    const outcome = await fill.abort('unfinished', late);
    if (outcome.kind === 'refused' && outcome.reason === 'unfinished' && ownWord(reason)) {
      return { outcome: 'failed', reason, detail: late };
    }
    return told(outcome);
  }
  if (!refused) onBody();
  if (Object.keys(response.trailers).length > 0) return told(await fill.abort('trailers'));
  const fault = refused ? undefined : check.end();
  if (fault !== undefined) {
    await fill.abort('should-store', fault.detail);
    return { outcome: 'refused', ...fault };
  }
  if (digest !== undefined && received === stored!.size && headers['content-encoding'] === undefined) {
    if (await hasSameBody(page, digest.digest('hex'))) {
      await fill.abort('unfinished', 'the same page is stored');
      return confirm(page, stored!);
    }
  }
  const change = stored === undefined ? 'new' : 'changed';
  const result = told(await fill.commit());
  return result.outcome === 'stored' ? { ...result, change } : result;
}

/**
 * Tags that a page gets beside those of its response. Where neither that nor a source names any, it keeps those that are stored:
 * a list may have given them that is not among the sources of this run.
 */
function tagsBeside(headers: HeaderMap, { stored, step, keepsTags }: Storable): readonly string[] {
  const { tags: listed = [] } = step;
  if (stored === undefined) return listed;
  if (keepsTags) return [...listed, ...stored.tags];
  return listed.length === 0 && tagsOf(headers).length === 0 ? stored.tags : listed;
}

/** Tags that a source gives a page are stored as if the application had sent them. */
function withTags(headers: HeaderMap, tags: readonly string[]): HeaderMap {
  if (tags.length === 0) return headers;
  return { ...headers, 'cache-tag': [headers['cache-tag'] ?? [], ...tags].flat().join(', ') };
}

async function giveUp({ ticket }: Storable, detail: string): Promise<void> {
  ticket.abandon('unfinished', detail);
  await ticket.outcome;
}

/** The origin says that what is stored is right. Is it still stored? A purge may have come between. */
async function confirm(
  { look, change = 'same' }: Storable,
  { mtimeMs }: StoredPage,
  checks?: PageChecks,
): Promise<PageResult> {
  const found = await look();
  if (found.kind === 'hit') {
    const { place, size: bytes, mtimeMs: now } = found.page;
    try {
      if (now !== mtimeMs) return overtaken;
      const fault = checks && (await faultOf(found.page, checks));
      return fault ? { outcome: 'refused', ...fault } : { outcome: 'present', place, bytes, change };
    } finally {
      await found.page.close();
    }
  }
  if (found.kind === 'miss' && found.ticket !== undefined) {
    found.ticket.abandon('unfinished', 'removed');
    await found.ticket.outcome;
  }
  return overtaken;
}

/** A page is judged alike whether its origin sends it again or says that it is the same. */
async function faultOf(page: Page, checks: PageChecks): Promise<Fault | undefined> {
  if (!looksAtBodies(checks)) return undefined;
  const check = new BodyCheck(checks, { 'content-type': page.contentType });
  const body = await page.body();
  for await (const chunk of body?.stream() ?? []) check.write(chunk as Uint8Array);
  return check.end();
}

/** It is asked for again, without a condition where nothing is there any more. */
const overtaken: PageResult = {
  outcome: 'failed',
  reason: 'fenced',
  detail: 'the page changed while the origin was asked about it',
};

/** A 304 says of the stored page what it has not, so that the whole of it is asked for. */
export const outdated: PageResult = {
  outcome: 'failed',
  reason: 'fenced',
  detail: 'the origin answered 304 with other fields than those that are stored',
};

async function hasSameBody({ look }: Storable, digest: string): Promise<boolean> {
  const found = await look();
  if (found.kind !== 'hit') return false;
  try {
    return (await digestOf(found.page)) === digest;
  } finally {
    await found.page.close();
  }
}

/** A middleware answered that did not know our token: what it has is what we wanted to replace (RFC 9211). */
function isFromCache(headers: HeaderMap): boolean {
  return [headers['cache-status'] ?? []].flat().some((field) => /(?:^|,)\s*pagetree\s*;\s*hit\b/.test(field));
}

/** A body that broke off is `unfinished`, whoever broke it; but a deadline and a stop are ours to name. */
function ownWord(reason: WarmReason): boolean {
  return reason === 'timeout' || reason === 'stopped';
}

async function readAway(body: Response['body']): Promise<void> {
  let received = 0;
  try {
    for await (const chunk of body) {
      received += chunk.length;
      if (received > politeBytes) break;
    }
  } catch {
    // The response was refused already; how it ends changes nothing.
  }
}

function told(outcome: FillOutcome): PageResult {
  if (outcome.kind === 'stored') {
    return { outcome: 'stored', place: outcome.place, bytes: outcome.bytes };
  }
  return notStored(outcome.reason, outcome.detail ?? outcome.error?.message);
}

/** The result of a page that was not stored. */
export function notStored(reason: WarmReason, detail?: string): PageResult {
  return {
    outcome: failures.has(reason) ? 'failed' : 'refused',
    reason,
    ...(detail === undefined ? {} : { detail }),
  };
}
