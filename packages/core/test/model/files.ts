/** The file calls of the model, each as the kernel does it. */
import type { Steps } from './program.ts';
import { bitOf, NONE, type Part, type State } from './state.ts';

/** The place a part is published at. */
const placeOf = { body: 'page', gz: 'variant', meta: 'meta' } as const;

/** Makes a file of one's own in the folder of fills. */
export function make(state: State, part: Part): void {
  state.put(bitOf(state.me, part));
}

/** The second half of a rename out of the folder of fills to the part's place. */
export function move(state: State, part: keyof typeof placeOf): boolean {
  const isSeen = part !== 'meta' || state.own('target') === state.get('metaFolder');
  state.setOwn('target', 0);
  if (!isThere(state, part)) return false;
  state.drop(bitOf(state.me, part));
  if (isSeen) state.set(placeOf[part], state.me + 1);
  return true;
}

/** Whether one's part is in the folder of fills. */
export function isThere(state: State, part: Part): boolean {
  return state.has(bitOf(state.me, part));
}

/** Removes one's part from the folder of fills. */
export function unlinkPart(state: State, part: Part): void {
  state.drop(bitOf(state.me, part));
}

/** Looks whether something is there. */
export const seen = (
  field: 'page' | 'variant' | 'meta',
  label: string,
  there: string,
  gone: string,
): Steps[string] => ({
  label,
  run: (state) => (state.get(field) === NONE ? gone : there),
});

/** Removes what is there, if anything is. */
export const remove = (field: 'page' | 'variant' | 'meta', label: string, next: string): Steps[string] => ({
  label,
  run(state) {
    state.set(field, NONE);
    return next;
  },
});
