/** The flow of one request in Node: look it up, answer a hit, or let the application answer and watch it. */
import type { Lookup, PageCache, PageRequest } from '@pagetree/core';
import type { Handling } from '../cache-status.ts';
import { announce } from './announce.ts';
import { capture } from './capture.ts';
import { hold } from './hold.ts';
import { pageRequest } from './request.ts';
import { send, sendFromMemory } from './send.ts';
import type { Next, Reply, Report, Request, Response } from './types.ts';

/** What a shell is made of. */
export interface ShellOptions {
  readonly cache: PageCache;
  readonly report: Report;
  /**
   * How long, in milliseconds, an application may take to begin a page whose client has left. Such pages are the
   * slow ones, which are worth storing most; but others wait for the same permission. Once it has begun, it may rest for a
   * second at most. @default 10000
   */
  readonly patience?: number;
}

/** The application answers. */
type Passed = Exclude<Lookup, { kind: 'hit' }>;

/** How long, in milliseconds, a hit that waits for its turn on a connection keeps that from being read. */
const LONGEST_HOLD = 1000;

/** Registered, so that two copies of this package in one process see each other. */
const asked = Symbol.for('pagetree.asked');

/** Answers a hit, on the bare response or by `reply`, or calls `next`. */
export type Shell = (req: Request, res: Response, next: Next, reply?: Reply) => void;

/** Makes the middleware of a cache. It returns nothing, rejects nothing and throws nothing of its own. */
export function shell(options: ShellOptions): Shell {
  const { cache, report } = options;
  return (req, res, next, reply) => {
    const response = res as Response & { [asked]?: PageCache[] };
    // Mounted twice: the second would find the permission taken by the first.
    if (response[asked]?.includes(cache)) {
      next();
      return;
    }
    const request = pageRequest(req);
    let known: Passed | undefined;
    try {
      const seen = cache.glance(request);
      if (seen?.kind === 'hit') {
        sendFromMemory(request, res, seen, reply);
        return;
      }
      known = seen;
    } catch (error) {
      report(error);
      if (res.headersSent) {
        res.destroy();
        return;
      }
      known = unread('');
    }
    response[asked] = response[asked] ? [...response[asked], cache] : [cache];
    if (known !== undefined) {
      watch(req, res, known, options);
      next();
      return;
    }
    const release = hold(req);
    void answer(req, res, request, options, reply, release).then((answered) => {
      if (answered) release();
      // In a task of its own, so that what the application throws is an uncaught exception, as without us.
      else queueMicrotask(() => goOn(next, release));
    });
  };
}

/** Lets the application answer, and the connection be read when it listens. */
function goOn(next: Next, release: () => void): void {
  try {
    next();
  } finally {
    release();
  }
}

/** Whether the request was answered. Never rejects. */
async function answer(
  req: Request,
  res: Response,
  request: PageRequest,
  options: ShellOptions,
  reply: Reply | undefined,
  release: () => void,
): Promise<boolean> {
  const { cache, report } = options;
  let found: Passed;
  let turn: NodeJS.Timeout | undefined;
  try {
    const looked = await cache.lookup(request);
    if (looked.kind === 'hit') {
      // It is not its turn yet, and whoever answers before it must hear when the client leaves.
      if (res.socket === null) turn = setTimeout(release, LONGEST_HOLD);
      if (await send(request, res, looked.page, reply)) return true;
    }
    found = looked.kind === 'hit' ? unread(looked.page.key) : looked;
  } catch (error) {
    report(error);
    if (res.headersSent) {
      res.destroy();
      return true;
    }
    found = unread('');
  } finally {
    clearTimeout(turn);
  }
  watch(req, res, found, options);
  return false;
}

/** Watches what the application is about to answer, and says in it what the cache did. */
function watch(req: Request, res: Response, found: Passed, { report, patience }: ShellOptions): void {
  try {
    if (found.kind === 'miss' && found.ticket) {
      capture(req, res, found.ticket, { report, patience: patience ?? 10_000 });
    } else {
      const handling: Handling = found.kind === 'bypass' ? found : { kind: 'miss', reason: found.reason };
      announce(res, () => handling, report);
    }
  } catch (error) {
    report(error);
  }
}

function unread(key: string): Passed {
  return { kind: 'miss', key, ticket: undefined, reason: 'disk-error' };
}
