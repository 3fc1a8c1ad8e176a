/** The file calls of the model, each as the kernel does it. */
import type { Steps } from './program.ts';
import { bitOf, NONE, type Part, type PlaceField, type State } from './state.ts';

/** The place a part is published at. */
const placeOf = { body: 'page', page: 'page', gz: 'variant', meta: 'meta' } as const;

/** Makes a file of one's own in the folder of fills. */
export function make(state: State, part: Part): void {
  state.put(bitOf(state.me, part));
}

/** The second half of a rename out of the folder of fills to the part's place, by the folder that the path led to. */
export function move(state: State, part: keyof typeof placeOf): boolean {
  const isSeen = state.own('target') === folderOf(state, part);
  state.setOwn('target', 0);
  if (!isThere(state, part)) return false;
  if (isSeen) state.setHere(placeOf[part], (part !== 'body' && state.own(part)) || state.me + 1);
  unlinkPart(state, part);
  return true;
}

/** The folder that a part is moved to; the top folder is always there. */
export function folderOf(state: State, part: keyof typeof placeOf): number {
  const isInner = state.own('at') === 1;
  if (part === 'meta') return state.get(isInner ? 'innerMetaFolder' : 'metaFolder');
  return isInner ? state.get('folder') : 0;
}

/** Takes what is at the place into one's own part. `leaves`: by a second name. Returns whether there was something. */
export function take(state: State, part: 'page' | 'gz' | 'meta', leaves: boolean): boolean {
  const version = state.here(placeOf[part]);
  if (version === NONE) return false;
  state.setOwn(part, version);
  make(state, part);
  if (!leaves) state.setHere(placeOf[part], NONE);
  return true;
}

/** Whether one's part is in the folder of fills. */
export function isThere(state: State, part: Part): boolean {
  return state.has(bitOf(state.me, part));
}

/** Removes one's part from the folder of fills. */
export function unlinkPart(state: State, part: Part): void {
  state.drop(bitOf(state.me, part));
  if (part === 'page' || part === 'gz' || part === 'meta') state.setOwn(part, 0);
}

/** A call on what is at the place where the process is. */
export const placed =
  (label: string) =>
  (state: State): string =>
    state.own('at') === 1 ? label.replace(' ', ' inner ') : label;

/** Looks whether something is there. */
export const seen = (field: PlaceField, label: string, there: string, gone: string): Steps[string] => ({
  label: placed(label),
  run: (state) => (state.here(field) === NONE ? gone : there),
});

/** Removes what is there, and goes on by whether anything was. */
export const removeSeen = (field: PlaceField, label: string, there: string, gone: string): Steps[string] => ({
  label: placed(label),
  run(state) {
    const wasThere = state.here(field) !== NONE;
    state.setHere(field, NONE);
    return wasThere ? there : gone;
  },
});

/** Removes what is there, if anything is. */
export const remove = (field: PlaceField, label: string, next: string): Steps[string] =>
  removeSeen(field, label, next, next);
