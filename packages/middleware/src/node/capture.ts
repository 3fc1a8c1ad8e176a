/**
 * Watches what the application writes to a response, and feeds the fill. The response goes its way first and
 * unchanged; whatever fails in here costs the page, never the response.
 */
import type { Ticket } from '@pagetree/core';
import { announce } from './announce.ts';
import { effectiveHeaders, type HeadArguments, sentHeaders } from './head.ts';
import { onNoStore } from './no-store.ts';
import { wrap } from './patch.ts';
import { Recording } from './recording.ts';
import type { Report, Request, Response } from './types.ts';

/** What a capture needs to know beside the request. */
export interface CaptureOptions {
  readonly report: Report;
  /** How long, in milliseconds, an application may take to begin a page whose client has left. */
  readonly patience: number;
}

/**
 * Stores what the application is about to answer, under the permission of the ticket.
 *
 * Node's `end` hands its last chunk to itself, the one of http2's compatibility layer calls `write`, and
 * wrappers of others do either: a chunk is taken where it came in first.
 */
export function capture(req: Request, res: Response, ticket: Ticket, options: CaptureOptions): void {
  const { report } = options;
  const recording = new Recording(ticket, options.patience);
  const guarded = (step: () => void): void => {
    try {
      step();
    } catch (error) {
      recording.drop('unfinished', 'internal error');
      report(error);
    }
  };
  let inside = false;

  const judge = (args: HeadArguments) => {
    const status = args.length > 0 ? Number(args[0]) : res.statusCode;
    return recording.judge(res, { status, headers: effectiveHeaders(res, args) });
  };
  /**
   * Node makes no head any more when the client has left: the application's wish counts. Nor has it made one when what stands above
   * the cache holds the response back.
   */
  const judgeUnsent = (): void =>
    recording.judgeEarly(res, { status: res.statusCode, headers: effectiveHeaders(res) });
  const tellSent = (): void => {
    if (res.headersSent) recording.sent(() => ({ status: res.statusCode, headers: sentHeaders(res) }));
  };

  announce(res, judge, report, () => guarded(tellSent));
  wrap(
    res,
    'write',
    (original) =>
      function write(...args) {
        if (inside) return original.apply(this, args);
        inside = true;
        let result: unknown;
        try {
          result = original.apply(this, args);
        } finally {
          inside = false;
        }
        guarded(() => {
          if (recording.ended) return;
          judgeUnsent();
          tellSent();
          recording.write(args[0], args[1], hasLeft(req, res));
        });
        return result;
      },
  );
  wrap(
    res,
    'end',
    (original) =>
      function end(...args) {
        if (inside || recording.ended) return original.apply(this, args);
        const left = hasLeft(req, res);
        inside = true;
        let result: unknown;
        try {
          result = original.apply(this, args);
        } catch (error) {
          recording.drop('unfinished', 'end() threw');
          throw error;
        } finally {
          inside = false;
        }
        guarded(() => {
          judgeUnsent();
          tellSent();
          recording.end(args[0], args[1], left);
          // What stands above the cache holds the response back, and may send its head past our wrapper.
          if (recording.waits) res.once('finish', () => guarded(tellSent));
        });
        return result;
      },
  );
  wrap(
    res,
    'addTrailers',
    (original) =>
      function addTrailers(...args) {
        recording.drop('trailers');
        return original.apply(this, args);
      },
  );
  onNoStore(res, () => recording.drop('should-store', 'noStore(res)'));
  const left = (): void =>
    guarded(() => recording.clientLeft(!res.errored && interested(req, res) === ownListeners));
  res.on('close', left);
  // A response that waits behind another one on its connection hears nothing of the end of it.
  req.on('aborted', left);
  const ownListeners = interested(req, res);
  // It left while the cache was asked, and no event will say so again. The application says first whether it listens.
  if (hasLeft(req, res)) setImmediate(left);
}

/**
 * How many wait for the client to leave. An application that does, a stream that is piped included, stops
 * then; one that does not goes on.
 */
function interested(req: Request, res: Response): number {
  return res.listenerCount('close') + req.listenerCount('close') + req.listenerCount('aborted');
}

/**
 * Whether the client is gone, as far as the application can know: it may have learnt it from an event that
 * comes before `close` of the response.
 */
function hasLeft(req: Request, res: Response): boolean {
  return res.destroyed || req.aborted || req.socket.destroyed;
}
