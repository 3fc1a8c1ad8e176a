/** One page in memory: its head, and the bodies that were read of it. */
import type { Coding, MemoryHit, PageHead } from '../contracts.ts';
import { chooseCoding } from '../entry/variants.ts';
import { type Identity, isSame, type Look } from './identity.ts';

/** What is known of one file of a page. */
export interface Slot {
  readonly path: string;
  /** The file that was read; `undefined`: there was none. */
  readonly file: Identity | undefined;
  /** What it answers; `undefined`: it is no body of this page. */
  readonly hit: MemoryHit | undefined;
}

/** What a page costs beside its bodies, in bytes: objects, paths, and what a server prepares for it. A round figure. */
const OVERHEAD = 2048;

/** A page in memory. */
export class Remembered {
  readonly page: PageHead;
  readonly mediaType: string;
  /** The page was asked for since somebody last looked for room. */
  used = true;
  /** What it takes, in bytes. */
  bytes: number;
  readonly #path: string;
  readonly #file: Identity;
  readonly #slots = new Map<Coding | 'identity', Slot>();

  /** @param path the absolute path of the identity body, which decides whether the page is there. */
  constructor(page: PageHead, mediaType: string, path: string, file: Identity) {
    this.page = page;
    this.mediaType = mediaType;
    this.#path = path;
    this.#file = file;
    this.bytes = OVERHEAD + page.headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  }

  /** Whether this is what was read from a file. */
  isOf(file: Identity): boolean {
    return isSame(this.#file, file);
  }

  /** Whether the tree still has the very file. */
  isThere(look: Look): boolean {
    return isSame(look(this.#path), this.#file);
  }

  put(coding: Coding | 'identity', slot: Slot): void {
    this.drop(coding);
    this.#slots.set(coding, slot);
    this.bytes += slot.hit?.body.bytes.length ?? 0;
  }

  drop(coding: Coding | 'identity'): void {
    this.bytes -= this.#slots.get(coding)?.hit?.body.bytes.length ?? 0;
    this.#slots.delete(coding);
  }

  /**
   * The best body for a client, as `send` chooses it from the tree. `undefined` when that is not known, or not
   * true any more: a variant came, went, or is another one.
   */
  choose(acceptEncoding: string | undefined, look: Look): MemoryHit | undefined {
    for (const coding of chooseCoding(acceptEncoding, this.page.codings)) {
      const slot = this.#slots.get(coding);
      if (slot === undefined) return undefined;
      if (coding !== 'identity' && !isSame(look(slot.path), slot.file)) {
        this.drop(coding);
        return undefined;
      }
      if (slot.hit !== undefined) return slot.hit;
    }
    return undefined;
  }
}
