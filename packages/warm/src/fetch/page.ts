import { type FillOutcome, type PageCache, PagetreeError, type Ticket } from '@pagetree/core';
import { WarmError } from '../errors.ts';
import type { WarmReason } from '../reasons.ts';
import { printable } from '../report/printable.ts';
import type { PageResult } from '../results.ts';
import type { OriginClient, Response } from './client.ts';
import { explainFailure } from './failure.ts';
import { framingProblem } from './framing.ts';

/** How often one page is asked for when its first try was overtaken by a purge or lost its connection. */
const tries = 3;
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

/** What one page is made with. */
export interface PageTools {
  readonly cache: Pick<PageCache, 'lookup' | 'cacheDir'>;
  readonly client: Pick<OriginClient, 'get' | 'host'>;
  /** Fetch pages that are there as well. */
  readonly refresh: boolean;
}

/** Brings one page into the tree, or says why not. The page that is there stays until the new one is whole. */
export async function warmPage(target: string, tools: PageTools): Promise<PageResult> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await tryPage(target, tools);
    const again = result.reason === 'fenced' || (result.reason === 'connection-reset' && attempt === 1);
    if (!again || attempt === tries) return result;
  }
}

async function tryPage(target: string, { cache, client, refresh }: PageTools): Promise<PageResult> {
  const request = { method: 'GET', target, headers: { host: client.host } };
  const found = await cache.lookup(request, { refresh });
  switch (found.kind) {
    case 'hit': {
      const { place, size } = found.page;
      await found.page.close();
      return { outcome: 'present', place, bytes: size };
    }
    case 'bypass':
      return notStored(found.reason);
    case 'miss':
      if (found.reason === 'read-only') throw notWritable(cache.cacheDir);
      if (found.ticket === undefined) return notStored(found.reason ?? 'busy');
      return fetchInto(found.ticket, target, client, refresh);
  }
}

/** No page will ever get into that tree: one sentence instead of a failure of every URL. */
function notWritable(cacheDir: string): PagetreeError {
  const folder = printable(cacheDir);
  return new PagetreeError('ERR_PAGETREE_CACHE_DIR', `The cache ${folder} cannot be written by this user.`);
}

async function fetchInto(
  ticket: Ticket,
  target: string,
  client: PageTools['client'],
  refresh: boolean,
): Promise<PageResult> {
  try {
    return await client.get(target, async (response) => {
      if (!refresh || !isFromCache(response)) return store(ticket, response);
      ticket.abandon('unfinished', 'answered from the cache');
      await readAway(response.body);
      await ticket.outcome;
      return { outcome: 'failed', reason: 'from-cache' };
    });
  } catch (error) {
    const { reason, detail } = explainFailure(error);
    ticket.abandon('unfinished', detail);
    await ticket.outcome;
    if (error instanceof WarmError) throw error;
    return { outcome: 'failed', reason, detail };
  }
}

/** A middleware answered that did not know our token: what it has is what we wanted to replace (RFC 9211). */
function isFromCache({ headers }: Response): boolean {
  return [headers['cache-status'] ?? []].flat().some((field) => /(?:^|,)\s*pagetree\s*;\s*hit\b/.test(field));
}

async function store(ticket: Ticket, response: Response): Promise<PageResult> {
  const { status, headers, body, trailers } = response;
  const problem = status === 200 ? framingProblem(headers) : undefined;
  if (problem !== undefined) {
    ticket.abandon(problem.reason as never, problem.detail);
    body.destroy();
    return told(await ticket.outcome);
  }
  const fill = ticket.begin({ status, headers });
  if (fill === undefined) {
    await readAway(body);
    return told(await ticket.outcome, headers.location);
  }
  let refused = false;
  void ticket.outcome.then(() => (refused = true));
  let received = 0;
  try {
    for await (const chunk of body) {
      received += chunk.length;
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
  if (Object.keys(trailers).length > 0) return told(await fill.abort('trailers'));
  return told(await fill.commit());
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

function told(outcome: FillOutcome, location?: string | readonly string[]): PageResult {
  if (outcome.kind === 'stored') {
    return { outcome: 'stored', place: outcome.place, bytes: outcome.bytes };
  }
  const said = outcome.detail ?? outcome.error?.message;
  return notStored(outcome.reason, location === undefined ? said : `${said ?? ''} to ${location}`.trim());
}

function notStored(reason: WarmReason, detail?: string): PageResult {
  return {
    outcome: failures.has(reason) ? 'failed' : 'refused',
    reason,
    ...(detail === undefined ? {} : { detail }),
  };
}
