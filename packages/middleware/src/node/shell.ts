/** The flow of one request in Node: look it up, answer a hit, or let the application answer and watch it. */
import type { Lookup, PageCache } from '@pagetree/core';
import type { Handling } from '../cache-status.ts';
import { announce } from './announce.ts';
import { capture } from './capture.ts';
import { hold } from './hold.ts';
import { pageRequest } from './request.ts';
import { send } from './send.ts';
import type { Next, Report, Request, Response } from './types.ts';

/** What a shell is made of. */
export interface ShellOptions {
  readonly cache: PageCache;
  readonly report: Report;
  /**
   * How long, in milliseconds, an application may go on with a page whose client has left. Such pages are the
   * slow ones, which are worth storing most; but others wait for the same permission. @default 10000
   */
  readonly patience?: number;
}

/** Registered, so that two copies of this package in one process see each other. */
const asked = Symbol.for('pagetree.asked');

/** Makes the middleware of a cache. It returns nothing, rejects nothing and throws nothing. */
export function shell(options: ShellOptions): (req: Request, res: Response, next: Next) => void {
  const { cache } = options;
  return (req, res, next) => {
    const response = res as Response & { [asked]?: PageCache[] };
    // Mounted twice: the second would find the permission taken by the first.
    if (response[asked]?.includes(cache)) {
      next();
      return;
    }
    response[asked] = [...(response[asked] ?? []), cache];
    const release = hold(req);
    void answer(req, res, options).then((answered) => {
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
async function answer(req: Request, res: Response, options: ShellOptions): Promise<boolean> {
  const { cache, report } = options;
  let found: Lookup | undefined;
  try {
    const request = pageRequest(req);
    found = await cache.lookup(request);
    if (found.kind === 'hit') {
      if (await send(request, res, found.page)) return true;
      found = unread(found.page.key);
    }
  } catch (error) {
    report(error);
    if (res.headersSent) {
      res.destroy();
      return true;
    }
    found = unread('');
  }
  try {
    if (found.kind === 'miss' && found.ticket) {
      capture(req, res, found.ticket, { report, patience: options.patience ?? 10_000 });
    } else if (found.kind !== 'hit') {
      const handling: Handling = found.kind === 'bypass' ? found : { kind: 'miss', reason: found.reason };
      announce(res, () => handling, report);
    }
  } catch (error) {
    report(error);
  }
  return false;
}

function unread(key: string): Lookup {
  return { kind: 'miss', key, ticket: undefined, reason: 'disk-error' };
}
