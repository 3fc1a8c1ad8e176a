/** Puts the fill on the way of a response's body. */
import type { Fill, ResponseHead, Ticket } from '@pagetree/core';
import type { Handling } from '../cache-status.ts';
import { headOf, withBody } from './head.ts';
import { lightParts, untypedFields } from './light.ts';
import { isNoStore } from './no-store.ts';
import { Recording } from './recording.ts';
import { type Lead, Relay, streamOf, streamOfAll } from './relay.ts';
import { headSent } from './sent.ts';
import type { Exchange, Objection } from './types.ts';

/** What the captures of a shell share. */
export interface CaptureContext {
  readonly lead: Lead;
  /** Leaves the bodies that nobody reads, once nobody can. */
  readonly forgotten: FinalizationRegistry<() => void>;
  /** In milliseconds. */
  readonly patience: number;
}

/** The response to send in place of the application's, and what became of it. */
export interface Captured {
  readonly response: Response;
  readonly handling: Handling;
}

/**
 * Stores what the application answered, under the permission of the ticket. A response that is not stored is not touched.
 * One that is stored has the same head, and a body that is read here first.
 */
export async function capture(
  response: Response,
  ticket: Ticket,
  exchange: Exchange,
  context: CaptureContext,
): Promise<Captured> {
  const objection = (): Objection | undefined => {
    // The framework's own mark tells more: a mark of its context marks the request, too.
    const own = exchange.objection?.();
    if (own === undefined && (isNoStore(response) || isNoStore(exchange.request)))
      return { reason: 'should-store', detail: 'noStore()' };
    return own;
  };
  const objected = objection();
  if (objected !== undefined) {
    ticket.abandon(objected.reason, objected.detail);
    return { response, handling: { kind: 'miss', reason: objected.reason } };
  }
  const light = lightParts(response);
  const untyped = light && untypedFields(light);
  const judged = untyped ? { status: response.status, headers: untyped } : headOf(response);
  const fill = ticket.begin(judged);
  if (!fill) return { response, handling: { kind: 'miss', reason: ticket.refused } };
  try {
    const source = response.body;
    const reason =
      source === null ? 'empty-body' : source.locked || response.bodyUsed ? 'unfinished' : undefined;
    if (source === null || reason !== undefined) {
      void fill.abort(reason ?? 'unfinished', 'no body to read');
      return { response, handling: { kind: 'miss', reason } };
    }
    const isBytes = light ? isAtOnce(light.body) : isByteStream(source);
    const storing = { fill, ticket, judged, isBytes, exchange, objection };
    const replaced = await relayed(response, source, storing, context);
    // A blob that comes in pieces would lose its length.
    if (light?.body instanceof Blob && !replaced.headers.has('content-length')) {
      replaced.headers.set('content-length', `${light.body.size}`);
    }
    return { response: replaced, handling: { kind: 'stored' } };
  } catch (error) {
    void fill.abort('unfinished', 'internal error');
    throw error;
  }
}

interface Storing {
  readonly fill: Fill;
  readonly ticket: Ticket;
  readonly judged: ResponseHead;
  /** The body is a string or bytes, as far as can be told. */
  readonly isBytes: boolean;
  readonly exchange: Exchange;
  readonly objection: () => Objection | undefined;
}

async function relayed(
  response: Response,
  source: ReadableStream<Uint8Array>,
  { fill, ticket, judged, isBytes, exchange, objection }: Storing,
  { lead, forgotten, patience }: CaptureContext,
): Promise<Response> {
  const { request, node, final } = exchange;
  let noticeRead: () => void = () => {};
  const read = new Promise<void>((resolve) => {
    noticeRead = resolve;
  });
  const sent = node.outgoing ? headSent(node.outgoing) : final && read.then(final);
  const hasLeft = (): boolean => request.signal.aborted;
  const recording = new Recording(fill, { judged, isBytes, hasLeft, objection, sent, patience });
  void ticket.outcome.then(() => recording.close());
  const relay = new Relay(source, recording, lead);
  // A turn of the event loop, no more: what is there already can be sent as what it was, with its length.
  await Promise.race([relay.ended, new Promise((resolve) => setImmediate(resolve))]);
  recording.goesInPieces();
  // Where only reading tells that the head is final, somebody must read.
  const isSeen = node.outgoing !== undefined || final === undefined;
  if (relay.isWhole && isSeen) {
    const chunks = relay.take();
    return withBody(
      response,
      isBytes && chunks.length < 2 ? (chunks[0] ?? new Uint8Array()) : streamOfAll(chunks),
    );
  }
  const stream = streamOf(relay, noticeRead);
  forgotten.register(stream, () => void relay.leave(undefined).catch(() => {}));
  return withBody(response, stream);
}

function isAtOnce(body: unknown): boolean {
  return typeof body === 'string' || body instanceof Uint8Array || body instanceof Blob;
}

/** A string, bytes and what `fetch()` gives are byte streams; a stream that an application makes hardly ever is. */
function isByteStream(source: ReadableStream<Uint8Array>): boolean {
  try {
    source.getReader({ mode: 'byob' }).releaseLock();
    return true;
  } catch {
    return false;
  }
}
