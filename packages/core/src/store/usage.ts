/**
 * Usage: how many pages and bytes a tree has, without a walk when a page is stored. Each process writes down what it added
 * and removed; a recount writes the truth, and how far each process's notes had come by then. The sum of the
 * truth and what was noted since is the usage. It is as exact as the last second, not as a lock.
 */
import { randomBytes } from 'node:crypto';
import { codeOf, foundEntries, type Io, ignoring, quietly } from './io.ts';
import { type Owner, stateOf } from './owner.ts';
import type { TreePaths } from './tree.ts';

/** Pages, and bytes of their bodies. */
export interface Amount {
  readonly pages: number;
  readonly bytes: number;
}

interface UsageContext {
  readonly io: Io;
  readonly tree: TreePaths;
  readonly owner: Owner;
  readonly fileMode: number;
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
  /** Counts the tree by a walk. */
  readonly recount: () => Promise<Amount>;
}

/** How often notes are written and read, in milliseconds. */
const EVERY = 1000;
const LIMIT = 262_144;

type Notes = Record<string, readonly [pages: number, bytes: number]>;
interface Counted extends Amount {
  readonly notes: Notes;
}

/** The usage of one tree, as one process sees it. */
export class Usage {
  readonly #context: UsageContext;
  readonly #name: string;
  #own = { pages: 0, bytes: 0 };
  #others: Amount = { pages: 0, bytes: 0 };
  #known = false;
  #at = Number.NEGATIVE_INFINITY;
  #work: Promise<void> | undefined;

  constructor(context: UsageContext) {
    const { host, pid, start, instance } = context.owner;
    this.#context = context;
    this.#name = `${host}-${pid}-${start}-${instance}`;
  }

  /** What the tree has; `undefined` until it was counted for the first time. */
  get total(): Amount | undefined {
    if (!this.#known) return undefined;
    return {
      pages: Math.max(0, this.#others.pages + this.#own.pages),
      bytes: Math.max(0, this.#others.bytes + this.#own.bytes),
    };
  }

  /** Notes that this process added, or with negative figures removed, pages. */
  changed(pages: number, bytes: number): void {
    this.#own.pages += pages;
    this.#own.bytes += bytes;
  }

  /** Writes down what this process did and reads what others did, at most once a second unless `now`. Never rejects. */
  refresh(now = false): Promise<void> {
    if (!now && this.#context.monotonic() - this.#at < EVERY) return Promise.resolve();
    this.#work ??= this.#exchange(false).finally(() => {
      this.#work = undefined;
    });
    return this.#work;
  }

  /** Counts the tree anew: what was removed by hand is in no notes. Never rejects. */
  async recount(): Promise<void> {
    await this.#work;
    this.#work = this.#exchange(true).finally(() => {
      this.#work = undefined;
    });
    await this.#work;
  }

  async #exchange(count: boolean): Promise<void> {
    this.#at = this.#context.monotonic();
    await quietly(async () => {
      await this.#writeNotes();
      let counted = count ? undefined : await this.#readCounted();
      if (counted === undefined) {
        // Taken before the walk: what happens during it is then counted twice at worst, until the next count.
        const notes = await this.#readNotes(true);
        counted = { ...(await this.#context.recount()), notes };
        await this.#write('counted', JSON.stringify(counted));
      }
      const since = { pages: counted.pages, bytes: counted.bytes };
      for (const [name, [pages, bytes]] of Object.entries(await this.#readNotes(false))) {
        const before = counted.notes[name] ?? [0, 0];
        // What this process did itself is added when it is asked for, so that it is never a second old.
        if (name !== this.#name) {
          since.pages += pages - before[0];
          since.bytes += bytes - before[1];
        } else {
          since.pages -= before[0];
          since.bytes -= before[1];
        }
      }
      this.#others = since;
      this.#known = true;
    });
  }

  #writeNotes(): Promise<void> {
    return this.#write(`notes-${this.#name}`, JSON.stringify([this.#own.pages, this.#own.bytes]));
  }

  async #write(name: string, text: string): Promise<void> {
    const { io, tree, fileMode } = this.#context;
    const temporary = `${tree.usage}/new-${randomBytes(6).toString('hex')}`;
    let fd: number;
    try {
      fd = await io.create(temporary, fileMode);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      await ignoring(['EEXIST'], () => io.mkdir(tree.usage, 0o755));
      fd = await io.create(temporary, fileMode);
    }
    try {
      await io.write(fd, Buffer.from(text), 0);
    } finally {
      await io.close(fd);
    }
    await io.rename(temporary, `${tree.usage}/${name}`);
  }

  async #read(name: string): Promise<unknown> {
    const { io, tree } = this.#context;
    let fd: number | undefined;
    try {
      fd = await io.openRead(`${tree.usage}/${name}`);
      return JSON.parse((await io.read(fd, LIMIT)).toString('utf8'));
    } catch {
      return undefined;
    } finally {
      if (fd !== undefined) await io.close(fd);
    }
  }

  async #readCounted(): Promise<Counted | undefined> {
    const found = (await this.#read('counted')) as Partial<Counted> | undefined;
    if (typeof found?.pages !== 'number' || typeof found.bytes !== 'number') return undefined;
    return { pages: found.pages, bytes: found.bytes, notes: found.notes ?? {} };
  }

  /** The notes of all processes. With `forget`, those of dead ones go: what they did is in the count that follows. */
  async #readNotes(forget: boolean): Promise<Notes> {
    const { io, tree, owner } = this.#context;
    const notes: Record<string, readonly [number, number]> = {};
    for await (const { name } of foundEntries(io, tree.usage)) {
      const match = /^notes-(([0-9a-f]{8})-(\d+)-(\d+)-([0-9a-f]{8}))$/.exec(name);
      if (!match) continue;
      const [, id, host, pid, start, instance] = match as unknown as string[];
      const maker: Owner = { host: host!, pid: Number(pid), start: start!, instance: instance! };
      if (forget && stateOf(maker, owner) === 'dead') {
        await quietly(() => io.unlink(`${tree.usage}/${name}`));
        continue;
      }
      const found = await this.#read(name);
      if (Array.isArray(found) && typeof found[0] === 'number' && typeof found[1] === 'number') {
        notes[id!] = [found[0], found[1]];
      }
    }
    return notes;
  }
}
