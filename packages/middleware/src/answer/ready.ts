/** The heads of a page in memory, made once and sent many times. */
import type { MemoryHit, PageRequest } from '@pagetree/core';
import { cacheStatus } from '../cache-status.ts';
import { type Common, commonOf, type Fields, wholeFields } from './plan.ts';

/** The head of one answer, in the two forms in which it is sent. */
export interface ReadyHead {
  readonly fields: Fields;
  /** Names and values in turn, our `Cache-Status` at the end. */
  readonly flat: readonly string[];
}

/** What is ready of one body. */
export class Ready {
  readonly bytes: Buffer;
  /** For a 200 with all of the body. */
  readonly whole: ReadyHead;
  /** For a 304. */
  readonly notModified: ReadyHead;
  readonly common: Common;

  constructor({ page, body }: MemoryHit) {
    this.bytes = body.bytes;
    this.common = commonOf(page, body);
    this.whole = readyHead(wholeFields(page, body, this.common.fields));
    this.notModified = readyHead(this.common.fields);
  }
}

/** What is ready of a body in memory. It is kept with it; another copy of this package may have kept its own there. */
export function readyOf(hit: MemoryHit): Ready {
  const { ready } = hit;
  if (ready instanceof Ready) return ready;
  const made = makeReady(hit);
  hit.ready = made;
  return made;
}

/** Makes the heads of a body in memory. */
export function makeReady(hit: MemoryHit): Ready {
  return new Ready(hit);
}

function readyHead(fields: Fields): ReadyHead {
  return { fields, flat: flatten(fields) };
}

/** The fields as one flat list, our member of `Cache-Status` at the end. */
export function flatten(fields: Fields): string[] {
  return [...fields, ['Cache-Status', cacheStatus({ kind: 'hit' })]].flat() as string[];
}

/** Whether a request asks for the page as it is: no condition, no range. */
export function isUnconditional({ headers }: PageRequest): boolean {
  return (
    headers['if-none-match'] === undefined &&
    headers['if-modified-since'] === undefined &&
    headers.range === undefined &&
    headers['if-match'] === undefined &&
    headers['if-unmodified-since'] === undefined
  );
}
