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
import { codeOf, foundEntries, type Io, ignoring, quietly } from './io.ts';
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
    const { io, tree, fileMode, dirMode } = this.#context;
    for (const tag of tags) {
      const append = (): void | Promise<void> =>
        io.append(`${tree.tags}/${hashOf(tag)}.list`, `${key}\n`, fileMode);
      try {
        await append();
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error;
        await ignoring(['EEXIST'], () => io.mkdir(tree.tags, dirMode));
        await append();
      }
    }
  }

  /** Takes the list of a tag away, and those that a purge which was killed had taken. */
  async take(tag: string): Promise<TakenList[]> {
    const { io, tree } = this.#context;
    const hash = hashOf(tag);
    await ignoring(['ENOENT'], () =>
      io.rename(`${tree.tags}/${hash}.list`, `${tree.tags}/${hash}.${randomBytes(6).toString('hex')}`),
    );
    const taken: TakenList[] = [];
    for await (const { name } of foundEntries(io, tree.tags)) {
      if (name.startsWith(`${hash}.`) && !name.endsWith('.list'))
        taken.push({ path: `${tree.tags}/${name}` });
    }
    return taken;
  }

  /** The keys of a tag in taken lists and in the one that is written now, streamed; the same key may come more than once. */
  async *keys(tag: string, lists: readonly TakenList[]): AsyncGenerator<string> {
    const { io, tree } = this.#context;
    for (const { path } of [...lists, { path: `${tree.tags}/${hashOf(tag)}.list` }]) {
      let fd: number;
      try {
        fd = await io.openRead(path);
      } catch (error) {
        // Another purge of the tag has been through it.
        if (codeOf(error) === 'ENOENT') continue;
        throw error;
      }
      try {
        yield* linesOf(io, fd);
      } finally {
        await quietly(() => io.close(fd));
      }
    }
  }

  /** Deletes taken lists, when all they name is purged. */
  async drop(lists: readonly TakenList[]): Promise<void> {
    for (const { path } of lists) await quietly(() => this.#context.io.unlink(path));
  }
}
