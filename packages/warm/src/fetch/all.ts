import type { FetchStep } from '../plan/plan.ts';
import { throughWindow } from '../plan/window.ts';
import type { UrlResult } from '../results.ts';
import type { MakePage } from './crew.ts';
import type { Gate, Heard } from './gate.ts';
import { type Attempt, Later } from './later.ts';
import type { Tried } from './page.ts';
import { isWorthRetrying, waitBefore } from './retry.ts';

/** How a run is done, and who hears of each result. */
export interface RunOptions {
  readonly make: MakePage;
  readonly gate: Gate;
  /** The most requests at once, as the gate has it. */
  readonly concurrency: number;
  /** How often a page is asked for once more after a failure that may pass. */
  readonly retries: number;
  readonly signal: AbortSignal;
  /** Waited for before a page is begun, until `signal` at the longest. */
  readonly room: (signal: AbortSignal) => Promise<void>;
  readonly report: (result: UrlResult, step: FetchStep) => void;
}

/** Waits before another look at a page that somebody else was storing, in milliseconds. */
const busyWaits = [100, 200, 400, 800, 1600, 3200];
/** How often a page is asked for again at once when a purge overtook it. */
const fencedTries = 2;

/**
 * Brings the pages of all steps into the tree. A page that another process is storing, and one whose failure
 * may pass, comes again in a while; meanwhile others are fetched.
 *
 * @throws what `steps`, `make` and `report` throw, as soon as the requests that are open have ended; nothing is asked
 * for after that, and `gate` lets nobody through any more.
 */
export async function fetchAll(
  steps: AsyncIterable<FetchStep>,
  { make, gate, concurrency, retries, signal, room, report }: RunOptions,
): Promise<void> {
  const later = new Later();
  const failing = new AbortController();
  const ending = AbortSignal.any([signal, failing.signal]);
  const tell = ({ step, last, failed }: Attempt) => {
    const { url, source, line } = step;
    if (last === undefined) return;
    report({ url, ...last, ...(failed > 1 ? { tries: failed } : {}), source, line }, step);
  };
  const work = async (attempt: Attempt) => {
    await room(ending);
    const turn = await gate.enter();
    if (turn === undefined) return;
    let isOpen = true;
    const leave = (heard: Heard) => {
      if (isOpen) gate.leave(turn, heard);
      isOpen = false;
    };
    let tried: Tried | undefined;
    try {
      // The origin is done with its part when the last byte is here: what the disk takes then is not its load.
      tried = await make(attempt, leave);
    } finally {
      leave(tried?.heard ?? { kind: 'unused' });
    }
    const { result, way, isOutdated } = tried;
    const { way: _, ...anew } = attempt;
    if (isOutdated) {
      later.again(attempt, { ...attempt, step: { ...attempt.step, unconditional: true } }, 0);
      return;
    }
    if (way !== undefined) {
      later.again(attempt, { ...attempt, way }, 0);
      return;
    }
    const next = { ...anew, last: result, failed: attempt.failed + 1 };
    const wait = waitFor(attempt, tried, retries);
    if (wait === undefined) {
      later.done(attempt);
      tell(next);
    } else {
      const busy = result.reason === 'busy';
      later.again(attempt, busy ? { ...next, failed: attempt.failed, busy: attempt.busy + 1 } : next, wait);
    }
  };
  const fail = () => {
    failing.abort();
    gate.end();
  };
  const tellRest = () => {
    for (const attempt of later.rest()) tell(attempt);
  };
  try {
    // Twice as many as requests: the others are on their way to the disk.
    await throughWindow(later.mix(steps, signal), concurrency * 2, signal, work, fail);
  } catch (error) {
    try {
      tellRest();
    } catch {
      // The first error is the one that counts.
    }
    throw error;
  }
  tellRest();
}

/** In how many milliseconds a page is tried again; `undefined`: not at all. */
function waitFor({ busy, failed }: Attempt, { result, heard }: Tried, retries: number): number | undefined {
  if (result.reason === 'busy') return busyWaits[busy];
  if (result.reason === 'fenced') return failed < fencedTries ? 0 : undefined;
  if (failed >= retries || !isWorthRetrying(result)) return undefined;
  const retryAfter = heard.kind === 'overloaded' ? heard.retryAfter : undefined;
  return waitBefore(failed + 1, retryAfter, Math.random());
}
