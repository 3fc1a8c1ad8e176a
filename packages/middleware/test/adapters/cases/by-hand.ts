/** Cases that have Node's own response in their hands. */
import type { OnNode } from '../stage.ts';
import type { Case } from '../suite.ts';

/** One page by hand. */
export function byHand(onNode: OnNode, rest: Omit<Case, 'onNode'> = {}): Case {
  return { onNode, ...rest };
}

/** What Node calls an error. */
export function codeOf(error: unknown): unknown {
  return (error as NodeJS.ErrnoException).code;
}
