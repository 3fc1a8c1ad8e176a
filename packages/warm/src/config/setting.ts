import { wrongValue } from './values.ts';

/** One setting. `read` takes what a person wrote, checks it, and answers what `warm` takes. */
export interface Setting {
  readonly kind: 'switch' | 'text' | 'texts';
  readonly group?: 'application' | 'polite' | 'fresh' | 'honest' | 'publish' | 'connection' | 'output';
  readonly char?: 'c' | 'n' | 'q' | 'v';
  readonly value?: string;
  readonly summary: string;
  readonly read: Read;
}

/** @throws {WarmError} `ERR_PAGETREE_OPTION` with the label, what was expected and what came. */
export type Read = (label: string, value: string | number) => unknown;

/** Text that is not empty. */
export const word: Read = (label, value) => {
  if (typeof value === 'string' && value !== '') return value;
  throw wrongValue(label, 'text', value);
};

/** Text that is kept as it was written, when a check passes it. */
export function written(check: (label: string, text: string) => unknown): Read {
  return (label, value) => {
    check(label, String(value));
    return String(value);
  };
}

export const file = { kind: 'text', value: 'FILE', read: word } as const;
export const plain = { kind: 'switch', read: word } as const;
