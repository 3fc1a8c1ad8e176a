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
export interface Ready {
  readonly common: Common;
  /** For a 200 with all of the body. */
  readonly whole: ReadyHead;
  /** For a 304. */
  readonly notModified: ReadyHead;
}

const ready = Symbol('pagetree.ready');

/** The heads of a body in memory. They are kept as long as it is. */
export function readyOf(hit: MemoryHit & { [ready]?: Ready }): Ready {
  hit[ready] ??= makeReady(hit);
  return hit[ready];
}

/** Makes the heads of a body in memory. */
export function makeReady({ page, body }: MemoryHit): Ready {
  const common = commonOf(page, body);
  return {
    common,
    whole: readyHead(wholeFields(page, body, common.fields)),
    notModified: readyHead(common.fields),
  };
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
