/** The file calls of the model, each as the kernel does it. */
import { bitOf, type Part, type State, Where } from './state.ts';

/** The place a part is published at. */
const placeOf = { body: 'page', gz: 'variant', meta: 'meta' } as const;

/** Makes a folder under a name of one's own, and the body's file in it. Nobody else looks at it. */
export function prepare(state: State): void {
  state.setOwn('where', Where.draft);
  state.setWide('holds', bitOf(state.me, 'body'));
}

/** Renames the draft to the key's folder; fails when one stands there that holds something. */
export function lock(state: State): boolean {
  const { holder } = state;
  if (holder >= 0) {
    if (state.wide('holds', holder) !== 0) return false;
    state.setOwn('where', Where.gone, holder);
  }
  state.setOwn('where', Where.fills);
  return true;
}

/** Renames the key's folder into the trash; fails when there is none. */
export function bury(state: State): boolean {
  const { holder } = state;
  if (holder < 0) return false;
  state.setOwn('where', Where.trash, holder);
  state.setOwn('graves', state.own('graves') | (1 << holder));
  return true;
}

/** The first half of a call on a file in the key's folder: follows the path to that folder. */
export function find(state: State): boolean {
  state.setOwn('source', state.holder + 1);
  return state.holder >= 0;
}

/** The second half of making a file: it fails when the folder was removed. */
export function make(state: State, part: Part): boolean {
  const folder = state.own('source') - 1;
  state.setOwn('source', 0);
  if (state.own('where', folder) === Where.gone) return false;
  state.put(folder, bitOf(state.me, part));
  return true;
}

/** The second half of a rename out of the key's folder to the part's place. */
export function move(state: State, part: Part): boolean {
  const folder = state.own('source') - 1;
  const isSeen = part !== 'meta' || state.own('target') === state.get('metaFolder');
  state.setOwn('source', 0);
  state.setOwn('target', 0);
  const bit = bitOf(state.me, part);
  if (!state.has(folder, bit)) return false;
  state.drop(folder, bit);
  if (isSeen) state.set(placeOf[part], state.me + 1);
  return true;
}

/** Whether one's part is in the key's folder, by its path. */
export function isThere(state: State, part: Part): boolean {
  return state.holder >= 0 && state.has(state.holder, bitOf(state.me, part));
}

/** Removes one's part from the key's folder, by its path. */
export function unlinkPart(state: State, part: Part): void {
  if (state.holder >= 0) state.drop(state.holder, bitOf(state.me, part));
}

/** Removes the key's folder when it is empty, whoever made it. */
export function removeFolder(state: State): void {
  const { holder } = state;
  if (holder >= 0 && state.wide('holds', holder) === 0) state.setOwn('where', Where.gone, holder);
}
