/** In what hits differ from nginx, and why they should. Everything else is the same. */
import type { Aspect, Compared } from './compare.ts';

/** One difference. */
export interface Difference {
  readonly because: string;
  readonly aspects: readonly Aspect[];
  /** Which answers it is about. */
  readonly when: (compared: Compared) => boolean;
}

export const differences: Readonly<Record<string, Difference>> = {};
