/** One page in memory: its head, and the bodies that were read of it. */
import type { Coding, MemoryHit, PageHead } from '../contracts.ts';
import { chooseCoding } from '../entry/variants.ts';
import type { Identity, Look } from './identity.ts';

/** What is known of one variant of a page. */
export interface Slot {
  readonly path: string;
  /** The file that was read; `undefined`: there was none. */
  readonly file: Identity | undefined;
  /** What it answers; `undefined`: it is no body of this page. */
  readonly hit: MemoryHit | undefined;
}

/** One file as it was read: its path, and what tells whether it is still that version. All in one object, as each hit reads it. */
class Seen {
  readonly path: string;
  readonly hit: MemoryHit | undefined;
  readonly #isFile: boolean;
  readonly #ino: number;
  readonly #size: number;
  readonly #mtimeMs: number;
  readonly #ctimeMs: number;

  constructor({ path, file, hit }: Slot) {
    this.path = path;
    this.hit = hit;
    this.#isFile = file !== undefined;
    this.#ino = file?.ino ?? 0;
    this.#size = file?.size ?? 0;
    this.#mtimeMs = file?.mtimeMs ?? 0;
    this.#ctimeMs = file?.ctimeMs ?? 0;
  }

  /** Whether the tree still has the very file, or still none. Not `isSame`, as in `isThere`. */
  isTrue(look: Look): boolean {
    const file = look(this.path);
    if (file === undefined || !this.#isFile) return file === undefined && !this.#isFile;
    return (
      file.ctimeMs === this.#ctimeMs &&
      file.mtimeMs === this.#mtimeMs &&
      file.size === this.#size &&
      file.ino === this.#ino
    );
  }
}

/** What a page costs beside its bodies, in bytes: objects, paths, and what a server prepares for it. A round figure. */
const OVERHEAD = 2048;

/**
 * A page in memory. What each hit reads stands together in one object: of a thousand pages it is rarely in the
 * processor's cache, and fetching it from memory takes longer than all that is done with it.
 */
export class Remembered {
  readonly page: PageHead;
  readonly mediaType: string;
  /** A path that must have nothing: what is there comes before this page. */
  readonly behind: string | undefined;
  /** Bytes of the identity body. */
  readonly size: number;
  /** Memory answered with the page since somebody last looked for room. */
  used = false;
  /** What it takes, in bytes. */
  bytes: number;
  readonly #path: string;
  readonly #ino: number;
  readonly #mtimeMs: number;
  readonly #ctimeMs: number;
  #identity: MemoryHit | undefined;
  readonly #isCoded: boolean;
  #variants: Map<Coding, Seen> | undefined;
  /** What the last client accepted, and the codings to try for it. Most clients send the same. */
  #accepted = '';
  #order: readonly (Coding | 'identity')[] = [];

  /** @param path the absolute path of the identity body, which decides whether the page is there. */
  constructor(page: PageHead, mediaType: string, path: string, file: Identity, behind?: string) {
    this.page = page;
    this.mediaType = mediaType;
    this.behind = behind;
    this.size = file.size;
    this.#path = path;
    this.#ino = file.ino;
    this.#mtimeMs = file.mtimeMs;
    this.#ctimeMs = file.ctimeMs;
    this.#isCoded = page.codings.length > 0;
    const fields = page.headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
    this.bytes = OVERHEAD + 2 * path.length + fields;
  }

  /** Whether this is what was read from a file. */
  isOf(file: Identity): boolean {
    return (
      file.ctimeMs === this.#ctimeMs &&
      file.mtimeMs === this.#mtimeMs &&
      file.size === this.size &&
      file.ino === this.#ino
    );
  }

  /** Whether the tree still has the very file. */
  isThere(look: Look): boolean {
    if (this.behind !== undefined && look(this.behind) !== undefined) return false;
    const file = look(this.#path);
    // Not `isOf`, which meets objects of many shapes: that would take several times as long.
    return (
      file !== undefined &&
      file.ctimeMs === this.#ctimeMs &&
      file.mtimeMs === this.#mtimeMs &&
      file.size === this.size &&
      file.ino === this.#ino
    );
  }

  /** A body in this coding is here. */
  has(coding: Coding | 'identity'): boolean {
    return (coding === 'identity' ? this.#identity : this.#variants?.get(coding)?.hit) !== undefined;
  }

  putIdentity(hit: MemoryHit): void {
    this.bytes += hit.body.size - (this.#identity?.body.size ?? 0);
    this.#identity = hit;
  }

  putVariant(coding: Coding, slot: Slot): void {
    this.#drop(coding);
    this.#variants ??= new Map();
    this.#variants.set(coding, new Seen(slot));
    this.bytes += slot.hit?.body.size ?? 0;
  }

  #drop(coding: Coding): void {
    this.bytes -= this.#variants?.get(coding)?.hit?.body.size ?? 0;
    this.#variants?.delete(coding);
  }

  /**
   * The best body for a client, as it would be chosen from the tree. `undefined` when that is not known, or not
   * true any more: a variant came, went, or is another one.
   */
  choose(acceptEncoding: string | undefined, look: Look): MemoryHit | undefined {
    if (acceptEncoding === undefined || !this.#isCoded) return this.#identity;
    if (acceptEncoding !== this.#accepted) {
      this.#accepted = acceptEncoding;
      this.#order = chooseCoding(acceptEncoding, this.page.codings);
    }
    for (const coding of this.#order) {
      if (coding === 'identity') return this.#identity;
      const seen = this.#variants?.get(coding);
      if (seen === undefined) return undefined;
      if (!seen.isTrue(look)) {
        this.#drop(coding);
        return undefined;
      }
      if (seen.hit !== undefined) return seen.hit;
    }
    return undefined;
  }
}
