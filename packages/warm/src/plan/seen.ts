import { createHash } from 'node:crypto';

/**
 * Remembers which targets went by, in at most 27 bytes each however long they are (40 for the moment
 * in which the table grows): a million targets take 16 to 27 MB.
 *
 * Only the first 64 bits of a SHA-256 are kept, so two targets could be taken for one another. Among a
 * million targets that happens once in thirty million runs, and nobody can make it happen on purpose.
 */
export class Seen {
  /** Pairs of 32 bits; a pair of zeros is a free slot. */
  #slots = new Uint32Array(2 * 1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds a target; `false` when it was there. */
  add(target: string): boolean {
    const digest = createHash('sha256').update(target).digest();
    const high = digest.readUInt32LE(0);
    // The lowest bit is given up so that no target looks like a free slot.
    const low = (digest.readUInt32LE(4) | 1) >>> 0;
    if (!insert(this.#slots, high, low)) return false;
    this.#size += 1;
    if (this.#size * 2 > this.#slots.length * 0.6) this.#grow();
    return true;
  }

  #grow(): void {
    const larger = new Uint32Array(this.#slots.length * 2);
    for (let slot = 0; slot < this.#slots.length; slot += 2) {
      const low = this.#slots[slot + 1]!;
      if (low !== 0) insert(larger, this.#slots[slot]!, low);
    }
    this.#slots = larger;
  }
}

/** Linear probing; `false` when the pair is there. */
function insert(slots: Uint32Array, high: number, low: number): boolean {
  const mask = slots.length / 2 - 1;
  for (let slot = high & mask; ; slot = (slot + 1) & mask) {
    const at = slot * 2;
    if (slots[at + 1] === 0) {
      slots[at] = high;
      slots[at + 1] = low;
      return true;
    }
    if (slots[at] === high && slots[at + 1] === low) return false;
  }
}
