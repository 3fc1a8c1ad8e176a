import { hash } from 'node:crypto';
import { WarmError } from '../errors.ts';
import { printable } from '../report/printable.ts';

/** One part of a list that several machines share. */
export interface Shard {
  /** Which part, from 1. */
  readonly part: number;
  /** How many parts there are. */
  readonly of: number;
}

/**
 * Reads `2/4`.
 *
 * @throws {WarmError} `ERR_PAGETREE_OPTION` unless the first number is from 1 to the second, and that is at most 10,000.
 */
export function parseShard(label: string, text: string): Shard {
  const parts = /^(\d{1,5})\/(\d{1,5})$/.exec(text);
  const part = Number(parts?.[1]);
  const of = Number(parts?.[2]);
  if (parts !== null && part >= 1 && part <= of && of <= 10_000) return { part, of };
  throw new WarmError(
    'ERR_PAGETREE_OPTION',
    `${label} must be the number of this part and of all parts (2/4); ${text === '' ? 'it is empty' : `it is "${printable(text, 40)}"`}.`,
    { hint: `The first of four machines says ${label} 1/4, the last one ${label} 4/4.` },
  );
}

/**
 * Whether a target belongs to a part. It depends on the target alone, so every machine says the same, in each
 * run, whatever else is in its lists. A target belongs to exactly one part. Pure.
 */
export function inShard(target: string, { part, of }: Shard): boolean {
  return hash('sha256', target, 'buffer').readUInt32LE(0) % of === part - 1;
}
