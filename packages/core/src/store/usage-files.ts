/** The files of a tree's usage, in `.pagetree/usage/`: what each process noted, and the last count. */
import { randomBytes } from 'node:crypto';
import { codeOf, foundEntries, type Io, ignoring, isForbidden, lookAt, quietly } from './io.ts';
import { type Owner, stateOf } from './owner.ts';
import { fileTime } from './time.ts';
import type { TreePaths } from './tree.ts';

/** Pages, and bytes of their bodies. */
export interface Amount {
  readonly pages: number;
  readonly bytes: number;
}

export const NONE: Amount = { pages: 0, bytes: 0 };

export function sumOf(one: Amount, other: Amount): Amount {
  return { pages: one.pages + other.pages, bytes: one.bytes + other.bytes };
}

export function differenceOf(one: Amount, other: Amount): Amount {
  return { pages: one.pages - other.pages, bytes: one.bytes - other.bytes };
}

/** What one process says about a tree. */
export interface Note extends Amount {
  /** What it is about to add: pages that are complete and not published yet. */
  readonly reserved: Amount;
  /** It has said its last. A process that ended without that took what it did since its last note with it. */
  readonly closed: boolean;
}

/** A note that was found. */
export interface FoundNote extends Note {
  /** Nobody adds to it any more: its cache was closed, or its process died. */
  readonly over: 'closed' | 'died' | undefined;
}

/** The last count, and what the notes said just before it. */
export interface Counted extends Amount {
  /** When it was made, in milliseconds since 1970. */
  readonly at: number;
  readonly notes: Readonly<Record<string, Amount>>;
}

/** What the files are read and written with. */
export interface UsageFilesContext {
  readonly io: Io;
  readonly tree: TreePaths;
  readonly owner: Owner;
  readonly fileMode: number;
}

const LIMIT = 1_048_576;
const COUNTED = 'counted';
const DRAFT = 'new-';

/** The files, as one process sees them. */
export class UsageFiles {
  /** What this process's notes go by. */
  readonly name: string;
  readonly #context: UsageFilesContext;

  constructor(context: UsageFilesContext) {
    const { host, pid, start, instance } = context.owner;
    this.#context = context;
    this.name = `${host}-${pid}-${start}-${instance}`;
  }

  /** @throws the error of the file system, as all calls here. */
  writeNote(note: Note): Promise<void> {
    return this.#write(`notes-${this.name}`, note);
  }

  /** The notes of all processes, by name. */
  async readNotes(): Promise<Map<string, FoundNote>> {
    const { io, tree, owner } = this.#context;
    const notes = new Map<string, FoundNote>();
    for await (const { name } of foundEntries(io, tree.usage)) {
      const match = /^notes-(([0-9a-f]{8})-(\d+)-(\d+)-([0-9a-f]{8}))$/.exec(name);
      if (!match) continue;
      const [, id, host, pid, start, instance] = match as unknown as string[];
      const note = await this.#read(name);
      if (!isAmount(note)) continue;
      const { pages, bytes, closed } = note as Partial<Note> & Amount;
      const reserved = (note as Partial<Note>).reserved;
      const maker: Owner = { host: host!, pid: Number(pid), start: start!, instance: instance! };
      notes.set(id!, {
        pages,
        bytes,
        reserved: isAmount(reserved) ? reserved : NONE,
        closed: closed === true,
        over: closed === true ? 'closed' : stateOf(maker, owner) === 'dead' ? 'died' : undefined,
      });
    }
    return notes;
  }

  /** Removes the notes of others. A count that has them in it is written first. */
  async forget(names: Iterable<string>): Promise<void> {
    const { io, tree } = this.#context;
    for (const name of names) await quietly(() => io.unlink(`${tree.usage}/notes-${name}`));
  }

  /** The last count; `undefined` when there is none that can be read. */
  async readCounted(): Promise<Counted | undefined> {
    const found = await this.#read(COUNTED);
    if (!isAmount(found)) return undefined;
    const { pages, bytes, at, notes } = found as Partial<Counted> & Amount;
    return { pages, bytes, at: typeof at === 'number' ? at : 0, notes: notes ?? {} };
  }

  writeCounted(counted: Counted): Promise<void> {
    return this.#write(COUNTED, counted);
  }

  async #write(name: string, value: object): Promise<void> {
    const { io, tree, fileMode } = this.#context;
    const draft = `${tree.usage}/${DRAFT}${randomBytes(6).toString('hex')}`;
    let fd: number;
    try {
      fd = await io.create(draft, fileMode);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      await ignoring(['EEXIST'], () => io.mkdir(tree.usage, 0o755));
      fd = await io.create(draft, fileMode);
    }
    try {
      try {
        await io.write(fd, Buffer.from(JSON.stringify(value)), 0);
      } finally {
        await io.close(fd);
      }
      await io.rename(draft, `${tree.usage}/${name}`);
    } catch (error) {
      await quietly(() => io.unlink(draft));
      throw error;
    }
  }

  /** The value in a file; `undefined` when there is none, or it is damaged. */
  async #read(name: string): Promise<unknown> {
    const { io, tree } = this.#context;
    let text: string;
    try {
      const fd = await io.openRead(`${tree.usage}/${name}`);
      try {
        text = (await io.read(fd, LIMIT)).toString('utf8');
      } finally {
        await quietly(() => io.close(fd));
      }
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || isForbidden(error)) return undefined;
      throw error;
    }
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  }
}

/** Whether a value that was read is one. */
export function isAmount(value: unknown): value is Amount {
  const { pages, bytes } = (value ?? {}) as Partial<Amount>;
  return typeof pages === 'number' && typeof bytes === 'number';
}

/** Notes that nobody finished: their files are older than `timeout`, in milliseconds. Paths relative to the internal folder. */
export async function* unfinishedNotes(io: Io, tree: TreePaths, timeout: number): AsyncGenerator<string> {
  for await (const { name } of foundEntries(io, tree.usage)) {
    const facts = name.startsWith(DRAFT) ? await lookAt(io, `${tree.usage}/${name}`) : undefined;
    if (facts && (await fileTime(io, tree)) - facts.ctimeMs > timeout) yield `usage/${name}`;
  }
}
