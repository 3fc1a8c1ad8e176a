import { share, wrongValue } from './values.ts';

/** How many URLs may be not stored. */
export interface Tolerance {
  readonly most: number;
  /** `most` is a share of all URLs, from 0 to 1. */
  readonly ofAll: boolean;
}

/** Reads `5` or `1%`. @throws {WarmError} for anything else. */
export function readTolerance(label: string, text: string): Tolerance {
  if (text.endsWith('%')) return { most: share(label, text), ofAll: true };
  if (/^\d{1,12}$/.test(text)) return { most: Number(text), ofAll: false };
  throw wrongValue(label, 'a number of URLs or a share of all (5, 1%)', text);
}
