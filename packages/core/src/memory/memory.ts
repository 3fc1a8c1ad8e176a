/**
 * Memory: small pages that were read a moment ago. The tree stays the truth: each answer comes after the tree was
 * asked for the page's path, so that a page that is removed or replaced by any means counts at the very next request.
 */
import type { Coding, MemoryHit, PageHead } from '../contracts.ts';
import type { Facts, Io } from '../store/io.ts';
import { type Identity, isSame, isSettled, type Look } from './identity.ts';
import { readWhole } from './load.ts';
import { Recent } from './recent.ts';
import { Remembered } from './remembered.ts';

/** What memory needs of the rest. */
export interface MemoryContext {
  readonly io: Io;
  readonly look: Look;
  /** The most bytes that all pages may take together. */
  readonly limit: number;
  /** The wall clock, in milliseconds since 1970. */
  readonly now: () => number;
}

/** A file of a page, as it was when it was opened. */
export type ReadFile = Facts & { readonly path: string };

/** Told what was read of one page. Nothing it is told has to be kept. */
export interface Keeper {
  /** A body was read, whole. */
  keep(coding: Coding | 'identity', file: ReadFile, bytes: Buffer): void;
  /** A body was answered with, and nobody has it whole: it was streamed, or only its head was sent. */
  pass(coding: Coding | 'identity', file: ReadFile): void;
  /** There is no such variant: no file, or one of another version. */
  miss(coding: Coding, path: string, file: ReadFile | undefined): void;
}

/** No body that is larger is kept, in bytes: it is streamed, and needs memory only while it is. */
const LARGEST = 1_048_576;
/** No body may take more than this part of all memory. */
const PART = 64;
/** How many bodies are read for memory alone at a time: visitors come first. */
const LOADS = 2;
/** Smaller buffers are cut out of a larger one, which would be kept as a whole. */
const SHARED = Buffer.poolSize >>> 1;

/** The pages in memory of one cache. */
export class Memory {
  readonly #context: MemoryContext;
  readonly #largest: number;
  /** In the order in which room is made: the next to be looked at comes first. */
  readonly #pages = new Map<string, Remembered>();
  readonly #recent = new Recent();
  readonly #loading = new Set<string>();
  #bytes = 0;

  constructor(context: MemoryContext) {
    this.#context = context;
    this.#largest = Math.min(LARGEST, Math.floor(context.limit / PART));
  }

  /** What all pages take, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many pages there are. */
  get size(): number {
    return this.#pages.size;
  }

  /** A page, which may not be what the tree has any more. */
  get(key: string): Remembered | undefined {
    return this.#pages.get(key);
  }

  /** The answer that a page has for a client, after the tree was asked. `undefined`: look it up there. */
  answer(key: string, page: Remembered, acceptEncoding: string | undefined): MemoryHit | undefined {
    const { look } = this.#context;
    if (!page.isThere(look)) {
      this.forget(key);
      return undefined;
    }
    page.used = true;
    const before = page.bytes;
    const hit = page.choose(acceptEncoding, look);
    this.#bytes += page.bytes - before;
    return hit;
  }

  forget(key: string): void {
    const page = this.#pages.get(key);
    if (page === undefined) return;
    this.#bytes -= page.bytes;
    this.#pages.delete(key);
  }

  /** Forgets what a purge removes, so that it takes no room. */
  forgetAll(inScope: (key: string) => boolean): void {
    for (const key of this.#pages.keys()) if (inScope(key)) this.forget(key);
  }

  /**
   * Who is to be told what is read of a page; nobody when it would not be kept.
   *
   * @param behind a path that must have nothing, so that the page is the answer.
   */
  keeper(
    page: PageHead,
    mediaType: string,
    path: string,
    file: ReadFile,
    behind?: string,
  ): Keeper | undefined {
    const now = this.#context.now();
    const known = this.#pages.get(page.key);
    if (known?.isOf(file) !== true) {
      if (!isSettled(file, now)) return undefined;
      // While there is room all pages are kept; then only those that are asked for again, so that a crawler does not turn
      // everything out.
      const full = this.#bytes + page.size > this.#context.limit;
      if (full && !this.#recent.cameBefore(page.key)) return undefined;
    }
    const put = (
      coding: Coding | 'identity',
      at: string,
      found: Identity | undefined,
      bytes?: Buffer,
    ): void => {
      if (found !== undefined && !isSettled(found, now)) return;
      const kept = this.#pages.get(page.key);
      const into = kept?.isOf(file) ? kept : new Remembered(page, mediaType, path, file, behind);
      const hit = bytes && hitOf(into.page, coding, found!, bytes);
      if (into !== kept) {
        this.forget(page.key);
        this.#pages.set(page.key, into);
      } else {
        this.#bytes -= into.bytes;
      }
      if (coding !== 'identity') into.putVariant(coding, { path: at, file: found && identityOf(found), hit });
      else if (hit !== undefined) into.putIdentity(hit);
      this.#bytes += into.bytes;
      this.#makeRoom();
    };
    return {
      keep: (coding, of, bytes) => {
        if (bytes.length <= this.#largest) put(coding, of.path, of, bytes);
      },
      pass: (coding, of) => {
        const kept = this.#pages.get(page.key);
        if (kept?.isOf(file) && kept.has(coding)) return;
        void this.#load(of, (bytes) => put(coding, of.path, of, bytes));
      },
      miss: (coding, at, of) => put(coding, at, of),
    };
  }

  /** Reads a file for memory alone. Not one of those that others wait for: when it is not at once, it is at another time. */
  async #load(file: ReadFile, then: (bytes: Buffer) => void): Promise<void> {
    const { path, size } = file;
    if (size > this.#largest || this.#loading.size >= LOADS || this.#loading.has(path)) return;
    this.#loading.add(path);
    try {
      const bytes = await readWhole(this.#context.io, path, (facts) => isSame(facts, file));
      if (bytes !== undefined) then(bytes);
    } finally {
      this.#loading.delete(path);
    }
  }

  /** A page that was answered with since it was last looked at stays for another round. */
  #makeRoom(): void {
    while (this.#bytes > this.#context.limit) {
      const [key, page] = this.#pages.entries().next().value!;
      if (page.used) {
        page.used = false;
        this.#pages.delete(key);
        this.#pages.set(key, page);
      } else {
        this.forget(key);
      }
    }
  }
}

function identityOf({ ino, size, mtimeMs, ctimeMs }: Identity): Identity {
  return { ino, size, mtimeMs, ctimeMs };
}

function hitOf(page: PageHead, coding: Coding | 'identity', file: Identity, bytes: Buffer): MemoryHit {
  const own = bytes.length < SHARED ? Buffer.from(new Uint8Array(bytes).buffer) : bytes;
  return {
    kind: 'hit',
    page,
    body: { coding, size: file.size, mtimeMs: file.mtimeMs, bytes: own },
    ready: undefined,
  };
}
