/** The flow of one request in a fetch handler: look it up, answer a hit, or let the application answer and watch it. */
import type { Lookup, MemoryHit, PageCache, PageRequest } from '@pagetree/core';
import type { Handling } from '../cache-status.ts';
import { announce as announceOnNode } from '../node/announce.ts';
import { hold } from '../node/hold.ts';
import type { Report } from '../node/types.ts';
import { ask } from './asked.ts';
import { type CaptureContext, capture } from './capture.ts';
import { announce, type SaidBefore } from './head.ts';
import { whileAnswering } from './no-store.ts';
import { answerMemory, answerPage, makeWebReady, type WebReady } from './page.ts';
import { pageRequest } from './request.ts';
import type { Answer, Exchange } from './types.ts';

/** What a shell is made of. */
export interface WebShellOptions {
  readonly cache: PageCache;
  readonly report: Report;
  /** How long, in milliseconds, a page whose client has left may take to its end. @default 10000 */
  readonly patience?: number;
  /** Bytes that may be read ahead of slow clients, all responses together. @default 67108864 (64 MiB) */
  readonly maxLead?: number;
}

/** The application answers. */
type Passed = Exclude<Lookup, { kind: 'hit' }>;

/** Answers a request: with a page, or with what the application says. Rejects with what the application throws. */
export type WebShell = (exchange: Exchange) => Promise<Response>;

/** Makes the shell of a cache. */
export function webShell({ cache, report, patience = 10_000, maxLead = 2 ** 26 }: WebShellOptions): WebShell {
  const heads = new WeakMap<MemoryHit, WebReady>();
  const readyOf = (hit: MemoryHit): WebReady => {
    let ready = heads.get(hit);
    if (ready === undefined) {
      ready = makeWebReady(hit);
      heads.set(hit, ready);
    }
    return ready;
  };
  const forgotten = new FinalizationRegistry<() => void>((leave) => leave());
  const context: CaptureContext = { lead: { bytes: 0, limit: maxLead }, forgotten, patience };
  const saidBefore: SaidBefore = new WeakMap();

  const glance = (request: PageRequest): Answer | Passed | undefined => {
    const seen = cache.glance(request);
    return seen?.kind === 'hit' ? answerMemory(request, seen, readyOf(seen)) : seen;
  };

  const find = async (request: PageRequest): Promise<Answer | Passed> => {
    const found = await cache.lookup(request);
    if (found.kind !== 'hit') return found;
    return (await answerPage(request, found.page, forgotten)) ?? unread(found.page.key);
  };

  /** Asks the cache. What happens while it takes its time is kept for the application; `release` ends that. */
  const look = async ({ request, node, respond }: Exchange, holds: Holds): Promise<Hit | Passed> => {
    try {
      const asked = pageRequest(request, node.incoming);
      let found = glance(asked);
      if (found === undefined) {
        if (node.incoming) holds.release = hold(node.incoming);
        found = await find(asked);
      }
      if ('kind' in found) return found;
      return { kind: 'hit', response: respond(found) };
    } catch (error) {
      report(error);
      return unread('');
    }
  };

  /** Passes the application's response on, with what the cache says of it. */
  const watch = async (
    response: Response,
    found: Passed,
    exchange: Exchange,
    told: Told,
  ): Promise<Response> => {
    const ticket = found.kind === 'miss' ? found.ticket : undefined;
    let answered = response;
    try {
      if (ticket) {
        const captured = await capture(response, ticket, exchange, context);
        answered = captured.response;
        told.handling = captured.handling;
      }
      return exchange.node.outgoing ? answered : announce(answered, told.handling, saidBefore);
    } catch (error) {
      ticket?.abandon('unfinished', 'internal error');
      report(error);
      return answered;
    }
  };

  return async (exchange) => {
    const { request, node, next } = exchange;
    if (!ask(node.outgoing ?? request, cache)) return next();
    const holds: Holds = { release() {} };
    let found: Passed | undefined;
    try {
      const looked = await look(exchange, holds);
      if (looked.kind === 'hit') return looked.response;
      found = looked;
      const told: Told = {
        handling: found.kind === 'bypass' ? found : { kind: 'miss', reason: found.reason },
      };
      // In the head that Node writes, where we see it: the response stays as the application made it.
      if (node.outgoing) announceOnNode(node.outgoing, () => told.handling, report);
      const ticket = found.kind === 'miss' ? found.ticket : undefined;
      const answering = ticket ? whileAnswering(request, next, ticket.outcome) : next();
      holds.release();
      const response = await answering;
      if (isResponse(response)) return await watch(response, found, exchange, told);
      abandon(found, 'the application gave no response');
      return response;
    } catch (error) {
      if (found) abandon(found, 'the application threw');
      throw error;
    } finally {
      holds.release();
    }
  };
}

/** A hit, ready to be sent. */
interface Hit {
  readonly kind: 'hit';
  readonly response: Response;
}

/** What `Cache-Status` says; known when the head of the response is judged. */
interface Told {
  handling: Handling;
}

/** Lets the connection of a request be read again. */
interface Holds {
  release: () => void;
}

function unread(key: string): Passed {
  return { kind: 'miss', key, ticket: undefined, reason: 'disk-error' };
}

function abandon(found: Passed, detail: string): void {
  if (found.kind === 'miss') found.ticket?.abandon('unfinished', detail);
}

/** Whatever its class is; `@hono/node-server` notices when its headers are read. */
function isResponse(value: Response | undefined): value is Response {
  return typeof value?.status === 'number' && 'headers' in value;
}
