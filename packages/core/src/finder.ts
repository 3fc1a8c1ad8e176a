/**
 * Finds pages: a hit, or a miss with the permission to store, after waiting for whoever makes the same page at the
 * moment. Nobody ever gets another client's response from here, only what was stored.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Flights, within } from './coalesce/flights.ts';
import type { Bypass, FillOutcome, Lookup, PageRequest, Place } from './contracts.ts';
import type { Reason } from './policy/reasons.ts';
import { judgeFill } from './policy/request-rules.ts';
import type { PlaceType } from './policy/types.ts';
import type { Reader } from './reader.ts';
import { PageTicket, type TicketContext } from './ticket.ts';

/** What the finder of a cache shares with the rest of it. */
export interface FinderContext {
  readonly reader: Reader;
  readonly flights: Flights;
  readonly tickets: TicketContext;
  readonly coalesce: 'tree' | 'process' | false;
  /** The longest wait for somebody else's fill, in milliseconds. */
  readonly coalesceTimeout: number;
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
  /** Why nothing can be stored at the moment. */
  readonly cannotWrite: () => Reason | undefined;
  /** Told of each ticket, so that it can be waited for. */
  readonly onTicket: (ticket: PageTicket) => void;
}

/** What was found, before it is told to anyone. */
export type Found = Exclude<Lookup, { kind: 'bypass' }>;

/** The first wait for another process's fill, in milliseconds; it doubles up to the second. */
const FIRST_WAIT = 5;
const LONGEST_WAIT = 100;

/** Refusals that say nothing about the next response of the same key. */
const passing: ReadonlySet<Reason> = new Set([
  'fenced',
  'unfinished',
  'busy',
  'disk-error',
  'overrun',
  'tree-full',
  'closed',
]);

/** The finder of one cache. */
export class Finder {
  readonly #context: FinderContext;

  constructor(context: FinderContext) {
    this.#context = context;
  }

  /**
   * Looks a place up. With `refresh` it is a miss even when the page is there.
   *
   * @throws the error of the file system.
   */
  async find(request: PageRequest, place: Place, type: PlaceType, refresh: boolean): Promise<Found | Bypass> {
    const { reader, coalesce, coalesceTimeout, flights, monotonic } = this.#context;
    const { key } = place;
    const began = monotonic();
    for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      const page = refresh || reader.isAbsent(place) ? undefined : await reader.read(request, place, type);
      if (page) return page;
      const cannot = this.reasonNotToStore(request);
      // A page that is there already makes a full tree no fuller.
      const replaces = cannot === 'tree-full' && refresh && (await reader.isThere(place));
      if (cannot !== undefined && !replaces) return miss(key, cannot);
      const left = coalesceTimeout - (monotonic() - began);
      const waits = coalesce !== false && left > 0 && flights.isWorthAWait(key);
      const flight = flights.get(key);
      if (flight) {
        // Who was waited for in vain is not waited for again: a stream that stays open would delay each of its visitors.
        if (!waits || this.#outlasted(flight.began) || !(await within(flight.ended, left)))
          return miss(key, 'busy');
        continue;
      }
      const end = flights.start(key);
      let led: Found | Bypass | 'busy' = 'busy';
      try {
        led = await this.#lead(request, place, type, refresh, end);
        if (led !== 'busy') return led;
        // Another process stores this page: look again in a moment.
        if (!waits || coalesce !== 'tree') return miss(key, 'busy');
        await sleep(Math.min(wait, left));
        if (monotonic() - began >= coalesceTimeout) flights.rememberSlow(key);
      } finally {
        if (led === 'busy' || led.kind !== 'miss') end();
      }
    }
  }

  /** Why a response to this request is not stored, whatever it is. */
  reasonNotToStore(request: PageRequest): Reason | undefined {
    return judgeFill(request) ?? this.#context.cannotWrite();
  }

  /** Takes the permission to store a page, and looks once more: somebody may have stored it just before. */
  async #lead(
    request: PageRequest,
    place: Place,
    type: PlaceType,
    refresh: boolean,
    end: () => void,
  ): Promise<Found | Bypass | 'busy'> {
    const { reader, tickets, flights, monotonic } = this.#context;
    const { key } = place;
    const began = monotonic();
    const permission = await tickets.fills.acquire(key);
    if (permission === 'busy') return 'busy';
    let found: Found | Bypass | undefined;
    try {
      found = refresh || reader.isAbsent(place) ? undefined : await reader.read(request, place, type, true);
    } catch (error) {
      await tickets.fills.abandon(permission);
      throw error;
    }
    if (found) {
      await tickets.fills.abandon(permission);
      return found;
    }
    const onEnd = (outcome: FillOutcome): void => {
      if (outcome.kind === 'stored') flights.forget(key);
      else if (this.#outlasted(began)) flights.rememberSlow(key);
      else if (!passing.has(outcome.reason)) flights.rememberUnstorable(key);
      end();
    };
    const ticket = new PageTicket(tickets, permission, place, type, request, onEnd);
    this.#context.onTicket(ticket);
    return { kind: 'miss', key, ticket, reason: undefined };
  }

  /** Whether a render has taken longer than anybody waits for one. */
  #outlasted(began: number): boolean {
    const { coalesceTimeout, monotonic } = this.#context;
    return monotonic() - began >= coalesceTimeout;
  }
}

function miss(key: string, reason: Reason): Found {
  return { kind: 'miss', key, ticket: undefined, reason };
}
