import { hash, randomBytes } from 'node:crypto';

/** Slots of one table, and how many of them are used before the next table begins. */
const slots = 2 ** 17;
const mostUsed = Math.floor(slots * 0.8);

/**
 * Remembers which targets went by, in 15 bytes each however long they are, and 1.5 MB for the last table: a
 * million targets take 16 MB. Nothing is copied when it grows.
 *
 * Only 96 bits of a SHA-256 are kept, so two targets could be taken for one another and the second would be left out.
 * Among a million targets the odds of that are 1 to 10^17. Each run has a salt of its own, so nobody can look for such a
 * pair beforehand.
 */
export class Seen {
  readonly #salt = randomBytes(16).toString('hex');
  readonly #tables: Uint32Array[] = [];
  /** How many slots of the last table are used. */
  #used = mostUsed;

  get size(): number {
    return Math.max(0, this.#tables.length - 1) * mostUsed + (this.#tables.length === 0 ? 0 : this.#used);
  }

  has(target: string): boolean {
    return this.#tables.length > 0 && this.#isThere(this.#wordsOf(target));
  }

  /** Adds a target; `false` when it was there. */
  add(target: string): boolean {
    const words = this.#wordsOf(target);
    if (this.#isThere(words)) return false;
    if (this.#used === mostUsed) {
      this.#tables.push(new Uint32Array(slots * 3));
      this.#used = 0;
    }
    const table = this.#tables.at(-1)!;
    table.set(words, find(table, words)!);
    this.#used += 1;
    return true;
  }

  #wordsOf(target: string): Words {
    // As a text of bytes: a buffer takes twice the time and leaves more behind.
    const digest = hash('sha256', this.#salt + target, 'binary');
    // Zero marks a free slot.
    return [wordAt(digest, 0), wordAt(digest, 4), wordAt(digest, 8) || 1];
  }

  #isThere(words: Words): boolean {
    for (const table of this.#tables) if (find(table, words) === undefined) return true;
    return false;
  }
}

/** What is kept of a target. */
type Words = readonly [number, number, number];

/** Where the three would go, by linear probing; `undefined` when they are there. */
function find(table: Uint32Array, [first, second, third]: Words): number | undefined {
  for (let slot = first % slots; ; slot = (slot + 1) % slots) {
    const at = slot * 3;
    if (table[at + 2] === 0) return at;
    if (table[at] === first && table[at + 1] === second && table[at + 2] === third) return undefined;
  }
}

/** Four bytes as a number, the lowest first. */
function wordAt(bytes: string, at: number): number {
  const low = bytes.charCodeAt(at) | (bytes.charCodeAt(at + 1) << 8);
  return (low | (bytes.charCodeAt(at + 2) << 16) | (bytes.charCodeAt(at + 3) << 24)) >>> 0;
}
