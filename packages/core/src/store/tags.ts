/**
 * The index of tags: one list a tag, of the keys that were stored with it, so that a purge reads what it needs and no
 * more. A list may name pages that are gone or lost the tag; it never misses one.
 *
 * Lists only grow, by appends, so that any number of processes write them without a lock. Who needs a list for itself
 * renames it away *before* the permissions of fills are taken, and reads the new one too, after: who appended to
 * either then has published, and is in it, or can't publish any more. Only the old list is dropped, since
 * whoever is in the new one may publish yet.
 */
import { randomBytes } from 'node:crypto';
import { codeOf, foundEntries, type Io, ignoring, lookAt, quietly } from './io.ts';
import { fileTime } from './time.ts';
import { hashOf, type TreePaths } from './tree.ts';

interface TagsContext {
  readonly io: Io;
  readonly tree: TreePaths;
  readonly fileMode: number;
  readonly dirMode: number;
}

/** A list that was taken; it stays on disk until it is dropped, so that a purge that is killed can be done again. */
export interface TakenList {
  readonly path: string;
}

/** Bytes that are read at a time. */
const PIECE = 65_536;
/** A list that is shorter, in bytes, is not worth writing anew. */
const TIDY_SIZE = 4096;
/** Bytes that are appended at a time. */
const APPEND_SIZE = 4096;
/** Keys that are remembered, so that each is written once. */
const SEEN = 100_000;

async function* linesOf(io: Io, fd: number): AsyncGenerator<string> {
  let rest = '';
  for (let at = 0; ; ) {
    const piece = await io.read(fd, PIECE, at);
    at += piece.length;
    const lines = (rest + piece.toString('latin1')).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line !== '') yield line;
    if (piece.length < PIECE) return;
  }
}

/** The index of one tree. */
export class Tags {
  readonly #context: TagsContext;

  constructor(context: TagsContext) {
    this.#context = context;
  }

  /** Notes that a key is about to be published with these tags. */
  async add(tags: readonly string[], key: string): Promise<void> {
    for (const tag of tags) await this.#append(hashOf(tag), `${key}\n`);
  }

  async #append(hash: string, lines: string): Promise<void> {
    const { io, tree, fileMode, dirMode } = this.#context;
    const append = (): void | Promise<void> => io.append(`${tree.tags}/${hash}.list`, lines, fileMode);
    try {
      await append();
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      await ignoring(['EEXIST'], () => io.mkdir(tree.tags, dirMode));
      await append();
    }
  }

  /** Takes the list of a tag away, and those that a purge which was killed had taken. */
  async take(tag: string): Promise<TakenList[]> {
    const { io, tree } = this.#context;
    const hash = hashOf(tag);
    await this.#takeAway(hash);
    const taken: TakenList[] = [];
    for await (const { name } of foundEntries(io, tree.tags)) {
      if (name.startsWith(`${hash}.`) && !name.endsWith('.list'))
        taken.push({ path: `${tree.tags}/${name}` });
    }
    return taken;
  }

  /** The keys of a tag in taken lists and in the one that is written now, streamed; the same key may come more than once. */
  async *keys(tag: string, lists: readonly TakenList[]): AsyncGenerator<string> {
    const current = `${this.#context.tree.tags}/${hashOf(tag)}.list`;
    for (const { path } of [...lists, { path: current }]) yield* this.#read(path);
  }

  async *#read(path: string): AsyncGenerator<string> {
    const { io } = this.#context;
    let fd: number;
    try {
      fd = await io.openRead(path);
    } catch (error) {
      // Another purge of the tag has been through it, or it was written anew and its keys come later.
      if (codeOf(error) === 'ENOENT') return;
      throw error;
    }
    try {
      yield* linesOf(io, fd);
    } finally {
      await quietly(() => io.close(fd));
    }
  }

  /**
   * Writes long lists anew, without keys that stand there twice or that nothing has the tag of any more. In two steps: a
   * list is taken, as by a purge; and when no fill can be appending to it any more, what is left of it goes into the new
   * list, and it goes. Whoever reads taken lists and then the new one misses nothing, at any moment.
   *
   * @param age what a taken list must have, in milliseconds: more than any fill takes.
   * @param isTagged whether a page with a tag of this hash is there, or may be published yet.
   * @returns how many lines went.
   */
  async tidy(age: number, isTagged: (key: string, hash: string) => Promise<boolean>): Promise<number> {
    const { io, tree } = this.#context;
    const now = await fileTime(io, tree);
    let gone = 0;
    for await (const { name } of foundEntries(io, tree.tags)) {
      const hash = name.slice(0, name.indexOf('.'));
      const path = `${tree.tags}/${name}`;
      const facts = await lookAt(io, path);
      if (facts === undefined) continue;
      if (name.endsWith('.list')) {
        if (facts.size >= TIDY_SIZE) await this.#takeAway(hash);
      } else if (now - facts.ctimeMs > age) {
        gone += await this.#copy(path, hash, (key) => isTagged(key, hash));
        await quietly(() => io.unlink(path));
      }
    }
    return gone;
  }

  async #takeAway(hash: string): Promise<void> {
    const { io, tree } = this.#context;
    const taken = `${tree.tags}/${hash}.${randomBytes(6).toString('hex')}`;
    await ignoring(['ENOENT'], () => io.rename(`${tree.tags}/${hash}.list`, taken));
  }

  async #copy(from: string, hash: string, isWanted: (key: string) => Promise<boolean>): Promise<number> {
    const seen = new Set<string>();
    let gone = 0;
    let lines = '';
    for await (const key of this.#read(from)) {
      if (seen.has(key) || !(await isWanted(key))) {
        gone += 1;
        continue;
      }
      if (seen.size < SEEN) seen.add(key);
      lines += `${key}\n`;
      if (lines.length < APPEND_SIZE) continue;
      await this.#append(hash, lines);
      lines = '';
    }
    if (lines !== '') await this.#append(hash, lines);
    return gone;
  }

  /** Deletes taken lists, when all they name is purged. */
  async drop(lists: readonly TakenList[]): Promise<void> {
    for (const { path } of lists) await quietly(() => this.#context.io.unlink(path));
  }
}
