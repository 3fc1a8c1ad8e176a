/** Remembers what was asked for a moment ago, in constant memory. */

const SLOTS = 8192;

/** A name of 32 bits for a text (FNV-1a); never 0, which is an empty slot. */
function nameOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0 || 1;
}

/**
 * The keys that came last, one a slot: a later one takes the place of an earlier one. Two keys of one name count as
 * one, which costs nothing but a page that is remembered early.
 */
export class Recent {
  readonly #slots = new Uint32Array(SLOTS);

  /** Whether a key came before, a short while ago. Now it did. */
  cameBefore(key: string): boolean {
    const name = nameOf(key);
    const slot = name % SLOTS;
    const before = this.#slots[slot] === name;
    this.#slots[slot] = name;
    return before;
  }
}
